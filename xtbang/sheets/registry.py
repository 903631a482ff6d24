"""The lists that can be downloaded as a file, by the name of their page.

A maker returns the whole list as a `Sheet`, the newest row first as on the page, at most `MOST` rows. Page and file use the
same query with the same filters. Each row begins with its id, which is no column: by it rows are ticked on the page. Up to
`AT_ONCE` rows are sent at once; the worker writes longer files (`domain/downloads.py`).
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from xtbang.queries.caller import Caller
from xtbang.rules.actor import Actor
from xtbang.rules.asked import Asked
from xtbang.rules.sheet import Sheet

MOST = 50_000  # rows of a file
AT_ONCE = 2_000

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
        made = self.make(caller, asked)
        return replace(made, rows=(row[1:] for row in made.rows if not chosen or row[0] in chosen))

    def ids(self, caller: Caller, asked: Asked, most: int) -> Iterator[int]:
        """Yield the ids of the rows that match, at most so many."""
        return (row[0] for row in islice(self.make(caller, asked).rows, most))


LISTS: dict[str, ListFile] = {}  # the name of the page's view → its file


def list_file(page: str, roles: Collection[str]) -> Callable[[Maker], Maker]:
    """Declare the file of the list on that page."""

    def declare(make: Maker) -> Maker:
        LISTS[page] = ListFile(make, frozenset(roles))
        return make

    return declare
