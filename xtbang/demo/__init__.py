"""The demo: two calls and entries of every kind in every state, made by walking ``perform()`` (never raw inserts)."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from flask import Flask
from flask_security import hash_password
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from xtbang.config import DEMO_PASSWORD
from xtbang.demo import texts
from xtbang.demo.cast import SINCE, Casting, Company
from xtbang.demo.clock import OfficeClock
from xtbang.demo.plots import PLOTS, Plot
from xtbang.demo.stage import Stage
from xtbang.demo.walk import Plan, Walk
from xtbang.domain.common import UNFINISHED
from xtbang.domain.new_project import create_entry
from xtbang.domain.receiving_accounts import record_account
from xtbang.extensions import db
from xtbang.models import Call, Mail, Person, Project, Restriction, Role
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.workflow.engine import Engine

AMOUNTS = (("120", "30"), ("160", "40"), ("200", "50"), ("180", "15"), ("320", "50"), ("140", "14"), ("500", "48.5"))
NEWS = timedelta(days=14)  # mails of the last two weeks are still unread


@dataclass
class Calls:
    """The calls of both editions."""

    by_edition: dict[str, int]


def build(app: Flask, projects: int = 64, seed: int = 2026) -> int:
    """Fill an empty database with the company, two calls and ``projects`` entries; returns how many were made.

    The same seed on the same day gives the same demo.
    """
    with app.app_context():
        session, rng, clock = db.session(), Random(seed), OfficeClock()  # noqa: S311
        # under 2024 an organisation has one unfinished project: as many more as there are more projects of that kind
        more = max(0, projects - len(PLOTS)) // 4
        with writing(session):
            company = Casting(session, rng, hash_password(DEMO_PASSWORD)).everyone(more)
            calls = make_calls(session, company, clock.end + timedelta(days=30))
        real: Engine = app.extensions["engine"]
        engine = Engine(real.policy, real.site, clock)
        stage = Stage(session, engine, app.extensions["store"], clock, company.cast, rng)
        record_accounts(stage, company)
        with hurry(session), holding(session):
            for number, plot in zip(range(projects), endless(PLOTS), strict=False):
                play(stage, company, calls, plot, number)
                stage.drop()
        with writing(session):
            old = update(Mail).where(Mail.created_at < clock.end - NEWS).values(read_at=Mail.created_at)
            session.execute(old.execution_options(synchronize_session=False))
        return projects


@contextmanager
def hurry(session: Session) -> Iterator[None]:
    """Nobody else writes and everything can be made again: keep what was read, let the disk catch up at the end."""
    kept, session.expire_on_commit = session.expire_on_commit, False
    synchronous(session, "NORMAL")
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        session.expire_on_commit = kept
        synchronous(session, "FULL")


@contextmanager
def holding(session: Session) -> Iterator[None]:
    """Hold on to everyone: a session forgets what nobody else refers to."""
    everyone = [*session.scalars(select(Person)), *session.scalars(select(Role)), *session.scalars(select(Call))]
    yield
    everyone.clear()


def synchronous(session: Session, how: str) -> None:
    """SQLite: wait for the disk after every commit (FULL), or only now and then."""
    session.rollback()
    engine = session.get_bind()
    if engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        connection.cursor().execute(f"PRAGMA synchronous={how}")
        connection.close()


def record_accounts(stage: Stage, company: Company) -> None:
    """Where the city, each county and park gets back what is recovered; nobody has such an account."""
    site, policy = stage.engine.site, stage.engine.policy
    keepers = {"湘潭市": company.cast.offices["finance"]} | company.cast.counties
    for number, (region, person_id) in enumerate(keepers.items()):
        values = {"name": f"{region}财政国库集中收付中心（演示）", "bank_name": "演示银行湘潭分行"}
        values |= {"bank_account": f"9999 0000 0000 {number:04d}", "since": "2021-09-01"}
        record_account(Caller(stage.session, stage.actor(person_id), SINCE, site, policy), values)


def endless(plots: tuple[Plot, ...]) -> Iterator[Plot]:
    """The plots, over and over."""
    while True:
        yield from plots


def make_calls(session: Session, company: Company, end: datetime) -> Calls:
    """A standing call under the 办法 of 2021, and the call of 2024 with its own window."""
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
        row.created_by_id = company.cast.offices["science"]
        session.add(row)
    session.flush()
    return Calls({row.edition: row.id for row in rows})


def play(stage: Stage, company: Company, calls: Calls, plot: Plot, number: int) -> None:
    """One entry from its draft to the end of its plot."""
    rng = stage.rng
    total, subsidy = AMOUNTS[number % len(AMOUNTS)]
    pool = company.suppliers if plot.kind.endswith("supply") else company.issuers
    barred = set(stage.session.scalars(select(Restriction.organisation_id)))
    issuer = issuer_for(stage, company, plot, [one for one in pool if one not in barred], number)
    others = [bidder for bidder in company.bidders if bidder != issuer and bidder not in barred]
    chosen = rng.sample(others, 3)
    member = chosen[2] if plot.consortium else None
    if plot.kind.endswith("supply"):
        chosen = [o for o in company.issuers if o != issuer and o not in barred][number % 5 : number % 5 + 3]
    plan = Plan(plot.kind, number, issuer, chosen[:2], member, Decimal(total), Decimal(subsidy), plot.months)
    if number >= len(PLOTS):
        plan.responsible = "发榜方"  # of those who can bid there are only so many
    stage.clock.set(_start(stage, plot, number))
    stage.clock.ready(office=True)
    call = stage.session.get_one(Call, calls.by_edition[plot.edition])
    with writing(stage.session):
        project = create_entry(stage.caller(stage.member(issuer)), call, plot.kind)
    walk = Walk(stage, stage.session.get_one(Project, project.id), plan)
    if plot.written:
        walk.write_form()
    walk.go(plot.steps, plot.least, plot.most)


def issuer_for(stage: Stage, company: Company, plot: Plot, pool: list[int], number: int) -> int:
    """Who would naturally post the topic, else (or once all topics have been posted) the next one.

    Under 2024 one that has nothing else unfinished.
    """
    natural = company.by_slug[texts.issuer_of(texts.topic_of(plot.kind, number)).slug]
    first = [natural] * (natural in pool and number < len(PLOTS))
    order = first + [pool[(number * 7 + turn) % len(pool)] for turn in range(len(pool))]
    if plot.edition != "2024":
        return order[0]
    busy = set(stage.session.scalars(select(Project.issuer_id).where(Project.state.in_(UNFINISHED))))
    return next(issuer for issuer in order if issuer not in busy)


def _start(stage: Stage, plot: Plot, number: int) -> datetime:
    """When the entry was begun: in the window of 2024, or so many days ago."""
    if plot.edition == "2024":
        return datetime(2024, 8, 27, 1, tzinfo=UTC) + timedelta(days=number % 18, minutes=number)
    return stage.clock.end - timedelta(days=plot.ago + number % 5, minutes=number)
