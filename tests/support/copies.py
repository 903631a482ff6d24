"""Copies of everything in a database: as many projects as are wanted, with their papers, vouchers, events and people.

Every row is copied with its references shifted; what has to be unique gets the number of the copy. Unless they are ``whole``, of long
texts and of data only the beginning is copied, so that a hundred thousand projects fit on a disk; what was there stays whole.
"""

import sqlite3
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
    cast,
    create_engine,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from tests.support.databases import InMemory, SqliteFile
from xtbang.actions.money_totals import fill_money_totals
from xtbang.models import Base, Project, SearchEntry
from xtbang.queries.search_sources import STRIDE
from xtbang.rules.search_words import terms_of

BASE = 10_000  # more than the demo has of anything
SHARED = frozenset(
    "role call frozen_edition receiving_account budget_line deputy attempt_count job sent_form ledger_total entry_total deal_total".split()
)
SHIFTED = {("event", "project_id"), ("event", "actor_id"), ("event", "organisation_id"), ("search_entry", "row_id")}
BULKY = {
    ("document", "draft"),
    ("document_version", "data"),
    ("paper", "data"),
    ("event", "data"),
    ("countersignature", "data"),
}
INDEXED = {("search_entry", "terms"), ("search_entry", "marks")}
LONGEST = 200  # characters
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
        grow(connection, 1, number - 1, whole=True)
    made = driver.serialize()
    driver.close()
    if isinstance(database, InMemory):
        database.put_back(made)
    else:
        (kept := database.file.with_name("alike.db")).write_bytes(made)
        database.put_back(kept)
    return [session.get_one(Project, project_id + copy * BASE) for copy in range(number)]


def grow(connection: Connection, first: int, last: int, *, whole: bool = False) -> None:
    """Add the copies with these numbers, both included; not by a connection of the program, which looks after references."""
    numbers = select(literal(first).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
    for table in TABLES:
        copied = select(*(_copied(table, column, numbers.c.n, whole) for column in table.columns)).select_from(
            table.join(numbers, literal(True))
        )
        key = table.primary_key.columns.values()[0]
        if isinstance(key.type, Integer):
            most = BASE * (STRIDE if table.name == "search_entry" else 1)
            copied = copied.where(key < most)
        connection.execute(insert(table).from_select(list(table.columns.keys()), copied))
    if connection.dialect.name == "sqlite":
        _terms(connection, first, last)
    fill_money_totals(connection)
    connection.commit()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def projects(connection: Connection) -> int:
    """How many there are."""
    return connection.scalar(select(func.count(Project.id))) or 0


def _copied(table: Table, column: Column[Any], number: Any, whole: bool) -> Any:
    referred = _referred(column)
    here = (table.name, column.name)
    if here == ("search_entry", "id"):
        return column + number * BASE * STRIDE
    if here in SHIFTED or (referred and referred not in SHARED):
        return column + number * BASE
    if column.primary_key and isinstance(column.type, Integer) and not referred:
        return column + number * BASE
    if here == ("project", "title"):
        return column + "（第" + cast(number, String) + "份）"
    if here in BULKY and not whole:
        return literal({}, JSON)
    if isinstance(column.type, Text) and not whole and here not in INDEXED:
        return func.substr(column, 1, LONGEST)
    if here == ("paper", "subject") and not whole:  # of a meeting it has its id, of a project it is found by that
        meeting = "meeting:" + cast(cast(func.substr(column, 9), Integer) + number * BASE, String)
        return case((column.like("meeting:%"), meeting), else_=column)
    if here == ("event", "stream"):  # kind and id
        return func.replace(column, ":", ":" + cast(number, String) + "0000")
    if isinstance(column.type, String) and here in UNIQUE:
        return case((column == "", ""), else_=column + "-" + cast(number, String))
    return column


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


def _terms(connection: Connection, first: int, last: int) -> None:
    """The full-text table of SQLite, whose terms cannot be read back."""
    rows = connection.execute(
        select(
            SearchEntry.id,
            SearchEntry.kind,
            func.substr(SearchEntry.folded, 1, LONGEST).label("folded"),
            SearchEntry.marks,
        ).where(SearchEntry.id < BASE * STRIDE)
    ).all()
    said = [(row.id, " ".join((*terms_of(row.folded, row.kind), row.marks))) for row in rows]
    put = text("INSERT INTO search_term (rowid, terms) VALUES (:id, :terms)")
    for number in range(first, last + 1):
        connection.execute(put, [{"id": key + number * BASE * STRIDE, "terms": terms} for key, terms in said])
