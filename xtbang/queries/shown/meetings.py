"""Meetings and the seats of experts as pages show them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from xtbang.models import Meeting, MeetingSeat, Seat
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class MeetingShown:
    """A meeting (会次) without its projects."""

    id: int
    kind: str
    title: str
    status: str
    starts_at: datetime | None
    place: str
    minutes: int | None  # for each project
    reason: str  # why it was cancelled


def meeting_shown(row: Meeting) -> MeetingShown:
    """Return a meeting without its projects."""
    return shown(MeetingShown, row)


@dataclass(frozen=True)
class MeetingSeatShown:
    """An expert's invitation to a meeting."""

    id: int
    expert: str
    works_at: str
    kind: str
    whole: bool  # False: for single projects, in place of others
    status: str
    answer_note: str
    signed_in_at: datetime | None
    fee: Decimal | None  # yuan
    sits: tuple[int, ...]  # places in the order, from 1, of the projects that the expert judges
    absent: tuple[int, ...]  # of the others that have a panel


def meeting_seat_shown(row: MeetingSeat, sits: tuple[int, ...], absent: tuple[int, ...]) -> MeetingSeatShown:
    """Return an invitation to a meeting."""
    expert = row.expert
    return shown(MeetingSeatShown, row, expert=expert.name, works_at=expert.works_at, sits=sits, absent=absent)


@dataclass(frozen=True)
class OwnSeat:
    """A seat on a panel as its expert sees it."""

    id: int
    project_id: int
    panel_kind: str
    blind: bool
    kind: str
    status: str
    invited_at: datetime
    locked_at: datetime | None
    scores: dict[str, Any]
    comment: str
    meeting: MeetingShown | None  # None where the page is not about it


def own_seat(row: Seat, meeting: Meeting | None = None) -> OwnSeat:
    """Return the seat of an expert, with the meeting of its panel where the page says when that is."""
    panel = row.panel
    return shown(
        OwnSeat,
        row,
        project_id=panel.project_id,
        panel_kind=panel.kind,
        blind=panel.blind,
        meeting=meeting_shown(meeting) if meeting else None,
    )
