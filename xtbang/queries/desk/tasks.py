"""The desk (待办): the tasks of a person by the ``[[task]]`` of ``workflows/lifecycle.toml``, in one statement."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Row, TextualSelect, and_, or_

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk import bureau, changes, corrections, money, panels, parties, prior_notices
from xtbang.queries.desk.groups import EACH, OWN, STATE, TASKS, Statement, clear, own_projects, together, unindexed
from xtbang.queries.prepared import MOST, PROJECTS, bound, prepared_text
from xtbang.rules.dates import day_of
from xtbang.rules.policy import Policy
from xtbang.rules.tasks import Task
from xtbang.rules.term import in_chinese

__all__ = [
    "TASKS",
    "Item",
    "Waiting",
    "bureau",
    "changes",
    "corrections",
    "items",
    "money",
    "panels",
    "parties",
    "prior_notices",
    "waiting",
]

CAP = 100  # shown as "100+" when there are more
DECIDING = frozenset({*BUREAU_ROLES, "leader", "finance", "county"})  # not on projects of their own
PLAIN = ("notice", "organisation", "mail")  # pages that are not about a project


@dataclass(frozen=True)
class Item:
    """One row that waits for the person."""

    row: Row[Any]
    trigger: str  # the action that is next, "" when the page offers several
    button: str
    due: date | None
    days: int | None  # until it is due; negative when late
    waited: int  # days that it has waited
    note: str


@dataclass(frozen=True)
class Waiting:
    """One group that is not empty."""

    task: Task
    tasks: tuple[Item, ...]
    more: bool  # there are more than were counted

    @property
    def key(self) -> str:
        """Return the key of its task."""
        return self.task.key

    @property
    def count(self) -> int:
        """Return how many were counted, at most CAP."""
        return len(self.tasks)

    @property
    def late(self) -> int:
        """Return how many of them are late; these come first."""
        return sum(item.days is not None and item.days < 0 for item in self.tasks)


def waiting(caller: Caller, project_ids: Collection[int] | None = None) -> list[Waiting]:
    """Return the caller's tasks, of all projects or of these; those with late rows first, then by their order in the file."""
    found = [Waiting(task, tuple(rows[:CAP]), len(rows) > CAP) for task, rows in items(caller, CAP + 1, project_ids)]
    return sorted(found, key=lambda group: not group.late)


def items(
    caller: Caller,
    most: int,
    project_ids: Collection[int] | None = None,
    among: Collection[str] | None = None,
    only: str = "",
) -> Iterator[tuple[Task, Sequence[Item]]]:
    """Yield the caller's tasks with their rows, in the order of the file, the first due first; one statement for all.

    At most ``most`` rows of each task; only of these projects unless ``project_ids`` is None, which are in the states
    ``among``, where these are known; of the task ``only`` if given.
    """
    asked = tuple(_asked(caller, project_ids is not None, among, only))
    found: dict[int, dict[Any, Row[Any]]] = {}
    if asked:
        values = bound(caller, most=most, projects=list(project_ids or ()))
        for row in caller.session.execute(_statement(caller, asked, project_ids is not None), values):
            found.setdefault(row.position, {})[tuple(row)] = row  # once, also for a person with two roles
    for position, rows in sorted(found.items()):
        task = caller.policy.tasks[position]
        ordered = sorted(rows.values(), key=partial(_order, task))[:most]
        yield task, _told_apart([_item(task, row, caller) for row in ordered])


def _asked(caller: Caller, some: bool, among: Collection[str] | None, only: str) -> Iterator[tuple[int, str]]:
    """Yield the place of each task that is asked for, with the role whose task it is."""
    for position, task in enumerate(caller.policy.tasks):
        if (task.opens in PLAIN and some) or (only and task.key != only):
            continue
        if among is not None and task.states and not {*task.states} & {*among}:
            continue
        yield from ((position, role) for role in task.who if role in caller.actor.roles)


def _statement(caller: Caller, asked: tuple[tuple[int, str], ...], some: bool) -> TextualSelect:
    """Return the statement for these tasks, of all projects or of ``some``."""
    policy, unit = caller.policy, caller.actor.organisation_id is not None

    def build() -> CompoundSelect[Any]:
        each = ((place, policy.tasks[place], role) for place, role in asked)
        return together([(at, part) for at, task, role in each for part in _parts(policy, task, role, some, unit)])

    return prepared_text(caller, ("tasks", asked, some, unit), build)


def _parts(policy: Policy, task: Task, role: str, some: bool, unit: bool) -> Iterator[Statement]:
    """Yield the statements that together find the rows of a task."""
    question = TASKS[task.key]
    query = question.ask(policy, role)
    if task.states:
        state = Project.state if question.begins in (STATE, EACH) else unindexed(Project.state)
        query = query.where(_waits_in(policy, task, state))
    if question.begins == OWN:
        query = query.where(own_projects())
    if role in DECIDING and task.opens not in PLAIN and unit:
        query = query.where(clear())
    query = query.where(Project.id.in_(PROJECTS)) if some else query
    if question.begins == EACH and not some:
        yield from (query.where(Project.state == state).limit(MOST) for state in task.states)
    else:
        yield query.limit(MOST)


def _waits_in(policy: Policy, task: Task, state: Any) -> ColumnElement[bool]:
    """Return the condition that the project's ``state`` is one of the task's, in which its edition has the task's action."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for key in policy.editions:
        action = policy.life(key).actions.get(task.trigger)
        states = task.states if task.trigger in ("", "*") else tuple(action.sources) if action else ()
        alike.setdefault(tuple(one for one in task.states if one in states), []).append(key)
    if len(alike) == 1:
        return state.in_(*alike)
    return or_(*(and_(state.in_(states), Project.edition.in_(keys)) for states, keys in alike.items()))


def _order(task: Task, row: Row[Any]) -> tuple[Any, ...]:
    due = _due(task, row)
    return due is None, due, row.since, row.id


def _due(task: Task, row: Row[Any]) -> Any:
    own, within = getattr(row, "due_day", None) or getattr(row, "due_at", None), TASKS[task.key].within
    return row.since + within if own is None and within else own


def _item(task: Task, row: Row[Any], caller: Caller) -> Item:
    due, question = as_day(_due(task, row)), TASKS[task.key]
    days = (due - caller.today).days if due else None
    trigger = row.trigger if task.trigger == "*" else task.trigger
    action = caller.policy.actions[trigger].name if trigger else ""
    return Item(
        row=row,
        trigger=trigger,
        button=task.button or action or "办理",
        due=due,
        days=days,
        waited=(caller.now - row.since).days if days is None or not question.late else -days,
        note=question.note(row),
    )


def _told_apart(waiting: Sequence[Item]) -> list[Item]:
    """Return the items; where several of one project would read alike, each note ends with its day."""
    alike = Counter((item.row.id, item.note) for item in waiting)
    return [
        replace(item, note=item.note + _day(item)) if alike[item.row.id, item.note] > 1 else item for item in waiting
    ]


def _day(item: Item) -> str:
    return f"期限为{in_chinese(item.due)}。" if item.due else f"自{in_chinese(day_of(item.row.since))}起。"


def as_day(value: date | datetime | None) -> date | None:
    """Return the date in Shanghai of a date or a moment."""
    return day_of(value) if isinstance(value, datetime) else value
