"""Who is waited for and was never told: what somebody else does makes it a person's turn, and no mail says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from xtbang.models import Bid, BidMember, Mail, Panel, Person, Project, Role, Seat
from xtbang.queries.caller import actor_of
from xtbang.queries.desk.tasks import items
from xtbang.rules.actor import Actor
from xtbang.workflow.engine import Engine, Outcome

OFFICES = ("science", "industry", "leader", "finance")
Wait = tuple[int, str, str]  # person, task of the desk, action


class WatchedEngine(Engine):
    """An engine that looks at the desks before and after what an office or a party does for the first time in a state, and each expert."""

    watching: ClassVar[bool] = False
    watched: ClassVar[set[tuple[str, str, str]]] = set()
    begun: ClassVar[set[tuple[datetime, Wait]]] = set()
    untold: ClassVar[set[str]] = set()

    @classmethod
    @contextmanager
    def watch(cls) -> Iterator[None]:
        """Look at the desks for the time of a block."""
        before, cls.watching = cls.watching, True
        yield
        cls.watching = before

    def perform(
        self, session: Session, project_id: int, trigger: str, actor: Actor, *args: Any, **more: Any
    ) -> Outcome:
        project = session.get(Project, project_id) if self.watching else None
        who = str(actor.person_id) if "expert" in actor.roles else min(actor.roles, default="")
        deed = trigger, project.state if project else "", who
        if project is None or deed in self.watched:
            return super().perform(session, project_id, trigger, actor, *args, **more)
        before, last = self._waiting(session, project), session.scalar(select(func.max(Mail.id))) or 0
        session.rollback()
        outcome = super().perform(session, project_id, trigger, actor, *args, **more)
        self.watched.add(deed)
        if project := session.get(Project, project_id, populate_existing=True):
            told = {actor.person_id, *session.scalars(select(Mail.person_id).where(Mail.id > last))}
            for wait in self._waiting(session, project) - before:
                if wait[0] not in told and (project.state_since, wait) not in self.begun:
                    awaited = "、".join(sorted(session.get_one(Person, wait[0]).role_names))
                    self.untold.add(f"{awaited} waits with {wait[1]} after {trigger} in {deed[1]}")
                self.begun.add((project.state_since, wait))
        session.rollback()
        return outcome

    def _waiting(self, session: Session, project: Project) -> set[Wait]:
        """What waits in this project, on every desk of those who have to do with it."""
        return {
            (person.id, task.key, item.trigger)
            for person in session.scalars(_concerned(project)).unique().all()
            for task, rows in items(self.caller(session, actor_of(person)), 9, [project.id], (project.state,))
            for item in rows
        }


def _concerned(project: Project) -> Select[Any]:
    """The officers, those of the county, the parties, whoever bids, two of the experts."""
    bids = select(Bid.lead_id).where(Bid.project_id == project.id)
    members = select(BidMember.organisation_id).join(Bid).where(Bid.project_id == project.id)
    seats = select(Seat.expert_id).join(Panel).where(Panel.project_id == project.id, Panel.status == "open")
    seats = seats.order_by(Seat.id).limit(2)
    offices = select(Person.id).join(Person.roles).where(Role.name.in_(OFFICES))
    county = select(Person.id).join(Person.roles).where(Role.name == "county", Person.region == project.region)
    units = Person.organisation_id
    parties = or_(units.in_([project.issuer_id, project.agency_id]), units.in_(bids), units.in_(members))
    return select(Person).where(or_(*(Person.id.in_(some) for some in (seats, offices, county)), parties))
