"""On SQLite a writer holds the lock from its first statement, and a reader sees one moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import OperationalError

from tests.support.site import WatchedSession
from xtbang.models import Base, Role
from xtbang.models.writing import UnannouncedWriteError, begin_write, is_writing, prepare_engine

NAMES = select(Role.name).order_by(Role.name)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    prepare_engine(made)
    Base.metadata.create_all(made)
    yield made
    made.dispose()


def test_one_writes_at_a_time(engine: Engine) -> None:
    with WatchedSession(engine) as first, WatchedSession(engine) as second:
        begin_write(first)
        second.connection().exec_driver_sql("PRAGMA busy_timeout=1")
        with pytest.raises(OperationalError, match="locked"):
            begin_write(second)
        assert is_writing(first) and not is_writing(second)
        second.add(Role(name="b"))
        with pytest.raises(UnannouncedWriteError):
            second.flush()
        second.rollback()
        first.add(Role(name="a"))
        first.commit()
        begin_write(second)
        second.add(Role(name="b"))
        second.commit()
        assert not is_writing(first)
        assert list(first.scalars(NAMES)) == ["a", "b"]


def test_what_one_reads_is_of_one_moment(engine: Engine) -> None:
    with WatchedSession(engine) as reader, WatchedSession(engine) as writer:
        assert list(reader.scalars(NAMES)) == []
        begin_write(writer)
        writer.add(Role(name="a"))
        writer.commit()
        assert list(reader.scalars(NAMES)) == []
        reader.rollback()
        assert list(reader.scalars(NAMES)) == ["a"]


def test_what_is_not_committed_was_not_written(engine: Engine) -> None:
    with WatchedSession(engine) as session:
        begin_write(session)
        session.add(Role(name="a"))
        session.flush()
        session.rollback()
        assert list(session.scalars(NAMES)) == []
