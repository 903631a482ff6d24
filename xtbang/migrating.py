"""Database migrations by Flask-Migrate, loaded by commands only: loading Alembic would slow down every start."""

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import Connection, inspect, text

from xtbang import config
from xtbang.extensions import db


def add_migrations(app: Flask) -> Flask:
    """Register the folder of migrations for ``flask_migrate.upgrade()`` and ``xtbang db``; return the application."""
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    return app


def correct_label(connection: Connection) -> None:
    """Change the label of a database from revision 0004 to 0005 if it already has what 0005 adds; commit.

    From b270672 until cfad8fe the first revision created ``signature.doubt`` itself. Adding the column again would
    fail, so this cannot be a revision after 0005; only the label is wrong.
    """
    seen = inspect(connection)
    columns = seen.get_columns("signature") if seen.has_table("signature") else []
    if seen.has_table("alembic_version") and any(column["name"] == "doubt" for column in columns):
        connection.execute(text("UPDATE alembic_version SET version_num = '0005' WHERE version_num = '0004'"))
    connection.commit()
