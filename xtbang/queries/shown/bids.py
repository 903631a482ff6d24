"""Bids as pages show them."""

from dataclasses import dataclass
from datetime import datetime

from xtbang.models import Bid, BidMember
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class BidShown:
    """A bid (揭榜申请)."""

    id: int
    document_id: int
    status: str
    lead: str
    lead_kind: str
    lead_region: str
    members: tuple[str, ...]
    submitted_at: datetime | None
    closed_reason: str
    own: bool  # whether the reader's organisation leads it or is named as a member


def bid_shown(row: Bid, own: bool) -> BidShown:
    """Return a bid; ``own`` whether it is the reader's."""
    lead, members = row.lead, tuple(member.organisation.name for member in row.members)
    more = {"lead": lead.name, "lead_kind": lead.kind, "lead_region": lead.region, "members": members, "own": own}
    return shown(BidShown, row, **more)


@dataclass(frozen=True)
class MemberShown:
    """A member of a consortium (联合体) and the draft that it confirmed."""

    organisation: str
    organisation_id: int
    confirmed_draft: int | None  # None: it has confirmed none
    confirmed_at: datetime | None


@dataclass(frozen=True)
class OwnBid:
    """A bid as its lead and its members see it."""

    id: int
    document_id: int
    status: str
    lead: str
    members: tuple[MemberShown, ...]
    membership: MemberShown | None  # the reader's own
    draft_version: int
    submitted_at: datetime | None
    closed_reason: str


def own_bid(row: Bid, organisation_id: int | None) -> OwnBid:
    """Return a bid as that organisation sees it."""
    members = tuple(map(_member_shown, row.members))
    return shown(
        OwnBid,
        row,
        lead=row.lead.name,
        members=members,
        membership=next((member for member in members if member.organisation_id == organisation_id), None),
        draft_version=row.document.draft_version,
    )


def _member_shown(row: BidMember) -> MemberShown:
    return shown(MemberShown, row, organisation=row.organisation.name)
