"""The parts of an organisation that another one takes over by a merger or division (承继): entries, bids, memberships, projects in an agency's charge."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from xtbang.enums import BID_LABELS
from xtbang.models import Bid, BidMember, Project
from xtbang.queries.caller import Caller
from xtbang.queries.rights.sealed_bids import hidden

LIVE = ("draft", "submitted", "agreed")  # states of a bid that still leads somewhere


@dataclass(frozen=True)
class Part:
    """One thing that the organisation has: its relation to a project, and the bid if there is one."""

    key: str  # "issuer:7", "bid:12", "member:5", "agency:7"
    project: Project
    label: str
    bid: Bid | None = None
    member: BidMember | None = None
    sealed: bool = False  # a draft, or a bid that others may not know of yet


def parts_of(caller: Caller, organisation_id: int) -> list[Part]:
    """Return everything that the organisation has, by project; drafts and what is over too, but for bids that led nowhere."""
    return sorted(_parts(caller, organisation_id), key=lambda part: (part.project.id, part.key))


def _parts(caller: Caller, organisation_id: int) -> Iterator[Part]:
    session, collected = caller.session, caller.collected
    for project in session.scalars(select(Project).where(Project.issuer_id == organisation_id)):
        yield Part(f"issuer:{project.id}", project, _label(project, "发榜方"), sealed=project.number is None)
    for project in session.scalars(select(Project).where(Project.agency_id == organisation_id)):
        yield Part(f"agency:{project.id}", project, _label(project, "第三方专业机构"))
    for bid in session.scalars(select(Bid).where(Bid.lead_id == organisation_id, Bid.status.in_(LIVE))):
        said = _label(bid.project, f"揭榜方，{BID_LABELS[bid.status]}")
        yield Part(f"bid:{bid.id}", bid.project, said, bid, sealed=_is_sealed(bid, collected))
    members = select(BidMember).join(Bid).where(BidMember.organisation_id == organisation_id, Bid.status.in_(LIVE))
    for member in session.scalars(members):
        bid = member.bid
        said = _label(bid.project, "联合体成员")
        yield Part(f"member:{member.id}", bid.project, said, bid, member, _is_sealed(bid, collected))


def _is_sealed(bid: Bid, collected: datetime) -> bool:
    return bid.status == "draft" or hidden(bid.project, collected)


def _label(project: Project, relation: str) -> str:
    return f"{project.number or '草稿'} {project.title or '未命名'}（{relation}）"
