"""The demo in full: every state and every kind, nothing in it that the program itself would not accept."""

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.papers import keys
from tests.support.releases import RELEASES, read
from tests.support.scans import read_codes
from xtbang import create_app
from xtbang.actions.audit import broken
from xtbang.actions.expected_payments import wrong_expected_payments
from xtbang.actions.money_totals import wrong_money_totals
from xtbang.demo import issuer_for
from xtbang.demo.scenarios import SCENARIOS
from xtbang.domain.common import UNFINISHED
from xtbang.extensions import db
from xtbang.models import (
    Document,
    DocumentVersion,
    Event,
    ExpectedPayment,
    Finding,
    FundingDocument,
    LedgerEntry,
    Meeting,
    Notice,
    NoticeItem,
    Organisation,
    Panel,
    Paper,
    Project,
    Seat,
    StoredFile,
)
from xtbang.papers.facts.older import in_present_shape
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.workdays import is_workday


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("demo")
    shutil.copy(demo_folder / "xtbang.db", folder)
    url, files = f"sqlite:///{folder / 'xtbang.db'}", str(demo_folder / "files")
    app = create_app({"INSTANCE": folder, "FILES": files, "SQLALCHEMY_DATABASE_URI": url, "DEMO": True})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_every_state_kind_and_edition_occurs(demo: Flask) -> None:
    rows = db.session.execute(select(Project.state, Project.kind, Project.edition)).all()
    states, kinds, editions = (set(column) for column in zip(*rows, strict=True))
    policy = demo.extensions["engine"].policy
    assert states == set(policy.states)
    assert len(kinds) == 4
    assert editions == set(policy.editions)
    assert len(rows) == len(SCENARIOS)


def test_somebody_has_an_invitation_to_answer(demo: Flask) -> None:
    assert db.session.scalars(select(Seat).where(Seat.status == "invited")).all()


def test_the_audit_trail_holds(demo: Flask) -> None:
    events = db.session.scalars(select(Event).order_by(Event.stream, Event.sequence))
    for _stream, own in groupby(events, lambda event: event.stream):
        assert broken(own) == []


def test_every_stamped_form_bears_the_code_of_what_was_submitted(demo: Flask) -> None:
    query = select(Document.project_id, StoredFile).join(StoredFile, StoredFile.id == Document.scan_id)
    scans = db.session.execute(query.where(Document.kind == "form")).all()
    assert len(scans) > 10
    papers = select(Paper.project_id, Paper.code).where(Paper.name == "form", Paper.state == "current")
    codes = {project: code for project, code in db.session.execute(papers)}
    for project, scan in scans[:10]:
        assert read_codes(demo.extensions["store"].get(scan.sha256), scan.mime) == {codes[project]}


def test_under_2024_nobody_with_an_unfinished_project_posts(demo: Flask) -> None:
    pool = list(db.session.scalars(select(Organisation.id).where(Organisation.kind == "企业")))
    busy = set(db.session.scalars(select(Project.issuer_id).where(Project.state.in_(UNFINISHED))))
    assert busy & set(pool)
    driver, participants = SimpleNamespace(session=db.session), SimpleNamespace(by_slug=defaultdict(lambda: min(busy)))
    scenario = next(scenario for scenario in SCENARIOS if scenario.edition == "2024")
    found = {issuer_for(driver, participants, scenario, pool, number) for number in range(3 * len(SCENARIOS))}  # type: ignore[arg-type]
    assert found == set(pool) - busy


def test_offices_work_in_office_hours(demo: Flask) -> None:
    """Officers on working days from 9 to 17, everybody else by day; only an objection may come at night."""
    roles = {"science", "industry", "leader", "finance", "county"}
    rows = db.session.execute(select(Event.at, Event.role, Event.actor_id).where(Event.actor_id.is_not(None))).all()
    by_office = [row.at.astimezone(SHANGHAI) for row in rows if row.role in roles]
    assert len(by_office) > 300
    assert [at for at in by_office if not (is_workday(at.date()) and 9 <= at.hour < 17)] == []
    assert [at for at, *_ in rows if not 8 <= at.astimezone(SHANGHAI).hour < 22] == []
    papers = [at.astimezone(SHANGHAI) for at in db.session.scalars(select(Paper.made_at))]
    assert [at for at in papers if not 8 <= at.hour < 22] == []


