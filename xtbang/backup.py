"""Backups: a consistent copy of the database, every stored file once, the secret key; and a check of the copy.

A folder contains ``xtbang-20261123-201500.db`` (``.dump`` for PostgreSQL) for each backup, ``files`` as in the store,
and ``secret_key``. The latest backup is recorded in ``instance/backup.json``, which the page 管理 → 数据备份 shows.
"""

import json
import logging
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import file_digest
from pathlib import Path

from flask import Flask
from sqlalchemy import URL, create_engine, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from xtbang import keys
from xtbang.domain.known_breaks import CHANGED, broken_chains
from xtbang.extensions import db
from xtbang.models import StoredFile
from xtbang.rules.dates import SHANGHAI

LOG = logging.getLogger("xtbang.backup")
RECORD, FILES = "backup.json", "files"
OVERDUE = timedelta(days=2)
NO_PROGRAM = (
    "没有找到 {}。PostgreSQL 数据库由 pg_dump 备份：请安装 postgresql-client（与服务器同一大版本），"
    "或在数据库服务器上运行 pg_dump。"
)


class BackupError(Exception):
    """No backup was made; the sentence says why."""


@dataclass(frozen=True)
class Backup:
    """A backup that was made."""

    at: datetime
    path: str  # of the copy of the database
    size: int  # of the copy of the database, bytes
    files: int  # number of files in the folder
    copied: int  # number of files copied this time
    bucket: str = ""  # the bucket of the files, which are not copied then; "" for a folder
    faults: list[str] = field(default_factory=list)
    recorded: bool = True  # whether `RECORD` says so; on a full disk the copy elsewhere is made all the same

    @property
    def broken(self) -> list[str]:
        """Return the faults that are changed events."""
        return [fault for fault in self.faults if fault.startswith(CHANGED)]


