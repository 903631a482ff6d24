"""Frozen values that pages show of a project and of what belongs to it, with the facts that are shown, without addresses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from xtbang.models import (
    Bid,
    Countersignature,
    Event,
    Finding,
    MeetingItem,
    Panel,
    Project,
    Restriction,
    Seat,
    StoredFile,
    Waiver,
)

Item = TypeVar("Item")


def shown(kind: type[Item], row: Any, **more: Any) -> Item:
    """Return a value of that kind: ``more``, and of the row whatever has the name of another field."""
    names: Iterable[str] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**{name: getattr(row, name) for name in names if name not in more}, **more)


@dataclass(frozen=True)
class ProjectShown:
    """The facts of a project itself (基本情况)."""

    id: int
    number: str | None
    edition: str
    kind: str
    title: str
    state: str
    track: str | None
    issuer_id: int
    issuer: str
    bidder: str  # "" before there is one
    members: tuple[str, ...]  # of the bidder's consortium
    agency: str  # "" where there is none
    call: str
    roadshow_scores: int | None  # scores that a roadshow needs; None: as the edition says
    domain: str
    region: str
    planned_total: Decimal | None
    total_investment: Decimal | None
    subsidy_city: Decimal | None
    subsidy_county: Decimal | None
    contract_amount: Decimal | None
    contract_id: int | None  # the document
    bids_from: datetime | None
    bids_until: datetime | None
    closed_at: datetime | None
    starts_on: date | None
    ends_on: date | None
    self_managed: bool | None
    provincial: bool


def project_shown(row: Project) -> ProjectShown:
    """Return the facts of a project."""
    bid = row.agreed_bid
    return shown(
        ProjectShown,
        row,
        issuer=row.issuer.name,
        bidder=bid.lead.name if bid else "",
        members=tuple(member.organisation.name for member in bid.members) if bid else (),
        agency=row.agency.name if row.agency else "",
        call=row.call.title,
        roadshow_scores=row.call.roadshow_scores,
    )


@dataclass(frozen=True)
class FileShown:
    """A stored file."""

    id: int
    sha256: str
    name: str
    mime: str
    size: int  # bytes


def files_shown(rows: Iterable[StoredFile]) -> dict[int, FileShown]:
    """Return files by their id."""
    return {row.id: shown(FileShown, row) for row in rows}


@dataclass(frozen=True)
class DocumentShown:
    """A document (填报内容) without what is written in it."""

    id: int
    kind: str
    scan_note: str


@dataclass(frozen=True)
class VersionShown:
    """A frozen version (版次) of a document without its data."""

    id: int
    document_id: int
    number: int
    frozen_at: datetime
    scan_id: int | None


@dataclass(frozen=True)
class VersionRead:
    """A frozen version with what is written in it."""

    number: int
    frozen_at: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class DraftShown:
    """A document with the draft of now."""

    id: int
    draft: dict[str, Any]
    draft_at: datetime | None


@dataclass(frozen=True)
class PaperShown:
    """An issued paper (文书)."""

    id: int
    name: str
    subject: str
    title: str
    number: str
    version: int
    state: str
    code: str
    made_at: datetime
    voided_by_id: int | None


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
class SignedShown:
    """An action that one office has signed (会签) and not all of them."""

    trigger: str
    role: str
    person: str
    at: datetime
    reason: str


def signed_shown(row: Countersignature) -> SignedShown:
    """Return a signature that waits for others."""
    return shown(SignedShown, row, person=row.person.name, reason=str(row.data.get("reason") or ""))


@dataclass(frozen=True)
class SeatShown:
    """An expert's seat on a panel, with the scores."""

    id: int
    expert: str
    kind: str
    status: str
    answer_note: str
    scores: dict[str, Any]
    comment: str


def seat_shown(row: Seat) -> SeatShown:
    """Return a seat."""
    return shown(SeatShown, row, expert=row.expert.name)


@dataclass(frozen=True)
class PanelShown:
    """A panel (专家组) with its seats and its conclusion."""

    id: int
    kind: str
    status: str
    convened_at: datetime
    concluded_at: datetime | None
    favourable: bool | None
    result: Decimal | None
    responsible: str
    opinion: str
    seats: tuple[SeatShown, ...]


def panel_shown(row: Panel) -> PanelShown:
    """Return a panel."""
    return shown(PanelShown, row, seats=tuple(map(seat_shown, row.seats)))


@dataclass(frozen=True)
class TurnShown:
    """The place of the project in the order of a meeting (会次)."""

    kind: str
    title: str
    starts_at: datetime
    place: str
    minutes: int | None  # for each project
    position: int


def turn_shown(row: MeetingItem) -> TurnShown:
    """Return the place of a project in the order of its meeting."""
    return shown(TurnShown, row.meeting, position=row.position)


@dataclass(frozen=True)
class FindingShown:
    """An opinion, an inspection, a check or another record of an office."""

    kind: str
    role: str
    person: str
    dated: date
    number: str
    favourable: bool | None
    text: str
    file_id: int | None
    voided_at: datetime | None


def finding_shown(row: Finding) -> FindingShown:
    """Return a record."""
    return shown(FindingShown, row, person=row.person.name)


@dataclass(frozen=True)
class NoticeShown:
    """A notice (公告) that names the project."""

    id: int
    kind: str
    number: str
    title: str
    status: str
    published_at: datetime | None
    first_day: date | None
    last_day: date | None
    provisional: bool


@dataclass(frozen=True)
class ObjectionShown:
    """An objection (异议)."""

    status: str
    received_at: datetime
    name: str
    contact: str
    facts: str
    file_id: int | None
    finding: str


@dataclass(frozen=True)
class WaiverShown:
    """An exception (例外) from a rule in principle."""

    role: str
    person: str
    at: datetime
    sentence: str
    reason: str
    voided_at: datetime | None


def waiver_shown(row: Waiver) -> WaiverShown:
    """Return an exception."""
    return shown(WaiverShown, row, person=row.person.name)


@dataclass(frozen=True)
class RestrictionShown:
    """A restriction (限制申报) of an organisation."""

    organisation: str
    starts_on: date
    ends_on: date
    reason: str
    lifted_at: datetime | None


def restriction_shown(row: Restriction) -> RestrictionShown:
    """Return a restriction."""
    return shown(RestrictionShown, row, organisation=row.organisation.name)


@dataclass(frozen=True)
class EventShown:
    """An event of the audit trail (办理记录)."""

    trigger: str
    outcome: str
    at: datetime
    from_state: str
    to_state: str
    actor_name: str
    role: str
    organisation_name: str
    reason: str
    data: dict[str, Any]
    files: list[Any]
    sequence: int
    host: str  # the network address that it came from
    digest: str


def event_shown(row: Event) -> EventShown:
    """Return an event."""
    return shown(EventShown, row, host=row.address)
