"""The schema's migrations by Flask-Migrate: for commands only, as loading Alembic would slow every start."""

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import Connection, inspect, text

from xtbang import config
from xtbang.extensions import db


def add_migrations(app: Flask) -> Flask:
    """Make ``flask_migrate.upgrade()`` and ``xtbang db`` know the folder; the same application."""
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    return app


def correct_label(connection: Connection) -> None:
    """Label a database as revision 0005 that says 0004 and holds what 0005 makes; commit.

    From b270672 until cfad8fe the first revision made ``signature.doubt`` itself. Adding it again would fail, so this
    cannot be a revision after 0005; and nothing but the label is wrong.
    """
    seen = inspect(connection)
    columns = seen.get_columns("signature") if seen.has_table("signature") else []
    if seen.has_table("alembic_version") and any(column["name"] == "doubt" for column in columns):
        connection.execute(text("UPDATE alembic_version SET version_num = '0005' WHERE version_num = '0004'"))
    connection.commit()
