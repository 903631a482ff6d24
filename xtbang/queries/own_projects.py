"""My projects (我的事项): entries and bids of an organisation, invitations to confirm, open calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from xtbang.models import Bid, BidMember, Call, Document, Event, Project
from xtbang.queries.caller import Caller
from xtbang.queries.paging import paged
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import CallShown

PAGE = 30


def own_entries(caller: Caller, organisation_id: int, done: bool, before: int | None = None) -> list[Project]:
    """Return the projects of an issuer or agreed bidder, newest first; PAGE + 1 rows when there are more."""
    members = select(BidMember.bid_id).where(BidMember.organisation_id == organisation_id)
    agreed = select(Bid.id).where(or_(Bid.lead_id == organisation_id, Bid.id.in_(members)), Bid.status == "agreed")
    ours = or_(Project.issuer_id == organisation_id, Project.agreed_bid_id.in_(agreed))
    finished: ColumnElement[bool] = Project.state.in_(caller.policy.final)
    query = select(Project).where(ours, finished if done else ~finished)
    query = query.options(
        joinedload(Project.issuer),
        joinedload(Project.agreed_bid).joinedload(Bid.lead),
    )
    return list(caller.session.scalars(paged(query.order_by(Project.id.desc()), Project.id, before, PAGE)))


def bids(session: Session, organisation_id: int) -> list[Bid]:
    """Return the bids of the organisation as lead or member that are not agreed, newest first."""
    members = select(BidMember.bid_id).where(BidMember.organisation_id == organisation_id)
    query = select(Bid).where(or_(Bid.lead_id == organisation_id, Bid.id.in_(members)), Bid.status != "agreed")
    loaded = joinedload(Bid.project).joinedload(Project.issuer)
    query = query.options(loaded, joinedload(Bid.lead), joinedload(Bid.document))
    return list(session.scalars(query.order_by(Bid.id.desc()).limit(PAGE)))


def reasons(caller: Caller, projects: Iterable[Project]) -> dict[int, str]:
    """Return by project why it was refused, stopped or sent back: the action's name and its reason, open to the parties."""
    actions = caller.policy.actions
    told = [action.trigger for action in actions.values() if action.reason_told and action.tone == "stop"]
    query = select(Event.project_id, Event.trigger, Event.reason).join(Project, Project.id == Event.project_id)
    query = query.where(Event.project_id.in_([project.id for project in projects]), Event.trigger.in_(told))
    query = query.where(Event.outcome == "moved", Event.at == Project.state_since, Event.reason != "")
    rows = caller.session.execute(query.order_by(Event.id))
    return {row.project_id: f"{actions[row.trigger].name}的理由：{row.reason}" for row in rows}


@dataclass(frozen=True)
class Invitation:
    """The draft of a bid that names the organisation as a member."""

    bid_id: int
    lead: str
    title: str  # of the project
    confirmed_draft: int | None


def invitations(caller: Caller, organisation_id: int) -> list[Invitation]:
    """Return the drafts of bids that name the organisation as a member and wait for its confirmation."""
    outdated = or_(BidMember.confirmed_draft.is_(None), BidMember.confirmed_draft != Document.draft_version)
    query = select(BidMember).join(Bid).join(Document, Document.id == Bid.document_id)
    query = query.join(Project, Project.id == Bid.project_id)
    query = query.where(
        BidMember.organisation_id == organisation_id,
        Bid.status == "draft",
        Project.state.in_(caller.policy.written_in("bid")),
        outdated,
    )
    query = query.options(
        joinedload(BidMember.bid).joinedload(Bid.lead), joinedload(BidMember.bid).joinedload(Bid.project)
    )
    rows = caller.session.scalars(query.order_by(BidMember.id))
    return [shown(Invitation, row, lead=row.bid.lead.name, title=row.bid.project.title) for row in rows]


def open_calls(session: Session, now: datetime) -> list[CallShown]:
    """Return the published calls that take entries now, the first to close first."""
    query = select(Call).where(Call.published_at.is_not(None), Call.cancelled_at.is_(None))
    query = query.where(Call.opens_at <= now, Call.closes_at >= now)
    return [shown(CallShown, row) for row in session.scalars(query.order_by(Call.closes_at, Call.id))]
