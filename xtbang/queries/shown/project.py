"""A project itself, what is offered and signed, and what happened to it, as pages show them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xtbang.models import Countersignature, Event, Project, Restriction
from xtbang.queries.shown import shown
from xtbang.rules.reasons import Reason


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
    completed_at: datetime | None
    starts_on: date | None
    ends_on: date | None
    self_managed: bool | None
    provincial: bool


def project_shown(row: Project) -> ProjectShown:
    """Return the facts of a project."""
    return shown(
        ProjectShown,
        row,
        **vars(parties_shown(row)),
        agency=row.agency.name if row.agency else "",
        call=row.call.title,
        roadshow_scores=row.call.roadshow_scores,
    )


@dataclass(frozen=True)
class ProjectHead:
    """The head of a page about one thing of a project: the facts of the project itself."""

    id: int
    number: str | None
    title: str
    kind: str
    edition: str
    state: str
    track: str | None
    version: int
    correct_by: date | None
    call_id: int
    issuer_id: int
    issuer: str
    subsidy_city: Decimal | None
    bids_until: datetime | None
    closed_at: datetime | None
    completed_at: datetime | None


def project_head(row: Project) -> ProjectHead:
    """Return what the head of a page says of a project."""
    return shown(ProjectHead, row, issuer=row.issuer.name)


@dataclass(frozen=True)
class PartiesShown:
    """The names of the parties of a project."""

    issuer: str
    bidder: str  # "" before there is one
    members: tuple[str, ...]  # of the bidder's consortium


def parties_shown(row: Project) -> PartiesShown:
    """Return the names of the parties of a project."""
    bid = row.agreed_bid
    members = tuple(member.organisation.name for member in bid.members) if bid else ()
    return PartiesShown(row.issuer.name, bid.lead.name if bid else "", members)


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
class OfferShown:
    """An action as it is offered to a person: open, or closed with all reasons."""

    role: str
    reasons: tuple[Reason, ...]  # that block it
    hints: tuple[Reason, ...]
    open: bool
    signed: SignedShown | None  # the first open signature of another office or person
    last: bool  # whether this signature completes the others


@dataclass(frozen=True)
class RestrictionShown:
    """A restriction (限制申报) of an organisation."""

    id: int
    organisation_id: int
    organisation: str
    uscc: str
    starts_on: date
    ends_on: date
    reason: str
    created_at: datetime
    lifted_at: datetime | None


def restriction_shown(row: Restriction) -> RestrictionShown:
    """Return a restriction."""
    return shown(RestrictionShown, row, organisation=row.organisation.name, uscc=row.organisation.uscc)


@dataclass(frozen=True)
class EventShown:
    """An event of the audit trail (办理记录)."""

    stream: str
    project_id: int | None
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


def event_shown(row: Event, unseen: Collection[str] = ()) -> EventShown:
    """Return an event without its values of these keys."""
    return shown(EventShown, row, host=row.address, data={k: v for k, v in row.data.items() if k not in unseen})
