"""Copies of everything in a database: as many projects as are wanted, with their papers, vouchers, events and people.

Every row is copied with its references shifted; what has to be unique gets the number of the copy. Unless they are ``whole``, copies are
short, so that a million projects fit on a disk: they have the beginning of long texts, nothing of data, of digests and of the text of
mails, and their mails are sent. What was there stays whole.
"""

import sqlite3
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    String,
    Text,
    UniqueConstraint,
    case,
    cast,
    create_engine,
    func,
    insert,
    literal,
    literal_column,
    null,
    select,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from tests.support.bulk import room_for_many_rows
from tests.support.databases import InMemory, SqliteFile
from xtbang.actions.money_totals import fill_money_totals
from xtbang.models import Base, Project, SearchEntry
from xtbang.queries.search_sources import STRIDE
from xtbang.rules.search_words import fold, terms_of

BASE = 10_000  # more than the demo has of anything
SHARED = frozenset(
    "role call frozen_edition receiving_account budget_line deputy attempt_count job sent_form ledger_total entry_total deal_total plan_total".split()
)
SHIFTED = {("event", "project_id"), ("event", "actor_id"), ("event", "organisation_id"), ("search_entry", "row_id")}
BULKY = {
    ("document", "draft"),
    ("document_version", "data"),
    ("paper", "data"),
    ("event", "data"),
    ("countersignature", "data"),
}
NUMBERED_TEXTS = {("search_entry", name) for name in ("title", "text", "folded")}
LONGEST = 40  # characters of a text, with most of the words that are searched for
SHORT = {
    ("mail", "subject"): 12,
    ("mail", "body"): 12,
    ("search_entry", "text"): 12,
    ("search_entry", "marks"): 1000,
    ("event", "previous"): 4,
    ("event", "digest"): 12,
    ("stored_file", "sha256"): 12,
}
ENTRIES: Any = SearchEntry.__table__
MAILS, OF_MAILS = Base.metadata.tables["mail"], 8  # copies have one in so many
NUMBERED, NUMBERED_KINDS = "（第{}份）", ("project", "listing")  # what has the number of its copy in its title
TERMS_OF_COPY = (
    "(SELECT terms FROM said WHERE said.kind = 'search_entry' AND key = search_entry.id) || "
    "coalesce((SELECT terms FROM said WHERE said.kind = search_entry.kind AND key = n), '')"
)
TABLES = [table for table in Base.metadata.tables.values() if table.name not in SHARED]


def alike(database: InMemory | SqliteFile, session: Session, project: Project, number: int) -> list[Project]:
    """So many projects that differ by nothing but their names and numbers, each with parties of its own; the first is that one."""
    project_id = project.id
    session.rollback()
    session.expire_all()
    driver = sqlite3.connect(":memory:", check_same_thread=False)
    content = bytearray(database.look())
    content[18:20] = b"\x01\x01"  # of the header: no write-ahead log, which there is none of in memory
    driver.deserialize(content)
    engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
    with engine.connect() as connection:
        _copy(connection, 1, number - 1, whole=True)
        fill_money_totals(connection)
        connection.commit()
    made = driver.serialize()
    driver.close()
    if isinstance(database, InMemory):
        database.put_back(made)
    else:
        (kept := database.file.with_name("alike.db")).write_bytes(made)
        database.put_back(kept)
    return [session.get_one(Project, project_id + copy * BASE) for copy in range(number)]


def grow(url: URL, first: int, last: int) -> str:
    """Add the copies with these numbers, both included, to a database that nobody else has open; return how long each step took."""
    engine, times = create_engine(url), [time.monotonic()]  # of its own: that of the program looks after references
    with engine.connect() as connection, room_for_many_rows(connection):
        _copy(connection, first, last, whole=False)
        times.append(time.monotonic())
    times.append(time.monotonic())
    with engine.begin() as connection:
        fill_money_totals(connection)
    engine.dispose()
    steps = zip(("rows", "indexes", "sums"), pairwise((*times, time.monotonic())), strict=True)
    return ", ".join(f"{step} {end - start:.0f} s" for step, (start, end) in steps)


def _copy(connection: Connection, first: int, last: int, *, whole: bool) -> None:
    numbers = select(literal(first).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last))
    if connection.dialect.name == "sqlite":
        _put_terms(connection, first, last)
        terms: Any = null()
    else:
        _keep_terms(connection, first, last)
        terms = literal_column(TERMS_OF_COPY)
    for table in TABLES:
        copied = select(*(_copied(column, numbers.c.n, whole, terms) for column in table.columns)).select_from(
            numbers.join(table, literal(True))  # by numbers, which is the order of the keys
        )
        key = table.primary_key.columns.values()[0]
        if isinstance(key.type, Integer):
            copied = copied.where(key < BASE * (STRIDE if table is ENTRIES else 1))
        if table is MAILS and not whole:
            copied = copied.where(key % OF_MAILS == 0)
        connection.execute(insert(table).from_select(list(table.columns.keys()), copied))


