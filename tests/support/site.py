"""The application for tests, once on a SQLite file and once on PostgreSQL, with an empty database for every test.

The application is made once per process; only its database is put back. Tests write through `session`, a session of
their own: a request made while an application context is pushed would share its session and its signed-in person.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from tests.support.databases import WatchedSession, create_tables, replace_file
from tests.support.emptying import emptier
from tests.support.postgres import PostgresServer
from xtbang import create_app
from xtbang.extensions import db
from xtbang.models import Person
from xtbang.models.writing import prepare_engine

# passwords are hashed with little work
QUICK: dict[str, Any] = {"SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__rounds": 1, "argon2__memory_cost": 64}}
TEMPLATE, DATABASE = "xtbang_template", "xtbang_test"


@dataclass
class TestSite:
    """An application and the way to empty its database."""

    __test__ = False
    app: Flask
    database: Engine
    empty: Callable[[], None]


def application(folder: Path, url: str, **more: Any) -> tuple[Flask, Engine]:
    overrides = {
        "INSTANCE": folder,
        "FILES": str(folder / "files"),
        "SQLALCHEMY_DATABASE_URI": url,
        "SECRET_KEY": "test",
        "SITE_URL": "http://localhost",
        "DEMO": False,
        "TESTING": True,
        "WTF_CSRF_ENABLED": False,
        "SMTP_HOST": "",
        "PRINT_WALL": 600.0,  # the machine may be busy
        "TOTP_ROLES": (),
    }
    made = create_app(QUICK | overrides | more)
    with made.app_context():
        return made, db.engine


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestSite]:
    """On a SQLite file, which need not outlive a failure of the machine."""
    folder = tmp_path_factory.mktemp("sqlite")
    template = folder / "template.db"
    filler = create_engine(f"sqlite:///{template}")
    prepare_engine(filler)
    create_tables(filler)
    filler.dispose()
    app, database = application(folder, f"sqlite:///{folder / 'test.db'}")
    event.listen(database, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    yield TestSite(app, database, lambda: replace_file(database, template))
    database.dispose()


@pytest.fixture(scope="session")
def postgresql_site(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[TestSite]:
    """On PostgreSQL; every test gets a copy of one template, or the same copy once more without its rows."""
    postgres_server.drop_database(TEMPLATE)
    filler = create_engine(postgres_server.create_database(TEMPLATE))
    create_tables(filler)
    filler.dispose()
    app, database = application(tmp_path_factory.mktemp("postgresql"), postgres_server.url(DATABASE))
    yield TestSite(app, database, emptier(postgres_server, database, DATABASE, TEMPLATE))
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application with an empty database; settings and clock are put back afterwards."""
    site: TestSite = request.getfixturevalue(f"{request.param}_site")
    site.empty()
    engine = site.app.extensions["engine"]
    settings, clock, policy = dict(site.app.config), engine.clock, engine.policy
    site.app.extensions["throttle"].reset()
    site.app.extensions.pop("renderer", None)  # with what it remembers of failures
    yield site.app
    site.app.config.clear()
    site.app.config.update(settings)
    engine.clock, engine.policy = clock, policy


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session of the test's own. Write with ``begin_write``; ``rollback()`` before reading what a request wrote."""
    with app.app_context():
        database = db.engine
    with WatchedSession(database, expire_on_commit=False) as made:
        made.info["policy"] = app.extensions["engine"].policy
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor without an account."""
    return app.test_client()


@pytest.fixture
def login(app: Flask) -> Callable[[Person], FlaskClient]:
    """``login(person)``: a browser in which that person has signed in."""

    def sign_in(person: Person) -> FlaskClient:
        made: Any = app.test_client()
        with made.session_transaction() as kept:
            kept["_user_id"] = person.fs_uniquifier
            kept["_fresh"], kept["proved_at"] = True, int(time.time())
        return made

    return sign_in
