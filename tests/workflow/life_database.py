"""The participants and one project on its way; every step that is reached once is stored, to begin from again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, ClassVar

from sqlalchemy import select, text

from tests.support.databases import Database
from tests.workflow.conftest import WORKFLOWS
from tests.workflow.life_players import FAR, FINE, RECLAIMING, BareDriver, FineWalk, FreeClock, NoStore
from tests.workflow.life_waits import WatchedEngine
from xtbang.demo.clock import Clock
from xtbang.demo.driver import Driver
from xtbang.demo.participants import ParticipantBuilder, Participants
from xtbang.demo.scenarios import market, until
from xtbang.demo.walk import FUNDED, Plan
from xtbang.domain.new_project import create_entry
from xtbang.models import Call, Panel, Person, Project, Role, Seat
from xtbang.models.writing import begin_write
from xtbang.rules.actor import PUBLIC, Actor
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.money import round_down, wan
from xtbang.rules.policy import Policy
from xtbang.rules.site import Site
from xtbang.workflow.definition import load_policy

SITE = Site(b"secret", "http://127.0.0.1:8000")
KINDS = ["tech_demand", "scene_demand", "tech_supply"]


@dataclass(frozen=True)
class Way:
    """Steps of the demo's walk, one after the other."""

    kind: str
    steps: tuple[str, ...]
    edition: str = "2021"
    consortium: bool = False

    def beginnings(self) -> Iterator["Way"]:
        """The ways that are as far as each of its steps, the sittings of experts in single steps."""
        steps = tuple(single for step in self.steps for single in FINE.get(step, (step,)))
        return (replace(self, steps=steps[:number]) for number in range(len(steps) + 1))


TD, SD, TS = KINDS
WAYS = (
    Way(TD, tuple(FUNDED)),
    Way(SD, tuple(FUNDED), consortium=True),
    Way(TD, tuple(FUNDED), "2024", consortium=True),
    Way(TS, market("register_deal")),
    Way(TD, ("submit", "send_back", "submit", "accept", "list_regular", "promote", "appraise", "drop")),
    Way(TD, until("show", "decline")),
    Way(TD, until("show", "recommend_less", "publish", "confirm")),
    Way(TD, until("publish", "object", "decide", "confirm")),
    Way(TD, until("publish", "object", "decide_upheld", "uphold")),
    Way(TD, until("county_pays", "request_extension", "grant_extension", "report", "request_acceptance")),
    Way(TD, until("request_acceptance", "rectify", "request_acceptance", "examine", "pass_acceptance")),
    Way(TD, until("conclude", "terminate_objective")),
    Way(SD, until("county_pays", "terminate_objective", "recover", "settle"), consortium=True),
    Way(TD, until("report", "terminate_subjective", "recover", "settle"), "2024", consortium=True),
    Way(SD, until("county_pays_second", *RECLAIMING, "recover", "settle"), consortium=True),
)


def beginnings() -> list[Way]:
    """Every step of every way once."""
    return list(dict.fromkeys(beginning for way in WAYS for beginning in way.beginnings()))


@dataclass(frozen=True)
class Shot:
    """What the database says about the project."""

    state: str
    version: int
    events: int
    last_event: int
    last_paper: int


SHOT = text(
    "SELECT (SELECT state FROM project WHERE id = :id), (SELECT version FROM project WHERE id = :id), "
    "(SELECT count(*) FROM event WHERE project_id = :id), (SELECT max(id) FROM event WHERE project_id = :id), "
    "(SELECT max(id) FROM paper)"
)


@cache
def policy() -> Policy:
    return load_policy(WORKFLOWS)


@dataclass(frozen=True)
class Kept:
    """How far the way was, and everything that was in the database then."""

    rows: Any
    now: datetime
    project_id: int


