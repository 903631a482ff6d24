"""Room for very many new rows: without indexes and without a journal, which come again when the rows are there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}
BEFORE = {
    "sqlite": (
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -1000000",
        "INSERT INTO search_term (search_term, rank) VALUES ('hashsize', 200000000)",
    ),
    "postgresql": (
        "SET session_replication_role = replica",
        "SET maintenance_work_mem = '1GB'",
        "SET max_parallel_maintenance_workers = 0",
        "SET work_mem = '64MB'",
    ),
}
AFTER = {
    "sqlite": (
        "INSERT INTO search_term (search_term, rank) VALUES ('hashsize', 1048576)",
        "PRAGMA journal_mode = WAL",
    ),
    "postgresql": ("VACUUM ANALYZE",),
}


@contextmanager
def room_for_many_rows(connection: Connection) -> Iterator[None]:
    """Take the indexes away until the rows are there; nobody else may have that database open."""
    on = connection.dialect.name
    if on == "sqlite":
        os.environ["SQLITE_TMPDIR"] = str(Path(str(connection.engine.url.database)).parent)  # where indexes are sorted
    for statement in BEFORE[on]:
        connection.exec_driver_sql(statement)
    indexes = connection.exec_driver_sql(INDEXES[on]).all()
    for name, _definition in indexes:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        connection.exec_driver_sql(definition)
    connection.commit()
    connection.execution_options(isolation_level="AUTOCOMMIT")
    for statement in AFTER[on]:
        connection.exec_driver_sql(statement)
