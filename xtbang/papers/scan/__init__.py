"""Reading of stamped scans: the check codes on their pages, in a process of its own, within limits."""
