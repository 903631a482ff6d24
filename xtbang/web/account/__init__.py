"""Pages about the own account and organisation."""
