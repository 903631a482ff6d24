"""The fonts under static/fonts: the only ones that a paper ever sees, so that each machine prints the same."""

import os
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
FOLDER = STATIC / "fonts"
_IGNORED = range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)  # variation selectors: no glyph of their own


@contextmanager
def only_ours() -> Iterator[None]:
    """Fontconfig, while it is being set up, knows only our folder; programs started later know what they always did."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(FOLDER / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


def unprintable(text: str) -> list[str]:
    """The characters of a text that no font of ours has, each once, in order. A paper with one of them fails."""
    return [character for character in dict.fromkeys(text) if not _prints(character)]


@cache
def _coverage() -> tuple[list[int], list[int]]:
    spans = [line.split("-") for line in (FOLDER / "coverage.txt").read_text().split()]
    return [int(span[0], 16) for span in spans], [int(span[-1], 16) for span in spans]


def _prints(character: str) -> bool:
    code = ord(character)
    if code < 0x7F or unicodedata.category(character) in ("Cf", "Zl", "Zp") or any(code in span for span in _IGNORED):
        return True
    firsts, lasts = _coverage()
    place = bisect_right(firsts, code) - 1
    return place >= 0 and code <= lasts[place]
