"""An upgrade of the site: page 维护中, backup, migrations; on any failure the database is as it was."""

import sqlite3
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import URL, create_engine, inspect, make_url, select, text, update
from sqlalchemy.orm import Session

from tests.cli.test_backup import factory
from tests.cli.test_restore import rows
from tests.factories.site_projects import SiteProjectFactory
from xtbang import upgrading
from xtbang.backup import BackupError
from xtbang.config import in_maintenance, maintenance_file
from xtbang.health.checks import results
from xtbang.models import Event, StoredFile
from xtbang.models.writing import writing
from xtbang.papers.store import FolderStore
from xtbang.upgrading import Plan, UpgradeError, upgrade

__all__ = ["factory"]


@pytest.fixture
def steps(factory: SiteProjectFactory, app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What an upgrade did: each command, and whether the page 维护中 was shown; the command ``change`` alters the database."""
    found: list[tuple[str, bool]] = []

    def run(name: str, command: str, _say: object) -> None:
        if not command:
            return
        found.append((name, in_maintenance(app.config["INSTANCE"])))
        if command == "fail":
            raise UpgradeError(f"“{name}”没有办成。")
        if command == "change":
            engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
            with engine.begin() as database:
                database.execute(text("CREATE TABLE newer (number INTEGER PRIMARY KEY)"))
                database.execute(text("DELETE FROM mail"))
            engine.dispose()

    monkeypatch.setattr(upgrading, "_run", run)
    monkeypatch.setattr(upgrading, "QUIET", 0)
    return found


def test_an_upgrade_makes_a_backup_and_goes_through_behind_the_page(
    steps: list[tuple[str, bool]], app: Flask, tmp_path: Path
) -> None:
    assert upgrade(app, tmp_path / "copies", Plan(code="change", restart="restart"), print)
    assert steps == [("安装新程序", True), ("改数据库的结构", True), ("检查", True), ("重新启动服务", True)]
    assert not in_maintenance(app.config["INSTANCE"]) and len(list((tmp_path / "copies").glob("xtbang-*"))) == 1
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    assert inspect(engine).has_table("newer")
    with engine.begin() as database:
        database.execute(text("DROP TABLE newer"))
    engine.dispose()


def test_where_a_step_fails_program_and_database_are_put_back(
    steps: list[tuple[str, bool]], app: Flask, tmp_path: Path
) -> None:
    before, said = rows(app.config["SQLALCHEMY_DATABASE_URI"]), []
    with pytest.raises(UpgradeError):  # the restart of the way back fails, too: the database is as it was all the same
        upgrade(app, tmp_path / "copies", Plan(code="change", back="back", restart="fail"), said.append)
    assert [name for name, _shown in steps][-3:] == ["重新启动服务", "装回原来的程序", "重新启动服务"]
    assert all(shown for _name, shown in steps) and not in_maintenance(app.config["INSTANCE"])
    assert rows(app.config["SQLALCHEMY_DATABASE_URI"]) == before
    assert any("没有升级：“重新启动服务”没有办成" in sentence for sentence in said)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("room_after", [2, None])
def test_while_the_disk_is_full_the_way_back_waits_behind_the_page(
    steps: list[tuple[str, bool]],
    app: Flask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    room_after: int | None,
) -> None:
    put, shown = upgrading.put_back, []

    def put_back(copy: Path, url: URL) -> None:
        shown.append(in_maintenance(app.config["INSTANCE"]))
        if room_after is None or len(shown) <= room_after:
            raise sqlite3.OperationalError("database or disk is full")
        put(copy, url)

    monkeypatch.setattr(upgrading, "put_back", put_back)
    monkeypatch.setattr(upgrading, "TRIES", 4)
    monkeypatch.setattr(upgrading, "PAUSE", 0)
    before, said, plan = (
        rows(app.config["SQLALCHEMY_DATABASE_URI"]),
        [],
        Plan(code="change", back="back", restart="fail"),
    )
    with pytest.raises(UpgradeError) as raised:
        upgrade(app, tmp_path / "copies", plan, said.append)
    assert all(shown) and any("腾出空间" in sentence and "full" in sentence for sentence in said)
    if room_after:
        assert rows(app.config["SQLALCHEMY_DATABASE_URI"]) == before and not in_maintenance(app.config["INSTANCE"])
    else:
        assert "没有恢复原样" in str(raised.value) and "xtbang restore" in str(raised.value)
        assert in_maintenance(app.config["INSTANCE"]), "neither the old site nor the new one"
        maintenance_file(app.config["INSTANCE"]).unlink()
        put(next((tmp_path / "copies").glob("xtbang-*")), make_url(app.config["SQLALCHEMY_DATABASE_URI"]))


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_program_that_does_not_come_back_leaves_the_page(
    steps: list[tuple[str, bool]], app: Flask, tmp_path: Path
) -> None:
    with pytest.raises(UpgradeError, match="没有恢复原样"):
        upgrade(app, tmp_path / "copies", Plan(code="fail", back="fail"), print)
    assert in_maintenance(app.config["INSTANCE"])
    maintenance_file(app.config["INSTANCE"]).unlink()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_without_a_backup_nothing_is_begun(steps: list[tuple[str, bool]], app: Flask) -> None:
    with pytest.raises(BackupError):
        upgrade(app, Path(app.config["FILES"]).parent, Plan(code="change"), print)
    assert steps == [] and not in_maintenance(app.config["INSTANCE"])


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_site_that_is_not_sound_is_not_upgraded(
    steps: list[tuple[str, bool]], app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "store", FolderStore(Path("/proc/nowhere/files")))
    with pytest.raises(UpgradeError, match="先处理现有的问题：文件存储"):
        upgrade(app, tmp_path / "copies", Plan(code="change"), print)
    assert steps == [] and not (tmp_path / "copies").exists()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_site_with_a_broken_chain_is_upgraded_once_it_is_said_why(
    steps: list[tuple[str, bool]], app: Flask, session: Session, tmp_path: Path
) -> None:
    with writing(session):
        session.execute(text("DROP TRIGGER event_no_update"))
        session.execute(update(Event).where(Event.sequence == 1, Event.stream == "call:1").values(actor_name="别人"))
    said: list[str] = []
    assert not upgrade(app, tmp_path / "copies", Plan(restart="restart"), said.append)
    assert steps == [] and "call:1 第 1 条被改动过" in said[-1] and "--known-break" in said[-1]
    plan = Plan(restart="restart", known_break="2026年11月3日运维误改，已查明")
    assert upgrade(app, tmp_path / "again", plan, said.append)
    session.rollback()
    recorded = session.scalars(select(Event).where(Event.trigger == "admit_breaks")).one()
    assert recorded.reason == plan.known_break and "call:1 第 1 条" in recorded.data["breaks"][0]
    assert "call:1 第 1 条被改动过" in "".join(
        trouble.said for one in results(app, ["chain"]) for trouble in one.troubles
    )
    with writing(session):
        session.execute(update(StoredFile).values(sha256="0" * 64))
    assert not upgrade(app, tmp_path / "third", plan, said.append), "a known break excuses nothing else"
    assert "缺少文件" in said[-1]
