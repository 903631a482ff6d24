"""What people read while database, disk or store is not there: which of them it is, what they typed, and a number."""

import errno
import sqlite3
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.pool import Pool

from tests.factories.site_projects import SiteProjectFactory
from tests.web.drafting import Enter, typed
from xtbang.papers.pdf import printer
from xtbang.web.applicant import documents

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def of_sqlite(code: int) -> OperationalError:
    inner = sqlite3.OperationalError()
    inner.sqlite_errorcode = code
    return OperationalError("INSERT", {}, inner)


OUTAGES: list[tuple[Exception, str]] = [
    (of_sqlite(sqlite3.SQLITE_FULL), "磁盘已满"),
    (of_sqlite(sqlite3.SQLITE_READONLY), "只能查看"),
    (of_sqlite(sqlite3.SQLITE_CANTOPEN), "只能查看"),
    (of_sqlite(sqlite3.SQLITE_BUSY), "数据库正忙"),
    (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), "数据库正忙"),
    (OperationalError("INSERT", {}, psycopg.errors.DiskFull()), "磁盘已满"),
    (InternalError("INSERT", {}, psycopg.errors.ReadOnlySqlTransaction()), "只能查看"),
    (OperationalError("INSERT", {}, psycopg.errors.DeadlockDetected()), "数据库正忙"),
    (OSError(errno.ENOSPC, "No space left on device"), "磁盘已满"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "磁盘已满"),
    (OSError(errno.EROFS, "Read-only file system"), "只能查看"),
    (PermissionError(errno.EACCES, "Permission denied"), "只能查看"),
    (PermissionError(errno.EACCES, "Permission denied", sys.executable), "程序现在启动不了"),
    (FileNotFoundError(errno.ENOENT, "No such file or directory", sys.executable), "程序现在启动不了"),
    (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "内存或者能同时打开的文件不够用"),
    (OSError(errno.EMFILE, "Too many open files"), "内存或者能同时打开的文件不够用"),
    (MemoryError(), "内存或者能同时打开的文件不够用"),
    (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "文件存储现在连接不上"),
]


@pytest.mark.parametrize(("error", "said"), OUTAGES, ids=[f"{type(error).__name__}-{said}" for error, said in OUTAGES])
def test_it_is_called_what_it_is_and_what_was_typed_is_kept(
    factory: SiteProjectFactory, enter: Enter, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    project = factory.draft()
    browser, data = enter("issuer"), typed(factory, project, background="写了很久的背景")

    def fails(*_given: Any) -> None:
        raise error

    monkeypatch.setattr(documents, "save", fails)
    address = factory.page(project, f"/documents/{project.form_id}")
    answer = browser.post(address, data=data)
    assert answer.status_code == 503
    for text in (said, "写了很久的背景", "编号"):
        assert text in answer.text
    script = browser.post(f"{address}/draft", data=data, headers={"Accept": "application/json"})
    assert script.status_code == 503 and said in script.get_json()["message"]


def test_a_form_that_cannot_be_printed_for_want_of_the_program_says_so(
    factory: SiteProjectFactory, enter: Enter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = factory.draft()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with monkeypatch.context() as patched:
        patched.setattr(printer, "_PRINTER", printer._Printer())
        answer = enter("issuer").get(factory.page(project, f"/documents/{project.form_id}/preview.pdf"))
    assert answer.status_code == 503 and "程序现在启动不了" in answer.text


def test_without_its_database_every_page_says_so(
    factory: SiteProjectFactory, enter: Enter, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = enter("science")
    take_away(monkeypatch)
    asked = [(client, "/"), (client, "/board")]
    asked += [(officer, address) for address in ("/", "/desk", "/projects/1", "/account/sign-in", "/nowhere")]
    for browser, address in asked:
        answer = browser.get(address)
        assert answer.status_code == 503, address
        assert "数据库现在连接不上" in answer.text and "编号" in answer.text


def test_without_its_database_what_was_typed_is_shown_to_be_copied(
    factory: SiteProjectFactory, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = factory.draft()
    browser, data = enter("issuer"), typed(factory, project, background="写了很久的背景")
    take_away(monkeypatch)
    answer = browser.post(factory.page(project, f"/documents/{project.form_id}"), data=data)
    assert answer.status_code == 503
    for text in ("数据库现在连接不上", "写了很久的背景", "请先复制到别处"):
        assert text in answer.text


def take_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection is to be had any more."""

    def away(_pool: Pool) -> Any:
        raise OperationalError("", {}, psycopg.OperationalError("connection refused"))

    monkeypatch.setattr(Pool, "connect", away)
