"""The planned meetings (会次) that a reader attends: an expert those with a seat, an officer all of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from xtbang.models import Meeting, MeetingItem, MeetingSeat
from xtbang.queries.caller import Caller


@dataclass(frozen=True)
class MeetingDate:
    """Time and place of a meeting; ``ends_at`` only where minutes for each project are planned."""

    id: int
    kind: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime | None
    projects: int


def meeting_dates(caller: Caller, first: datetime, sees_all: Collection[str]) -> list[MeetingDate]:
    """Return the planned meetings from ``first`` on, the next first; all of them for readers with a role of ``sees_all``."""
    count = select(func.count(MeetingItem.id)).where(
        MeetingItem.meeting_id == Meeting.id, MeetingItem.left_at.is_(None)
    )
    columns: Any = Meeting.id, Meeting.kind, Meeting.title, Meeting.place, Meeting.starts_at, Meeting.minutes
    query = select(*columns, count.correlate(Meeting).scalar_subquery().label("projects"))
    query = query.where(Meeting.status == "planned", Meeting.starts_at >= first).order_by(Meeting.starts_at, Meeting.id)
    if caller.actor.roles.isdisjoint(sees_all):
        seats = select(MeetingSeat.meeting_id).where(MeetingSeat.expert_id == caller.actor.person_id)
        query = query.where(Meeting.id.in_(seats.where(MeetingSeat.status.in_(("invited", "accepted")))))
    return [_date(row) for row in caller.session.execute(query)]


def _date(row: Any) -> MeetingDate:
    length = timedelta(minutes=row.minutes * row.projects) if row.minutes and row.projects else None
    ends_at = row.starts_at + length if length else None
    return MeetingDate(row.id, row.kind, row.title, row.place, row.starts_at, ends_at, row.projects)