def back_up(app: Flask, folder: Path) -> Backup:
    """Copy everything, check the copy, record it if there is room. Raise BackupError; an unfinished copy is removed."""
    now = app.extensions["engine"].clock()
    with app.app_context():
        url = db.engine.url
    if (folder / FILES).resolve() == Path(app.config["FILES"]).resolve():
        raise BackupError("备份不能放在系统自己的文件夹里，请换一个文件夹。")
    folder.mkdir(parents=True, exist_ok=True)
    suffix = ".db" if url.get_backend_name() == "sqlite" else ".dump"
    path = folder / f"xtbang-{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}{suffix}"
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.touch(0o600)
        if suffix == ".db":
            copy_sqlite(Path(str(url.database)), unfinished)
        else:
            _dump(url, unfinished)
        _sync(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    bucket = app.config["S3_BUCKET"]
    every = [] if bucket else list(stored_files(Path(app.config["FILES"])))
    results = [copy_file(source, folder / FILES / place) for source, place in every]
    copy_key(app.config["INSTANCE"], folder)
    faults = [
        f"文件 {source.name[:16]}… 已损坏，没有备份。"
        for (source, _), done in zip(every, results, strict=True)
        if done is None
    ]
    faults += check(path, None if bucket else folder / FILES)
    if suffix == ".dump":  # which cannot be opened: the chains are those of the database
        with app.app_context():
            faults += broken_chains(db.session())
            db.session.rollback()
    made = Backup(now, str(path.resolve()), path.stat().st_size, len(every), results.count(True), bucket, faults)
    try:
        _record(app.config["INSTANCE"] / RECORD, made)
    except OSError:
        LOG.exception("the backup %s is not recorded", path)
        return replace(made, recorded=False)
    return made


def last(instance: Path) -> Backup | None:
    """Return the latest backup that was made here, if any."""
    try:
        recorded = json.loads((instance / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Backup(**recorded | {"at": datetime.fromisoformat(recorded["at"])})


def warning(made: Backup | None, now: datetime) -> str:
    """Return what is wrong with the state of the backups; "" when nothing is."""
    if made is None:
        return "还没有备份。"
    if made.faults:
        return "最近一次备份没有通过核验。"
    return f"最近一次备份已是 {(now - made.at).days} 天前。" if now - made.at > OVERDUE else ""


def newest(folder: Path) -> Path:
    """Return the latest copy of a database in a folder. Raise BackupError when there is none."""
    found = sorted(path for path in folder.glob("xtbang-*") if path.suffix in (".db", ".dump"))
    if not found:
        raise BackupError(f"{folder} 中没有备份。")
    return found[-1]


def check(path: Path, files: Path | None, *, thorough: bool = False) -> list[str]:
    """Return what is wrong with a copy: whether it opens, its pages, references, event chains and stored files.

    With ``thorough`` every file is read again; otherwise only its presence is checked, since its digest was compared
    when it was copied.
    """
    if path.suffix == ".dump":
        return run_program("pg_restore", "--file=/dev/null", str(path))
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            faults = [f"数据库损坏：{row[0]}" for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
            lost = len(copy.execute("PRAGMA foreign_key_check").fetchall())
        if lost:
            faults.append(f"数据库中有 {lost} 处引用的记录不存在。")
        engine = create_engine(f"sqlite:///{path.resolve().as_uri()}?mode=ro&uri=true")
        with Session(engine) as session:
            faults += broken_chains(session)
            faults += missing_files(session, files, thorough) if files else []
        engine.dispose()
    except (sqlite3.DatabaseError, DatabaseError) as error:
        return [f"数据库打不开：{error.__cause__ or error}"]
    return faults


def missing_files(session: Session, files: Path, thorough: bool) -> Iterator[str]:
    """Yield a sentence for every stored file that is not in the folder; with ``thorough`` also for changed ones."""
    for digest in session.scalars(select(StoredFile.sha256).distinct().order_by(StoredFile.sha256)):
        path = files / digest[:2] / digest[2:4] / digest
        if not path.is_file():
            yield f"缺少文件 {digest[:16]}…"
        elif thorough and _digest(path) != digest:
            yield f"文件 {digest[:16]}… 的内容被改动过。"


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy by SQLite's backup function: a copy of the file alone would miss what is still in the write-ahead log."""
    with closing(sqlite3.connect(source)) as database, closing(sqlite3.connect(target)) as copy:
        database.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def copy_key(source: Path, target: Path) -> None:
    """Copy the secret keys from one folder to another, if there are any, readable by its owner alone."""
    if (source / keys.FILE).exists():
        unfinished = target / f".{keys.FILE}.{os.getpid()}"
        shutil.copyfile(source / keys.FILE, unfinished)
        unfinished.chmod(0o600)
        unfinished.replace(target / keys.FILE)


def _dump(url: URL, target: Path) -> None:
    address = url.set(drivername="postgresql", password=None).render_as_string()
    if wrong := run_program(
        "pg_dump", "--format=custom", f"--file={target}", f"--dbname={address}", password=url.password
    ):
        raise BackupError("；".join(wrong))


def run_program(program: str, *arguments: str, password: str | None = None) -> list[str]:
    """Run a program of PostgreSQL; return its complaints. Raise BackupError when it is not installed."""
    known = shutil.which(program)
    if known is None:
        raise BackupError(NO_PROGRAM.format(program))
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(  # noqa: S603
        [known, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    return [f"{program}：{done.stderr.strip()}"] if done.returncode else []


def stored_files(files: Path) -> Iterator[tuple[Path, Path]]:
    """Yield every file of a store, and its path relative to the store."""
    for path in sorted(files.glob("??/??/*")):
        if len(path.name) == 64:
            yield path, path.relative_to(files)


def copy_file(source: Path, target: Path) -> bool | None:
    """Copy a file if necessary; return whether it was copied, None for a damaged file, which is not copied."""
    if target.exists() and target.stat().st_size == source.stat().st_size:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".new-{os.getpid()}")
    shutil.copyfile(source, unfinished)
    if _digest(unfinished) != source.name:
        unfinished.unlink()
        return None
    unfinished.chmod(0o400)
    _sync(unfinished)
    unfinished.replace(target)
    return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _record(path: Path, made: Backup) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}")
    text = json.dumps(asdict(made) | {"at": made.at.isoformat()}, ensure_ascii=False)
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
