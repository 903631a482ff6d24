"""A served application, a browser, its participants.

With XTBANG_PICTURES=1 there is a picture of every step under ``test-output/browser``, otherwise of what a test failed at.

Walks are served on SQLite unless they are marked ``ON_POSTGRESQL``, or ``ON_BOTH``: then `make faults` walks them again.
"""

import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from flask_security import hash_password
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.browser_driver import PASSWORD, BrowserDriver
from tests.support.postgres import PostgresServer
from tests.support.server import stop_server
from tests.support.site import QUICK, WatchedSession
from xtbang import create_app
from xtbang.demo import make_calls
from xtbang.demo.clock import Clock
from xtbang.demo.driver import Driver
from xtbang.demo.participants import ParticipantBuilder, Participants
from xtbang.demo.walk import Plan, Walk
from xtbang.domain.new_project import create_entry
from xtbang.extensions import db
from xtbang.models import Base, Call, Project
from xtbang.models.writing import begin_write
from xtbang.reception import Reception

OUTPUT = Path(__file__).parents[2] / "test-output" / "browser"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
AGAIN = "postgresql-again"  # the same pages a second time: no pictures of them
SECOND = pytest.param("postgresql", id=AGAIN, marks=pytest.mark.faults)
ON_BOTH = pytest.mark.parametrize("served", ["sqlite", SECOND], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("served", ["postgresql"], indirect=True)
DATABASE = "xtbang_browser"
PICTURES = bool(os.environ.get("XTBANG_PICTURES"))  # each is as much work as the step that it shows
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A walk takes as long as it takes, on a busy machine many times as long as on an idle one."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(3600 if item.get_closest_marker("faults") else 900))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="package")  # while it runs, an event loop runs too, which other tests of the process cannot have
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Served:
    """The running application and everyone in it."""

    app: Flask
    url: str
    clock: Clock
    session: Session
    participants: Participants
    calls: Any


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Served by threads of this process, its clock in our hand; on a SQLite file or, when asked for, on PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield from serving(tmp_path, f"sqlite:///{tmp_path / 'browser.db'}")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    yield from serving(tmp_path, server.create_database(DATABASE))
    server.drop_database(DATABASE)


# whoever has signed in stays signed in, however far the clock is moved and however slow the machine is
STAYS = {
    "REMEMBER_COOKIE_DURATION": timedelta(days=3650),
    "SESSION_HOURS": 99,
    "PAYER_MINUTES": 999,
    "PROOF_MINUTES": 999,
}


def serving(folder: Path, url: str) -> Iterator[Served]:
    """The application on an empty database, with everyone in it."""
    with made(folder, url) as (app, session):
        clock = Clock()
        app.extensions["engine"].clock = clock
        with app.app_context():
            password = hash_password(PASSWORD)
        begin_write(session)
        participants = ParticipantBuilder(session, Random(5), password).everyone()
        calls = make_calls(session, participants, clock.end + timedelta(days=30))
        session.commit()
        with listening(app) as address:
            yield Served(app, address, clock, session, participants, calls)


@contextmanager
def made(folder: Path, url: str) -> Iterator[tuple[Flask, Session]]:
    """The application on an empty database, and a session of it."""
    app = create_app(
        {
            "INSTANCE": folder,
            "FILES": str(folder / "files"),
            "SQLALCHEMY_DATABASE_URI": url,
            "SITE_URL": "http://127.0.0.1:8000",
            "DEMO": False,
            "TOTP_ROLES": (),
            **QUICK,
            **STAYS,
        }
    )
    with app.app_context():
        database = db.engine
        Base.metadata.create_all(database)
    session = WatchedSession(database, expire_on_commit=False)
    yield app, session
    session.close()
    database.dispose()


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The address of the application, whose clock is set by now."""
    server = Reception(app, "127.0.0.1", 0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    stop_server(server, thread)


@pytest.fixture
def browser_driver(served: Served, browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserDriver]:
    """Hands on the served application; the test fails on any 500 and any error in a console."""
    engine, store = served.app.extensions["engine"], served.app.extensions["store"]
    name = request.node.name
    folder = OUTPUT / name.replace("[sqlite]", "").replace("[", "-").replace("]", "")
    shots = folder if PICTURES and AGAIN not in name else None
    made = BrowserDriver(
        served.session, engine, store, served.clock, served.participants.people, Random(5), browser, served.url, shots
    )
    yield made
    if request.node.stash.get(FAILED, False):
        made.shots = folder
    for page in made.pages.values():
        made.shot(page, "failed")
        page.context.close()
    assert made.faults == []


Begin = Callable[..., Walk]


@pytest.fixture
def begin(served: Served, browser_driver: BrowserDriver) -> Begin:
    """Begin a project so many days ago; ``by_hand`` steps are done by perform(), the rest by clicking."""

    def make(
        kind: str,
        ago: int,
        by_hand: tuple[str, ...] = (),
        *,
        months: int = 20,
        new: tuple[int, ...] = (),
        edition: str = "2021",
    ) -> Walk:
        participants = served.participants
        issuer = new[0] if new else participants.issuers[0]
        others = [*new[1:], *(bidder for bidder in participants.bidders if bidder != issuer)]
        plan = Plan(kind, 0, issuer, others[:2], others[2] if new else None, Decimal(120), Decimal(30), months)
        served.clock.set(served.clock.end - timedelta(days=ago))
        begin_write(served.session)
        call = served.session.get_one(Call, served.calls.by_edition[edition])
        project = create_entry(browser_driver.caller(browser_driver.member(issuer)), call, kind)
        served.session.commit()
        driver = Driver(
            served.session, browser_driver.engine, browser_driver.store, served.clock, participants.people, Random(5)
        )
        walk = Walk(driver, served.session.get_one(Project, project.id), plan)
        if by_hand:
            walk.write_form()
            walk.go(by_hand, 1, 3)
        walk.driver = browser_driver
        return walk

    return make


@pytest.fixture
def states(served: Served) -> Callable[[Walk], str]:
    """The state of a project as the database has it."""

    def ask(walk: Walk) -> str:
        served.session.rollback()
        return served.session.scalars(select(Project.state).where(Project.id == walk.project_id)).one()

    return ask
