"""Scans in the tests."""

from xtbang.papers.scans import examine


def read_codes(content: bytes, mime: str) -> set[str]:
    """The check codes that are read from a file."""
    return set(examine(content, mime).codes)
