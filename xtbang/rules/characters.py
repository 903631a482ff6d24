"""The characters that can be printed: those of the fonts under static/fonts, listed in ``coverage.txt``."""

import sys
from functools import cache
from pathlib import Path

COVERAGE = Path(__file__).resolve().parents[2] / "static" / "fonts" / "coverage.txt"
_NO_GLYPH_NEEDED = (  # tab and line ends, soft hyphen, zero-width and direction marks, variation selectors
    range(0x09, 0x0B), range(0x0D, 0x0E), range(0xAD, 0xAE), range(0x200B, 0x2010), range(0x202A, 0x202F),
    range(0x2060, 0x2070), range(0xFE00, 0xFE10), range(0xFEFF, 0xFF00), range(0xE0000, 0xE1000),
)  # fmt: skip


def unprintable(text: str) -> list[str]:
    """Return the characters of a text (NFC) that no bundled font has, each once, in order of appearance.

    A paper that contains one of them cannot be rendered.
    """
    table = _printable()
    return [sign for sign in dict.fromkeys(text) if not table[ord(sign)]]


@cache
def _printable() -> bytes:
    """Return one byte for every code point: 1 where it can be printed."""
    table = bytearray(sys.maxunicode + 1)
    spans = [line.split("-") for line in COVERAGE.read_text(encoding="ascii").split()]
    for span in (*_NO_GLYPH_NEEDED, *(range(int(span[0], 16), int(span[-1], 16) + 1) for span in spans)):
        table[span.start : span.stop] = b"\x01" * len(span)
    return bytes(table)
