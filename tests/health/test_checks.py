"""The checks of an installation: each finds its own fault, says how to mend it, and finds nothing in a sound one."""

import os
import re
import shutil
import sqlite3
import ssl
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.factories.people import PeopleFactory
from tests.factories.site_projects import SiteProjectFactory
from tests.papers.seals import PASSWORD, certificate
from xtbang.actions import audit
from xtbang.backup import Backup, _record
from xtbang.config import NAMES, ROOT
from xtbang.extensions import db
from xtbang.health import records
from xtbang.health.checks import CHECKS, results
from xtbang.models import Job, Mail, Paper, StoredFile
from xtbang.models.writing import begin_write
from xtbang.papers.store import FolderStore

NAME = re.compile(r'"XTBANG_([A-Z0-9_]+)"')
SQLITE = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
Usage = namedtuple("Usage", "total used free")


def found(app: Flask, key: str) -> str:
    """What a check says, "" when all is well."""
    (one,) = results(app, [key])
    assert one.troubles is not None and all(trouble.todo for trouble in one.troubles)
    return "".join(trouble.said for trouble in one.troubles)


def backed_up(app: Flask, at: datetime, faults: list[str] | None = None) -> None:
    _record(Path(app.config["INSTANCE"]) / "backup.json", Backup(at, "/backup/x.db", 1, 1, 1, faults=faults or []))


@pytest.fixture
def site(app: Flask) -> Iterator[Flask]:
    app.extensions["engine"].clock = lambda: NOW
    folder = Path(app.config["INSTANCE"])
    app.config |= {"SITE_URL": "https://bang.example.cn", "PROXY": "127.0.0.1", "SECRET_KEY": "k" * 40}
    for path in (folder, Path(app.config["FILES"])):
        path.mkdir(exist_ok=True)
        path.chmod(0o700)
    for name in ("backup.json", "secret_key"):
        (folder / name).unlink(missing_ok=True)
    store = app.extensions["store"]
    yield app
    app.extensions["store"] = store


def without_files(site: Flask) -> None:
    site.extensions["store"] = FolderStore(Path("/proc/nowhere/files"))


def readable_key(site: Flask) -> None:
    path = Path(site.config["INSTANCE"]) / "secret_key"
    path.write_text("k" * 40)
    path.chmod(0o644)


def far(site: Flask, **settings: str) -> None:
    site.config |= settings


def expiring(site: Flask) -> None:
    path = Path(site.config["INSTANCE"]) / "seal.p12"
    certificate(path, days=(-1, 365))
    site.config |= {"SEAL_CERTIFICATE": str(path), "SEAL_PASSWORD": PASSWORD, "SEAL_PICTURE": ""}
    site.extensions["engine"].clock = lambda: datetime.now(UTC) + timedelta(days=350)


def misspelt(_site: Flask) -> None:
    os.environ["XTBANG_SMPT_HOST"] = "mail.example.cn"


def file_without_content(_site: Flask) -> None:
    begin_write(db.session())
    db.session.add(StoredFile(sha256="0" * 64, name="合同.pdf", mime="application/pdf", size=1, uploaded_at=NOW))
    db.session.commit()


def refusing(site: Flask, code: str) -> None:
    """A bucket that answers what is written with that code."""

    class Bucket:
        def probe(self) -> None:
            raise ClientError({"Error": {"Code": code}}, "PutObject")

    site.extensions["store"] = Bucket()


FAULTS: list[tuple[str, Callable[[Flask], Any], str]] = [
    ("settings", lambda site: site.config.update(SITE_URL="http://bang.example.cn"), "不是 https"),
    ("settings", lambda site: site.config.update(PROXY=""), "XTBANG_PROXY"),
    (
        "inner_connections",
        lambda site: far(site, SQLALCHEMY_DATABASE_URI="postgresql://x@db1/x"),
        "到数据库 db1 的连接没有加密",
    ),
    ("inner_connections", lambda site: far(site, SMTP_HOST="mail.example.cn"), "到邮件服务器 mail.example.cn"),
    ("inner_connections", lambda site: far(site, S3_ENDPOINT="http://store:9000"), "到对象存储 store"),
    ("secret_key", lambda site: site.config.update(SECRET_KEY="short"), "不到 32 个字符"),
    ("secret_key", readable_key, "别的用户也能读"),
    ("folders", lambda site: site.config.update(INSTANCE=Path("/proc/nowhere")), "没有文件夹 /proc/nowhere"),
    ("folders", lambda site: Path(site.config["FILES"]).chmod(0o755), "别的用户也能进入"),
    ("store", without_files, "不能写入"),
    ("store", lambda site: refusing(site, "InvalidAccessKeyId"), "没有这个访问密钥"),
    ("store", lambda site: refusing(site, "SlowDown"), "不能写入（SlowDown）"),
    ("mail_server", lambda site: site.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=1), "127.0.0.1:1 连接不上"),
    ("mail_server", lambda site: site.config.update(SMTP_HOST=""), "没有设置邮件服务器"),
    ("seal", lambda site: site.config.update(SEAL_CERTIFICATE="/proc/nowhere"), "不存在，或者无权读取"),
    ("seal", expiring, "还有 1"),
    ("backup", lambda _site: None, "还没有备份"),
    ("backup", lambda site: backed_up(site, NOW - timedelta(days=3)), "已是 3 天前"),
    ("backup", lambda site: backed_up(site, NOW, ["数据库损坏：x"]), "没有通过核验（数据库损坏：x）"),
    ("chain", lambda site: backed_up(site, NOW, ["办理记录 project:7 第 3 条被改动过。"]), "project:7 第 3 条被改动过"),
    ("backup", lambda site: site.config.update(BACKUP_FOLDER="/proc/nowhere"), "备份的文件夹 /proc/nowhere 不存在"),
    ("settings", misspelt, "没有 XTBANG_SMPT_HOST 这项设置"),
    ("stored_files", file_without_content, "“合同.pdf”"),
    ("worker", lambda _site: None, "今天的到期提醒还没有写"),
]


