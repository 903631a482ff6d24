"""The schema's migrations by Flask-Migrate: for commands only, as loading Alembic would slow every start."""

from flask import Flask
from flask_migrate import Migrate

from xtbang import config
from xtbang.extensions import db


def add_migrations(app: Flask) -> Flask:
    """Make ``flask_migrate.upgrade()`` and ``xtbang db`` know the folder; the same application."""
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    return app
