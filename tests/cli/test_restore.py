"""A backup is put into an empty installation by one command; what is not empty, damaged or of another kind stays as it is."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.orm import Session

from tests.cli.test_backup import factory
from tests.factories.site_projects import SiteProjectFactory
from xtbang import config
from xtbang.backup import back_up
from xtbang.cli import cli
from xtbang.extensions import db
from xtbang.models import StoredFile

__all__ = ["factory"]
EMPTY = "xtbang_restored"


@pytest.fixture
def copy(factory: SiteProjectFactory, app: Flask, session: Session, tmp_path: Path) -> Path:
    """The folder of a backup of a site with two files and a chain of events."""
    head = ScriptDirectory(str(config.ROOT / "migrations")).get_current_head()
    with factory.writing():
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
        assert session.query(StoredFile).count() == 2
    back_up(app, tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


@pytest.fixture
def new(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of the same kind, in the settings of the commands."""
    monkeypatch.setenv("XTBANG_INSTANCE", str(tmp_path / "new"))
    if "sqlite" in app.config["SQLALCHEMY_DATABASE_URI"]:
        monkeypatch.delenv("DATABASE_URL", raising=False)
        yield f"sqlite:///{tmp_path / 'new' / 'xtbang.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    server.drop_database(EMPTY)
    url = server.create_database(EMPTY)
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    server.drop_database(EMPTY)


def restore(path: Path, *options: str) -> Result:
    """What the command answers; its connections end with its process, here by hand."""
    command = ScriptInfo(create_app=cli.create_app)
    answer = CliRunner().invoke(cli, ["restore", str(path), *options], obj=command)
    if answer.exit_code == 0:
        with command.load_app().app_context():
            db.engine.dispose()
    return answer


def rows(url: Any) -> dict[str, list[str]]:
    """Every row of every table; the search index cannot be read by itself, but the tables that it consists of can."""
    engine = create_engine(url)
    with engine.connect() as connection:
        names = sorted(set(inspect(connection).get_table_names()) - {"search_term"})
        found = {name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names}  # noqa: S608
    engine.dispose()
    return found


def test_everything_is_as_it_was(copy: Path, new: str, app: Flask, tmp_path: Path) -> None:
    answer = restore(copy)
    assert answer.exit_code == 0, answer.output
    assert "附件 2 个" in answer.output and "核验通过" in answer.output
    assert rows(new) == rows(app.config["SQLALCHEMY_DATABASE_URI"])
    files = [path for path in (tmp_path / "new" / "files").rglob("*") if path.is_file()]
    assert sorted(sha256(path.read_bytes()).hexdigest() for path in files) == sorted(path.name for path in files)
    key = tmp_path / "new" / "secret_key"
    assert key.read_text() == "a secret" and key.stat().st_mode & 0o077 == 0
    again = restore(copy)
    assert again.exit_code == 1 and "已有内容" in again.output
    assert rows(new) == rows(app.config["SQLALCHEMY_DATABASE_URI"])


def _truncate(folder: Path) -> None:
    (path,) = folder.glob("xtbang-*")
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:5000])


def _lose_a_file(folder: Path) -> None:
    next((folder / "files").glob("??/??/*")).unlink()


def _other_kind(folder: Path) -> None:
    (path,) = folder.glob("xtbang-*")
    path.rename(path.with_suffix(".dump" if path.suffix == ".db" else ".db"))


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("damage", "said"),
    [(_truncate, "没有通过核验"), (_lose_a_file, "缺少文件"), (_other_kind, "这份备份是 PostgreSQL 的")],
)
def test_a_bad_backup_leaves_the_installation_empty(
    copy: Path, new: str, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(copy)
    answer = restore(copy)
    assert answer.exit_code == 1 and said in answer.output
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_backup_with_a_known_break_is_restored_and_says_so(copy: Path, new: str) -> None:
    (path,) = copy.glob("xtbang-*")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER event_no_update"))
        connection.execute(text("UPDATE event SET actor_name = 'nobody' WHERE stream = 'call:1' AND sequence = 2"))
    engine.dispose()
    assert "call:1 第 2 条被改动过" in restore(copy).output
    answer = restore(copy, "--known-break", "运维误改，已查明")
    assert answer.exit_code == 0, answer.output
    assert any("admit_breaks" in row and "运维误改，已查明" in row for row in rows(new)["event"])
