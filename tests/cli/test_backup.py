"""A backup is a copy that opens: database, files, key; what is wrong with one is said, and the admin sees it."""

import errno
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.cli.conftest import Run
from tests.factories.site_projects import SiteProjectFactory
from xtbang.actions import audit
from xtbang.backup import NO_PROGRAM, Backup, back_up, last
from xtbang.models import Person, StoredFile

LogIn = Callable[[Person], FlaskClient]

SQLITE = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("app", ["postgresql"], indirect=True)


@pytest.fixture
def factory(app: Flask, session: Session, tmp_path: Path) -> SiteProjectFactory:
    """With two events in one chain and two files, the instance in a folder of its own."""
    app.config["INSTANCE"], app.config["FILES"] = tmp_path / "instance", str(tmp_path / "instance" / "files")
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret_key").write_text("a secret")
    made = SiteProjectFactory(app, session)
    store = app.extensions["store"]
    kept, store.root = store.root, tmp_path / "instance" / "files"
    with made.writing():
        for number in range(2):
            digest = store.put(f"%PDF-1.7 {number}".encode())
            session.add(StoredFile(sha256=digest, name="x", mime="application/pdf", size=10, uploaded_at=made.now))
            audit.append(made.caller("science"), "call:1", trigger="edit_call")
    store.root = kept
    return made


def copy_of(folder: Path) -> Path:
    (found,) = folder.glob("xtbang-*")
    return found


def test_a_backup_opens_and_grows_by_what_is_new(
    factory: SiteProjectFactory, xtbang: Run, app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    first = xtbang("backup", folder)
    assert first.exit_code == 0, first.output
    assert "附件 2 个，新增 2 个" in first.output and "核验通过" in first.output
    copy = copy_of(folder)
    assert copy.name.startswith("xtbang-20240902-100000.") and copy.stat().st_mode & 0o077 == 0
    assert (folder / "secret_key").read_text() == "a secret" and (folder / "secret_key").stat().st_mode & 0o077 == 0
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]
    made = last(app.config["INSTANCE"])
    assert made and (made.at, made.path, made.size) == (factory.now, str(copy), copy.stat().st_size)
    factory.now += timedelta(minutes=1)
    assert "附件 2 个，新增 0 个" in xtbang("backup", folder).output
    assert len(list(folder.glob("xtbang-*"))) == 2
    assert xtbang("restore-check", folder).exit_code == 0


@SQLITE
def test_a_copy_has_what_is_still_in_the_log(factory: SiteProjectFactory, app: Flask, tmp_path: Path) -> None:
    with factory.writing():
        factory.organisations["issuer"].name = "刚刚改名的公司"
    made = back_up(app, tmp_path / "elsewhere")
    with sqlite3.connect(made.path) as copy:
        assert copy.execute("SELECT 1 FROM organisation WHERE name = '刚刚改名的公司'").fetchall()
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    copy.close()


