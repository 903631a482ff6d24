"""The audit trail for the archive: exported by days, bound by anchors, verified without the database; and one person's own data."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory

Run = Callable[..., Result]


@pytest.fixture
def factory(app: Flask, session: Session) -> SiteProjectFactory:
    return SiteProjectFactory(app, session)


@pytest.fixture
def archive(factory: SiteProjectFactory, xtbang: Run, tmp_path: Path) -> Path:
    """What was exported on 2024-10-08, of a project that has come to 发榜 since 2024-09-02."""
    factory.listed()
    folder = tmp_path / "archive"
    answer = xtbang("audit", "export", folder)
    assert answer.exit_code == 0 and "已导出 1 天的操作记录" in answer.output
    return folder


def test_days_that_are_over_are_exported_once_and_verify(
    factory: SiteProjectFactory, archive: Path, xtbang: Run
) -> None:
    before = {path.name: path.read_bytes() for path in archive.iterdir()}
    assert list(before) and set(before) == {"2024-09-02.jsonl", "anchors.txt"}
    factory.at("2024-10-10 09:00")
    assert "已导出 0 天" in xtbang("audit", "export", archive).output
    assert {path.name: path.read_bytes() for path in archive.iterdir()} == before
    for where in ((), (archive,)):
        answer = xtbang("audit", "verify", *where)
        assert (answer.exit_code, answer.output) == (0, "核验通过。\n")


@pytest.mark.parametrize("kind", ["changed", "missing line", "missing file", "new file", "anchor"])
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_whatever_is_changed_in_an_export_is_named(archive: Path, xtbang: Run, kind: str) -> None:
    day, anchors = archive / "2024-09-02.jsonl", archive / "anchors.txt"
    lines = day.read_bytes().splitlines(keepends=True)
    if kind == "changed":
        day.write_bytes(day.read_bytes().replace(b"science", b"nobody", 1))
    elif kind == "missing line":
        day.write_bytes(b"".join(lines[:1] + lines[2:]))
    elif kind == "missing file":
        day.unlink()
    elif kind == "new file":
        (archive / "2024-09-03.jsonl").write_bytes(lines[-1])
    else:
        anchors.write_text(anchors.read_text()[:-2] + "x\n")
    answer = xtbang("audit", "verify", archive)
    assert answer.exit_code == 1
    assert ("anchors.txt" if kind in ("anchor", "new file") else "2024-09-02.jsonl") in answer.output


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_sm3_stands_beside_sha_256_where_it_is_set(archive: Path, app: Flask, xtbang: Run) -> None:
    """Days that were exported before get it, too. The digest is compared with what OpenSSL says of the file."""
    before = (archive / "anchors.txt").read_bytes()
    app.config["SM3"] = True
    xtbang("audit", "export", archive)
    xtbang("audit", "export", archive)
    [line] = (archive / "anchors-sm3.txt").read_text().splitlines()
    told = subprocess.run(["openssl", "dgst", "-sm3", archive / "2024-09-02.jsonl"], capture_output=True, text=True)
    assert line.startswith(f"2024-09-02 {told.stdout.split('= ')[1].strip()} ")
    assert (archive / "anchors.txt").read_bytes() == before
    assert xtbang("audit", "verify", archive).output == "核验通过。\n"
    (archive / "anchors-sm3.txt").write_text(line[:-1] + "x\n")
    assert "anchors-sm3.txt 中 2024-09-02 的锚值不符" in xtbang("audit", "verify", archive).output


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_a_record_that_was_changed_in_the_database_is_named(factory: SiteProjectFactory, xtbang: Run) -> None:
    """Its triggers refuse it; the owner of the tables may leave them aside."""
    project = factory.submitted()
    factory.session.rollback()
    factory.session.execute(text("SET session_replication_role = replica"))
    factory.session.execute(
        text("UPDATE event SET reason = 'x' WHERE stream = :stream"), {"stream": f"project:{project.id}"}
    )
    factory.session.commit()
    answer = xtbang("audit", "verify")
    assert answer.exit_code == 1 and f"project:{project.id} 的操作记录被改动过或者缺失。" in answer.output


def test_a_person_gets_a_copy_of_what_is_stored_about_them_and_no_secret(
    factory: SiteProjectFactory, xtbang: Run, tmp_path: Path
) -> None:
    factory.submitted()
    with factory.writing():
        factory.people["issuer"].password = factory.people["issuer"].totp_secret = "a secret"
    path, email = tmp_path / "copy.json", factory.people["issuer"].email
    assert xtbang("admin", "personal-data", "--email", email, "-o", path).exit_code == 0
    said = path.read_text(encoding="utf-8")
    copy = json.loads(said)
    assert (copy["account"]["email"], copy["account"]["mobile"], copy["account"]["roles"]) == (
        email, "13800000000", ["applicant"]
    )  # fmt: skip
    assert {"upload_scan", "submit"} <= {act["trigger"] for act in copy["acts"]} and copy["mails"]
    assert {act["actor_id"] for act in copy["acts"]} == {factory.people["issuer"].id}
    assert "a secret" not in said and factory.people["issuer"].fs_uniquifier not in said.replace(email, "")
    assert xtbang("admin", "personal-data", "--email", "nobody@bang.test", "-o", path).exit_code == 1
