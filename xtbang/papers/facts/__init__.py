"""The facts of papers: plain values that are stored with a paper; its template prints nothing else."""
