"""The public lists (清单) and the board (榜单): plain columns, keyset pages, counts that stop at a thousand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from xtbang.enums import KIND_LABELS
from xtbang.models import Call, Notice, NoticeItem, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.prepared import MOST
from xtbang.queries.search import place_of, projects_with
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import CallShown, NoticeShown
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.policy import Policy

SIZE = 20
COUNTED = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# built once: most visitors open a list or the home page; ``never_public`` is given when they are asked
LISTED = Project.listed_at.is_not(None), Project.state.not_in(bindparam("never_public", expanding=True))
SHOWN = (*ENTRY, Project.listed_at, Project.bids_until)
ENTRIES: Statement = select(*SHOWN).join(issuer, issuer.id == Project.issuer_id).where(*LISTED)
NEWEST = Project.listed_at.desc(), Project.id.desc()


def _number(some: Select[Any]) -> Select[Any]:
    """Return the number of those projects, counted to COUNTED + 1."""
    return select(func.count()).select_from(some.limit(COUNTED + 1).subquery())


FIRST = ENTRIES.order_by(*NEWEST).limit(MOST)
NUMBER = _number(select(Project.id).where(*LISTED))
EACH_LIST = select(
    *(_number(select(Project.id).where(*LISTED, Project.kind == kind)).scalar_subquery() for kind in KIND_LABELS)
)


@dataclass(frozen=True)
class Search:
    """The search terms; an empty one matches everything."""

    words: str = ""  # parts of title, number or issuer's name
    kind: str = ""
    domain: str = ""
    region: str = ""
    state: str = ""
    year: int | None = None  # year of listing, in Shanghai
    board: bool = False

    def marks(self) -> dict[str, Any]:
        """Return the same search terms as marks of what is found by the words."""
        same = {name: getattr(self, name) for name in ("kind", "domain", "region", "state", "year")}
        return {**same, "track": "funded" if self.board else None}

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the search terms other than the words as conditions on ``Project``."""
        if self.board:
            yield Project.track == "funded"
        pairs = ((Project.kind, self.kind), (Project.domain, self.domain), (Project.region, self.region))
        for column, value in (*pairs, (Project.state, self.state)):
            if value:
                yield column == value
        if self.year:
            first, after = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (self.year, self.year + 1))
            yield and_(Project.listed_at >= first, Project.listed_at < after)


WHOLE = Search()


@dataclass(frozen=True)
class PublicEntry:
    """The facts of an entry that everyone may know; its path is drawn from the last ones."""

    id: int
    number: str | None
    title: str
    issuer: str
    domain: str
    region: str
    planned_total: Decimal | None
    listed_at: datetime | None
    bids_from: datetime | None
    bids_until: datetime | None
    closed_at: datetime | None
    completed_at: datetime | None
    kind: str
    edition: str
    state: str
    track: str | None
    subsidy_city: Decimal | None


def public_entry(row: Project) -> PublicEntry:
    """Return what everyone may know of a listed entry."""
    return shown(PublicEntry, row, issuer=row.issuer.name)


def notices_of(session: Session, project_id: int) -> list[NoticeShown]:
    """Return the published notices that name a project, the oldest first."""
    query = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project_id, Notice.status != "draft")
    return [shown(NoticeShown, row) for row in session.scalars(query.order_by(Notice.id))]


@dataclass(frozen=True)
class ObjectionFollowed:
    """An objection as anyone with its receipt code may follow it: without the name and the words of the objector."""

    status: str
    received_at: datetime
    decided_at: datetime | None
    finding: str


@dataclass(frozen=True)
class Listing:
    """One page, newest first; ``older`` is the key of the next page, "" on the last."""

    rows: list[Row[Any]]
    older: str
    count: int  # at most COUNTED + 1


def _asked(policy: Policy) -> dict[str, Any]:
    """Return the value of `LISTED`: the lists hold no project that is never public."""
    return {"never_public": policy.never_public}


def newest(caller: Caller, search: Search, before: str = "", size: int = SIZE) -> list[Row[Any]]:
    """Return the entries after the key ``before`` (``microseconds-id`` of the last row seen), at most ``size``.

    The latest listed come first; of a search with words those that were begun last, which is the order of the index.
    """
    place, connection = _place(before), caller.session.connection()  # plain columns: nothing for the session to load
    if search.words:
        query, order = _with_words(caller, search, *SHOWN)
        query = query.join(issuer, issuer.id == Project.issuer_id)
        if place:
            query = query.where(order < place_of(place[1], listed=True))
        return list(connection.execute(query.order_by(order.desc()).limit(size), _asked(caller.policy)))
    if search == WHOLE and not place:
        return list(connection.execute(FIRST, {**_asked(caller.policy), "most": size}))
    query = ENTRIES.where(*search.conditions())
    if place:
        query = query.where(tuple_(Project.listed_at, Project.id) < tuple_(*place))
    return list(connection.execute(query.order_by(*NEWEST).limit(size), _asked(caller.policy)))


def _with_words(caller: Caller, search: Search, *columns: Any) -> tuple[Statement, SQLColumnExpression[int]]:
    """Return the query for the entries of a search with words, and the column of its order: the newest first."""
    query, order = projects_with(caller.session, search.words, *columns, listed=True, marks=search.marks())
    return query.where(*LISTED, *search.conditions()), order


def listing(caller: Caller, search: Search, before: str = "") -> Listing:
    """Return the page after the key ``before``, and how many entries there are on all pages."""
    rows = newest(caller, search, before, SIZE + 1)
    number = NUMBER
    if search.words:
        some, _order = _with_words(caller, search, Project.id)
        number = _number(some)
    elif search != WHOLE:
        number = _number(select(Project.id).where(*LISTED, *search.conditions()))
    count = caller.session.connection().scalar(number, _asked(caller.policy)) or 0
    older = ""
    if len(rows) > SIZE:
        last = rows[SIZE - 1]
        older = f"{(last.listed_at - EPOCH) // MICROSECOND}-{last.id}"
    return Listing(rows[:SIZE], older, count)


def counts(caller: Caller) -> dict[str, int]:
    """Return the number of entries on each list, by kind; at most COUNTED + 1 of each are counted."""
    found = caller.session.connection().execute(EACH_LIST, _asked(caller.policy)).one()
    return dict(zip(KIND_LABELS, found, strict=True))


def open_calls(session: Session, now: datetime) -> list[CallShown]:
    """Return the published calls that take submissions now or later, the first to close first."""
    query = select(Call).where(Call.published_at.is_not(None), Call.cancelled_at.is_(None), Call.closes_at >= now)
    return [shown(CallShown, row) for row in session.scalars(query.order_by(Call.closes_at))]


def notices(session: Session, kind: str = "", before: int | None = None, size: int = SIZE) -> list[NoticeShown]:
    """Return published notices after the one with id ``before``, newest first; ``size + 1`` when there are more."""
    query = select(Notice).where(Notice.status != "draft")
    if kind:
        query = query.where(Notice.kind == kind)
    if before and (last := session.get(Notice, before)) and last.published_at:
        query = query.where(tuple_(Notice.published_at, Notice.id) < tuple_(last.published_at, last.id))
    rows = session.scalars(query.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(size + 1))
    return [shown(NoticeShown, row) for row in rows]


def _place(text: str) -> tuple[datetime, int] | None:
    moment, _dash, row = text.partition("-")
    if not (moment.isascii() and moment.isdigit() and row.isascii() and row.isdigit()):
        return None
    if len(moment) > 16 or len(row) > 9:
        return None
    return EPOCH + int(moment) * MICROSECOND, int(row)
