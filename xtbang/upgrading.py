"""The upgrade of a site at night: the page 维护中, a backup, the new program, its migrations; the way back on any failure."""

import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

from flask import Flask
from sqlalchemy import URL, select
from sqlalchemy.exc import SQLAlchemyError

from xtbang.backup import BackupError, back_up
from xtbang.config import ROOT, maintenance_file
from xtbang.domain.known_breaks import admit_breaks
from xtbang.extensions import db
from xtbang.health.checks import results
from xtbang.models import Job
from xtbang.restoring import put_back
from xtbang.rules.actor import SYSTEM
from xtbang.rules.quotation import quoted

BEFORE = ("database", "store")  # what has to be sound before an upgrade is begun
QUIET = 3.0  # seconds in which requests that had begun are finished
RUNNING = 120.0  # seconds to wait for the job that is being done
READY = 90.0  # seconds to wait for the restarted server
TRIES, PAUSE = 60, 30.0  # to put the database back, and seconds between two, in which room can be made on the disk
WAY_OUT = "已经查明是谁、何时改动的，可以加上 --known-break 和说明再升级：说明记入操作记录，断点今后照样查得出来。"
Say = Callable[[str], None]


class UpgradeError(Exception):
    """A step that failed; the sentence says which."""


class NotPutBackError(UpgradeError):
    """A way back that failed: program or database is not as before, and the page 维护中 stays."""


@dataclass(frozen=True)
class Plan:
    """The commands of an upgrade; an empty one is left out."""

    code: str = ""  # installs the new program
    back: str = ""  # installs the present one again
    restart: str = ""  # of the service
    ready: str = ""  # the address that answers 200 once the server can serve
    known_break: str = ""  # why the site goes on although events were changed


@contextmanager
def maintenance(instance: Path) -> Iterator[None]:
    """Yield while every server of this folder shows 维护中 and its worker rests; for good after NotPutBackError."""
    maintenance_file(instance).touch()
    stays = False
    try:
        yield
    except NotPutBackError:
        stays = True
        raise
    finally:
        if not stays:
            maintenance_file(instance).unlink(missing_ok=True)


def upgrade(app: Flask, folder: Path, plan: Plan, say: Say) -> bool:
    """Run an upgrade of the site; return whether it was, False when everything is as before.

    Raise UpgradeError when the site is not sound, BackupError when there is no sound backup: then nothing was begun.
    """
    for one in results(app, BEFORE):
        for trouble in one.troubles or ():
            raise UpgradeError(f"先处理现有的问题：{trouble.said}{trouble.todo}")
    with maintenance(Path(app.config["INSTANCE"])):
        say("已显示“维护中”，等正在办的办完……")
        _wait_for_jobs(app)
        admitted = _admitted(app, plan, say)
        made = back_up(app, folder)
        if faults := [fault for fault in made.faults if fault not in admitted]:
            said = WAY_OUT if set(faults) <= set(made.broken) else ""
            say(f"没有升级：备份没有通过核验。{''.join(faults)}{said}")
            return False
        say(f"已备份：{made.path}")
        try:
            _run("安装新程序", plan.code, say)
            _run("改数据库的结构", f"{_program()} setup", say)
            _run("检查", f"{_program()} doctor --essential", say)
            _restart(plan, say)
        except UpgradeError as error:
            say(f"没有升级：{error}正在恢复原样……")
            _go_back(app, Path(made.path), plan, say)
            return False
    return True


def _admitted(app: Flask, plan: Plan, say: Say) -> list[str]:
    """Return the breaks of chains that are known from now on, each in a sentence; none without a reason."""
    if not plan.known_break:
        return []
    with app.app_context():
        found = admit_breaks(app.extensions["engine"].caller(db.session(), SYSTEM), plan.known_break)
    say(f"已记入操作记录，继续升级：{''.join(found)}断点以外的记录都核验无误。" if found else "操作记录没有断点。")
    return found


def _go_back(app: Flask, copy: Path, plan: Plan, say: Say) -> None:
    """Put program and database back as they were, and restart. Raise NotPutBackError, UpgradeError when that fails, too."""
    try:
        _run("装回原来的程序", plan.back, say)
        with app.app_context():
            _put_database_back(copy, db.engine.url, say)
    except BaseException as error:
        switch = f" --known-break {shlex.quote(plan.known_break)}" if plan.known_break else ""
        steps = f"清空数据库，运行 xtbang restore {copy}{switch}，重新启动服务，再运行 xtbang maintenance off"
        raise NotPutBackError(f"没有恢复原样：{error}“维护中”仍在显示。排除原因后，{steps}。") from error
    say(f"数据库已恢复到 {copy.name}。")
    _restart(plan, say)


def _put_database_back(copy: Path, url: URL, say: Say) -> None:
    """Put the database back, again and again while that fails for a reason that may pass."""
    for left in reversed(range(TRIES)):
        try:
            put_back(copy, url)
            return
        except (BackupError, OSError, sqlite3.Error, SQLAlchemyError) as error:
            if not left:
                raise
            said = f"数据库还没有恢复（{error}），“维护中”仍在显示，{PAUSE:.0f} 秒后再试。磁盘已满的，请现在腾出空间。"
            say(said)
        sleep(PAUSE)


def _wait_for_jobs(app: Flask) -> None:
    """Wait until no job is being done, and requests that had begun are finished."""
    sleep(QUIET)
    until = monotonic() + RUNNING
    with app.app_context():
        now = app.extensions["engine"].clock
        while monotonic() < until:
            running = select(Job.id).where(Job.finished_at.is_(None), Job.started_at.is_not(None), Job.error == "")
            busy = db.session.scalar(running.where(Job.next_try_at > now()).limit(1))
            db.session.rollback()
            if busy is None:
                return
            sleep(1)


def _restart(plan: Plan, say: Say) -> None:
    _run("重新启动服务", plan.restart, say)
    until = monotonic() + READY
    while plan.ready and not _answers(plan.ready):
        if monotonic() > until:
            raise UpgradeError(f"服务启动后 {READY:.0f} 秒内 {plan.ready} 没有答 200。")
        sleep(1)


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as answer:  # noqa: S310  (an option of the command)
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _run(name: str, command: str, say: Say) -> None:
    """Run a command by the shell. Raise UpgradeError with its last lines when it fails."""
    if not command:
        return
    say(f"{name}：{command}")
    done = subprocess.run(  # noqa: S602
        command, shell=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise UpgradeError(f"{quoted(name)}没有办成（{done.returncode}）：\n{done.stdout[-2000:].strip()}\n")


def _program() -> str:
    return f"{shlex.quote(sys.executable)} -m xtbang.cli"