class LifeDatabase:
    """The participants in one database, and what was reached in it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.reached: dict[Way, Kept] = {}
        with database.session() as session:
            begin_write(session)
            self.participants: Participants = ParticipantBuilder(session, Random(7), "!").everyone()
            long_ago = datetime(2021, 1, 1, tzinfo=UTC)
            for edition, kinds in (("2021", KINDS), ("2024", [TD])):
                call = Call(code=edition, title="批次", edition=edition, kinds=kinds, opens_at=long_ago, closes_at=FAR)
                other = {"code": f"{edition}-2", "title": "另一批次", "edition": edition, "kinds": kinds}
                session.add_all((call, Call(**other, opens_at=long_ago, closes_at=FAR, published_at=long_ago)))
            session.commit()
        self.empty = database.keep()

    def at(self, way: Way) -> Kept:
        """What is there at the end of the way; walked only once."""
        if way not in self.reached:
            with WatchedEngine.watch():
                self.reached[way] = self._begin(way) if not way.steps else self._go_on(way)
        return self.reached[way]

    def _begin(self, way: Way) -> Kept:
        """A draft that is filled in."""
        self.database.put_back(self.empty)
        with self.database.session() as session:
            driver = self.driver(session, FreeClock(), 0)
            plan = self.plan(way)
            begin_write(session)
            call = session.scalars(select(Call).where(Call.code == way.edition)).one()
            project = create_entry(driver.caller(driver.member(plan.issuer)), call, way.kind)
            session.commit()
            FineWalk(driver, project, plan).write_form()
            return self._keep(driver, project.id)

    def _go_on(self, way: Way) -> Kept:
        """One step more than was reached before."""
        life = Life(self, replace(way, steps=way.steps[:-1]), len(way.steps))
        life.walk.go(way.steps[-1:], 0, 3)
        kept = self._keep(life.driver, life.project_id)
        life.close()
        return kept

    def _keep(self, driver: Driver, project_id: int) -> Kept:
        driver.session.rollback()
        return Kept(self.database.keep(), driver.clock.now, project_id)

    def driver(self, session: Any, clock: Clock, seed: int) -> Driver:
        people, engine = self.participants.people, WatchedEngine(policy(), SITE, clock)
        return BareDriver(session, engine, NoStore(), clock, people, Random(seed))  # type: ignore[arg-type]

    def plan(self, way: Way) -> Plan:
        """Who posts and who bids."""
        participants = self.participants
        issuers, bidders = participants.issuers, participants.bidders
        if way.kind.endswith("supply"):
            issuers, bidders = participants.suppliers, participants.issuers
        others = [organisation for organisation in bidders if organisation != issuers[0]]
        return Plan(way.kind, 0, issuers[0], others[:2], others[2] if way.consortium else None)


@cache
def lives(database: Database) -> LifeDatabase:
    """Put up once per process and kind of database."""
    return LifeDatabase(database)


class Life:
    """One example."""

    PEOPLE: ClassVar[tuple[str, ...]] = (
        "issuer", "bidder", "member", "outsider", "agency", "expert", "science", "industry", "leader", "finance",
        "county", "other county", "auditor", "admin", "public",
    )  # fmt: skip

    def __init__(self, lives: LifeDatabase, way: Way, seed: int) -> None:
        kept = lives.at(way)
        self.database = lives.database
        self.database.put_back(kept.rows)
        self.session = self.database.session()
        self.clock = FreeClock(kept.now)
        self.driver = lives.driver(self.session, self.clock, seed)
        self.engine = self.driver.engine
        self.project_id = kept.project_id
        plan = lives.plan(way)
        participants = lives.participants
        member, outsider = [one for one in participants.bidders if one not in (plan.issuer, *plan.bidders)][:2]
        self.organisations = {
            "issuer": plan.issuer, "bidder": plan.bidders[0], "member": plan.member or member, "outsider": outsider,
            "agency": participants.agency,
        }  # fmt: skip
        self.walk = FineWalk(self.driver, self.session.get_one(Project, self.project_id), plan)

    @property
    def project(self) -> Project | None:
        return self.session.get(Project, self.project_id)

    @property
    def today(self) -> date:
        return self.clock.now.astimezone(SHANGHAI).date()

    def actor(self, person: str) -> Actor:
        """Someone of that kind, a county's officer and an expert of this very project."""
        if person == "public":
            return PUBLIC
        if person in self.organisations:
            return self.driver.member(self.organisations[person])
        if person == "expert":
            return self.driver.actor(self._expert())
        if person.endswith("county"):
            project = self.project
            assert project is not None
            own = person == "county"
            counties = self.driver.people.counties.items()
            return self.driver.actor(next(who for region, who in counties if (region == project.region) == own))
        return self.driver.office(person)

    def _expert(self) -> int:
        """One on the open panel, the next one to do something, if there is a panel."""
        seat = select(Seat.expert_id).join(Panel).where(Panel.project_id == self.project_id, Panel.status == "open")
        seat = seat.where(Seat.locked_at.is_(None)).order_by(Seat.id).limit(1)
        anyone = select(Person.id).join(Person.roles).where(Role.name == "expert").order_by(Person.id).limit(1)
        return self.session.scalars(seat).first() or self.session.scalars(anyone).one()

    def amounts(self) -> tuple[str, ...]:
        """Amounts worth trying: what is due, half of it, a 分 more; a little."""
        project = self.project
        subsidy = (project.subsidy_city if project else None) or Decimal(300000)
        half = subsidy / 2
        tried = (subsidy, half, half / 2, half + Decimal("0.01"), Decimal(480000), Decimal(100))
        return tuple(wan(round_down(amount)) for amount in tried)

    def shot(self) -> Shot:
        self.session.rollback()
        state, version, events, last, paper = self.session.execute(SHOT, {"id": self.project_id}).one()
        self.session.rollback()
        return Shot(state or "", version or 0, events, last or 0, paper or 0)

    def close(self) -> None:
        self.session.close()
