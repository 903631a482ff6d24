"""The characters that can be printed: those of the fonts under static/fonts, listed in ``coverage.txt``."""

import re
from functools import cache
from pathlib import Path

COVERAGE = Path(__file__).resolve().parents[2] / "static" / "fonts" / "coverage.txt"
_NO_GLYPH_NEEDED = (  # tab and line ends, soft hyphen, zero-width and direction marks, variation selectors
    r"\t\n\r\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)


def unprintable(text: str) -> list[str]:
    """Return the characters of a text (NFC) that no bundled font has, each once, in order of appearance.

    A paper that contains one of them cannot be rendered.
    """
    return list(dict.fromkeys(_unprintable().findall(text)))


@cache
def _unprintable() -> re.Pattern[str]:
    """Return the expression for a character that cannot be printed, which passes over all others at the speed of `re`."""
    spans = [line.split("-") for line in COVERAGE.read_text(encoding="ascii").split()]
    printable = "".join(rf"\U{int(span[0], 16):08x}-\U{int(span[-1], 16):08x}" for span in spans)
    return re.compile(f"[^{_NO_GLYPH_NEEDED}{printable}]")
