"""Empty databases for the tests of the engine, one of each kind for a whole process; what is in them can be kept and
put back within milliseconds.

SQLite lies in memory, and its bytes are what is kept. On PostgreSQL everything happens inside one outer transaction
that is never committed: the sessions of the program begin and end savepoints, and what is kept are COPYs of all rows.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import Connection, Engine, RootTransaction, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from tests.support.postgres import PostgresServer
from xtbang.actions.expected_payments import keep_expected_payments
from xtbang.actions.money_totals import keep_money_totals
from xtbang.actions.search_index import keep_search_index
from xtbang.models import Base
from xtbang.models.writing import prepare_engine, watch_session
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy

WORKFLOWS = Path(__file__).parents[2] / "workflows"
TABLES = tuple(Base.metadata.tables)
NAME = "xtbang_engine"
SWEEP = 15
NO_ROWS = 21  # bytes of a binary COPY of nothing: its header and its end


@cache
def policy_of_files() -> Policy:
    """What the files of the program say."""
    return load_policy(WORKFLOWS)


class WatchedSession(Session):
    """A session that refuses to write unannounced, as the program's own does; whoever writes with rules of their own says so."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.info["policy"] = policy_of_files()


watch_session(WatchedSession)
keep_search_index(WatchedSession)
keep_expected_payments(WatchedSession)
keep_money_totals(WatchedSession)


class Database(Protocol):
    """What the tests of the engine need of a database."""

    name: str

    def open(self) -> None:
        """Begin a test, with nothing in it."""

    def close(self) -> None:
        """End the test."""

    def session(self) -> Session:
        """A session as the program has it; only one at a time."""

    def keep(self) -> Any:
        """Everything in it. No session may be in a transaction."""

    def put_back(self, kept: Any) -> None:
        """Make it what it was then. No session may be in a transaction, nor remember what it read."""

    def look(self) -> object:
        """Something that is equal as long as no row of any table has changed."""


def create_tables(engine: Engine) -> None:
    """All tables with all their references, whatever was made before.

    Making PostgreSQL's tables, SQLAlchemy marks the circular references as made by ALTER TABLE, and from then on leaves
    them out on SQLite.
    """
    for table in Base.metadata.tables.values():
        for reference in table.foreign_key_constraints:
            reference._create_rule = None
    Base.metadata.create_all(engine)


class InMemory:
    """SQLite without a file."""

    name = "sqlite"

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        prepare_engine(self.engine)
        create_tables(self.engine)
        driver = self.engine.raw_connection().driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver = driver
        self.empty = self.keep()

    def open(self) -> None:
        self.put_back(self.empty)

    def close(self) -> None:
        pass

    def session(self) -> Session:
        return WatchedSession(self.engine)

    def keep(self) -> bytes:
        return self._driver.serialize()

    def put_back(self, kept: bytes) -> None:
        self._driver.deserialize(kept)

    def look(self) -> bytes:
        return self.keep()


class SqliteFile:
    """SQLite in a file, which is copied."""

    name = "sqlite"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.file = Path(str(engine.url.database))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SqliteFile) and self.file == other.file

    def __hash__(self) -> int:
        return hash(self.file)

    def keep(self) -> Path:
        """A copy in a file beside it."""
        kept = self.file.with_name(f"kept-{len(list(self.file.parent.glob('kept-*')))}.db")
        kept.write_bytes(self.look())
        return kept

    def put_back(self, kept: Path) -> None:
        replace_file(self.engine, kept)

    def look(self) -> bytes:
        with self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            return driver.serialize()


def replace_file(engine: Engine, by: Path) -> None:
    """Make the file of a SQLite database a copy of another one; nobody may be connected in a transaction."""
    engine.dispose()
    file = Path(str(engine.url.database))
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    shutil.copyfile(by, file)


class InTransaction:
    """PostgreSQL, in a transaction that is rolled back when the test ends."""

    name = "postgresql"
    outer: RootTransaction
    connection: Connection

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)
        create_tables(self.engine)
        rows = (f"(SELECT string_agg(t::text, chr(10) ORDER BY t::text) FROM {name} t)" for name in TABLES)  # noqa: S608
        self._everything = f"SELECT {', '.join(rows)}"
        self.begun = 0

    def open(self) -> None:
        self.connection = self.engine.connect()
        self._begin()

    def _begin(self) -> None:
        """Now and then sweep up what was rolled back: every search still has to step over it."""
        self.begun += 1
        if self.begun % SWEEP == 0:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sweeper:
                sweeper.exec_driver_sql(f"VACUUM {', '.join(TABLES)}")
        self.outer = self.connection.begin()

    def close(self) -> None:
        self.outer.rollback()
        self.connection.close()

    def session(self) -> Session:
        """``begin_write`` marks the connection for writing, which here outlives the transaction: take the mark off."""
        made = WatchedSession(self.connection, join_transaction_mode="create_savepoint")

        @event.listens_for(made, "after_transaction_end")
        def _ended(_session: Session, transaction: Any) -> None:
            if transaction.parent is None:
                self.connection.execution_options(writes=False)

        return made

    @property
    def _driver(self) -> Any:
        return self.connection.connection.driver_connection

    def keep(self) -> dict[str, bytes]:
        kept = {}
        with self._driver.cursor() as cursor:
            for name in TABLES:
                with cursor.copy(f"COPY {name} TO STDOUT (FORMAT BINARY)") as rows:
                    kept[name] = b"".join(rows)
        return {name: rows for name, rows in kept.items() if len(rows) > NO_ROWS}

    def put_back(self, kept: dict[str, bytes]) -> None:
        """Without looking after references, so that the order of the tables does not matter."""
        self.outer.rollback()
        self._begin()
        with self._driver.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name, rows in kept.items():
                with cursor.copy(f"COPY {name} FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(rows)
            cursor.execute("SET LOCAL session_replication_role = origin")

    def look(self) -> object:
        with self._driver.cursor() as cursor:
            return cursor.execute(self._everything).fetchone()


@cache
def in_memory() -> InMemory:
    """The one of this process: every folder of tests that has the fixtures below has them for itself."""
    return InMemory()


@cache
def in_transaction(server: PostgresServer) -> InTransaction:
    """The one of this process."""
    return InTransaction(server.create_database(NAME))


@pytest.fixture(scope="session")
def sqlite_database() -> Iterator[Database]:
    """SQLite in memory."""
    yield in_memory()
    in_memory().engine.dispose()


@pytest.fixture(scope="session")
def postgresql_database(postgres_server: PostgresServer) -> Iterator[Database]:
    """PostgreSQL."""
    made = in_transaction(postgres_server)
    yield made
    made.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Each kind of database, empty."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    found.open()
    yield found
    found.close()
