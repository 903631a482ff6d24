"""The base of the demo steps: the plan of an entry, its people, the texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self, TypeVar

from sqlalchemy import select

from xtbang.demo import texts
from xtbang.demo.driver import Driver
from xtbang.models import Bid, Notice, NoticeItem, Project
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI

Found = TypeVar("Found")


@dataclass
class Plan:
    """The parameters of an entry."""

    kind: str
    index: int  # number of the topic
    issuer: int  # id of the organisation, as for bidders and member
    bidders: Sequence[int]
    member: int | None = None
    total: Decimal = Decimal("120")  # 万元
    subsidy: Decimal = Decimal("30")  # 万元
    months: int = 20
    responsible: str = "bidder"  # responsible party of a subjective termination
    words: str = ""  # the edition whose texts are used, when it is not the own one


class Steps:
    """A project with its plan; subclasses add the steps."""

    def __init__(self, driver: Driver, project: Project, plan: Plan) -> None:
        self.driver = driver
        self.project_id = project.id
        self.plan = plan

    @property
    def project(self) -> Project:
        """Return the project as stored."""
        return self.driver.session.get_one(Project, self.project_id)

    @property
    def issuer(self) -> Actor:
        """Return the person of the issuer."""
        return self.driver.member(self.plan.issuer)

    @property
    def bidder(self) -> Actor:
        """Return the person of the agreed bidder."""
        bid = self.project.agreed_bid
        return self.driver.member(bid.lead_id if bid else self.plan.bidders[0])

    def go(self, steps: Sequence[str], least: int = 1, most: int = 9) -> Self:
        """Take the steps one after the other, with some days in between."""
        for name in steps:
            step: Callable[[], None] = getattr(self, name)
            step()
            self.driver.clock.pass_days(self.driver.rng, least, most)
        return self

    def _bid(self, organisation: int) -> Bid:
        query = select(Bid).where(Bid.project_id == self.project_id, Bid.lead_id == organisation)
        return self.driver.session.scalars(query).one()

    def _document(self, kind: str) -> Any:
        return self.driver.engine.policy.edition(self.project.edition).documents[kind]

    def _county(self) -> Actor:
        return self.driver.actor(self.driver.people.counties[self.project.region])

    def _notice(self) -> Notice:
        query = (
            select(Notice).join(NoticeItem).where(NoticeItem.project_id == self.project_id, Notice.kind == "publicity")
        )
        return required(self.driver.session.scalars(query.order_by(Notice.id.desc())).first())

    def _text(self, pool: str) -> str:
        return self.driver.rng.choice(texts.pools(pool))


def required(found: Found | None) -> Found:
    """Return an object that must exist at this step. Raise LookupError when it does not."""
    if found is None:
        raise LookupError("the project has not come this far")
    return found


def last_day(start: date, months: int) -> date:
    """Return the last day of a term of so many months."""
    year, month = divmod(start.month - 1 + months, 12)
    return date(start.year + year, month + 1, min(start.day, 28)) - timedelta(days=1)


def midnight_after(day: date) -> datetime:
    """Return one minute after the midnight that ends the day, in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1, minutes=1)
