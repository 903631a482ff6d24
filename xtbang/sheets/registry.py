"""The lists that can be downloaded as a file, by the name of their page.

A maker returns the whole list as a `Sheet`, the newest row first as on the page, at most `MOST` rows. Page and file use the
same query with the same filters. Up to `AT_ONCE` rows are sent at once; the worker writes longer files (`domain/downloads.py`).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

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


LISTS: dict[str, ListFile] = {}  # the name of the page's view → its file


def list_file(page: str, roles: Collection[str]) -> Callable[[Maker], Maker]:
    """Declare the file of the list on that page."""

    def declare(make: Maker) -> Maker:
        LISTS[page] = ListFile(make, frozenset(roles))
        return make

    return declare
