"""Pages for the offices: desk, projects, calls, notices, meetings."""
