"""Calls and notices as pages show them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from xtbang.models import Notice
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class CallShown:
    """A call (批次) with its window."""

    id: int
    code: str
    title: str
    edition: str
    kinds: list[Any]  # of entry
    opens_at: datetime
    closes_at: datetime
    papers_due_on: date | None
    guide: str
    published_at: datetime | None
    cancelled_at: datetime | None

    def state(self, now: datetime) -> str:
        """Return the state of the call at that moment, one of ``enums.CALL_STATE_LABELS``."""
        if not self.published_at:
            return "draft"
        if self.cancelled_at:
            return "cancelled"
        return "coming" if now < self.opens_at else "open" if now <= self.closes_at else "closed"


@dataclass(frozen=True)
class NoticeShown:
    """A notice (公告)."""

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
class NoticeRead(NoticeShown):
    """A notice with its text."""

    body: str
    superseded_by_id: int | None
    names: bool  # whether it names projects


def notice_read(row: Notice) -> NoticeRead:
    """Return a notice with its text."""
    return shown(NoticeRead, row, names=bool(row.items))


@dataclass(frozen=True)
class HolidayYearShown:
    """The holidays of a year (放假安排) as an office has entered them."""

    id: int
    year: int
    off: list[tuple[date, date]]  # first and last day of each
    worked: list[date]
    number: str
    dated: date
    status: str
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    decided_by: str  # "" while it waits
    decided_at: datetime | None
    decision: str