def projects(connection: Connection) -> int:
    """How many there are."""
    return connection.scalar(select(func.count(Project.id))) or 0


def _copied(column: Column[Any], number: Any, whole: bool, terms: Any) -> Any:
    """What a copy has in that column; ``terms``, if it is an entry of the search."""
    referred, here = _referred(column), (column.table.name, column.name)
    key = column.primary_key and isinstance(column.type, Integer) and not referred
    if here in SHIFTED or key or (referred and referred not in SHARED):
        return column + number * BASE * (STRIDE if here == ("search_entry", "id") else 1)
    if here == ("search_entry", "terms"):
        return terms
    value = column if whole else _short(column, here, number)
    if here == ("project", "title"):
        return value + _numbered(number)
    if here in NUMBERED_TEXTS:
        said = value + _numbered(number, fold if column.name == "folded" else str)
        return case((ENTRIES.c.kind.in_(NUMBERED_KINDS), said), else_=value)
    if here == ("event", "stream"):  # kind and id
        return func.replace(value, ":", ":" + cast(number, String) + "0000")
    if here in UNIQUE:
        return case((value == "", ""), else_=value + "-" + cast(number, String))
    return value


def _short(column: Any, here: tuple[str, str], number: Any) -> Any:
    if here in BULKY:
        return literal({}, JSON)
    if here == ("mail", "sent_at"):
        return MAILS.c.created_at
    if here == ("paper", "subject"):  # of a meeting it has its id, of a project it is found by that
        meeting = "meeting:" + cast(cast(func.substr(column, 9), Integer) + number * BASE, String)
        return case((column.like("meeting:%"), meeting), else_=column)
    longest = SHORT.get(here, LONGEST if isinstance(column.type, Text) else None)
    return column if longest is None else func.substr(column, 1, longest, type_=String)


def _numbered(number: Any, write: Callable[[str], str] = str) -> Any:
    """The number of a copy, as it stands in titles."""
    before, after = NUMBERED.split("{}")
    return literal(write(before)) + cast(number, String) + literal(write(after))


def _referred(column: Column[Any]) -> str:
    """The table that a column refers to, "" for none."""
    return next((key.column.table.name for key in column.foreign_keys), "")


def _unique() -> set[tuple[str, str]]:
    """Columns that have to differ: not what is unique together with a row that is copied as well."""
    found = set()
    for table in TABLES:
        groups = [item.columns for item in table.constraints if isinstance(item, UniqueConstraint)]
        groups += [index.columns for index in table.indexes if index.unique]
        groups += [table.primary_key.columns]
        alone = [group for group in groups if not any(_referred(column) not in (*SHARED, "") for column in group)]
        found |= {(table.name, column.name) for group in alone for column in group if not column.foreign_keys}
    return found


UNIQUE = _unique() - {("project", "title")} | {("stored_file", "sha256"), ("voucher", "compared")}
UNIQUE = {(name, column) for name, column in UNIQUE if isinstance(Base.metadata.tables[name].c[column].type, String)}


def _said(connection: Connection) -> list[tuple[int, str, set[str]]]:
    """Every entry's id, kind and terms, by what copies have of its text."""
    columns = (ENTRIES.c.id, ENTRIES.c.kind, func.substr(ENTRIES.c.folded, 1, LONGEST).label("folded"), ENTRIES.c.marks)
    rows = connection.execute(select(*columns).where(ENTRIES.c.id < BASE * STRIDE).order_by(ENTRIES.c.id))
    return [(row.id, row.kind, {*terms_of(row.folded, row.kind), *row.marks.split()}) for row in rows]


def _own(number: int) -> dict[str, set[str]]:
    """Kind → the terms of the number of a copy."""
    return {kind: terms_of(fold(NUMBERED.format(number)), kind) for kind in NUMBERED_KINDS}


def _put_terms(connection: Connection, first: int, last: int) -> None:
    """Fill the full-text table of SQLite, whose terms cannot be read back: by rising keys, as it is built fastest."""
    said, driver = _said(connection), connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    for number in range(first, last + 1):
        own, more = _own(number), number * BASE * STRIDE
        rows = ((key + more, " ".join(terms | own.get(kind, set()))) for key, kind, terms in said)
        driver.executemany("INSERT INTO search_term (rowid, terms) VALUES (?, ?)", rows)


def _keep_terms(connection: Connection, first: int, last: int) -> None:
    """Write the terms where the copying finds them (`TERMS_OF_COPY`), on PostgreSQL."""
    rows = [("search_entry", key, terms) for key, _kind, terms in _said(connection)]
    rows += [(kind, number, terms) for number in range(first, last + 1) for kind, terms in _own(number).items()]
    connection.execute(text("CREATE TEMP TABLE said (kind text, key bigint, terms tsvector, PRIMARY KEY (kind, key))"))
    put = text("INSERT INTO said VALUES (:kind, :key, array_to_tsvector(:terms))")
    connection.execute(put, [{"kind": kind, "key": key, "terms": list(terms)} for kind, key, terms in rows])
