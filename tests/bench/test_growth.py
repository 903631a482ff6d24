"""Every page that can be opened, on copies of the demo: `make bench` at 10,000 and 100,000 projects, `make bench-large` up to a million.

The list of addresses is that of the routes, so that no new page escapes. Processor time, the fastest of a few rounds.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.bench.measure import Table, fastest, served_time
from tests.cli.every_get import Demo
from tests.cli.test_no_scan import asked, browser
from tests.support.copies import grow, projects
from tests.support.databases import create_tables
from xtbang import create_app
from xtbang.demo import build
from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.calendar_address import open_calendar_address
from xtbang.people.officers import create_roles
from xtbang.queries.caller import actor_of
from xtbang.web.office.calendar import key_of

pytestmark = [pytest.mark.bench, pytest.mark.timeout(4 * 3600)]
SIZES = [int(size) for size in os.environ.get("XTBANG_BENCH_SIZES", "10000 100000").split()]
LOG = os.environ.get("XTBANG_BENCH_LOG")  # a file, written after each size
ROUNDS = 2
GOAL, SUMS = 1.3, 2.0
SUMMED = ("/finance", "/admin", "/calls-admin")  # pages that sum or count everything
WORDS = ("技", "技术", "关键", "关键技", "关键技术", "控制 电机", "第9份", "第99份", "龘", "没有这样的词")
SEARCHED = (  # common, rare and absent, of one to six characters
    *(path + words for path in ("/lists?q=", "/search?q=") for words in WORDS),
    "/projects?q=没有这样的词",
    "/admin/audit?name=没有这个人",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The program on the demo."""
    if request.param == "sqlite":
        demo: Path = request.getfixturevalue("demo_folder")
        folder = Path(shutil.copytree(demo, tmp_path / "instance"))
        url = f"sqlite:///{folder / 'xtbang.db'}"
    else:
        folder, url = tmp_path, request.getfixturevalue("postgres_server").create_database("growth")
    app = create_app({"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": url})
    if request.param == "postgresql":
        with app.app_context():
            create_tables(db.engine)
            create_roles(db.session())
        build(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_growth(site: Flask, table: Table) -> None:
    """Each page at each size beside itself at the smallest."""
    with site.app_context():  # not around the requests, which would share whom it knows
        engine = db.engine
    with Session(engine) as session:
        addresses = list(addresses_of(site, session))
        browsers = {who: browser(site, session, who) for who, _address in addresses}
    with engine.connect() as connection:
        each = projects(connection)
    made, on = 0, engine.dialect.name
    first: dict[str, float] = {}
    for size in SIZES:
        engine.dispose()  # whoever makes so many rows has the database alone
        took = grow(engine.url, made + 1, copies := size // each - 1)
        made = copies
        spent = dict(measured(engine, browsers, addresses))
        table.lines.append(f"g) {on}: processor time at {size} and at {SIZES[0]} projects; copied in {took}")
        first = first or spent
        for place, seconds in sorted(spent.items(), key=lambda item: first[item[0]] / item[1]):
            table.add(f"g) {place}", seconds, first[place], SUMS if place.startswith(SUMMED) else GOAL)
        if LOG:
            Path(LOG).write_text("\n".join(table.lines) + "\n")


def measured(
    engine: Engine, browsers: Mapping[str, FlaskClient], addresses: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, float]]:
    """Yield each page and its seconds, of the database's processes too."""
    for who, address in addresses:
        work = partial(opened, browsers[who], address)
        work()
        yield f"{address} {who.partition('@')[0]}", fastest(ROUNDS, work, clock=served_time(engine))[0]


def opened(by: FlaskClient, address: str) -> int:
    """Open a page, read it whole, and return its status."""
    with by.get(address) as answer:
        answer.get_data()
        return answer.status_code


def addresses_of(app: Flask, session: Session) -> Iterator[tuple[str, str]]:
    """Who opens which address: one for each route, in each role that may; then filters, sorts, searches, pages far down."""
    engine = app.extensions["engine"]
    owner = session.scalars(select(Person).order_by(Person.id)).first()
    assert owner is not None
    with app.app_context():
        open_calendar_address(engine.caller(db.session(), actor_of(owner)))
        key = key_of(owner)
    demo = Demo(session, engine.policy, key)
    once = set()
    for who, address in asked(app, demo):
        route = app.url_map.bind("").match(address.partition("?")[0])[0]
        if (route, who, "?" in address) in once and "?" not in address:
            continue
        once.add((route, who, "?" in address))
        if not address.endswith((".pdf", "xlsx")) and opened(browser(app, session, who), address) == 200:
            yield who, address
    for address in SEARCHED:
        yield demo.officer("auditor" if "audit" in address else "science"), address
