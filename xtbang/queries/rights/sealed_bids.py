"""Decide who may read which bids: sealed until the bid window is over and everything sent within it has arrived.

``collected`` is the moment up to which everything has arrived (`Caller.collected`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Bid, BidMember, Mail, Person, Project
from xtbang.rules.actor import Actor

READ_BIDS = frozenset({*BUREAU_ROLES, "leader", "auditor"})
NEVER_READ = ("draft", "withdrawn")  # except by the bidder and its consortium
SEALING = ("listing", "withdrawn")  # states with bids that may not be read yet, or ever


def unsealed(project: Project, collected: datetime) -> bool:
    """Return whether submitted bids may be read: on the board only after the bid window.

    On the market track bids are open at once; those of an entry withdrawn before the end of its window stay sealed.
    """
    if project.track != "funded":
        return True
    until, closed = project.bids_until, project.closed_at
    return until is not None and until < collected and (closed is None or until < closed)


def hidden(project: Project, collected: datetime) -> bool:
    """Return whether even the bureaus may not know yet who has bid, or how many."""
    return project.state in SEALING and not unsealed(project, collected)


def hidden_projects(collected: datetime | ColumnElement[datetime]) -> Select[int]:
    """Return the query for the ids of projects whose bids are `hidden`."""
    return select(Project.id).where(_sealed(Project, collected)).correlate(None)


def of_hidden(project_id: Any, collected: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that the bids of the project of a row are `hidden`, asked row by row (OFFSET: by PostgreSQL, too)."""
    project = aliased(Project)
    found = select(project.id).where(project.id == project_id, _sealed(project, collected)).offset(0)
    return found.correlate_except(project).exists()


def _sealed(project: Any, collected: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    until = project.bids_until
    sealed = or_(until.is_(None), until >= collected, until >= project.closed_at)
    return and_(project.state.in_(SEALING), project.track == "funded", sealed)


def to_hidden_bidder(collected: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a mail is about a project with hidden bids and went to one of its bidders.

    Older mails have no relation of their reader to the project: then any bid of the reader's organisation there counts.
    """
    reader = aliased(Person)
    member = exists().where(BidMember.bid_id == Bid.id, BidMember.organisation_id == reader.organisation_id)
    bids_there = exists().where(
        reader.id == Mail.person_id,
        Bid.project_id == Mail.project_id,
        or_(Bid.lead_id == reader.organisation_id, member.correlate(Bid, reader)),
    )
    return and_(of_hidden(Mail.project_id, collected), or_(Mail.relation.in_(("bidder", "member")), bids_there))


def is_own(bid: Bid, actor: Actor) -> bool:
    """Return whether the actor's organisation leads the bid or is named as a member of its consortium."""
    if "applicant" not in actor.roles or actor.organisation_id is None:
        return False
    return actor.organisation_id in {bid.lead_id, *(member.organisation_id for member in bid.members)}


def readable(bid: Bid, project: Project, actor: Actor, collected: datetime) -> bool:
    """Return whether this person may read this bid now."""
    if is_own(bid, actor):
        return True
    is_issuer = "applicant" in actor.roles and actor.organisation_id == project.issuer_id
    if bid.status in NEVER_READ or not (is_issuer or actor.roles & READ_BIDS):
        return False
    if bid.status == "submitted" or project.state == "withdrawn":
        return unsealed(project, collected)
    return True  # agreed, not chosen, released: open since one was chosen


def readable_bid(collected: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition on ``Bid`` and its ``Project`` under which those who read bids (`READ_BIDS`) may read the bid now."""
    over = and_(
        Project.bids_until < collected, or_(Project.closed_at.is_(None), Project.bids_until < Project.closed_at)
    )
    open_by_then = or_(Project.track.is_(None), Project.track != "funded", over)
    sealable = or_(Bid.status == "submitted", Project.state == "withdrawn")
    return and_(Bid.status.not_in(NEVER_READ), or_(~sealable, open_by_then))


def visible_to(session: Session, project: Project, actor: Actor, collected: datetime) -> list[Bid]:
    """Return the bids of a project that this person may read, oldest first, with lead and members loaded."""
    query = select(Bid).where(Bid.project_id == project.id).order_by(Bid.id)
    query = query.options(joinedload(Bid.lead), joinedload(Bid.members).joinedload(BidMember.organisation))
    return [bid for bid in session.scalars(query).unique() if readable(bid, project, actor, collected)]
