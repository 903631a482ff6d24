"""Panels, meetings, records of offices, objections and exceptions as pages show them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xtbang.models import Finding, MeetingItem, Panel, Seat, Waiver
from xtbang.queries.shown import shown


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
    organiser: str
    allegation: str
    evidence_id: int | None
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
