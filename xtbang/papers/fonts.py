"""The fonts under static/fonts: the only ones that a paper ever sees, so that each machine prints the same."""

import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
FOLDER = STATIC / "fonts"
_NO_GLYPH_NEEDED = (  # tab and line ends, soft hyphen, zero-width and direction marks, variation selectors
    range(0x09, 0x0B), range(0x0D, 0x0E), range(0xAD, 0xAE), range(0x200B, 0x2010), range(0x202A, 0x202F),
    range(0x2060, 0x2070), range(0xFE00, 0xFE10), range(0xFEFF, 0xFF00), range(0xE0000, 0xE1000),
)  # fmt: skip


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
    """The characters of a text (NFC) that no font of ours has, each once, in order. A paper with one of them fails."""
    return [sign for sign in dict.fromkeys(text) if not _prints(sign)]


@cache
def _coverage() -> tuple[list[int], list[int]]:
    spans = [line.split("-") for line in (FOLDER / "coverage.txt").read_text().split()]
    return [int(span[0], 16) for span in spans], [int(span[-1], 16) for span in spans]


def _prints(character: str) -> bool:
    code = ord(character)
    if any(code in span for span in _NO_GLYPH_NEEDED):
        return True
    firsts, lasts = _coverage()
    place = bisect_right(firsts, code) - 1
    return place >= 0 and code <= lasts[place]
