"""A factory for the tests of the engine, once on SQLite and once on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Database, database, postgresql_database, sqlite_database
from tests.workflow.any_state import NOW, AnyStateSite, build
from xtbang.rules.site import Site
from xtbang.workflow.definition import load_policy
from xtbang.workflow.engine import Engine

__all__ = ["database", "postgresql_database", "sqlite_database"]
WORKFLOWS = Path(__file__).parents[2] / "workflows"


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(load_policy(WORKFLOWS), Site(b"secret", "http://127.0.0.1:8000"), clock=lambda: NOW)


@pytest.fixture
def factory(engine: Engine, database: Database) -> Iterator[AnyStateSite]:
    with database.session() as session:
        yield from build(session, engine)
