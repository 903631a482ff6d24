"""xtbang."""
