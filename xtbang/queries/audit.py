"""The searchable audit trail: by project, person, trigger and day, without what concerns sealed bids."""

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, not_, or_, select
from sqlalchemy.orm import Session

from xtbang.enums import EVENT_NAMES
from xtbang.models import Event, Project, SearchEntry, StoredFile
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement
from xtbang.queries.paging import paged
from xtbang.queries.rights.sealed_bids import hidden_projects, of_hidden
from xtbang.queries.search import matching, projects_with
from xtbang.queries.shown.project import EventShown, event_shown
from xtbang.queries.timeline import triggers_known_to
from xtbang.rules.asked import Asked
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.policy import Policy
from xtbang.rules.search_words import words_in
from xtbang.rules.spellings.dates import doubt_of_day
from xtbang.rules.spellings.signs import as_typed
from xtbang.rules.values import clean_value, faults, is_blank

FROM, UNTIL = (Field(key, label, FieldKind.DATE) for key, label in (("from", "起始日期"), ("until", "截止日期")))
FEW = 100  # projects whose events are looked up one by one


@dataclass(frozen=True)
class Filters:
    """The search terms; an empty one matches everything."""

    number: str = ""  # of a project, or its beginning
    name: str = ""  # part of the name of the actor
    trigger: str = ""
    first: datetime | None = None  # from this moment on
    until: datetime | None = None  # before this moment
    stream: str = ""
    ids: frozenset[int] = frozenset()  # only these of them

    @classmethod
    def of(cls, asked: Asked) -> "tuple[Filters, list[str]]":
        """Return the filters in an address, and a sentence on each day that cannot be read and is left out."""
        errors: list[str] = []
        first, last = _day(FROM, asked, errors), _day(UNTIL, asked, errors)
        filters = cls(
            number=asked.words("number"),
            name=asked.words("name"),
            trigger=asked.text("trigger"),
            first=_midnight(first) if first else None,
            until=_midnight(last + timedelta(days=1)) if last else None,
            stream=asked.text("stream")[:40],
            ids=asked.ids,
        )
        return filters, errors

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the filters other than number and name as conditions on ``Event``."""
        if self.trigger:
            yield Event.trigger == self.trigger
        if self.first:
            yield Event.at >= self.first
        if self.until:
            yield Event.at < self.until
        if self.stream:
            yield Event.stream == self.stream
        if self.ids:
            yield Event.id.in_(self.ids)


def _day(box: Field, asked: Asked, errors: list[str]) -> date | None:
    typed = clean_value(box, asked.text(box.key))
    wrong = [] if is_blank(typed) else list(faults(box, "", typed))
    if wrong:
        why = doubt_of_day(typed) or f"写作{as_typed(typed)}，无法识别，请填写日期，例如 2026-11-23。"
        errors.append(f"{box.label}{why}已忽略这一条件。")
    return date.fromisoformat(typed) if typed and not wrong else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def names_of_events(policy: Policy) -> dict[str, str]:
    """Return trigger → Chinese name of everything that is recorded."""
    return {trigger: action.name for trigger, action in policy.actions.items()} | EVENT_NAMES


def search(
    caller: Caller, filters: Filters, before: int | None, most: int, only: Collection[int] | None = None
) -> Sequence[Row[Any]]:
    """Return events (those with these ids) with number, title and id of their project, newest first.

    The result has ``most + 1`` rows when there are more than ``most``.
    """
    known = Project.id.label("known"), Project.number, Project.title
    query: Statement = select(Event.id, Event, *known).outerjoin(Project, Project.id == Event.project_id)
    query = query.where(_unsealed(caller), *filters.conditions())
    if filters.number:
        query = query.where(_numbered(caller.session, filters.number))
    if filters.name:
        query = query.where(_named(caller.session, filters.name))
    return caller.session.execute(paged(query.order_by(Event.id.desc()), Event.id, before, most, only)).all()


def subject_of(found: Row[Any]) -> str:
    """Return what an event that `search` found is about: the title of its project, or else what its data name, or a number."""
    event: Event = found.Event
    if event.project_id is not None:
        return found.title or "项目草稿"
    kind, _, number = event.stream.partition(":")
    named = event.data.get("name") or event.data.get("title") or event.data.get("subject") or event.organisation_name
    return str(named or (kind == "person" and event.actor_name) or f"编号 {number}")


def every_event(caller: Caller, filters: Filters, most: int, page: int = 1000) -> Iterator[Row[Any]]:
    """Yield what `search` finds, newest first, read in pages; at most so many."""
    before = None
    for _page in range(0, most, page):
        rows = search(caller, filters, before, page)
        yield from rows[:page]
        if len(rows) <= page:
            return
        before = rows[page - 1].id


def _numbered(session: Session, number: str) -> ColumnElement[bool]:
    """Return the condition for events of the projects whose number begins with ``number``.

    A few of them are named, so that their events are looked up; with more a page is soon full, and each event is asked.
    """
    few = list(session.scalars(_projects(session, number).limit(FEW + 1)))
    if len(few) <= FEW:
        return Event.project_id.in_(few)
    begins = Project.number.istartswith(number, autoescape=True)
    return exists().where(Project.id == Event.project_id, begins).correlate(Event)


def _named(session: Session, name: str) -> ColumnElement[bool]:
    """Return the condition for events of people with that part of a name as they are called now, or that whole name then.

    Those who have no account are found by a part of their name. A few people are looked up one by one; of more a page
    is soon full.
    """
    called = Event.actor_name.icontains(name, autoescape=True)
    people, order = matching(session, words_in(name), "person", SearchEntry.row_id)
    few = list(
        session.scalars(people.where(SearchEntry.title.icontains(name, autoescape=True)).order_by(order).limit(FEW + 1))
    )
    if len(few) > FEW:
        return called
    return or_(Event.actor_id.in_(few), Event.actor_name == name, and_(Event.actor_id.is_(None), called))


def _projects(session: Session, number: str) -> Select[tuple[int]]:
    query, place = projects_with(session, number, Project.id)
    return query.where(Project.number.istartswith(number, autoescape=True)).order_by(place)


def _unsealed(caller: Caller) -> ColumnElement[bool]:
    """Return the condition that hides events of sealed bids: until they can be opened not even a bureau sees them."""
    known = not_(of_hidden(Event.project_id, caller.collected))
    return or_(Event.trigger.not_in(triggers_known_to(caller.policy, "bidder")), known)


def hidden_streams(session: Session, collected: datetime, among: Iterable[int] | None = None) -> frozenset[str]:
    """Return the streams whose length stays hidden, because gaps in them would show how many have bid; ``among`` these projects."""
    query = hidden_projects(collected)
    query = query if among is None else query.where(Project.id.in_(among))
    return frozenset(f"project:{number}" for number in session.scalars(query))


def of_stream(session: Session, stream: str, most: int = 20) -> list[EventShown]:
    """Return the latest events of one stream, newest first."""
    query = select(Event).where(Event.stream == stream).order_by(Event.sequence.desc()).limit(most)
    return list(map(event_shown, session.scalars(query)))


def files_of(session: Session, events: Sequence[Event]) -> dict[tuple[int | None, str], tuple[int, str]]:
    """Return (project, digest) → id and name of the file, for every file of these events."""
    wanted: dict[int | None, set[str]] = {}
    for event in events:
        if event.files:
            wanted.setdefault(event.project_id, set()).update(event.files)
    if not wanted:
        return {}
    own = [and_(StoredFile.project_id == project, StoredFile.sha256.in_(found)) for project, found in wanted.items()]
    query = select(StoredFile.project_id, StoredFile.sha256, StoredFile.id, StoredFile.name).where(or_(*own))
    return {(row.project_id, row.sha256): (row.id, row.name) for row in session.execute(query.order_by(StoredFile.id))}


def in_chains(session: Session, after: str, stream: str = "", batch: int = 500) -> Generator[Event, None, None]:
    """Yield the events of one stream, or of all streams after ``after``, in chain order.

    Close the generator when done.
    """
    query = select(Event).order_by(Event.stream, Event.sequence).execution_options(yield_per=batch)
    query = query.where(Event.stream == stream) if stream else query.where(Event.stream > after)
    with closing(session.scalars(query)) as found:
        yield from found


def streams_of(session: Session, number: str, most: int = 100) -> list[str]:
    """Return the streams of the projects whose number begins with ``number``."""
    return [f"project:{project_id}" for project_id in session.scalars(_projects(session, number).limit(most))]
