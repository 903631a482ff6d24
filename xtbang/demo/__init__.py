"""The demo: two calls and entries of every kind in every state, made through ``perform()``, never by raw inserts."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil
from random import Random

from flask import Flask
from flask_security import hash_password
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from xtbang.config import DEMO_PASSWORD
from xtbang.demo import texts
from xtbang.demo.clock import OfficeClock
from xtbang.demo.driver import Driver
from xtbang.demo.participants import SINCE, ParticipantBuilder, Participants
from xtbang.demo.scenarios import SCENARIOS, Scenario
from xtbang.demo.walk import Plan, Walk
from xtbang.domain.budgets import ask_change, confirm_change
from xtbang.domain.common import UNFINISHED
from xtbang.domain.frozen_editions import freeze
from xtbang.domain.new_project import create_entry
from xtbang.domain.receiving_accounts import record_account
from xtbang.extensions import db
from xtbang.models import Call, Mail, Person, Project, Restriction, Role
from xtbang.models.writing import writing
from xtbang.queries.budgets import budget_of
from xtbang.queries.caller import Caller
from xtbang.rules.actor import SYSTEM
from xtbang.rules.import_table import Line, Reading
from xtbang.rules.money import wan
from xtbang.workflow.batch import Wanted, perform_many, start
from xtbang.workflow.engine import Engine
from xtbang.workflow.imports import hand_in

AMOUNTS = (("120", "30"), ("160", "40"), ("200", "50"), ("180", "15"), ("320", "50"), ("140", "14"), ("500", "48.5"))
GRANTED = Decimal(6_000_000)  # 元, of the city for the call of 2024 when there is one entry of every course
UNREAD_FOR = timedelta(days=14)  # mails younger than this are unread


@dataclass
class Calls:
    """The calls of both editions: edition → id."""

    by_edition: dict[str, int]


def build(app: Flask, projects: int = len(SCENARIOS), seed: int = 2026) -> int:
    """Fill an empty database with the participants, two calls and ``projects`` entries; return how many were made.

    The same seed on the same day gives the same demo.
    """
    with app.app_context():
        session, rng, clock = db.session(), Random(seed), OfficeClock()  # noqa: S311
        # under 2024 an organisation may have only one unfinished project: more projects need more organisations
        more = max(0, projects - len(SCENARIOS)) // 4
        with writing(session):
            participants = ParticipantBuilder(session, rng, hash_password(DEMO_PASSWORD)).everyone(more)
            calls = make_calls(session, participants, clock.end + timedelta(days=30))
        real: Engine = app.extensions["engine"]
        engine = Engine(real.policy, real.site, clock)
        driver = Driver(session, engine, app.extensions["store"], clock, participants.people, rng)
        freeze_editions(driver, calls)
        record_accounts(driver, participants)
        with fast_commits(session), keep_loaded(session):
            for number, scenario in zip(range(projects), repeated(SCENARIOS), strict=False):
                run_scenario(driver, participants, calls, scenario, number)
                driver.forget_project()
        recommend_several(driver)
        record_budget(driver, calls.by_edition["2024"], GRANTED * ceil(projects / len(SCENARIOS)))
        hand_in_past_project(driver, participants, calls.by_edition["2021"])
        with writing(session):
            old = update(Mail).where(Mail.created_at < clock.end - UNREAD_FOR).values(read_at=Mail.created_at)
            session.execute(old.execution_options(synchronize_session=False))
        return projects


def recommend_several(driver: Driver) -> None:
    """Recommend the newest projects on the board to the province, in one batch."""
    session, actor = driver.session, driver.office("science")
    driver.clock.set(driver.clock.end - timedelta(minutes=1))
    query = select(Project.id, Project.version).where(Project.state == "listing").order_by(Project.id.desc())
    wanted = [Wanted(row.id, row.version) for row in session.execute(query.limit(3))]
    session.rollback()
    if wanted:
        batch_id = start(driver.engine, session, actor, "recommend_province", wanted, request_key="demo")
        perform_many(driver.engine, session, batch_id)


def hand_in_past_project(driver: Driver, participants: Participants, call_id: int) -> None:
    """Submit a table with one project of before, to be signed by the other office."""
    first = participants.issuers[0]
    other = next(number for number in participants.bidders if number != first)
    issuer, bidder = driver.organisation(first), driver.organisation(other)
    paid = {"source": "city", "instalment": 1, "amount": "10", "dated": "2022-03-01", "note": "SZ-2022-001"}
    values = {
        "number": "XTKJ-2021-07", "title": "矿用电机车能量回收装置", "kind": "tech_demand", "domain": "先进装备制造",
        "region": issuer.region, "issuer_name": issuer.name, "issuer_code": issuer.uscc, "bidder_name": bidder.name,
        "bidder_code": bidder.uscc, "total": "100", "subsidy_city": "20", "subsidy_county": "20", "contract_amount": "60",
        "starts_on": "2022-01-01", "ends_on": "2027-12-31", "state": "execution", "closed_on": "", "issuer_paid": "40",
        "issuer_paid_on": "2022-02-01", "payments": [paid],
    }  # fmt: skip
    driver.session.commit()
    caller, reading = driver.caller(driver.office("science")), Reading((Line(2, values),), ())
    hand_in(caller, {"call": str(call_id)}, "历年项目（演示）.xlsx", b"", reading)


def record_budget(driver: Driver, call_id: int, granted: Decimal) -> None:
    """Record the budget of the call of 2024 (元), and what was carried over at the end of each year; two people each time."""
    session, policy, end = driver.session, driver.engine.policy, driver.clock.end
    driver.clock.set(end - timedelta(minutes=1))
    asker, confirmer = (driver.caller(driver.office(role)) for role in ("finance", "science"))
    changes = [("granted", 2024, granted, date(2024, 8, 20), "年度科技专项预算下达")]
    changes += [
        ("carried", year, Decimal(0), date(year + 1, 1, 10), f"{year}年度结余，项目尚在实施")
        for year in range(2024, end.year)
    ]
    for number, (kind, year, amount, dated, reason) in enumerate(changes, 11):
        found = budget_of(session, policy, call_id)
        left = found.years[year] - found.paid_in.get(year, Decimal(0)) if found else amount
        session.rollback()
        values = {"kind": kind, "year": str(year), "amount": wan(left), "source": "市级科技创新专项资金"}
        values |= {"number": f"潭财预〔{dated.year}〕{number}号", "dated": dated.isoformat(), "reason": reason}
        confirm_change(confirmer, ask_change(asker, call_id, values).id)


@contextmanager
def fast_commits(session: Session) -> Iterator[None]:
    """Yield with cheap commits: objects stay loaded, the disk synchronises at the end; there is no other writer."""
    before, session.expire_on_commit = session.expire_on_commit, False
    synchronous(session, "NORMAL")
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        session.expire_on_commit = before
        synchronous(session, "FULL")


@contextmanager
def keep_loaded(session: Session) -> Iterator[None]:
    """Yield while people, roles and calls stay in memory: a session drops objects without another reference."""
    everyone = [*session.scalars(select(Person)), *session.scalars(select(Role)), *session.scalars(select(Call))]
    yield
    everyone.clear()


def synchronous(session: Session, how: str) -> None:
    """Set how SQLite waits for the disk: after every commit (FULL) or only now and then (NORMAL)."""
    session.rollback()
    engine = session.get_bind()
    if engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        connection.cursor().execute(f"PRAGMA synchronous={how}")
        connection.close()


def record_accounts(driver: Driver, participants: Participants) -> None:
    """Record made-up receiving accounts (收款账户) of the city, each county and park."""
    site, policy = driver.engine.site, driver.engine.policy
    officers = {policy.city.name: participants.people.offices["finance"]} | participants.people.counties
    for number, (region, person_id) in enumerate(officers.items()):
        values = {
            "name": f"{region}财政国库集中收付中心（演示）",
            "bank_name": f"演示银行{policy.city.name.removesuffix('市')}分行",
        }
        values |= {"bank_account": f"9999 0000 0000 {number:04d}", "since": "2021-09-01"}
        record_account(Caller(driver.session, driver.actor(person_id), SINCE, site, policy), values)


def freeze_editions(driver: Driver, calls: Calls) -> None:
    """Freeze the editions of the calls, at the time of their publication."""
    site, policy = driver.engine.site, driver.engine.policy
    with driver.writing():
        for key, call_id in calls.by_edition.items():
            at = driver.session.get_one(Call, call_id).published_at or SINCE
            freeze(Caller(driver.session, SYSTEM, at, site, policy), policy.edition(key))


def repeated(scenarios: tuple[Scenario, ...]) -> Iterator[Scenario]:
    """Yield the scenarios over and over."""
    while True:
        yield from scenarios


def make_calls(session: Session, participants: Participants, end: datetime) -> Calls:
    """Create a permanent call under the 办法 of 2021, and the call of 2024 with its own window."""
    rows = [
        Call(
            code="2021",
            title="湘潭市科技创新“揭榜挂帅”项目常态化征集",
            edition="2021",
            kinds=["tech_demand", "tech_supply", "scene_demand", "scene_supply"],
            opens_at=datetime(2021, 9, 1, tzinfo=UTC) - timedelta(hours=8),
            closes_at=datetime(end.year + 1, 1, 1, tzinfo=UTC) - timedelta(hours=8, microseconds=1),
            guide=texts.guide("2021"),
            notice_days=None,
            published_at=datetime(2021, 8, 31, 2, tzinfo=UTC),
        ),
        Call(
            code="2024",
            title="湘潭市2024年度科技创新“揭榜挂帅”项目技术需求征集",
            edition="2024",
            kinds=["tech_demand"],
            opens_at=datetime(2024, 8, 26, tzinfo=UTC) - timedelta(hours=8),
            closes_at=datetime(2024, 9, 17, tzinfo=UTC) - timedelta(hours=8, microseconds=1),
            papers_due_on=date(2024, 9, 14),
            guide=texts.guide("2024"),
            notice_days=None,
            published_at=datetime(2024, 8, 23, 2, tzinfo=UTC),
        ),
    ]
    for row in rows:
        row.created_by_id = participants.people.offices["science"]
        session.add(row)
    session.flush()
    return Calls({row.edition: row.id for row in rows})


def run_scenario(driver: Driver, participants: Participants, calls: Calls, scenario: Scenario, number: int) -> None:
    """Create one entry and take it through the steps of its scenario."""
    rng = driver.rng
    total, subsidy = AMOUNTS[number % len(AMOUNTS)]
    pool = participants.suppliers if scenario.kind.endswith("supply") else participants.issuers
    barred = set(driver.session.scalars(select(Restriction.organisation_id)))
    issuer = issuer_for(driver, participants, scenario, [one for one in pool if one not in barred], number)
    others = [bidder for bidder in participants.bidders if bidder != issuer and bidder not in barred]
    chosen = rng.sample(others, 3)
    member = chosen[2] if scenario.consortium else None
    if scenario.kind.endswith("supply"):
        chosen = [o for o in participants.issuers if o != issuer and o not in barred][number % 5 : number % 5 + 3]
    plan = Plan(scenario.kind, number, issuer, chosen[:2], member, Decimal(total), Decimal(subsidy), scenario.months)
    if number >= len(SCENARIOS):
        plan.responsible = "issuer"  # a restricted bidder could not bid again, and there are few of them
    driver.clock.set(_start(driver, scenario, number))
    driver.clock.ready(office=True)
    call = driver.session.get_one(Call, calls.by_edition[scenario.edition])
    with writing(driver.session):
        project = create_entry(driver.caller(driver.member(issuer)), call, scenario.kind)
    walk = Walk(driver, driver.session.get_one(Project, project.id), plan)
    if scenario.written:
        walk.write_form()
    walk.go(scenario.steps, scenario.least, scenario.most)


def issuer_for(driver: Driver, participants: Participants, scenario: Scenario, pool: list[int], number: int) -> int:
    """Return the natural issuer of the topic, or the next organisation once all topics have been posted.

    Under 2024, only an organisation without another unfinished project.
    """
    natural = participants.by_slug[texts.issuer_of(texts.topic_of(scenario.kind, number)).slug]
    first = [natural] * (natural in pool and number < len(SCENARIOS))
    order = first + [pool[(number * 7 + turn) % len(pool)] for turn in range(len(pool))]
    if scenario.edition != "2024":
        return order[0]
    busy = set(driver.session.scalars(select(Project.issuer_id).where(Project.state.in_(UNFINISHED))))
    return next(issuer for issuer in order if issuer not in busy)


def _start(driver: Driver, scenario: Scenario, number: int) -> datetime:
    """Return when the entry was created: in the window of 2024, or so many days ago."""
    if scenario.edition == "2024":
        return datetime(2024, 8, 27, 1, tzinfo=UTC) + timedelta(days=number % 18, minutes=number)
    return driver.clock.end - timedelta(days=scenario.ago + number % 5, minutes=number)
