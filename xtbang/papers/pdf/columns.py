"""The widths of the columns of a table of which only the words are known: codes, dates and figures stay whole."""

import re
from collections.abc import Sequence

_FIRST = 7  # percent for the serial number
_LINE = 42.0  # characters in a line of the table, in 五号
_PADDING = 1.2  # of a cell, in characters
_MOST = 11.5  # characters of what is not broken
_SHORT = 8.0  # characters: a text up to that may stand on two lines
_HEAD = 4.0  # characters of a head that stays on one line
_WHOLE = re.compile(r"[0-9A-Za-z.,%/:年月日-]*")


def widths_of(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the widths in whole percent, that of the serial numbers first.

    A column of codes, dates or figures is as wide as the longest of them, one of short texts half as wide; longer texts
    share the rest in proportion to the square roots of their longest. A long head may stand on two lines.
    """
    columns = [[str(row[place]) for row in rows] for place in range(len(heads))]
    whole = [_fixed(head, texts) for head, texts in zip(heads, columns, strict=True)]
    if all(whole):  # nothing else takes the rest
        whole = [0.0] * len(columns)
    rest = _LINE * (100 - _FIRST) / 100 - sum(whole)
    longest = [max(map(_width, [head, *texts])) for head, texts in zip(heads, columns, strict=True)]
    roots = [0.0 if own else length**0.5 for own, length in zip(whole, longest, strict=True)]
    shares = [own or rest * root / sum(roots) for own, root in zip(whole, roots, strict=True)]
    percents = [round(share / _LINE * 100) for share in shares]
    return [100 - sum(percents), *percents]


def _fixed(head: str, texts: Sequence[str]) -> float:
    """Return the width of a column whose texts are short, in characters; 0.0 for one that takes what is left."""
    longest = max(map(_width, texts), default=0.0)
    if not any(texts) or longest > _MOST:
        return 0.0
    title = max(_width(head) / 2, min(_width(head), _HEAD))
    if all(map(_WHOLE.fullmatch, texts)):
        return max(longest, title) + _PADDING
    return max(longest / 2, title) + _PADDING if longest <= _SHORT else 0.0


def _width(text: str) -> float:
    """Return the width in characters: letters and digits count a little more than half."""
    return sum(0.57 if character.isascii() else 1.0 for character in text)