@SQLITE
def test_what_was_changed_in_a_copy_is_found(
    factory: SiteProjectFactory, xtbang: Run, app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    copy = Path(back_up(app, folder).path)
    changed, lost = sorted((folder / "files").glob("??/??/*"))
    changed.chmod(0o600)
    changed.write_bytes(b"something else")
    lost.unlink()
    database = sqlite3.connect(copy)
    database.execute("DROP TRIGGER event_no_update") if _has_trigger(database) else None
    database.execute("UPDATE event SET actor_name = 'nobody' WHERE stream = 'call:1' AND sequence = 1")
    database.execute("UPDATE person SET organisation_id = 4711 WHERE organisation_id IS NOT NULL")
    database.commit()
    database.close()
    answer = xtbang("restore-check", copy)
    assert answer.exit_code == 1 and "核验通过" not in answer.output
    for sentence in (
        "call:1 第 1 条被改动过",
        "引用的记录不存在",
        f"{changed.name[:16]}… 的内容被改动过",
        f"缺少文件 {lost.name[:16]}",
    ):
        assert sentence in answer.output
    copy.write_bytes(copy.read_bytes()[:5000])
    answer = xtbang("restore-check", copy)
    assert answer.exit_code == 1 and "数据库" in answer.output


def _has_trigger(database: sqlite3.Connection) -> bool:
    return bool(database.execute("SELECT 1 FROM sqlite_master WHERE name = 'event_no_update'").fetchall())


@POSTGRESQL
def test_a_damaged_dump_is_found(factory: SiteProjectFactory, xtbang: Run, app: Flask, tmp_path: Path) -> None:
    copy = Path(back_up(app, tmp_path / "elsewhere").path)
    assert copy.suffix == ".dump" and xtbang("restore-check", copy).exit_code == 0
    copy.write_bytes(copy.read_bytes()[:5000])
    assert xtbang("restore-check", copy).exit_code == 1


@POSTGRESQL
def test_without_pg_dump_it_says_so(
    factory: SiteProjectFactory, xtbang: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = xtbang("backup", tmp_path / "elsewhere")
    assert answer.exit_code == 1 and NO_PROGRAM.format("pg_dump") in answer.output
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_file_that_went_bad_is_named_and_the_rest_is_kept(
    factory: SiteProjectFactory, xtbang: Run, app: Flask, tmp_path: Path
) -> None:
    bad = sorted(Path(app.config["FILES"]).glob("??/??/*"))[0]
    bad.chmod(0o600)
    bad.write_bytes(b"bit rot")
    answer = xtbang("backup", tmp_path / "elsewhere")
    assert answer.exit_code == 1 and f"文件 {bad.name[:16]}… 已损坏" in answer.output
    assert len(list((tmp_path / "elsewhere" / "files").glob("??/??/*"))) == 1
    made = last(app.config["INSTANCE"])
    assert made and made.faults


def test_a_backup_into_the_running_folder_is_refused(factory: SiteProjectFactory, xtbang: Run, app: Flask) -> None:
    answer = xtbang("backup", app.config["INSTANCE"])
    assert answer.exit_code == 1 and "请换一个文件夹" in answer.output


def test_an_empty_folder_has_no_backup(xtbang: Run, tmp_path: Path) -> None:
    answer = xtbang("restore-check", tmp_path)
    assert answer.exit_code == 1 and "没有备份" in answer.output


def test_the_admin_sees_the_state_of_the_backups(
    factory: SiteProjectFactory, app: Flask, login: LogIn, tmp_path: Path
) -> None:
    admin = login(factory.people["admin"])
    for path in ("/admin", "/admin/backup"):
        assert "还没有备份" in admin.get(path).text
    made = back_up(app, tmp_path / "elsewhere")
    page = admin.get("/admin/backup").text
    assert "2024年9月2日 10:00" in page and made.path in page and "已通过" in page and "2 个" in page
    assert "最近一次：2024年9月2日" in admin.get("/admin").text
    factory.now += timedelta(days=2, minutes=1)
    for path in ("/admin", "/admin/backup"):
        assert "最近一次备份已是 2 天前" in admin.get(path).text
    shutil.rmtree(tmp_path / "elsewhere" / "files")
    bad = sorted(Path(app.config["FILES"]).glob("??/??/*"))[0]
    bad.unlink()
    if factory.session.get_bind().dialect.name == "sqlite":
        back_up(app, tmp_path / "elsewhere")
        page = admin.get("/admin/backup").text
        assert "没有通过核验" in page and f"缺少文件 {bad.name[:16]}" in page
    assert login(factory.people["science"]).get("/admin/backup").status_code == 403


@SQLITE
def test_a_full_disk_of_the_service_does_not_hinder_a_backup_elsewhere(
    factory: SiteProjectFactory, xtbang: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _made: Backup) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("xtbang.backup._record", full)
    answer = xtbang("backup", tmp_path / "elsewhere")
    assert answer.exit_code == 0 and "核验通过" in answer.output and "备份已经做好，但" in answer.output
