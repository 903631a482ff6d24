"""Make a PostgreSQL database empty: its rows are deleted, which takes a tenth of the time of copying a template anew.

Connections stay open, so that the server does not have to learn of every table again for every test.
"""

from collections.abc import Callable

import psycopg
from sqlalchemy import Engine

from tests.support.databases import SWEEP, TABLES
from tests.support.postgres import PostgresServer

SCHEMA = (
    "SELECT count(*), max(xmin::text::bigint) FROM (SELECT xmin FROM pg_class UNION ALL SELECT xmin FROM pg_trigger) q"
)
TAKEN = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in TABLES)  # noqa: S608
LEFT_OPEN = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
)
COUNT_ANEW = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"


def emptier(server: PostgresServer, database: Engine, name: str, template: str) -> Callable[[], None]:
    """Return what empties the database of that name; a copy of the template the first time, and whenever a test changed its schema."""
    fresh: list[object] = []
    times = 0

    def copy() -> None:
        database.dispose()
        server.drop_database(name)
        server.create_database(name, template)
        with server.connect(name) as connection:
            fresh[:] = [connection.execute(SCHEMA).fetchone()]

    def empty() -> None:
        nonlocal times
        times += 1
        if not fresh:
            copy()
            return
        with server.connect(name) as connection:
            same = connection.execute(SCHEMA).fetchone() == fresh[0]
            if same:
                if connection.execute(LEFT_OPEN).fetchall():
                    database.dispose()
                delete_rows(connection)
                if times % SWEEP == 0:
                    connection.execute(f"VACUUM {', '.join(TABLES)}")
        if not same:
            copy()

    return empty


def delete_rows(connection: psycopg.Connection) -> None:
    """All of them, whatever refers to them or forbids it, and numbers begin at 1 again."""
    taken = [name for (name,) in connection.execute(TAKEN).fetchall()]
    connection.execute("SET session_replication_role = replica")
    if taken:
        connection.execute("; ".join(f"DELETE FROM {table}" for table in taken))  # noqa: S608
    connection.execute(COUNT_ANEW)
