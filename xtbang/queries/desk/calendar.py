"""The calendar (日历) of a reader: what is late, as the desk shows it, and the due dates and meetings to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from xtbang.enums import RoleName
from xtbang.queries.blind import blind_titles_of
from xtbang.queries.caller import Caller
from xtbang.queries.desk.due_dates import Reminder, dues
from xtbang.queries.desk.meeting_dates import MeetingDate, meeting_dates
from xtbang.queries.rights.lists import SEE_OFFICE_WORK
from xtbang.rules.dates import SHANGHAI

LATE_DAYS = 90  # how long a missed date is still shown, on the desk and here
AHEAD_DAYS = 400


@dataclass(frozen=True)
class Dates:
    """The dates of a calendar; ``blind`` has the titles of projects that the reader judges without knowing them."""

    dues: list[Reminder]
    meetings: list[MeetingDate]
    blind: dict[int, str]


def dates_of(reader: Caller) -> Dates:
    """Return the dates of a reader. Who attends a meeting has the meeting, once for all of its projects.

    What is over with its day, a meeting too, stays to the end of that day.
    """
    first, last = reader.today - timedelta(days=LATE_DAYS), reader.today + timedelta(days=AHEAD_DAYS)
    meetings = meeting_dates(reader, datetime.combine(reader.today, time(), SHANGHAI), SEE_OFFICE_WORK)
    attends = not reader.actor.roles.isdisjoint((*SEE_OFFICE_WORK, RoleName.EXPERT))
    found = still_shown(dues(reader, first, last), reader.today)
    blind = blind_titles_of(reader, {due.project_id for due in found if due.project_id})
    return Dates([due for due in found if not (due.meeting and attends)], meetings, blind)


def still_shown(found: Iterable[Reminder], today: date) -> list[Reminder]:
    """Return the dates without those that ended with their day (``over``) before today."""
    return [due for due in found if not due.about.over or due.on >= today]
