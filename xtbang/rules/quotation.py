"""Quotation marks around a name, a title or typed words (GB/T 15834)."""

import re

_SINGLE = re.compile("‘([^‘’]*)’")  # a lone ’ is an apostrophe
_SWAPPED = str.maketrans("“”\0\1", "‘’“”")


def quoted(text: object) -> str:
    """Return the text in quotation marks; marks inside it become single, and single ones inside those double again."""
    inside = _SINGLE.sub(lambda found: f"\0{found[1]}\1", str(text))
    return f"“{inside.translate(_SWAPPED)}”"
