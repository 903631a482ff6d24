"""No page reads a table that grows from end to end: the plan of every statement of every address that can be opened.

SQLite plans without statistics, so that the plans on the demo are those on a database of any size.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.cli.every_get import VISITOR, WANTED, Demo
from xtbang import create_app
from xtbang.extensions import db
from xtbang.models import Base, Bid, Document, DocumentVersion, Person, Project, StoredFile
from xtbang.people.calendar_address import open_calendar_address
from xtbang.people.person_form import known_roles
from xtbang.queries.caller import actor_of
from xtbang.web.office.calendar import key_of

# what does not grow with the projects: a few rows a year
SMALL = frozenset(
    "role call frozen_edition receiving_account budget_line holiday_year deputy attempt_count restriction "
    "project_import prior_notice addressee party_statement ledger_total entry_total deal_total plan_total".split()
)
COUNTED = {  # what the statement says → why it may read all of them
    "FROM person JOIN person_role": "the accounts of the demo, on its page of signing in",
    "FROM job WHERE job.finished_at": "failed jobs are counted for the administrator",
    "GROUP BY project.edition": "projects are counted by edition, in an index",
}
OF_EVERYTHING = ("/statistics",)  # pages that count and sum up everything there is
MOST, MOST_OF_ALL = 12, 20  # statements of a page; of a desk and of a project's page, which show everything at once
SHOWS_ALL = re.compile(r"/desk|/projects/\d+")
OPEN_ONLY = frozenset(  # indexes of what waits, and of nothing else
    str(index.name)
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
)
NARROWED = (  # filters, sorts and searches of lists
    "/board?q=电机&region=雨湖区",
    "/lists?kind=tech_demand&q=电机 控制",
    "/lists?state=listing&domain=先进装备制造&year=2026",
    "/projects?q=电机&state=listing",
    "/projects?q=电机&sort=-title",
    "/projects?region=雨湖区&kind=tech_demand",
    "/projects?sort=who",
    "/finance/projects?q=电机&region=雨湖区",
    "/finance/lines?sort=-日期",
    "/admin/mails?sort=地址",
    "/search?q=电机",
    "/search?q=电机&kind=form&before=99999999",
    "/notices?kind=publicity",
    "/admin/audit?number=XTJB-2021-0001",
    "/admin/audit?trigger=accept",
    "/admin/audit?first=2026-11-01",
)
SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?$")
ALIAS = re.compile(r'\b(\w+) AS "?(\w+)"?')


class Plans:
    """The statements of all pages, each once, with an address that sends it."""

    def __init__(self, engine: Engine) -> None:
        self.first: dict[str, tuple[str, Any]] = {}
        self.address = ""
        self.number: Counter[str] = Counter()  # of statements of the page that is open, by its address
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        self.number[self.address] += 1
        if statement.startswith(("SELECT", "WITH")):
            self.first.setdefault(" ".join(statement.split()), (self.address, parameters))

    def scans(self, connection: Connection) -> Iterator[tuple[str, str, str]]:
        """Yield table, address and statement of whatever is read from end to end."""
        for statement, (address, parameters) in list(self.first.items()):
            tables = {alias: table for table, alias in ALIAS.findall(statement)}
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            if "LIMIT" in statement and "USE TEMP B-TREE FOR ORDER BY" not in plan:
                continue  # what is read in order ends when the page is full
            for read in filter(None, map(SCAN.match, plan)):
                table = tables.get(read[1], read[1])
                if table in Base.metadata.tables and table not in SMALL and read[2] not in OPEN_ONLY:
                    yield table, address, statement


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Iterator[Flask]:
    """The program on the demo."""
    folder = Path(shutil.copytree(demo_folder, tmp_path_factory.mktemp("plans") / "instance"))
    app = create_app({"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'xtbang.db'}"})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def rules_of(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]


def asked(app: Flask, demo: Demo) -> Iterator[tuple[str, str]]:
    """Who opens which address, each once."""
    everyone = [VISITOR, *(demo.officer(role) for role in known_roles(demo.policy))]
    done = set()
    for rule in rules_of(app):
        for who, values in WANTED[rule.endpoint](demo) if rule.arguments else [(who, {}) for who in everyone]:
            once = (who, tuple(values.values()), rule.endpoint)
            if once in done or rule.endpoint == "public.blank_form":  # which asks for nothing
                continue
            done.add(once)
            with app.test_request_context(base_url="http://127.0.0.1"):
                yield who, app.url_for(rule.endpoint, **values) if values else rule.rule
    for address in NARROWED:
        for who in everyone:
            yield who, address


def most_of(address: str) -> int:
    """Return how many statements that page may ask, whatever it shows."""
    return MOST_OF_ALL if SHOWS_ALL.fullmatch(address.partition("?")[0]) else MOST


def browser(app: Flask, session: Session, email: str) -> FlaskClient:
    client = app.test_client()
    if email:
        person = session.scalars(select(Person).where(Person.email == email)).one()
        with client.session_transaction() as kept:
            kept["_user_id"], kept["_fresh"] = person.fs_uniquifier, True
    return client


@pytest.mark.timeout(600)
def test_no_page_reads_a_growing_table_from_end_to_end(site: Flask) -> None:
    with site.app_context():
        engine = db.engine
        owner = db.session.scalars(select(Person).order_by(Person.id)).first()
        assert owner is not None
        deeds = site.extensions["engine"]
        open_calendar_address(deeds.caller(db.session(), actor_of(owner)))
        key = key_of(owner)
        db.session.remove()
    with Session(engine) as session:
        addresses = list(asked(site, Demo(session, deeds.policy, key)))
        plans = Plans(engine)
        many = asking_too_much(site, session, plans, addresses)
    assert len(plans.first) > 300
    assert many == {}, "a page asks too much, or the same of each of its rows"
    with engine.connect() as connection:
        found = list(plans.scans(connection))
    stale = [part for part in COUNTED if not any(part in statement for _table, _address, statement in found)]
    assert stale == []
    read = [
        scan for scan in found if not scan[1].startswith(OF_EVERYTHING) and not any(part in scan[2] for part in COUNTED)
    ]
    assert read == [], "an index is missing, or the question is not asked by one: see the plan of EXPLAIN QUERY PLAN"


def asking_too_much(
    site: Flask, session: Session, plans: Plans, addresses: Iterable[tuple[str, str]]
) -> dict[str, int]:
    """Open every page as who is named with it; how many statements each asked that asked more than it may."""
    browsers: dict[str, FlaskClient] = {}
    many: dict[str, int] = {}
    for who, address in addresses:
        if who not in browsers:
            browsers[who] = browser(site, session, who)
        plans.address = address
        browsers[who].get(address)
        if (number := plans.number.pop(address, 0)) > most_of(address):
            many[address] = number
    return many


def inside_projects(demo: Demo) -> Iterator[tuple[str, str]]:
    """Whatever is done in every project, by everybody who does it or confirms it; its documents, versions, bids and files."""
    for project in demo.session.scalars(select(Project).order_by(Project.id)):
        parties = demo.parties(project)
        known = parties | dict.fromkeys(("party", "member"), parties["issuer"])
        page = f"/projects/{project.id}"
        for action in demo.policy.actions.values():
            if project.state in action.sources:
                for who in {
                    known.get(role) or demo.officer(role) for role in {*action.who, *action.second} - {"public"}
                }:
                    yield who, f"{page}/actions/{action.trigger}"
        for role in ("science", "leader", "finance", "county", "auditor", "agency"):
            yield demo.officer(role), page
        yield from ((who, page) for who in parties.values())
    for document in demo.session.scalars(select(Document)):
        who = demo.member(document.organisation_id) if document.organisation_id else demo.science
        yield who, f"/projects/{document.project_id}/documents/{document.id}"
    for number, document in demo.session.execute(select(DocumentVersion.number, Document).join(Document)):
        yield demo.science, f"/projects/{document.project_id}/documents/{document.id}/versions/{number}"
    yield from ((demo.member(bid.lead_id), f"/bids/{bid.id}") for bid in demo.session.scalars(select(Bid)))
    yield from ((demo.science, f"/files/{number}") for number in demo.session.scalars(select(StoredFile.id)))


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_no_page_inside_any_project_asks_too_much(site: Flask) -> None:
    with site.app_context():
        engine = db.engine
        db.session.remove()
    with Session(engine) as session:
        addresses = [
            found
            for found in inside_projects(Demo(session, site.extensions["engine"].policy, ""))
            if found[0] not in ("", "None")
        ]
        many = asking_too_much(site, session, Plans(engine), addresses)
    assert len(addresses) > 4000
    assert many == {}
