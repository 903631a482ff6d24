"""The lists that can be downloaded as a file, by the name of their page.

A maker returns the list as a `Sheet`, the newest row first as on the page, at most ``asked.most`` rows. Page and file use the
same query with the same filters, and are sorted by the same columns. Each row begins with its id, which is no column: by it rows
are ticked on the page, and where a table grows a maker reads only those that are (`Asked.among`). Up to `AT_ONCE` rows are sent
at once; the worker writes longer files (`domain/downloads.py`).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from xtbang.queries.caller import Caller
from xtbang.rules.actor import Actor
from xtbang.rules.asked import Asked
from xtbang.rules.sheet import Column, Sheet, empty_last

AT_ONCE = 2_000
SORTED = 1000  # rows, the newest, that a page puts in the order of a column

Maker = Callable[[Caller, Asked], Sheet]


@dataclass(frozen=True)
class ListFile:
    """A list that can be downloaded, and the roles that may open its page."""

    make: Maker
    roles: frozenset[str]

    def open_to(self, who: Actor) -> bool:
        """Return whether this person may download it."""
        return not self.roles.isdisjoint(who.roles)

    def sheet(self, caller: Caller, asked: Asked, chosen: Collection[int] = ()) -> Sheet:
        """Return the list as a file has it; only the rows with the ``chosen`` ids, if there are any."""
        made = self.make(caller, replace(asked, ids=frozenset(chosen)))
        rows = made.rows
        if column_asked(made.columns, asked) is not None:
            kept = list(rows)
            rows = (kept[place] for place in order_of(made.columns, kept, asked))
        return replace(made, rows=(row[1:] for row in rows if not chosen or row[0] in chosen))

    def ids(self, caller: Caller, asked: Asked, most: int) -> list[int]:
        """Return the ids of the rows that match, at most so many."""
        return [row[0] for row in islice(self.make(caller, replace(asked, most=most)).rows, most)]

    def order(self, caller: Caller, asked: Asked) -> tuple[list[int], bool] | None:
        """Return the ids of the newest `SORTED` rows by the column asked for, and whether there are more; None without such a column."""
        if not asked.text("sort"):  # before the maker, which may read its rows at once
            return None
        made = self.make(caller, replace(asked, most=SORTED + 1))
        if column_asked(made.columns, asked) is None:
            return None
        rows = list(islice(made.rows, SORTED + 1))
        return [rows[place][0] for place in order_of(made.columns, rows[:SORTED], asked)], len(rows) > SORTED


def column_asked(columns: Sequence[Column], asked: Asked) -> int | None:
    """Return the place of the column by which a list is to be sorted: its label, after ``-`` descending; None without one."""
    label = asked.text("sort").removeprefix("-")
    return next((place for place, column in enumerate(columns) if column.label == label), None)


def order_of(columns: Sequence[Column], rows: Sequence[Sequence[Any]], asked: Asked) -> list[int]:
    """Return the places of the rows by the column asked for; rows that are empty there come last, either way."""
    place = (column_asked(columns, asked) or 0) + 1  # behind the id
    return empty_last(range(len(rows)), lambda at: rows[at][place], asked.text("sort").startswith("-"))


LISTS: dict[str, ListFile] = {}  # the name of the page's view → its file


def list_file(page: str, roles: Collection[str]) -> Callable[[Maker], Maker]:
    """Declare the file of the list on that page."""

    def declare(make: Maker) -> Maker:
        LISTS[page] = ListFile(make, frozenset(roles))
        return make

    return declare