@SQLITE
@pytest.mark.parametrize(("key", "damage", "said"), FAULTS)
def test_a_fault_is_found_and_how_to_mend_it(
    key: str, damage: Callable[[Flask], Any], said: str, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with site.app_context():
        damage(site)
    assert said in found(site, key)


def test_every_setting_that_is_read_is_known() -> None:
    read = {name for file in (ROOT / "xtbang").rglob("*.py") for name in NAME.findall(file.read_text(encoding="utf-8"))}
    assert read == NAMES


@SQLITE
def test_another_key_than_that_of_the_papers_is_found(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    SiteProjectFactory(app, session).listed()
    session.rollback()
    assert found(app, "key_of_records") == ""
    engine = app.extensions["engine"]
    monkeypatch.setattr(engine, "site", replace(engine.site, secret=b"another"))
    assert "密钥不是出具这些文书时的那个" in found(app, "key_of_records")


@SQLITE
@pytest.mark.parametrize(
    "settings",
    [
        {"SQLALCHEMY_DATABASE_URI": "postgresql://x@db1/x?sslmode=verify-full"},
        {"SQLALCHEMY_DATABASE_URI": "postgresql:///x?host=/run/postgresql"},
        {"SMTP_HOST": "mail.example.cn", "SMTP_TLS": True},
        {"SMTP_HOST": "127.0.0.1"},
        {"S3_ENDPOINT": "https://store:9000"},
    ],
)
def test_connections_that_nobody_reads_along_are_no_fault(settings: dict[str, str], site: Flask) -> None:
    far(site, **settings)
    assert found(site, "inner_connections") == ""


@SQLITE
def test_a_sound_installation_has_no_fault(site: Flask, session: Session) -> None:
    backed_up(site, NOW - timedelta(hours=8))
    people = PeopleFactory(session, site.extensions["engine"])
    with people.writing():
        session.add(Job(kind="reminders", key="2026-03-02", created_at=NOW, next_try_at=NOW, finished_at=NOW))
    session.rollback()
    wrong = {one.check.key for one in results(site) if one.troubles}
    # the schema of a test is not made by migrations, and there is no mail server and perhaps no NTP
    assert wrong - {"clock"} == {"migrations", "mail_server"}
    assert len(CHECKS) > len(wrong)


@SQLITE
def test_what_waits_too_long_and_what_was_given_up_is_said_with_its_age(site: Flask, session: Session) -> None:
    site.config |= {"SMTP_HOST": "mail.example.cn"}
    people = PeopleFactory(session, site.extensions["engine"])
    long_ago = NOW - timedelta(hours=3)
    paper = {"name": "receipt", "title": "受理回执", "data": {}}
    mail = {"address": "x@example.cn", "subject": "x", "body": "x"}
    with people.writing():
        session.add(Mail(created_at=NOW - timedelta(minutes=20), **mail))
        session.add(Paper(code="a", made_at=NOW - timedelta(minutes=50), **paper))
        session.add(Job(kind="batch", key="1", created_at=long_ago, next_try_at=NOW - timedelta(minutes=14)))
    session.rollback()
    assert found(site, "queue") == ""
    with people.writing():
        session.add(Mail(created_at=NOW - timedelta(minutes=31), **mail))
        session.add(Paper(code="b", made_at=long_ago, **paper))
        session.add(Job(kind="backup", key="1", created_at=long_ago, next_try_at=NOW - timedelta(days=2)))
        lost = {"created_at": long_ago, "next_try_at": NOW, "finished_at": NOW, "error": "x"}
        session.add(Job(kind="backup", key="0", **lost))
    session.rollback()
    assert found(site, "queue") == (
        "1 项后台任务没有办，最早的已等了 2 天。2 封邮件没有发出，最早的已等了 31 分钟。"
        "2 份文书没有印出归档，最早的已等了 3 小时。近 7 天有 1 项后台任务没有办成。"
    )


@SQLITE
def test_little_room_is_said_once_for_each_disk(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(site, "disk") == "" or shutil.disk_usage(site.config["INSTANCE"]).free < 2 * 1024**3
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(100, 99, 1024**3))
    assert found(site, "disk").count("只剩 1.0 GB") == 1


@SQLITE
def test_the_holidays_of_the_coming_year_are_asked_for_from_the_middle_of_november(site: Flask) -> None:
    known = site.extensions["engine"].policy.city.holidays
    last = max([2026, *(each.year for each in known)])
    for day, said in (
        (datetime(last, 11, 15, 2, tzinfo=UTC), ""),
        (datetime(last, 11, 18, 2, tzinfo=UTC), f"{last + 1} 年"),
    ):
        site.extensions["engine"].clock = lambda day=day: day
        answer = found(site, "holidays")
        assert answer.startswith(said) and bool(answer) == bool(said)


@SQLITE
def test_without_its_database_the_rest_is_still_checked(
    site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_app: Flask) -> Any:
        raise OSError("gone")

    monkeypatch.setitem(CHECKS, "database", CHECKS["database"].__class__("database", "数据库", none, False, False))
    answers = {one.check.key: one.troubles for one in results(site)}
    assert answers["database"] and "没有查成" in answers["database"][0].said
    assert answers["migrations"] is None and answers["queue"] is None
    assert answers["backup"] and os.path.isdir(site.config["INSTANCE"])


@pytest.fixture
def empty(site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of SQLite without tables, which the check is led to."""
    made = tmp_path / "empty" / "xtbang.db"
    made.parent.mkdir()
    made.touch()
    with site.app_context():
        monkeypatch.setattr(records.db.engine, "url", create_engine(f"sqlite:///{made}").url)
    return made


@SQLITE
def test_an_empty_database_is_restored_and_the_rest_is_not_asked_of_it(site: Flask, empty: Path) -> None:
    [answer] = [one for one in results(site) if one.check.key == "database"]
    assert answer.troubles and "没有表" in answer.troubles[0].said and "xtbang restore" in answer.troubles[0].todo
    assert {one.check.key: one.troubles for one in results(site)}["queue"] is None


@SQLITE
def test_a_database_that_cannot_be_written_is_told_with_its_owner(
    site: Flask, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: path != empty.parent)  # root may write everywhere
    [answer] = results(site, ["database"])
    assert answer.troubles and f"写不了 {empty.parent}" in answer.troubles[0].said
    assert f"chown -R 用户 {empty.parent}" in answer.troubles[0].todo


@SQLITE
def test_a_database_of_a_newer_program_is_not_upgraded_by_an_older_one(site: Flask) -> None:
    with site.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('9999')")
    [answer] = results(site, ["migrations"])
    assert answer.troubles and "更新的程序" in answer.troubles[0].said and "不要运行" in answer.troubles[0].todo


@SQLITE
def test_the_certificate_of_the_site_is_missed_a_month_before_its_end(
    site: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ends = datetime(2026, 4, 1, tzinfo=UTC)
    monkeypatch.setattr(ssl, "get_server_certificate", lambda _address, **_more: self_signed(ends))
    for days, said in ((31, ""), (29, "bang.example.cn 的证书还有 29 天到期"), (-1, "bang.example.cn 的证书已经过期")):
        site.extensions["engine"].clock = lambda days=days: ends - timedelta(days=days)
        answer = found(site, "certificate")
        assert answer.startswith(said) and bool(answer) == bool(said)


def self_signed(ends: datetime) -> str:
    """A certificate that ends then."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(ends - timedelta(days=90)).not_valid_after(ends)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@SQLITE
def test_a_clock_that_went_back_is_found_also_when_events_were_recorded_by_it(site: Flask, session: Session) -> None:
    people = PeopleFactory(session, site.extensions["engine"])
    for days in (0, -183, -183):
        site.extensions["engine"].clock = lambda days=days: NOW + timedelta(days=days)
        with people.writing():
            audit.append(people.caller("admin", NOW + timedelta(days=days)), "call:1", trigger="edit_call")
    session.rollback()
    assert "时钟比最近的操作记录的时间还早" in found(site, "clock")
    site.extensions["engine"].clock = lambda: NOW + timedelta(days=1)
    assert "还早" not in found(site, "clock")


@SQLITE
@pytest.mark.parametrize("damaged", [b"not a database" * 1000, None])
def test_a_database_file_that_is_damaged_is_restored_from_a_backup(
    site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: bytes | None
) -> None:
    path = tmp_path / "xtbang.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (a)")
        database.commit()
    path.write_bytes(damaged or path.read_bytes()[:100] + b"x" * 8000)
    monkeypatch.setattr(records, "create_engine", lambda *_given, **_more: create_engine(f"sqlite:///{path}"))
    [one] = results(site, ["database"])
    assert one.troubles and "已损坏" in one.troubles[0].said and "xtbang restore" in one.troubles[0].todo
