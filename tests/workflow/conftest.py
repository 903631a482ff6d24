"""A town for the tests of the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from tests.workflow.people import NOW, Town, build
from xtbang.models import Base
from xtbang.models.writing import prepare_engine, watch_session
from xtbang.stages.context import Site
from xtbang.workflow.definition import load_policy
from xtbang.workflow.engine import Engine

WORKFLOWS = Path(__file__).parents[2] / "workflows"


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(load_policy(WORKFLOWS), Site(b"secret", "http://127.0.0.1:8000"), clock=lambda: NOW)


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Iterator[Town]:
    database = create_engine(f"sqlite:///{tmp_path / 'town.db'}")
    prepare_engine(database)
    Base.metadata.create_all(database)
    factory = sessionmaker(database, class_=Session)
    watch_session(factory)
    with factory() as session:
        yield from build(session, engine)
    database.dispose()
