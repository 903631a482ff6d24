"""The marks of search entries: state, region and what else narrows a list, as terms of the index together with those of the words."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from xtbang.models import Project
from xtbang.rules.dates import day_of
from xtbang.rules.search_words import mark_term

SPREAD = frozenset({"region", "subsidy_city"})  # columns of a project that mark everything found of it
# with those that mark the project itself
MARKING = SPREAD | {"state", "kind", "domain", "call_id", "track", "listed_at"}
MARKED = select(Project.id, *(getattr(Project, name) for name in sorted(MARKING))).where(
    Project.id.in_(bindparam("projects", expanding=True))
)
ITSELF = frozenset({"project", "listing"})  # kinds of entries


def marks_of(session: Session, projects: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return project → names and values of its marks, those of everything found of it first."""
    return {row.id: dict(_marks(row)) for row in session.connection().execute(MARKED, {"projects": list(projects)})}


def _marks(row: Any) -> Iterator[tuple[str, Any]]:
    yield "region", row.region
    yield "granted", True if row.subsidy_city is not None else None
    yield "state", row.state
    yield "kind", row.kind
    yield "domain", row.domain
    yield "call", row.call_id
    yield "track", row.track
    yield "year", None if row.listed_at is None else day_of(row.listed_at).year


def terms_of_marks(kind: str, marks: Mapping[str, Any]) -> list[str]:
    """Return the terms of an entry of that kind with these marks; a mark without a value has none."""
    mine = marks if kind in ITSELF else {name: marks.get(name) for name in ("region", "granted")}
    return sorted(mark_term(kind, name, value) for name, value in mine.items() if value is not None and value != "")
