"""The widths of the columns of a table of texts, of which only the words are known: codes, dates and figures stay whole."""

import re
from collections.abc import Sequence

_FIRST = 7  # percent for the serial number
_LINE = 42.0  # characters in a line of the table, in 五号
_PADDING = 1.2  # of a cell, in characters
_MOST = 11.5  # characters of what is not broken
_WHOLE = re.compile(r"[0-9A-Za-z.,%/:年月日-]*")


def widths_of(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the widths in whole percent, that of the serial numbers first.

    A column of codes, dates or figures is as wide as the longest of them; texts share the rest in proportion to the
    square roots of their longest.
    """
    columns = [[head, *(str(row[place]) for row in rows)] for place, head in enumerate(heads)]
    whole = [max(_width(text) for text in column) + _PADDING if _is_whole(column[1:]) else 0.0 for column in columns]
    if all(whole):  # nothing else takes the rest
        whole = [0.0] * len(columns)
    rest = _LINE * (100 - _FIRST) / 100 - sum(whole)
    roots = [
        0.0 if own else max(_width(text) for text in column) ** 0.5 for own, column in zip(whole, columns, strict=True)
    ]
    shares = [own or rest * root / sum(roots) for own, root in zip(whole, roots, strict=True)]
    percents = [round(share / _LINE * 100) for share in shares]
    return [100 - sum(percents), *percents]


def _is_whole(texts: Sequence[str]) -> bool:
    return any(texts) and all(_WHOLE.fullmatch(text) and _width(text) <= _MOST for text in texts)


def _width(text: str) -> float:
    """Return the width in characters: letters and digits count a little more than half."""
    return sum(0.57 if character.isascii() else 1.0 for character in text)
