"""The making of search entries: the words of one row, the origin of the entries of one kind of row."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from xtbang.models import OrganisationChange


@dataclass(frozen=True)
class Item:
    """The words of one row."""

    kind: str
    row_id: int
    words: list[str]
    project_id: int | None = None
    part: str = ""
    title: str = ""  # of what belongs to no project
    exact: str = ""  # a number or name by which it comes first

    @property
    def text(self) -> str:
        """Return all words, what stands first in lists first."""
        return "\n".join(word for word in dict.fromkeys(self.words) if word)


Items = Callable[[Session, Collection[int]], Iterator[Item]]


@dataclass(frozen=True)
class Source:
    """The origin of the entries of one kind of row; ``number`` never changes, it is part of their ids."""

    number: int
    key: InstrumentedAttribute[int]  # of the rows
    items: Items
    said: tuple[InstrumentedAttribute[Any], ...]  # the columns that are found: who changes them changes the entry


def former_names(session: Session, organisations: Collection[int]) -> dict[int, tuple[list[str], list[str]]]:
    """Return organisation → its former names and codes."""
    change, found = OrganisationChange, dict[int, tuple[list[str], list[str]]]()
    query = select(change.organisation_id, change.former_name, change.former_uscc).order_by(change.id)
    for row in session.execute(query.where(change.organisation_id.in_(organisations), change.status == "confirmed")):
        names, codes = found.setdefault(row.organisation_id, ([], []))
        names.append(row.former_name)
        codes.append(row.former_uscc)
    return found
