"""The migrations make what the models say, and the database itself keeps some tables from being rewritten."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import JSON, Column, Connection, Date, Engine, Integer, String, Table, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.support.postgres import PostgresServer
from tests.support.schema import shape, triggers
from xtbang import create_app
from xtbang.config import ROOT
from xtbang.extensions import db
from xtbang.migrating import add_migrations
from xtbang.models import Base
from xtbang.models.append_only import APPEND_ONLY, FROZEN
from xtbang.models.base import Moment, Yuan
from xtbang.models.project import FUNDED_STATES
from xtbang.workflow.definition import read_folder

CREATE_ALL = """
import sys
from sqlalchemy import create_engine
from xtbang.models import Base
Base.metadata.create_all(create_engine(sys.argv[1]))
"""
MIGRATED, MODELS = "migrations_check", "migrations_models"
SAMPLES: tuple[tuple[type, Any], ...] = (
    (Yuan, Decimal(1)), (Moment, datetime(2026, 11, 23, tzinfo=UTC)), (Date, date(2026, 11, 23)),
    (JSON, {}), (Integer, 1), (String, "x"),
)  # fmt: skip
WITHOUT_REFERENCES = {
    "sqlite": "PRAGMA defer_foreign_keys = ON",
    "postgresql": "SET LOCAL session_replication_role = replica",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Engine]]:
    """One made by the migrations from nothing, as `xtbang setup` does, and one made from the models."""
    folder = tmp_path_factory.mktemp("migrations")
    if request.param == "sqlite":
        urls = [f"sqlite:///{folder / name}.db" for name in (MIGRATED, MODELS)]
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        for name in (MIGRATED, MODELS):
            server.drop_database(name)
        urls = [server.create_database(name) for name in (MIGRATED, MODELS)]
    app = add_migrations(create_app({"INSTANCE": folder, "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": urls[0]}))
    # In a process of its own: once it has made PostgreSQL's tables, SQLAlchemy leaves circular references out of SQLite's.
    subprocess.run([sys.executable, "-c", CREATE_ALL, urls[1]], check=True)
    models = create_engine(urls[1])
    with app.app_context():
        upgrade()
        yield db.engine, models
        db.engine.dispose()
    models.dispose()


def test_migrations_make_what_the_models_say(databases: tuple[Engine, Engine]) -> None:
    migrated, models = (shape(engine) for engine in databases)
    assert sorted(migrated) == sorted(Base.metadata.tables)
    assert migrated == models


def test_migrations_make_the_same_triggers(databases: tuple[Engine, Engine]) -> None:
    found = [triggers(engine) for engine in databases]
    assert found[0] == found[1]
    assert len(found[0]) == 2 * len((*APPEND_ONLY, *FROZEN))


def sample(column: Column[Any]) -> Any:
    """Something the column takes."""
    return next(value for kind, value in SAMPLES if isinstance(column.type, kind))


def put_row(connection: Connection, table: Table) -> None:
    """A row of its own, whatever it refers to."""
    wanted = [column for column in table.columns if not column.nullable and not column.primary_key]
    connection.execute(text(WITHOUT_REFERENCES[connection.dialect.name]))
    connection.execute(table.insert(), {column.name: sample(column) for column in wanted})
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = origin"))


@pytest.mark.parametrize("name", (*APPEND_ONLY, *FROZEN))
def test_what_was_written_stays(databases: tuple[Engine, Engine], name: str) -> None:
    table, engine = Base.metadata.tables[name], databases[0]
    attempts: list[Any] = [table.update().values(id=table.c.id + 100), table.delete()]
    if engine.dialect.name == "postgresql":
        attempts.append(text(f"TRUNCATE {name} CASCADE"))
    with engine.connect() as connection:  # never committed
        put_row(connection, table)
        before = connection.execute(table.select()).all()
        for attempt in attempts:
            with pytest.raises(DBAPIError, match="append-only"), connection.begin_nested():
                connection.execute(attempt)
        assert connection.execute(table.select()).all() == before
        assert len(before) == 1


def test_every_state_with_promised_money_is_held_to_its_subsidy_and_its_bidder() -> None:
    states = read_folder(ROOT / "workflows").life.states.values()
    assert {state.id for state in states if state.funded} <= set(re.findall(r"\w+", FUNDED_STATES))
