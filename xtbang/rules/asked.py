"""The filters in the address of a list, as they were typed."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from xtbang.rules.spellings.codes import words
from xtbang.rules.texts import normalise_text

LONGEST = 60  # characters of words to search for
MOST = 50_000  # rows of a file


@dataclass(frozen=True)
class Asked:
    """The filters of one list, by the names in its address, and the ids of the rows that are ticked, if any."""

    args: Mapping[str, str]
    most: int = MOST  # rows that are wanted
    ids: frozenset[int] = frozenset()

    def among(self, column: Any) -> tuple[Any, ...]:
        """Return the condition that a row, by the column of its id, is one of those that are ticked; none where none is."""
        return (column.in_(self.ids),) if self.ids else ()

    def text(self, key: str, among: Container[str] | None = None) -> str:
        """Return a filter as it was chosen; "" without one, and for what is not ``among`` the choices."""
        value = self.args.get(key, "")
        return value if among is None or value in among else ""

    def number(self, key: str) -> int | None:
        """Return a filter that is a whole number; None without one."""
        value = self.args.get(key, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None

    def words(self, key: str = "q") -> str:
        """Return the words to search for, in the spelling in which texts and numbers are stored."""
        return words(normalise_text(self.args.get(key, "")[: 2 * LONGEST]))[:LONGEST]
