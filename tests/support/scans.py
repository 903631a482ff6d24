"""Scans in the tests."""

from xtbang.papers.scan.examine import examine

SITES = ("https://bang.example.cn", "https://bang.test", "http://localhost", "http://127.0.0.1:8000")


def read_codes(content: bytes, mime: str) -> set[str]:
    """The check codes that are read from a file."""
    return set(examine(content, mime, SITES).codes)
