"""Rows of tables at the foot of a page: only a row that is higher than a third of the page may go over to the next."""

from collections.abc import Iterable

_WHOLE = 12  # lines: a row up to this height stays on one page
_INDENT = 2  # characters at the beginning of a paragraph


def open_class(text: str, characters: int) -> str:
    """Return the class of a row that may go over to the next page, "" for one that stays whole.

    ``characters`` is how many fit in a line of the row.
    """
    return "open" if may_tear(text.split("\n"), characters) else ""


def may_tear(paragraphs: Iterable[str], characters: float) -> bool:
    """Return whether the paragraphs take more lines than a row that has to stay on one page."""
    return sum(-(-(_width(text) + _INDENT) // characters) for text in paragraphs if text.strip()) > _WHOLE


def _width(text: str) -> float:
    """Return the width in characters: letters and digits count half."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)
