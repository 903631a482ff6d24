"""A company in a database in memory, copied fresh for every example; one project to be played with."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from random import Random
from typing import ClassVar

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from tests.workflow.conftest import WORKFLOWS
from xtbang.demo.cast import Casting, Company
from xtbang.demo.clock import Clock
from xtbang.demo.stage import Stage
from xtbang.demo.walk import Plan, Walk
from xtbang.models import Base, Call, Event, LedgerEntry, Mail, Paper, Project, StoredFile
from xtbang.models.writing import begin_write, prepare_engine, watch_session
from xtbang.rules.money import wan
from xtbang.stages.context import SHANGHAI, Actor, Site
from xtbang.stages.entries import create_entry
from xtbang.workflow.definition import Policy, load_policy
from xtbang.workflow.engine import Engine

BEGAN = datetime(2025, 3, 3, 1, tzinfo=UTC)
FAR = datetime(2060, 1, 1, tzinfo=UTC)


class FreeClock(Clock):
    """A clock without an end."""

    def __init__(self) -> None:
        super().__init__(FAR)
        self.now = BEGAN


class NoStore:
    """Files are not what is examined here."""

    def put(self, content: bytes) -> str:
        return f"{abs(hash(content)):064x}"[:64]


@dataclass(frozen=True)
class Shot:
    """What the database says about the project."""

    state: str
    version: int
    events: int
    last_event: int
    ledger: int
    papers: int
    files: int
    mails: int


@cache
def policy() -> Policy:
    return load_policy(WORKFLOWS)


@cache
def template() -> tuple[sqlite3.Connection, Company]:
    """The company without any project, made once."""
    engine = _memory()
    Base.metadata.create_all(engine)
    with _session(engine) as session:
        begin_write(session)
        company = Casting(session, Random(7), "!").everyone()
        session.add(
            Call(
                code="2021", title="批次", edition="2021", kinds=["tech_demand", "scene_demand", "tech_supply"],
                opens_at=datetime(2021, 1, 1, tzinfo=UTC), closes_at=FAR,
            )
        )  # fmt: skip
        session.commit()
    connection = engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection, company


def _memory():  # type: ignore[no-untyped-def]
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    prepare_engine(engine)
    return engine


def _session(engine) -> Session:  # type: ignore[no-untyped-def]
    factory = sessionmaker(engine, class_=Session)
    watch_session(factory)
    return factory()


class Life:
    """One example."""

    PEOPLE: ClassVar[tuple[str, ...]] = (
        "issuer", "bidder", "member", "outsider", "science", "industry", "leader", "finance", "county", "auditor", "admin",
    )  # fmt: skip

    def __init__(self, kind: str, seed: int) -> None:
        source, company = template()
        self.database = _memory()
        target = self.database.raw_connection().driver_connection
        source.backup(target)
        self.session = _session(self.database)
        self.clock = FreeClock()
        self.engine = Engine(policy(), Site(b"secret", "http://127.0.0.1:8000"), self.clock)
        stage = Stage(self.session, self.engine, NoStore(), self.clock, company.cast, Random(seed))  # type: ignore[arg-type]
        issuer = company.issuers[0]
        others = [organisation for organisation in company.bidders if organisation != issuer]
        self.organisations = {"issuer": issuer, "bidder": others[0], "member": others[2], "outsider": others[3]}
        plan = Plan(kind, seed, issuer, others[:2], others[2] if seed % 2 else None, Decimal(120), Decimal(30))
        begin_write(self.session)
        call = self.session.scalars(select(Call)).one()
        edition = policy().edition("2021")
        project = create_entry(self.session, call, edition, kind, stage.member(issuer), self.clock())
        self.session.commit()
        self.project_id = project.id
        self.stage = stage
        self.walk = Walk(stage, project, plan)
        self.walk.write_form()

    @property
    def project(self) -> Project | None:
        return self.session.get(Project, self.project_id)

    @property
    def today(self) -> date:
        return self.clock.now.astimezone(SHANGHAI).date()

    def actor(self, person: str) -> Actor:
        if person in self.organisations:
            return self.stage.member(self.organisations[person])
        if person == "county":
            project = self.project
            assert project is not None
            return self.stage.actor(self.stage.cast.counties[project.region])
        return self.stage.office(person)

    def amounts(self) -> tuple[str, ...]:
        """Amounts worth trying: what is due, half of it, a 分 more."""
        project = self.project
        subsidy = (project.subsidy_city if project else None) or Decimal(300000)
        half = subsidy / 2
        return tuple(wan(amount) for amount in (subsidy, half, half / 2, half + Decimal("0.01"), Decimal(480000)))

    def sums(self, kind: str) -> dict[str, Decimal]:
        query = select(LedgerEntry.source, func.sum(LedgerEntry.amount)).where(
            LedgerEntry.project_id == self.project_id, LedgerEntry.kind == kind
        )
        return {source: amount for source, amount in self.session.execute(query.group_by(LedgerEntry.source))}

    def shot(self) -> Shot:
        self.session.rollback()
        self.session.expire_all()
        project = self.project
        counts = [
            self.session.scalar(select(func.count(model.id)).where(model.project_id == self.project_id)) or 0
            for model in (Event, LedgerEntry, Paper, StoredFile)
        ]
        mails = self.session.scalar(select(func.count(Mail.id))) or 0
        last = self.session.scalar(select(func.max(Event.id)).where(Event.project_id == self.project_id)) or 0
        state, version = (project.state, project.version) if project else ("", 0)
        return Shot(state, version, counts[0], last, counts[1], counts[2], counts[3], mails)

    def close(self) -> None:
        self.session.close()
        self.database.dispose()
