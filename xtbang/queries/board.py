"""The public lists (清单) and the board (榜单): plain columns, keyset pages, counts that stop at a thousand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from xtbang.models import Call, Notice, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.organisations import named
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.policy import Policy

SIZE = 20
COUNTED = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Search:
    """The search terms; an empty one matches everything."""

    words: str = ""  # part of title, number or issuer's name
    kind: str = ""
    domain: str = ""
    region: str = ""
    state: str = ""
    year: int | None = None  # year of listing, in Shanghai
    board: bool = False

    def conditions(self, policy: Policy) -> Iterator[ColumnElement[bool]]:
        """Yield the search terms as conditions on ``Project``; the lists hold no project that is never public."""
        yield from _listed(policy)
        if self.board:
            yield Project.track == "funded"
        pairs = ((Project.kind, self.kind), (Project.domain, self.domain), (Project.region, self.region))
        for column, value in (*pairs, (Project.state, self.state)):
            if value:
                yield column == value
        if self.year:
            first, after = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (self.year, self.year + 1))
            yield and_(Project.listed_at >= first, Project.listed_at < after)
        if self.words:
            columns = (Project.title, Project.number)
            contains = [column.icontains(self.words, autoescape=True) for column in columns]
            yield or_(*contains, named(issuer, self.words))


@dataclass(frozen=True)
class Listing:
    """One page, newest first; ``older`` is the key of the next page, "" on the last."""

    rows: list[Row[Any]]
    older: str
    count: int  # at most COUNTED + 1


def _listed(policy: Policy) -> tuple[ColumnElement[bool], ...]:
    return Project.listed_at.is_not(None), Project.state.not_in(policy.never_public)


def listing(caller: Caller, search: Search, before: str = "", size: int = SIZE) -> Listing:
    """Return the page after the key ``before`` (``microseconds-id`` of the last row seen)."""
    chosen = list(search.conditions(caller.policy))
    query: Statement = select(*ENTRY, Project.listed_at, Project.bids_until)
    query = query.join(issuer, issuer.id == Project.issuer_id).where(*chosen)
    if place := _place(before):
        query = query.where(tuple_(Project.listed_at, Project.id) < tuple_(*place))
    connection = caller.session.connection()  # plain columns: nothing for the session to load
    rows = list(connection.execute(query.order_by(Project.listed_at.desc(), Project.id.desc()).limit(size + 1)))
    some: Statement = select(Project.id).where(*chosen)
    if search.words:
        some = some.join(issuer, issuer.id == Project.issuer_id)
    count = connection.scalar(select(func.count()).select_from(some.limit(COUNTED + 1).subquery())) or 0
    older = ""
    if len(rows) > size:
        last = rows[size - 1]
        older = f"{(last.listed_at - EPOCH) // MICROSECOND}-{last.id}"
    return Listing(rows[:size], older, count)


def counts(caller: Caller, kinds: Iterable[str]) -> dict[str, int]:
    """Return the number of entries on each list, by kind; at most COUNTED + 1 of each are counted."""
    every = list(kinds)
    columns = []
    for kind in every:
        some = select(Project.id).where(*_listed(caller.policy), Project.kind == kind)
        columns.append(select(func.count()).select_from(some.limit(COUNTED + 1).subquery()).scalar_subquery())
    return dict(zip(every, caller.session.execute(select(*columns)).one(), strict=True))


def open_calls(session: Session, now: datetime) -> list[Call]:
    """Return the published calls that take submissions now or later, the first to close first."""
    query = select(Call).where(Call.published_at.is_not(None), Call.cancelled_at.is_(None), Call.closes_at >= now)
    return list(session.scalars(query.order_by(Call.closes_at)))


def notices(session: Session, kind: str = "", before: int | None = None, size: int = SIZE) -> list[Notice]:
    """Return published notices after the one with id ``before``, newest first; ``size + 1`` when there are more."""
    query = select(Notice).where(Notice.status != "draft")
    if kind:
        query = query.where(Notice.kind == kind)
    if before and (last := session.get(Notice, before)) and last.published_at:
        query = query.where(tuple_(Notice.published_at, Notice.id) < tuple_(last.published_at, last.id))
    return list(session.scalars(query.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(size + 1)))


def _place(text: str) -> tuple[datetime, int] | None:
    moment, _dash, row = text.partition("-")
    if not (moment.isascii() and moment.isdigit() and row.isascii() and row.isdigit()):
        return None
    if len(moment) > 16 or len(row) > 9:
        return None
    return EPOCH + int(moment) * MICROSECOND, int(row)
