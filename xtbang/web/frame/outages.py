"""Outages: sentences for pages while the database, room on the disk or the store of files is missing."""

import errno
import sqlite3
import sys
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_login import AnonymousUserMixin
from sqlalchemy import select, true
from sqlalchemy.exc import DBAPIError

from xtbang.extensions import db

# SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html; primary result codes: https://sqlite.org/rescode.html
FULL_STATES, READ_ONLY_STATES = ("53100",), ("25006",)
FULL_CODES, READ_ONLY_CODES = (sqlite3.SQLITE_FULL,), (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
FULL_ERRORS, READ_ONLY_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG), (errno.EROFS, errno.EACCES, errno.EPERM)
SHORT_ERRORS = (errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE)  # of memory, processes or open files

BUCKET = ("botocore", "urllib3")  # the libraries whose errors say that a bucket does not answer, or refuses us


@dataclass(frozen=True)
class Outage:
    """Sentences on what is missing and what to do, in Chinese."""

    happened: str
    todo: str = ""  # "": the general sentence of the status


AWAY = Outage("数据库现在连接不上，这次没有办成。", "请过一两分钟再试；仍然如此，请把下面的编号告诉系统管理员。")
BUSY = Outage("数据库正忙，这次没有办成。")
FULL = Outage("服务器的磁盘已满，这次没有存下。", "请把下面的编号告诉系统管理员，腾出空间后再办；在这之前仍可以查看。")
READ_ONLY = Outage(
    "系统现在只能查看，不能保存，这次没有存下。", "请把下面的编号告诉系统管理员，恢复后再办；在这之前仍可以查看。"
)
NO_PROGRAM = Outage(
    "打印和识读文件的程序现在启动不了，这次没有办成。", "请把下面的编号告诉系统管理员，恢复后再办；其他事项照常办理。"
)
SHORT = Outage(
    "服务器的内存或者能同时打开的文件不够用，这次没有办成。",
    "请过一两分钟再试；仍然如此，请把下面的编号告诉系统管理员。",
)
STORE_AWAY = Outage("文件存储现在连接不上，这次没有办成。", "请过几分钟再试；仍然如此，请把下面的编号告诉系统管理员。")


def of_database(error: DBAPIError) -> Outage:
    """Return what is the matter with the database; from then on a page of this request asks it nothing if it is away."""
    if not _answers():
        g.outage = True
        g._login_user = AnonymousUserMixin()  # where Flask-Login looks first
        return AWAY
    state, code = getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if state in FULL_STATES or code in FULL_CODES:
        return FULL
    return READ_ONLY if state in READ_ONLY_STATES or code in READ_ONLY_CODES else BUSY


def of_system(error: Exception) -> Outage | None:
    """Return what is the matter with disk, folder, bucket, memory or the program of another process; None for any other error."""
    if type(error).__module__.partition(".")[0] in BUCKET:
        g.no_bucket = True
        return STORE_AWAY
    number = error.errno if isinstance(error, OSError) else None
    if number in FULL_ERRORS:
        return FULL
    if number in SHORT_ERRORS or isinstance(error, MemoryError):
        return SHORT
    if isinstance(error, OSError) and error.filename == sys.executable:  # that of the processes which print and read
        return NO_PROGRAM
    return READ_ONLY if number in READ_ONLY_ERRORS else None


def is_away() -> bool:
    """Return whether this request has found the database away."""
    return "outage" in g


def takes_files() -> bool:
    """Return whether files of this request could be stored: not where it has found the bucket away."""
    return "no_bucket" not in g


def _answers() -> bool:
    try:
        db.session.rollback()
        answer: Any = db.session.scalar(select(true()))
        db.session.rollback()
    except DBAPIError:
        return False
    return bool(answer)
