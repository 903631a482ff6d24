"""The list of projects for officers: plain columns, keyset pages, a count that stops at a thousand."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from xtbang.models import Call, EntryTotal, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer, unindexed
from xtbang.queries.prepared import MOST, bound, prepared
from xtbang.queries.search import place_of, seen_with
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import CallShown
from xtbang.rules.asked import Asked
from xtbang.rules.dates import day_of
from xtbang.rules.lives import State
from xtbang.rules.policy import Policy

SIZE = 20
COUNTED = 1000
DEEPEST = 1000  # page of a sorted list
CALLS = select(Call.id, Call.title, Call.code).order_by(Call.opens_at.desc(), Call.id.desc())


@dataclass(frozen=True)
class Filters:
    """The search terms; an empty one matches everything."""

    search: str = ""  # parts of number, title, or the issuer's name or code
    state: str = ""
    kind: str = ""
    region: str = ""
    call: int | None = None

    @classmethod
    def of(cls, asked: Asked) -> Self:
        """Return the filters in an address."""
        return cls(asked.words(), asked.text("state"), asked.text("kind"), asked.text("region"), asked.number("call"))

    def conditions(self, read: Callable[[Any], Any] = lambda column: column) -> Iterator[ColumnElement[bool]]:
        """Yield the filters other than the words as conditions on ``Project``, whose columns are read by ``read``."""
        for column, value in ((Project.state, self.state), (Project.kind, self.kind), (Project.region, self.region)):
            if value:
                yield read(column) == value
        if self.call is not None:
            yield read(Project.call_id) == self.call

    def marks(self) -> dict[str, Any]:
        """Return the same filters as marks of what is found by the words."""
        return {name: getattr(self, name) for name in ("state", "kind", "region", "call")}


def days_waited(row: Row[Any], state: State, today: date) -> int | None:
    """Return for how many days a project of ``ENTRY`` has been in its state; None in a final one."""
    return None if state.final else (today - day_of(row.state_since)).days


ALL = Filters()
LEAST: Any = literal_column("-1")  # of those that have no amount
AMOUNT = func.coalesce(Project.subsidy_city, Project.planned_total, LEAST)  # as its index says it
SORTS: dict[str, tuple[Any, ...]] = {  # column of the list → columns with an index, ascending; the id is the last
    "number": (Project.number, Project.id),
    "title": (Project.title, Project.id),
    "org": (issuer.name, issuer.id, Project.id),
    "region": (Project.region, Project.id),
    "amount": (AMOUNT, Project.id),
    "state": (Project.state, Project.id),
    "waited": (Project.state_since, Project.id),
}
REVERSED = "waited"  # the fewest days are those since the latest moment


@dataclass(frozen=True)
class Page:
    """One page, newest first unless it is sorted."""

    rows: list[Row[Any]]
    newer: int | None  # ``after`` of the newer page
    older: int | None  # ``before`` of the older page; of a sorted list the numbers of the pages before and after
    count: int  # at most COUNTED + 1
    cut: bool = False  # only the newest COUNTED of them are sorted


def page(
    caller: Caller,
    seen: ColumnElement[bool],
    filters: Filters,
    before: int | None = None,
    after: int | None = None,
    size: int = SIZE,
    sort: str = "",
    number: int = 1,
) -> Page:
    """Return the page of rows before that id (older) or after it (newer); the newest page when neither is given.

    With ``sort``, a column of `SORTS`, after ``-`` descending: the page of that number.
    """
    connection = caller.session.connection()  # plain columns: nothing for the session to load
    count = _count(caller, seen, filters)
    if filters == ALL and not sort and before is None and after is None:
        first = prepared(caller.policy, ("projects", seen), lambda: _first(caller, seen))
        found = list(connection.execute(first, bound(caller, most=size + 1)))
        return Page(found[:size], None, found[size - 1].id if len(found) > size else None, count)
    query, place = _entries(caller, seen, filters)
    if sort.removeprefix("-") in SORTS:
        return _sorted(caller, seen, filters, count, sort, max(0, min(number, DEEPEST) - 1), size)
    if after is not None and before is None:
        upwards = query.where(place > _placed(after, filters)).order_by(place).limit(size + 1)
        found = list(connection.execute(upwards, bound(caller)))
        rows, more_newer = found[:size][::-1], len(found) > size
        more_older = True
    else:
        downwards = query if before is None else query.where(place < _placed(before, filters))
        found = list(connection.execute(downwards.order_by(place.desc()).limit(size + 1), bound(caller)))
        rows, more_older = found[:size], len(found) > size
        more_newer = before is not None
    newer = rows[0].id if rows and more_newer else None
    return Page(rows, newer, rows[-1].id if rows and more_older else None, count)


def _sorted(
    caller: Caller, seen: ColumnElement[bool], filters: Filters, count: int, sort: str, at: int, size: int
) -> Page:
    """Return one page of a sorted list, of which ``at`` pages come before.

    Up to COUNTED projects are found by the filters and sorted; with words at most so many of the newest. More are read in the order
    of the index of their column until the page is full. What is empty there comes last, whichever way it is sorted.
    """
    key, connection = sort.removeprefix("-"), caller.session.connection()
    at = min(at, (count - 1) // size) if 0 < count <= COUNTED else at
    down = sort.startswith("-") != (key == REVERSED)
    order = [column.desc() if down else column for column in SORTS[key]]
    if count <= COUNTED or filters.search:
        ids, place = _chosen(caller, seen, filters, Project.id)
        ids = _joined(select(Project.id).where(Project.id.in_(_inner(ids.order_by(place.desc()).limit(COUNTED)))), key)
        ids = ids.order_by(_nothing(caller.policy, key), *order).offset(at * size).limit(size + 1)
        here = list(connection.scalars(ids, bound(caller)))
    else:
        here = _in_index_order(caller, seen, filters, key, order, at * size, size + 1)
    query: Statement = select(*ENTRY).join(issuer, issuer.id == Project.issuer_id).where(Project.id.in_(here))
    rows = {row.id: row for row in connection.execute(query)}
    more = len(here) > size and at + 1 < DEEPEST
    cut = bool(filters.search) and count > COUNTED
    found = [rows[number] for number in here[:size] if number in rows]
    return Page(found, at or None, at + 2 if more else None, count, cut)


def _in_index_order(
    caller: Caller, seen: ColumnElement[bool], filters: Filters, key: str, order: Sequence[Any], first: int, most: int
) -> list[int]:
    """Return ``most`` projects from the place ``first``: those with something in that column by its index, then the newest others."""
    connection, last = caller.session.connection(), first + most
    every = _joined(select(Project.id).where(seen, *filters.conditions(unindexed)), key)
    if key == REVERSED:  # a state at a time, so that the many that are over are not read
        unended = [
            _inner(every.where(Project.state == state.id).order_by(*order).limit(last))
            for state in caller.policy.states.values()
            if not state.final
        ]
        filled = select(Project.id).where(Project.id.in_(union_all(*unended)))
    else:
        least: Any = LEAST if key == "amount" else ""
        filled = every.where(SORTS[key][0] > least)
    filled = filled.order_by(*order)
    found = list(connection.scalars(filled.offset(first).limit(most), bound(caller)))
    if len(found) == most:
        return found
    before = first + len(found)
    if first and not found:
        before = connection.scalar(select(func.count()).select_from(filled.limit(first).subquery()), bound(caller)) or 0
    others = every.where(_nothing(caller.policy, key)).order_by(Project.id.desc())
    return found + list(
        connection.scalars(others.offset(first + len(found) - before).limit(most - len(found)), bound(caller))
    )


def _nothing(policy: Policy, key: str) -> ColumnElement[bool]:
    """Return the condition for projects that have nothing in that column."""
    if key == REVERSED:
        return Project.state.in_([state.id for state in policy.states.values() if state.final])
    column = SORTS[key][0]
    return column == LEAST if key == "amount" else or_(column == "", column.is_(None))


def _joined(query: Select[Any], key: str) -> Select[Any]:
    """Return the statement of projects with what that column is of: the issuer of each."""
    return query.join(issuer, issuer.id == Project.issuer_id) if key == "org" else query


def _inner(query: Select[Any]) -> Select[Any]:
    """Return the statement in a way that keeps its order and its limit within another one."""
    return select(query.subquery())


def _entries(caller: Caller, seen: ColumnElement[bool], filters: Filters) -> tuple[Statement, SQLColumnExpression[int]]:
    """Return `_chosen` with what the list shows of each."""
    query, place = _chosen(caller, seen, filters, *ENTRY)
    return query.join(issuer, issuer.id == Project.issuer_id), place


def _first(caller: Caller, seen: ColumnElement[bool]) -> Statement:
    """Return the query for the newest projects of all."""
    query, place = _entries(caller, seen, ALL)
    return query.order_by(place.desc()).limit(MOST)


def _chosen(
    caller: Caller, seen: ColumnElement[bool], filters: Filters, *columns: Any
) -> tuple[Statement, SQLColumnExpression[int]]:
    """Return the query for the projects that match, and the column of their order: that of the index where there are words."""
    query: Statement = select(*columns)
    place: SQLColumnExpression[int] = Project.id
    if filters.search:
        query, place = seen_with(caller, filters.search, *columns, marks=filters.marks())
    return query.where(seen, *filters.conditions()), place


def _placed(project_id: int, filters: Filters) -> int:
    return place_of(project_id) if filters.search else project_id


def _count(caller: Caller, seen: ColumnElement[bool], filters: Filters) -> int:
    def build() -> Statement:
        some, _place = _chosen(caller, seen, filters, Project.id)
        return select(func.count()).select_from(some.limit(COUNTED + 1).subquery())

    query = prepared(caller.policy, ("number of projects", seen), build) if filters == ALL else build()
    return caller.session.connection().scalar(query, bound(caller)) or 0


def ids(caller: Caller, seen: ColumnElement[bool], filters: Filters, most: int) -> list[int]:
    """Return the projects that match, the newest first, at most so many."""
    query, place = _chosen(caller, seen, filters, Project.id)
    return list(caller.session.connection().scalars(query.order_by(place.desc()).limit(most), bound(caller)))


def calls(session: Session) -> list[Row[Any]]:
    """Return id, title and code of every call, newest first."""
    return list(session.connection().execute(CALLS))


def calls_with_entries(session: Session, most: int = 200, only: Collection[int] = ()) -> list[tuple[CallShown, int]]:
    """Return every call, or ``only`` these, the newest first, with its number of entries."""
    own = select(EntryTotal.call_id, func.sum(EntryTotal.projects).label("count"))
    counted = own.group_by(EntryTotal.call_id).subquery()
    query = select(Call, func.coalesce(counted.c.count, 0)).outerjoin(counted, counted.c.call_id == Call.id)
    query = query.where(Call.id.in_(only)) if only else query
    found = session.execute(query.order_by(Call.opens_at.desc(), Call.id.desc()).limit(most))
    return [(shown(CallShown, call), count) for call, count in found]
