"""Databases of earlier releases with rows of their demos, put back on SQLite and PostgreSQL as they were.

`tests.support.dump_release` wrote tests/architecture/releases; nothing of it needs the history of the repository.
"""

import json
import lzma
import sqlite3
from pathlib import Path
from typing import Any

import psycopg

from tests.support.postgres import OWNER, PostgresServer

FOLDER = Path(__file__).resolve().parents[1] / "architecture" / "releases"
SUFFIX = ".json.xz"
# oldest first
RELEASES = (
    "00ddfe7",
    "28c5609",
    "ca76e54",
    "4987807",
    "2c05868",
    "39928ed",
    "b270672",
    "994c280",
    "dd8bcf23",
    "8893cc0a",
    "e0a0b928",
)
SMALL = RELEASES[-3:]  # of later revisions: few projects, tried on SQLite

Release = dict[str, Any]  # revision; schema: of sqlite and postgresql; rows: table -> columns and rows


def read(name: str) -> Release:
    """A release's schemas and rows."""
    found: Release = json.loads(lzma.decompress((FOLDER / f"{name}{SUFFIX}").read_bytes()))
    return found


def fill_sqlite(release: Release, file: Path) -> None:
    """Make the database in a file that does not exist yet."""
    database = sqlite3.connect(file)
    with database:
        for statement in release["schema"]["sqlite"]:
            database.execute(statement)
        for table, held in release["rows"].items():
            marks = ", ".join("?" * len(held["columns"]))
            database.executemany(
                f"INSERT INTO {table} ({', '.join(held['columns'])}) VALUES ({marks})",  # noqa: S608
                held["rows"],
            )
    database.close()


def fill_postgresql(release: Release, server: PostgresServer, name: str) -> None:
    """Make the database in an empty one of that name."""
    with psycopg.connect(host=str(server.folder), user=OWNER, dbname=name) as database:
        database.execute(release["schema"]["postgresql"])
        database.execute("SET session_replication_role = replica")
        for table, held in release["rows"].items():
            with database.cursor().copy(f"COPY {table} ({', '.join(held['columns'])}) FROM STDIN") as copy:
                for row in held["rows"]:
                    copy.write_row(row)
            if "id" in held["columns"]:
                database.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
                )
