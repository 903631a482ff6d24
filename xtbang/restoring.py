"""Putting a backup (`xtbang.backup`) into an empty installation: database, stored files and secret key."""

import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask
from sqlalchemy import URL, create_engine, inspect, make_url

from xtbang import config
from xtbang.backup import (
    FILES,
    BackupError,
    check,
    copy_file,
    copy_key,
    copy_sqlite,
    missing_files,
    run_program,
    stored_files,
)
from xtbang.domain.known_breaks import CHANGED, admit_breaks, broken_chains
from xtbang.extensions import db
from xtbang.rules.actor import SYSTEM

OCCUPIED = "数据库 {} 里已有内容。恢复只写入空的数据库：请换一个空的数据库，或者先把原有的移走。"
OTHER_KIND = "这份备份是 {} 的，而设置（DATABASE_URL）里的数据库是 {}。"
EMPTY = """
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT oid::regclass AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
  LOOP EXECUTE 'DROP TABLE IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
  FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  LOOP EXECUTE 'DROP FUNCTION IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
END $$
"""
KINDS = {".db": "SQLite", ".dump": "PostgreSQL"}


def unpack(copy: Path, *, known_break: bool = False) -> int:
    """Put in place the copy of a database, with the files and the key of its folder; return how many files there are.

    With ``known_break`` a copy will do in which events were changed, when all else is sound. Raise BackupError when the
    copy is damaged or of another kind of database, or the database is not empty: then nothing was written.
    """
    url, instance = make_url(config.database()), config.instance_folder()
    kind = ".db" if url.get_backend_name() == "sqlite" else ".dump"
    if copy.suffix != kind:
        raise BackupError(OTHER_KIND.format(KINDS.get(copy.suffix, copy.name), KINDS[kind]))
    source = copy.parent / FILES
    faults = check(copy, source if source.is_dir() else None, thorough=True)
    if known_break:
        faults = [fault for fault in faults if not fault.startswith(CHANGED)]
    if faults:
        raise BackupError("备份没有通过核验：" + "".join(faults))
    if _occupied(url):
        raise BackupError(OCCUPIED.format(url.render_as_string()))
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy_key(copy.parent, instance)
    target = config.files_folder()
    every = list(stored_files(source))
    for path, place in every:
        if copy_file(path, target / place) is None:
            raise BackupError(f"文件 {path.name[:16]}… 已损坏。")
    if kind == ".db":
        _put_sqlite(copy, Path(str(url.database)))
    else:
        _put_dump(copy, url)
    return len(every)


def restored_faults(app: Flask, known_break: str = "") -> list[str]:
    """Return what is wrong with the restored installation, once the migrations newer than the backup are applied.

    ``known_break`` is the reason for which changed events are known; then they are recorded as such.
    """
    from flask_migrate import upgrade

    upgrade()
    files = None if app.config["S3_BUCKET"] else Path(app.config["FILES"])
    caller = app.extensions["engine"].caller(db.session(), SYSTEM)
    admitted = admit_breaks(caller, known_break) if known_break else []
    found = [fault for fault in broken_chains(db.session()) if fault not in admitted]
    return found + (list(missing_files(db.session(), files, thorough=True)) if files else [])


def _occupied(url: URL) -> bool:
    """Return whether the database has tables."""
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return False
    engine = create_engine(url)
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _put_sqlite(copy: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    copy_sqlite(copy, target)
    target.chmod(0o600)


def put_back(copy: Path, url: URL) -> None:
    """Replace the content of the database by a copy of it, while nothing writes. Raise BackupError when that fails."""
    if copy.suffix == ".db":
        with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(str(url.database))) as target:
            source.backup(target)
        return
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY)
    engine.dispose()
    _put_dump(copy, url)


def _put_dump(copy: Path, url: URL) -> None:
    address = url.set(drivername="postgresql", password=None).render_as_string()
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    if wrong := run_program("pg_restore", *options, f"--dbname={address}", str(copy), password=url.password):
        raise BackupError("；".join(wrong))
