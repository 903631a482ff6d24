"""Alembic's environment: the database and the tables of the running application."""

from collections.abc import Callable
from typing import Any

from alembic import context
from flask import current_app
from flask_security import AsaList
from sqlalchemy.engine import Connection

from xtbang.migrating import correct_label
from xtbang.models.base import Base, Moment, Yuan

PLAIN = {Yuan: "sa.BigInteger()", Moment: "sa.DateTime(timezone=True)", AsaList: "sa.UnicodeText()"}


def render_item(kind: str, item: Any, _autogen_context: Any) -> str | bool:
    """Our column types as what they are in the database, so that an old revision needs no code of ours."""
    if kind == "type":
        return next((text for known, text in PLAIN.items() if isinstance(item, known)), False)
    return False


def run(connection: Connection) -> None:
    """Run what was asked for, each revision in its own transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def without_foreign_keys(connection: Connection, work: Callable[[], None]) -> None:
    """Do the work with SQLite's foreign keys off. Raise ValueError for a row that refers to what is missing since then.

    SQLite changes a table by copying it: the old one is dropped while other tables refer to it.
    """
    database: Any = connection.connection.driver_connection
    before = _dangling(database)
    database.execute("PRAGMA foreign_keys=OFF")
    try:
        work()
        if missing := _dangling(database) - before:
            raise ValueError(f"rows refer to what is not there: {sorted(missing)[:5]}")
    finally:
        database.execute("PRAGMA foreign_keys=ON")


def _dangling(database: Any) -> set[tuple[str, int, str]]:
    """Return table, row and table that is referred to, of every row that refers to a row that does not exist."""
    return {row[:3] for row in database.execute("PRAGMA foreign_key_check")}


def migrate(connection: Connection) -> None:
    """Put a wrong label right, run the revisions and commit."""
    correct_label(connection)
    run(connection)
    connection.commit()


with current_app.extensions["migrate"].db.engine.connect().execution_options(writes=True) as database:
    if database.dialect.name == "sqlite":
        without_foreign_keys(database, lambda: migrate(database))
    else:
        migrate(database)
