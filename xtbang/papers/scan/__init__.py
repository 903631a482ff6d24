"""Reading stamped scans: check codes on their pages, in a process of its own, within bounds."""
