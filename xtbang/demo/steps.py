"""What every step of a demo walk needs: the plan, the people, the words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self, TypeVar

from sqlalchemy import select

from xtbang.demo import texts
from xtbang.demo.stage import Stage
from xtbang.models import Bid, Notice, NoticeItem, Project
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI

Found = TypeVar("Found")


@dataclass
class Plan:
    """What is to become of one entry."""

    kind: str
    index: int  # which topic
    issuer: int  # organisations
    bidders: Sequence[int]
    member: int | None = None
    total: Decimal = Decimal("120")  # 万元
    subsidy: Decimal = Decimal("30")  # 万元
    months: int = 20
    responsible: str = "揭榜方"  # for a termination that is somebody's fault
    words: str = ""  # the edition whose words are used, when not its own


class Steps:
    """A project and what has been said about it."""

    def __init__(self, stage: Stage, project: Project, plan: Plan) -> None:
        self.stage = stage
        self.project_id = project.id
        self.plan = plan

    @property
    def project(self) -> Project:
        """The project, as the database has it now."""
        return self.stage.session.get_one(Project, self.project_id)

    @property
    def issuer(self) -> Actor:
        """The issuer's person."""
        return self.stage.member(self.plan.issuer)

    @property
    def bidder(self) -> Actor:
        """The chosen bidder's person."""
        bid = self.project.agreed_bid
        return self.stage.member(bid.lead_id if bid else self.plan.bidders[0])

    def go(self, steps: Sequence[str], least: int = 1, most: int = 9) -> Self:
        """Do the steps one after the other, with days in between."""
        for name in steps:
            step: Callable[[], None] = getattr(self, name)
            step()
            self.stage.clock.pass_days(self.stage.rng, least, most)
        return self

    def _bid(self, organisation: int) -> Bid:
        query = select(Bid).where(Bid.project_id == self.project_id, Bid.lead_id == organisation)
        return self.stage.session.scalars(query).one()

    def _document(self, kind: str) -> Any:
        return self.stage.engine.policy.edition(self.project.edition).documents[kind]

    def _county(self) -> Actor:
        return self.stage.actor(self.stage.cast.counties[self.project.region])

    def _notice(self) -> Notice:
        query = (
            select(Notice).join(NoticeItem).where(NoticeItem.project_id == self.project_id, Notice.kind == "publicity")
        )
        return there(self.stage.session.scalars(query.order_by(Notice.id.desc())).first())

    def _said(self, pool: str) -> str:
        return self.stage.rng.choice(texts.pools(pool))


def there(found: Found | None) -> Found:
    """What must be there at this step; LookupError when it is not."""
    if found is None:
        raise LookupError("the project has not come this far")
    return found


def last_day(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    return date(start.year + year, month + 1, min(start.day, 28)) - timedelta(days=1)


def midnight_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1, minutes=1)
