"""On SQLite a writer holds the lock from its first statement, and a reader sees one moment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import OperationalError

from tests.support.site import WatchedSession
from xtbang.config import ROOT
from xtbang.models import Base, Role
from xtbang.models.writing import UnannouncedWriteError, begin_write, is_writing, prepare_engine, writing

NAMES = select(Role.name).order_by(Role.name)
STATEMENTS = {"insert", "update", "delete"}
OF_A_SESSION = {"add", "add_all", "merge", "delete", "flush", "commit", "begin", "bulk_save_objects"}


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


@pytest.mark.postgres
def test_postgresql_compiles_no_statement_before_it_runs_it(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    prepare_engine(engine)
    with engine.connect() as connection:
        connection.rollback()
        assert connection.exec_driver_sql("SHOW jit").scalar() == "off"
    engine.dispose()


def test_a_command_is_written_as_a_whole_or_not_at_all(engine: Engine) -> None:
    with WatchedSession(engine) as session:
        with writing(session):
            session.add(Role(name="a"))
        with pytest.raises(ZeroDivisionError), writing(session):
            session.add(Role(name="b"))
            session.flush()
            raise ZeroDivisionError
        assert not is_writing(session)
        assert list(session.scalars(NAMES)) == ["a"]


def writes_in(source: str) -> Iterator[str]:
    """Whatever writes: SQL's own statements, and what a session is told to."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in STATEMENTS:
            yield called.id
        if isinstance(called, ast.Attribute):
            owner = called.value.func if isinstance(called.value, ast.Call) else called.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if name == "session" and called.attr in OF_A_SESSION:
                yield f"session.{called.attr}"


@pytest.mark.parametrize(
    "line",
    ["session.add(row)", "caller.session.commit()", "db.session().add_all(rows)", "session.execute(update(Mail))"],
)
def test_a_line_that_writes_is_found(line: str) -> None:
    assert list(writes_in(line))


@pytest.mark.parametrize("folder", ["queries", "web"])
def test_what_only_reads_does_not_write(folder: str) -> None:
    files = sorted((ROOT / "xtbang" / folder).rglob("*.py"))
    assert files
    found = {str(file.relative_to(ROOT)): [*writes_in(file.read_text(encoding="utf-8"))] for file in files}
    assert {name: lines for name, lines in found.items() if lines} == {}
