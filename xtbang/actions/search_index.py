"""The search index, kept in the transaction of whatever changes what is found."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    String,
    bindparam,
    cast,
    delete,
    event,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from xtbang.models import (
    Bid,
    BidMember,
    MeetingSeat,
    Organisation,
    OrganisationChange,
    Paper,
    Person,
    Project,
    Restriction,
    RestrictionAct,
    SearchEntry,
    Seat,
)
from xtbang.models.writing import changed, writing
from xtbang.queries.search_items import Item
from xtbang.queries.search_marks import MARKING, SPREAD, marks_of, terms_of_marks
from xtbang.queries.search_registers import MEETING, ORGANISATION, RESTRICTION, WAITING_ACT
from xtbang.queries.search_sources import DOCUMENT, LISTING, PANEL, PROJECT, SOURCES, entry_id
from xtbang.rules.search_words import fold, terms_of

BATCH = 500
LONGEST = 100  # characters of a number or name by which something comes first
BY_NUMBER = {source.number: source for source in SOURCES}
SAID: dict[Any, set[str]] = {BidMember: set()}  # model → its columns that are found
for _column in (column for source in SOURCES for column in source.said):
    SAID.setdefault(_column.class_, set()).add(_column.key)
OWN: dict[Any, list[int]] = {}  # model → the sources of its rows
for _source in SOURCES:
    OWN.setdefault(_source.key.class_, []).append(_source.number)
ENTRIES: Any = SearchEntry.__table__
COLUMNS = "id kind row_id project_id part title text folded exact marks".split()
SOME = ENTRIES.c.id.in_(bindparam("ids", expanding=True))
KNOWN = select(*(ENTRIES.c[name] for name in COLUMNS))
AFFECTED = KNOWN.where(SOME)
AFFECTED_OR_SPREAD = KNOWN.where(or_(SOME, ENTRIES.c.project_id.in_(bindparam("spread", expanding=True))))
TAKE_TERMS = text("INSERT INTO search_term (search_term, rowid, terms) VALUES ('delete', :id, :terms)")
PUT_TERMS = text("INSERT INTO search_term (rowid, terms) VALUES (:id, :terms)")
VECTOR = func.array_to_tsvector(cast(bindparam("words"), ARRAY(String)))  # PostgreSQL
NO_TERMS = text("INSERT INTO search_term (search_term) VALUES ('delete-all')")


def keep_search_index(session_class: Any) -> None:
    """Keep the index up to date: change it before every commit of such a session, by the rows that it has written."""

    @event.listens_for(session_class, "before_flush")
    def _note(session: Session, _context: Any, _instances: Any) -> None:
        dirty = [row for row in session.dirty if type(row) in SAID]
        found = [row for row in (*session.new, *session.deleted) if type(row) in SAID]
        found += [row for row in dirty if changed(row, SAID[type(row)])]
        if found:
            session.info.setdefault("found_otherwise", []).extend(found)
        for columns in (MARKING, SPREAD):
            marked = [row for row in dirty if isinstance(row, Project) and changed(row, columns)]
            session.info.setdefault("marked_otherwise", {}).setdefault(columns, []).extend(marked)

    @event.listens_for(session_class, "before_commit")
    def _index(session: Session) -> None:
        session.flush()
        touched: dict[int, set[int]] = {}
        for row in session.info.pop("found_otherwise", ()):
            for number, ids in _touched(session, row):
                touched.setdefault(number, set()).update(ids)
        marked = session.info.pop("marked_otherwise", {})
        itself, spread = ({row.id for row in marked.get(columns, ())} for columns in (MARKING, SPREAD))
        if touched or itself:
            _renew(session, touched, itself, spread)

    @event.listens_for(session_class, "after_rollback")
    def _forget(session: Session) -> None:
        session.info.pop("found_otherwise", None)
        session.info.pop("marked_otherwise", None)


def build_search_index(session: Session) -> int:
    """Make the index anew, in one transaction; return the number of entries."""
    with writing(session):
        connection = session.connection()
        connection.execute(delete(ENTRIES))
        if connection.dialect.name == "sqlite":
            connection.execute(NO_TERMS)
        for source in SOURCES:
            ids = list(connection.scalars(select(source.key).distinct().order_by(source.key)))
            for start in range(0, len(ids), BATCH):
                _renew(session, {source.number: ids[start : start + BATCH]})
        return connection.scalar(select(func.count()).select_from(ENTRIES)) or 0


def lacks_search_index(session: Session) -> bool:
    """Return whether there are people and nothing is found: the database is of a version without an index."""
    return (
        session.scalar(select(Person.id).limit(1)) is not None
        and session.scalar(select(SearchEntry.id).limit(1)) is None
    )


def _touched(session: Session, row: Any) -> Iterator[tuple[int, Iterable[int]]]:
    """Yield the sources and rows whose entries say something of this row."""
    for number in OWN.get(type(row), ()):
        yield number, [getattr(row, BY_NUMBER[number].key.key)]
    if isinstance(row, Bid):
        yield DOCUMENT, [row.document_id]
    elif isinstance(row, BidMember):
        yield DOCUMENT, session.scalars(select(Bid.document_id).where(Bid.id == row.bid_id))
    elif isinstance(row, Seat):
        yield PANEL, [row.panel_id]
    elif isinstance(row, Person):
        yield PANEL, session.scalars(select(Seat.panel_id).where(Seat.expert_id == row.id))
        yield MEETING, session.scalars(select(MeetingSeat.meeting_id).where(MeetingSeat.expert_id == row.id))
        yield ORGANISATION, [number for number in (row.organisation_id,) if number]
    elif isinstance(row, MeetingSeat):
        yield MEETING, [row.meeting_id]
    elif isinstance(row, Paper) and row.subject.startswith("meeting:"):
        yield MEETING, [int(row.subject.partition(":")[2])]
    elif isinstance(row, RestrictionAct) and row.restriction_id:
        yield RESTRICTION, [row.restriction_id]
    elif isinstance(row, Organisation | OrganisationChange):
        yield from _of_organisation(session, row.id if isinstance(row, Organisation) else row.organisation_id)


def _of_organisation(session: Session, organisation_id: int) -> Iterator[tuple[int, Iterable[int]]]:
    yield ORGANISATION, [organisation_id]
    yield RESTRICTION, session.scalars(select(Restriction.id).where(Restriction.organisation_id == organisation_id))
    acts = select(RestrictionAct.id).where(RestrictionAct.organisation_id == organisation_id)
    yield WAITING_ACT, session.scalars(acts.where(RestrictionAct.status == "waiting"))
    projects = session.scalars(select(Project.id).where(Project.issuer_id == organisation_id)).all()
    yield PROJECT, projects
    yield LISTING, projects
    member = select(BidMember.bid_id).where(BidMember.organisation_id == organisation_id)
    yield (
        DOCUMENT,
        session.scalars(select(Bid.document_id).where(or_(Bid.lead_id == organisation_id, Bid.id.in_(member)))),
    )


def _renew(
    session: Session,
    touched: Mapping[int, Collection[int]],
    itself: Collection[int] = (),
    spread: Collection[int] = (),
) -> None:
    """Write the entries that say something else than before, and take away what is not found any more.

    They are those of the ``touched`` rows of each source, those about the projects ``itself``, and all that are found of the
    projects whose marks ``spread``; of the last two only the marks may differ.
    """
    connection = session.connection()
    items = {
        entry_id(number, item.row_id): item
        for number, ids in touched.items()
        for item in BY_NUMBER[number].items(session, ids)
    }
    said = {entry_id(number, row) for number, ids in touched.items() for row in ids}
    own = {entry_id(number, project) for number in (PROJECT, LISTING) for project in itself}
    affected, of = (AFFECTED_OR_SPREAD, {"spread": spread}) if spread else (AFFECTED, {})
    before = {row.id: row._asdict() for row in connection.execute(affected, {"ids": said | own} | of)}
    projects = [*(item.project_id for item in items.values()), *(row["project_id"] for row in before.values())]
    marks = marks_of(session, {project for project in projects if project})
    after = {key: _row(key, item, marks.get(item.project_id or 0, {})) for key, item in items.items()}
    for key, row in before.items():
        if key not in said:
            after[key] = row | {"marks": " ".join(terms_of_marks(row["kind"], marks[row["project_id"]]))}
    _write(connection, before, after)


def _write(connection: Connection, before: Mapping[int, dict[str, Any]], after: Mapping[int, dict[str, Any]]) -> None:
    """Replace entries by others; where the marks alone differ, only these are written."""
    old = {key: row for key, row in before.items() if after.get(key) != row}
    new = {key: row for key, row in after.items() if before.get(key) != row}
    marked = {key for key in old.keys() & new.keys() if old[key] | {"marks": new[key]["marks"]} == new[key]}
    on_sqlite = connection.dialect.name == "sqlite"
    if on_sqlite and old:
        connection.execute(TAKE_TERMS, [{"id": key, "terms": _terms(row)} for key, row in old.items()])
    if gone := old.keys() - marked:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id.in_(gone)))
    rows = new if on_sqlite else {key: row | {"words": _terms(row).split()} for key, row in new.items()}
    vector = {} if on_sqlite else {"terms": VECTOR}
    if fresh := [row for key, row in rows.items() if key not in marked]:
        connection.execute(insert(ENTRIES).values(**vector), fresh)
    if marked:
        renewed = update(ENTRIES).where(ENTRIES.c.id == bindparam("key"))
        values = [{"key": key, "marked": rows[key]["marks"], "words": rows[key].get("words")} for key in marked]
        connection.execute(renewed.values(marks=bindparam("marked"), **vector), values)
    if on_sqlite and new:
        connection.execute(PUT_TERMS, [{"id": key, "terms": _terms(row)} for key, row in new.items()])


def _row(key: int, item: Item, marks: Mapping[str, Any]) -> dict[str, Any]:
    text = item.text
    return {
        "id": key,
        "kind": item.kind,
        "row_id": item.row_id,
        "project_id": item.project_id,
        "part": item.part,
        "title": item.title,
        "text": text,
        "folded": fold(text),
        "exact": fold(item.exact) if len(item.exact) <= LONGEST else "",
        "marks": " ".join(terms_of_marks(item.kind, marks)),
    }


def _terms(row: dict[str, Any]) -> str:
    return " ".join((*terms_of(row["folded"], row["kind"]), row["marks"]))
