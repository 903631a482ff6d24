"""Pages for one's own account and organisation."""
