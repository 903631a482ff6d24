"""The calendar (日历) of a reader: due dates and meetings, of the weeks that are over and of what is to come."""

from dataclasses import dataclass
from datetime import timedelta

from xtbang.enums import RoleName
from xtbang.queries.blind import blind_titles_of
from xtbang.queries.caller import Caller
from xtbang.queries.desk.due_dates import Reminder, dues
from xtbang.queries.desk.meeting_dates import MeetingDate, meeting_dates
from xtbang.queries.rights.lists import SEE_OFFICE_WORK

LATE_DAYS = 90  # how long a missed date is still shown
AHEAD_DAYS = 400


@dataclass(frozen=True)
class Dates:
    """The dates of a calendar; ``blind`` has the titles of projects that the reader judges without knowing them."""

    dues: list[Reminder]
    meetings: list[MeetingDate]
    blind: dict[int, str]


def dates_of(reader: Caller) -> Dates:
    """Return the dates of a reader. Who attends a meeting has the meeting, once for all of its projects."""
    first, last = reader.today - timedelta(days=LATE_DAYS), reader.today + timedelta(days=AHEAD_DAYS)
    meetings = meeting_dates(reader, reader.now - timedelta(days=LATE_DAYS), SEE_OFFICE_WORK)
    attends = not reader.actor.roles.isdisjoint((*SEE_OFFICE_WORK, RoleName.EXPERT))
    found = dues(reader, first, last)
    blind = blind_titles_of(reader, {due.project_id for due in found if due.project_id})
    return Dates([due for due in found if not (due.meeting and attends)], meetings, blind)
