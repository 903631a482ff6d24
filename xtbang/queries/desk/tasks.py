"""待办: what waits for a person, grouped by what it is, the late first; one query for each group."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from xtbang.queries.desk.bureau import industry_groups, leader_groups, science_groups
from xtbang.queries.desk.groups import Group, Opens, Reader, Thresholds
from xtbang.queries.desk.money import county_groups, finance_groups
from xtbang.queries.desk.parties import admin_groups, agency_groups, applicant_groups, expert_groups
from xtbang.rules.dates import SHANGHAI

CAP = 100  # more than that is "100+"
BY_ROLE: dict[str, Callable[[Reader, Thresholds], Iterator[Group]]] = {
    "applicant": applicant_groups,
    "expert": expert_groups,
    "leader": leader_groups,
    "science": science_groups,
    "industry": industry_groups,
    "finance": finance_groups,
    "county": county_groups,
    "agency": agency_groups,
}


@dataclass(frozen=True)
class Task:
    """One thing that waits."""

    row: Row[Any]
    trigger: str  # the action that is next, "" when the page offers several
    due: date | None
    days: int | None  # until it is due; below zero it is late
    waited: int  # days since it began to wait
    note: str


@dataclass(frozen=True)
class Waiting:
    """One group that is not empty."""

    key: str
    title: str
    opens: Opens
    tasks: tuple[Task, ...]  # at most `shown` of them
    count: int
    more: bool  # there are more than were counted

    @property
    def late(self) -> int:
        """How many of those counted are late; the late come first."""
        return sum(task.days is not None and task.days < 0 for task in self.tasks)


def waiting(session: Session, reader: Reader, thresholds: Thresholds, shown: int = 12) -> list[Waiting]:
    """Everything that waits for the reader; groups with late things first, then by their order in a project's life."""
    found = []
    for group in _groups(reader, thresholds):
        rows = session.execute(group.query.limit(CAP + 1)).all()
        if rows:
            tasks = tuple(_task(group, row, reader) for row in rows[:CAP])
            found.append(Waiting(group.key, group.title, group.opens, tasks, len(tasks), len(rows) > CAP))
    return sorted(found, key=lambda item: not item.late)


def _groups(reader: Reader, thresholds: Thresholds) -> Iterator[Group]:
    for role, groups in BY_ROLE.items():
        if role in reader.roles:
            yield from groups(reader, thresholds)
    if reader.roles & {"admin", "science"}:
        yield from admin_groups(reader, thresholds)


def _task(group: Group, row: Row[Any], reader: Reader) -> Task:
    due = as_day(row.due) if "due" in row._fields else None
    return Task(
        row=row,
        trigger=row.trigger if group.trigger == "*" else group.trigger,
        due=due,
        days=(due - reader.today).days if due else None,
        waited=(reader.now - row.since).days,
        note=group.note(row),
    )


def as_day(value: date | datetime | None) -> date | None:
    """The date in Shanghai of a date or a moment."""
    return value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value
