"""Checks of what is recorded: database, migrations, clock, worker, queue, backups, chain of events, holidays and editions."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, inspect, select
from sqlalchemy.exc import DBAPIError

from xtbang import config
from xtbang.actions.expected_payments import wrong_expected_payments
from xtbang.actions.issue import paper_code
from xtbang.actions.money_totals import wrong_money_totals
from xtbang.backup import last, warning
from xtbang.editions import PATIENCE, standings_of
from xtbang.extensions import db
from xtbang.health.checks import Trouble, check
from xtbang.jobs.outbox import DELAYS
from xtbang.models import Event, Job, Paper, Person, StoredFile
from xtbang.queries.backlog import RECENT, backlog
from xtbang.queries.holidays import holidays_of
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.quotation import quoted
from xtbang.rules.site import Site
from xtbang.rules.workdays import is_known
from xtbang.workflow.standing import faults

SKEW = timedelta(seconds=30)
NEWEST = 100  # events: since the clock went back some may have been recorded by it; files
COMPARED = 18  # characters of a check code: codes of every release begin alike
MOST = 5  # changed events that are named
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")  # how the names of these errors begin
OLDEST = 14  # the oldest version of PostgreSQL; 15 is what the tests run on
LATE_JOB, LATE_MAIL, LATE_PAPER = timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)
PLANNED = timedelta(minutes=10)  # after midnight the worker has asked for the reminders of the day
AHEAD = timedelta(days=45)  # from the middle of November the next year's holidays should be known
NO_TABLES = "数据库是空的，里面没有表。"
WITHOUT_TABLES = (
    "新装的，运行 xtbang setup；原来有数据的，核对 XTBANG_INSTANCE、DATABASE_URL 是不是指向原来的地方，"
    "确实没有了的，恢复最近的备份：xtbang restore 备份文件夹。"
)
START = "启动服务（systemctl start xtbang）；后台任务单独运行的，启动 xtbang worker。"


def is_empty(bind: Engine | Connection) -> bool:
    """Return whether the database has no tables yet."""
    return not inspect(bind).has_table(Person.__tablename__)


@check("数据库")
def database(app: Flask) -> Iterator[Trouble]:
    """Yield whether the database does not answer within seconds, cannot be written, is empty, too old, or does not store UTF-8."""
    url = db.engine.url
    of_file = url.get_backend_name() == "sqlite"
    if of_file and url.database and (closed := _not_writable(Path(url.database))):
        said = f"数据库文件 {url.database} 不能写入：服务的用户写不了 {closed}。"
        yield Trouble(said, f"把它的属主改为运行服务的用户：chown -R 用户 {closed}；只读的盘重新挂为可写。")
        return
    engine = create_engine(url, connect_args={} if of_file else {"connect_timeout": PATIENCE})
    try:
        with engine.connect() as connection:
            if is_empty(connection):
                yield Trouble(NO_TABLES, WITHOUT_TABLES)
                return
            if of_file:
                return
            number = connection.dialect.server_version_info or (0,)
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    except DBAPIError as error:
        why = str(error.orig).strip().splitlines()[0]
        if getattr(error.orig, "sqlite_errorname", "").startswith(DAMAGED):
            todo = "停止服务，把文件移到别处，再恢复最近的备份：xtbang restore 备份文件夹。"
            yield Trouble(f"数据库文件 {url.database} 已损坏，或者不是数据库（{why}）。", todo)
        else:
            yield Trouble(f"数据库连接不上（{why}）。", "核对 DATABASE_URL，数据库是否已启动、是否允许从这台机器连接。")
        return
    finally:
        engine.dispose()
    if int(number[0]) < OLDEST:
        yield Trouble(f"PostgreSQL 的版本是 {number[0]}，太旧。", f"升级到 {OLDEST} 以上，建议 15。")
    if encoding != "UTF8":
        yield Trouble(
            f"数据库的编码是 {encoding}。", "用 createdb --encoding UTF8 --template template0 新建，再恢复备份。"
        )


def _not_writable(path: Path) -> Path | None:
    """Return the file or its folder, where SQLite keeps its journal, if it is there and cannot be written."""
    return next((each for each in (path, path.parent) if each.exists() and not os.access(each, os.W_OK)), None)


@check("数据库结构", asks_database=True)
def migrations(_app: Flask) -> Iterator[Trouble]:
    """Yield whether the tables are not those of this release."""
    from alembic.migration import MigrationContext  # loading Alembic would slow down every start
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(config.ROOT / "migrations"))
    newest = scripts.get_current_head()
    with db.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found and found not in {script.revision for script in scripts.walk_revisions()}:
        said = f"数据库的结构是 {found}，是更新的程序建的，这个程序只到 {newest}。"
        yield Trouble(said, "换上建它的那个版本的程序；不要运行 xtbang setup、xtbang upgrade。")
    elif found != newest:
        advice = "先备份，再运行 xtbang upgrade" if found else "运行 xtbang setup"
        yield Trouble(f"数据库的结构是 {found or '空的'}，程序要的是 {newest}。", f"{advice}。")


@check("时钟", asks_database=True)
def clock(app: Flask) -> Iterator[Trouble]:
    """Yield whether the clock is behind one of the newest events, differs from that of PostgreSQL, or is not kept by NTP."""
    now, advice = app.extensions["engine"].clock(), "用 NTP 校准时钟：timedatectl set-ntp true"
    newest = db.session.scalars(select(Event.at).order_by(Event.id.desc()).limit(NEWEST)).all()
    if newest and max(newest) - now > SKEW:
        yield Trouble("时钟比最近的操作记录的时间还早。", advice)
    if db.engine.dialect.name == "postgresql":
        there = db.session.connection().exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        if isinstance(there, datetime) and abs(there - now) > SKEW:
            yield Trouble(f"时钟与数据库服务器相差 {abs(there - now).total_seconds():.0f} 秒。", advice)
    program = shutil.which("timedatectl")
    if program:
        asked = [program, "show", "--property=NTPSynchronized", "--value"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=5)  # noqa: S603
        if done.stdout.strip() == "no":
            yield Trouble("时钟没有与 NTP 同步。", advice)


@check("后台任务运行", asks_database=True)
def worker(app: Flask) -> Iterator[Trouble]:
    """Yield whether no worker has asked for the reminders of today."""
    local = app.extensions["engine"].clock().astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = select(Job.id).where(Job.kind == "reminders", Job.key == f"{local.date()}")
    if local - midnight > PLANNED and db.session.scalar(asked) is None:
        yield Trouble("后台任务没有在运行：今天的到期提醒还没有写。", START)


@check("后台任务排队", asks_database=True, alarms=True)
def queue(app: Flask) -> Iterator[Trouble]:
    """Yield what has waited too long for a worker, and what it has given up lately."""
    found = backlog(db.session(), app.extensions["engine"].clock(), len(DELAYS))
    late = [waiting for waiting in found.jobs.values() if waiting.oldest > LATE_JOB]
    if late:
        oldest = _in_words(max(waiting.oldest for waiting in late))
        yield Trouble(f"{sum(waiting.count for waiting in late)} 项后台任务没有办，最早的已等了{oldest}。", START)
    if app.config["SMTP_HOST"] and found.mails.oldest > LATE_MAIL:
        said = f"{found.mails.count} 封邮件没有发出，最早的已等了{_in_words(found.mails.oldest)}。"
        yield Trouble(said, "看“管理 → 邮件记录”里的原因，核对邮件服务器。")
    if found.papers.oldest > LATE_PAPER:
        said = f"{found.papers.count} 份文书没有印出归档，最早的已等了{_in_words(found.papers.oldest)}。"
        yield Trouble(said, "看日志里 xtbang.jobs 的记录；服务没有启动的，先启动。")
    if found.given_up:
        said = f"近 {RECENT.days} 天有 {found.given_up} 项后台任务没有办成。"
        yield Trouble(said, "看“管理 → 后台任务”里的原因，排除后重做。")


@check("数据备份", alarms=True)
def backup(app: Flask) -> Iterator[Trouble]:
    """Yield whether the last backup is old, failed its check, or was never made."""
    made, place = last(app.config["INSTANCE"]), app.config["BACKUP_FOLDER"]
    if place and not os.access(place, os.W_OK | os.X_OK):
        yield Trouble(
            f"备份的文件夹 {place} 不存在，或者不能写入。",
            "建好它，属主为运行服务的用户；或者改 XTBANG_BACKUP_FOLDER。",
        )
    if said := warning(made, app.extensions["engine"].clock()):
        found = f"（{'；'.join(made.faults[:3])}）" if made and made.faults else ""
        yield Trouble(f"{said.removesuffix('。')}{found}。", "设置 XTBANG_BACKUP_FOLDER，或运行 xtbang backup 文件夹。")


@check("操作记录", asks_database=True, alarms=True)
def chain(app: Flask) -> Iterator[Trouble]:
    """Yield whether the last verification of all events, or that of the last backup, has found one that was changed."""
    advice, made = "不要改动数据库；留下备份，查明是谁、何时改的。", last(app.config["INSTANCE"])
    for sentence in made.broken[:MOST] if made else ():
        yield Trouble(sentence, advice)
    done = select(Job).where(Job.kind == "check_chains", Job.finished_at.is_not(None), Job.error == "")
    job = db.session.scalars(done.order_by(Job.id.desc()).limit(1)).first()
    if job and job.data.get("broken"):
        yield Trouble(job.result, advice)


@check("已存文件", asks_database=True)
def stored_files(app: Flask) -> Iterator[Trouble]:
    """Yield the newest files that are recorded and not in the store; a backup looks at every one."""
    newest = db.session.execute(select(StoredFile.sha256, StoredFile.name).order_by(StoredFile.id.desc()).limit(NEWEST))
    gone = [name for sha256, name in newest if not app.extensions["store"].exists(sha256)]
    if gone:
        names = "、".join(map(quoted, gone[:MOST]))
        said = f"最近的 {NEWEST} 个文件里有 {len(gone)} 个不在文件存储里：{names}{'等' if len(gone) > MOST else ''}。"
        yield Trouble(said, "核对 XTBANG_FILES、XTBANG_S3_BUCKET 是不是指向原来的地方；文件确实丢失的，从备份里取回。")


@check("密钥与数据", asks_database=True)
def key_of_records(app: Flask) -> Iterator[Trouble]:
    """Yield whether none of the newest papers has a check code that the secret key of this installation gives."""
    site = app.extensions["engine"].site
    papers = db.session.scalars(select(Paper).order_by(Paper.id.desc()).limit(NEWEST)).all()
    if papers and not any(map(partial(_is_of_key, site), papers)):
        said = "密钥不是出具这些文书时的那个：原来的密码和登录验证码都对不上，签过的链接打不开。"
        advice = "从备份里取回 secret_key（或 XTBANG_SECRET_KEY），换过密钥的把原来的留在后面（XTBANG_FORMER_KEYS）。"
        yield Trouble(said, advice)


def _is_of_key(site: Site, paper: Paper) -> bool:
    facts = paper.project_id or 0, paper.name, paper.subject, paper.version, paper.data
    codes = (paper_code(site, *facts, made_at) for made_at in (None, paper.made_at))
    return any(code[:COMPARED] == paper.code[:COMPARED] for code in codes)


@check("资金合计", asks_database=True)
def money(app: Flask) -> Iterator[Trouble]:
    """Yield which stored sums are not what the ledger and the grants add up to, and of which projects the plan of payments is wrong."""
    wrong = list(islice(wrong_money_totals(db.session()), MOST))
    if wrong:
        where = "、".join("，".join(map(str, key)) for key in wrong)
        yield Trouble(f"保存的资金合计与台账、项目加总的不一致：{where}。", "运行 xtbang index，合计会重新加总。")
    plans = list(islice(wrong_expected_payments(db.session(), app.extensions["engine"].policy), MOST))
    if plans:
        where = "、".join(map(str, plans))
        yield Trouble(f"保存的用款计划与按项目推算的不一致，项目 {where}。", "运行 xtbang index，用款计划会重新推算。")


@check("节假日", asks_database=True, alarms=True)
def holidays(app: Flask) -> Iterator[Trouble]:
    """Yield the year whose holidays are not known although it is near."""
    today, known = (
        day_of(app.extensions["engine"].clock()),
        holidays_of(db.session(), app.extensions["engine"].policy.city),
    )
    for year in sorted({today.year, (today + AHEAD).year}):
        if not is_known(date(year, 1, 1), known):
            said = f"{year} 年的节假日安排程序还不知道，公示期限只能按周末和法定节日推算。"
            yield Trouble(said, "国务院公布后，由办理部门的两人在“管理 → 放假安排”登记、复核。")


@check("规则版本", asks_database=True)
def editions(app: Flask) -> Iterator[Trouble]:
    """Yield the files of editions that are not what was frozen."""
    for sentence in faults(standings_of(app)):
        yield Trouble(sentence, "见 docs/workflows.zh-CN.md“修订已在使用的版本”。")


def _in_words(span: timedelta) -> str:
    if span >= timedelta(days=1):
        return f" {span.days} 天"
    minutes = span.seconds // 60
    return f" {minutes // 60} 小时" if minutes >= 60 else f" {minutes} 分钟"