def test_the_dates_of_law_follow_each_other(demo: Flask) -> None:
    """Roadshow, conclusion and opinions, resolution, notice, funding document, contract, payment: as the program asks."""
    compared: Counter[str] = Counter()

    def first(query: Any) -> Any:
        found = db.session.scalars(query.limit(1)).first()
        return found.astimezone(SHANGHAI).date() if isinstance(found, datetime) else found

    for number in db.session.scalars(select(Project.id)):
        panel = Panel.project_id == number, Panel.kind == "roadshow", Panel.status == "concluded"
        finding = Finding.project_id == number, Finding.voided_at.is_(None)
        notice = Notice.kind == "publicity", Notice.published_at.is_not(None), NoticeItem.project_id == number
        paid = LedgerEntry.project_id == number, LedgerEntry.kind == "instalment", LedgerEntry.source == "city"
        days = {
            "roadshow": first(select(Meeting.starts_at).join(Panel).where(*panel).order_by(Panel.id.desc())),
            "conclusion": first(select(Panel.concluded_at).where(*panel).order_by(Panel.id.desc())),
            "opinion": first(select(func.max(Finding.dated)).where(*finding, Finding.kind == "opinion")),
            "resolution": first(
                select(Finding.dated).where(*finding, Finding.kind == "resolution").order_by(Finding.id)
            ),
            "notice": first(select(Notice.published_at).join(NoticeItem).where(*notice).order_by(Notice.id)),
            "funding": first(select(FundingDocument.dated).where(FundingDocument.project_id == number)),
            "contract": first(select(Event.at).where(Event.project_id == number, Event.trigger == "conclude")),
            "payment": first(select(func.min(LedgerEntry.dated)).where(*paid)),
        }
        known = {what: day for what, day in days.items() if day}
        assert [*known.values()] == sorted(known.values()), (number, known)
        compared.update(known.keys())
    assert min(compared.values()) > 10 and len(compared) == len(days)


def test_what_was_spent_adds_up(demo: Flask) -> None:
    """A project that has passed has spent its total; a report never more, and of each subsidy what was paid at most."""
    query = select(Project, DocumentVersion.data, Document.kind).join(Document, Document.project_id == Project.id)
    query = query.join(DocumentVersion, DocumentVersion.document_id == Document.id)
    rows = db.session.execute(query.where(Document.kind.in_(("report", "acceptance")))).all()
    assert len(rows) > 10
    for project, data, kind in rows:
        own, city, county = (yuan_from_wan(data[f"spent_{name}"]) for name in ("own", "city", "county"))
        total, subsidy = project.total_investment, project.subsidy_city
        assert 0 < city == county <= subsidy / 2
        if kind == "acceptance":
            assert total <= own + city + county <= total * Decimal("1.03")
        else:
            assert 0 < own + city + county <= total


def test_papers_have_a_shape_that_older_ones_are_brought_to(demo: Flask) -> None:
    """Who changes the facts of a paper adds a step to `xtbang.papers.facts.older`."""
    known: dict[str, set[str]] = defaultdict(set)
    blank: dict[str, set[str]] = defaultdict(set)
    for release in RELEASES:
        held = read(release)["rows"]["paper"]
        for row in held["rows"]:
            paper = dict(zip(held["columns"], row, strict=True))
            facts = in_present_shape(paper["name"], json.loads(paper["data"]))
            known[paper["name"]] |= set(keys(facts))
            blank[paper["name"]] |= {f".{key}" for key, value in facts.items() if value is None}
    for paper in db.session.scalars(select(Paper)):
        older = known[paper.name]
        # of a list that every older paper leaves empty, and of what an older paper lacks, nothing is known but that it is there
        empty = {key for key in older if not any(other.startswith(f"{key}[]") for other in older)}
        lacking = tuple(f"{key}." for key in blank[paper.name])
        new = {key for key in keys(paper.data) if key not in older and key.split("[]")[0] not in empty}
        new = {key for key in new if not key.startswith(lacking)}
        assert not new, f"{paper.name}: no step of `facts.older` makes this shape"


def test_what_is_kept_of_money_is_what_the_rows_say(demo: Flask) -> None:
    """Of every state, after all corrections, reversals, changes and terminations of the demo."""
    session, policy = db.session(), demo.extensions["engine"].policy
    assert db.session.scalar(select(func.count(ExpectedPayment.number)))
    assert list(wrong_expected_payments(session, policy)) == []
    assert list(wrong_money_totals(session)) == []
