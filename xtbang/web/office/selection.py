"""A choice of rows in a list: the boxes that are ticked, or all that match the filter; and what may be done with it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import islice

from flask import Request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from xtbang.domain.imports import REVOKED
from xtbang.models import Meeting, Project
from xtbang.queries.assignments import among_tasks
from xtbang.queries.batches import left_of
from xtbang.queries.caller import Caller
from xtbang.queries.desk.tasks import PLAIN, Waiting, items
from xtbang.queries.finance import Filters as MoneyFilters
from xtbang.queries.finance import every_project, recoveries
from xtbang.queries.office_list import Filters, ids
from xtbang.queries.payment_queue import queue
from xtbang.queries.rights.lists import money_seen_by, seen_by
from xtbang.queries.rights.visibility import seen_by_reader
from xtbang.queries.search_page import projects_found
from xtbang.rules.asked import Asked
from xtbang.rules.lives import Action
from xtbang.rules.policy import Policy
from xtbang.rules.tasks import Task
from xtbang.web.frame.list_files import address_of


@dataclass(frozen=True)
class Selection:
    """The projects that were chosen, and the address of the list that they were chosen from."""

    ids: tuple[int, ...]
    back: str


@dataclass(frozen=True)
class Picking:
    """The head of a list whose rows can be ticked."""

    list: str  # its name
    filters: tuple[tuple[str, str], ...]
    total: str  # how many match the filter
    deeds: tuple[Action, ...]
    every: bool = True  # whether others match than those that the page shows


def selected(caller: Caller, request: Request, most: int) -> Selection:
    """Return what an address chooses: ticked rows, the rest of a batch, or all that match; at most one more than ``most``."""
    args = request.args
    back = address_of(page_of(args), args)
    if again := args.get("again", type=int):
        return Selection(tuple(left_of(caller, again)), url_for("batches.page", batch_id=again))
    if args.get("all") and (found := LISTS.get(args.get("list", ""))):
        return Selection(tuple(found(caller, args, most + 1)), back)
    return Selection(tuple(dict.fromkeys(args.getlist("id", type=int)))[: most + 1], back)


def _projects(caller: Caller, args: MultiDict[str, str], most: int) -> list[int]:
    return ids(caller, seen_by_reader(caller.policy, caller.actor.roles), Filters.of(Asked(args)), most)


def _funded(caller: Caller, args: MultiDict[str, str], most: int) -> list[int]:
    rows = every_project(caller, money_seen_by(caller.actor), MoneyFilters.of(Asked(args)))
    return [row.id for row in islice(rows, most)]


def _waiting(caller: Caller, args: MultiDict[str, str], most: int) -> Iterable[int]:
    trigger = args.get("trigger") or args.get("other", "")
    for task, found in items(caller, most, among_tasks(caller, Asked(args)), only=args.get("group", "")):
        if task.opens not in PLAIN:
            return dict.fromkeys(item.row.id for item in found if item.trigger in ("", trigger))
    return ()


def _on_meeting(caller: Caller, args: MultiDict[str, str], most: int) -> list[int]:
    meeting = caller.session.get(Meeting, args.get("meeting_id", 0, type=int))
    return meeting.order[:most] if meeting else []


def _found(caller: Caller, args: MultiDict[str, str], most: int) -> Iterable[int]:
    found = projects_found(caller, Asked(args).words(), args.get("kind", ""))
    return islice(found, most)


def _imported(caller: Caller, args: MultiDict[str, str], most: int) -> list[int]:
    query = select(Project.id).where(Project.import_id == args.get("import_id", 0, type=int), Project.state != REVOKED)
    seen = seen_by(caller.actor)
    return list(caller.session.scalars(query.where(seen).order_by(Project.import_line).limit(most)))


def _payments(caller: Caller, _args: MultiDict[str, str], most: int) -> list[int]:
    return [item.row.id for item in queue(caller, money_seen_by(caller.actor), most)]


def _recoveries(caller: Caller, _args: MultiDict[str, str], most: int) -> list[int]:
    return [row.id for row in recoveries(caller, money_seen_by(caller.actor), most)]


LISTS: dict[str, Callable[[Caller, MultiDict[str, str], int], Iterable[int]]] = {
    "projects": _projects,
    "desk": _waiting,
    "money": _funded,
    "payments": _payments,
    "recoveries": _recoveries,
    "meeting": _on_meeting,
    "search": _found,
    "import": _imported,
}


PAGES = {
    "desk": "desk.home",
    "money": "finance.projects",
    "payments": "finance.overview",
    "recoveries": "finance.recovery_list",
    "notices": "notices_admin.index",
    "meeting": "meetings.page",
    "search": "search.page",
    "import": "imports.page",
}  # other than the list of projects


def page_of(args: MultiDict[str, str]) -> str:
    """Return the name of the page of the list that an address chooses from."""
    return PAGES.get(args.get("list", ""), "bureau.projects")


# ---------------------------------------------------------------- what may be done with it


def deeds_for(policy: Policy, roles: frozenset[str], states: Collection[str] | None = None) -> tuple[Action, ...]:
    """Return the actions for many that these roles have in one of these states, in any when None; the dangerous ones last."""
    found = (
        action
        for action in policy.actions.values()
        if action.many and not roles.isdisjoint(action.who) and (states is None or set(states) & set(action.sources))
    )
    return tuple(sorted(found, key=lambda action: (action.danger, action.aside)))


def deeds_of_group(policy: Policy, roles: frozenset[str], group: Waiting) -> tuple[Action, ...]:
    """Return the actions for many that a group of the desk waits for; those of its states where it names none."""
    every = deeds_for(policy, roles, {item.row.state for item in group.tasks})
    named = _named(group.task, {item.trigger for item in group.tasks})
    found = [action for action in every if action.trigger in named or not named or action.aside]
    order = group.task.triggers
    places = {trigger: place for place, trigger in enumerate(order)}
    return tuple(sorted(found, key=lambda action: (action.aside, places.get(action.trigger, len(order)))))


def _named(task: Task, triggers: Collection[str]) -> set[str]:
    return set(triggers) - {""} if task.trigger == "*" else set(task.triggers)
