"""Ask what is due next, what the reader does next, whose turn it is and what follows an action: few statements, however many rows."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, func, select

from xtbang.models import Document, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.due_dates import DUE_DATES, Due, day_or_moment
from xtbang.queries.desk.groups import together
from xtbang.queries.desk.tasks import Item, items
from xtbang.queries.desk.waits import waits_of
from xtbang.queries.prepared import PROJECTS, bound, prepared_text
from xtbang.queries.project_facts import value_when
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.forms import check
from xtbang.rules.lives import Wait
from xtbang.rules.policy import Policy
from xtbang.rules.tasks import Task
from xtbang.rules.term import in_chinese

STAMP = "打印盖章并上传"  # the step between filling in a form and submitting it


@dataclass(frozen=True)
class Step:
    """Say what the reader does next with a project."""

    words: str
    task: Task
    row: Any
    trigger: str = ""  # the action that is next
    document_id: int | None = None  # the document that is written next
    stamping: bool = False  # the document is complete and waits to be printed and stamped


def due_next(
    caller: Caller,
    project_ids: Iterable[int],
    parts: Container[str] | None = None,
    among: Collection[str] | None = None,
) -> dict[int, Due]:
    """Return the next due date by project: the first ``[[due]]`` with a badge that has a day; one statement.

    ``parts`` are the parts of the project's page that the reader sees; None for all of them. ``among`` are the states in
    which the projects are; None when they are not known.
    """
    policy, wanted = caller.policy, list(project_ids)
    asked = tuple(
        position
        for position, due in enumerate(policy.due_dates)
        if due.badge
        and (among is None or {*due.states} & {*among})
        and (parts is None or not DUE_DATES[due.key].part or DUE_DATES[due.key].part in parts)
    )
    if not wanted or not asked:
        return {}
    query = prepared_text(caller, ("due next", asked), lambda: _due_next(policy, asked))
    found: dict[int, tuple[int, Due]] = {}
    for row in caller.session.execute(query, bound(caller, projects=wanted)):
        if row.id not in found or row.position < found[row.id][0]:
            found[row.id] = row.position, _due(policy, row)
    return {project_id: due for project_id, (_position, due) in found.items()}


def overdue(caller: Caller, project: Project) -> list[Due]:
    """Return what of a project was due before today and is not done, the earliest first; one statement."""
    policy = caller.policy
    asked = tuple(
        position
        for position, due in enumerate(policy.due_dates)
        if project.state in due.states and not due.over and DUE_DATES[due.key].every is None
    )
    if not asked:
        return []
    query = prepared_text(caller, ("due next", asked), lambda: _due_next(policy, asked))
    found = [_due(policy, row) for row in caller.session.execute(query, bound(caller, projects=[project.id]))]
    return sorted((due for due in found if due.on < caller.today), key=lambda due: due.on)


def _due(policy: Policy, row: Any) -> Due:
    day: Any = getattr(row, "day", None)
    at: Any = getattr(row, "at", None)
    return Due(policy.due_dates[row.position], day or day_of(at), at)


def _due_next(policy: Policy, asked: Iterable[int]) -> CompoundSelect[Any]:
    """Return the statement for the due dates at these places."""
    parts = []
    for position in asked:
        due = policy.due_dates[position]
        source = DUE_DATES[due.key]
        query = source.rows.with_only_columns(Project.id, day_or_moment(func.min(source.when)))
        query = query.where(Project.id.in_(PROJECTS), Project.state.in_(due.states), source.when.is_not(None))
        parts.append((position, query.group_by(Project.id)))
    return together(parts)


def next_steps(caller: Caller, project_ids: Collection[int], among: Collection[str] | None = None) -> dict[int, Step]:
    """Return the reader's next step by project: the first ``[[task]]`` of their roles that applies; two statements.

    A task whose document cannot be written now is left out. ``among`` are the states in which the projects are; None when
    they are not known.
    """
    found: dict[int, tuple[Task, Item]] = {}
    if project_ids:
        for task, waits in items(caller, max(100, 10 * len(project_ids)), project_ids, among):
            for item in waits:
                if item.trigger or not task.document or item.row.document_id:
                    found.setdefault(item.row.id, (task, item))
    forms = _forms(caller, [item.row.document_id for task, item in found.values() if task.document == "form"])
    return {
        project_id: _form_step(caller, task, item, forms[item.row.document_id])
        if task.document == "form"
        else _step(task, item)
        for project_id, (task, item) in found.items()
    }


def turn(project: Any, collected: datetime, policy: Policy, waits: Iterable[Wait] = ()) -> tuple[str, ...]:
    """Return the roles whose turn it is: those of what the state waits for, or of the state where it waits for nothing."""
    state = policy.life(project.edition).states[project.state]
    asked = dict.fromkeys(role for wait in waits for role in wait.who)
    return tuple(asked) or value_when(state.turn_when, state.turn, project, collected)


def turn_words(
    project: Project,
    collected: datetime,
    policy: Policy,
    mine: int | None = None,
    waits: Iterable[Wait] = (),
    step: Step | None = None,
) -> str:
    """Return whose turn it is in words, parties by their names; the reader's own organisation (``mine``) is 本单位.

    ``step`` is the reader's next step: without one it is not said to be their turn, so that page and desk agree.
    """
    bid = project.agreed_bid
    parties = {"issuer": project.issuer, "bidder": bid.lead if bid else None}
    members = {member.organisation_id for member in bid.members} if bid else set()
    words, labels = ["本单位"] if mine and step else [], policy.city.role_labels
    for role in turn(project, collected, policy, waits):
        party = parties.get(role)
        if party is not None and party.id == mine:
            continue
        if role == "member":
            words += [] if mine in members else ["联合体成员"]
        elif role == "bidder" and bid is None:
            words.append("有意揭榜的单位")
        else:
            words.append(f"{labels[role]}（{party.name}）" if party else labels[role])
    return "、".join(words)


def what_follows(caller: Caller, project: Project, trigger: str, parts: Container[str] | None = None) -> str:
    """Return what comes after that action, who does it and by when, in one sentence: for pages, mails and receipts.

    The lifecycle says it with the action (``next``) where the state of the project does not. ``parts`` as in `due_next`.
    """
    state = caller.policy.life(project.edition).states[project.state]
    words = caller.policy.actions[trigger].next
    waits = () if words or state.final else waits_of(caller, [project.id], (project.state,)).get(project.id, ())
    if not words and state.final:
        return f"项目{state.name}（{state.about}）。"
    if not words:
        words = (
            f"{state.name}（{state.about}），由{turn_words(project, caller.collected, caller.policy, waits=waits)}办理"
        )
    due = due_next(caller, [project.id], parts, (project.state,)).get(project.id)
    if due and due.on >= caller.today:
        until = f"，{due.about.label}：{in_chinese(due.on)}{f' {due.at.astimezone(SHANGHAI):%H:%M}' if due.at else ''}"
    else:
        until = _planned(caller, project)
    return f"下一步：{words}{until}。"


def _planned(caller: Caller, project: Project) -> str:
    """Return by when the project should leave its state, as the edition plans it; "" without a plan, or when it is late."""
    days = caller.policy.days_in(project.edition, project.state)
    planned = day_of(project.state_since) + timedelta(days=days)
    return f"，计划在{in_chinese(planned)}前办完" if days and planned >= caller.today else ""


def told_to_parties(caller: Caller, project: Project, trigger: str) -> str:
    """Return what the mails of an action tell the parties: what comes next, and what is still missing, by whom.

    Where it ends the project, what they may do now and whom to ask; nothing when it had ended before.
    """
    state = caller.policy.life(project.edition).states[project.state]
    if state.final:
        lead, phone = caller.policy.city.lead.short, f"（{caller.site.phone}）" if caller.site.phone else ""
        asked = f"下一步：{state.then}。如有疑问，请致电{lead}{phone}。"
        return asked if caller.policy.actions[trigger].to else ""
    missing = "；".join(wait.words for wait in waits_of(caller, [project.id], (project.state,)).get(project.id, ()))
    return what_follows(caller, project, trigger) + (f"还需办理：{missing}。" if missing else "")


def _step(task: Task, item: Item) -> Step:
    words = task.step.format_map(item.row._mapping) or item.button
    return Step(words, task, item.row, item.trigger, item.row.document_id if task.document else None)


def _form_step(caller: Caller, task: Task, item: Item, form: Any) -> Step:
    """Return the first step that is left: fill in the form, have it stamped, submit it."""
    edition, document = caller.policy.edition(form.edition), form.Document
    if check(edition.forms[item.row.kind], document.draft, complete=True):
        return _step(task, item)
    if edition.scan_required and document.scan_id is None:
        return Step(STAMP, task, item.row, document_id=document.id, stamping=True)
    action = caller.policy.handed_in_by(task.document)
    return Step(action.name, task, item.row, trigger=action.trigger)


def _forms(caller: Caller, document_ids: Collection[int]) -> Mapping[int, Any]:
    if not document_ids:
        return {}
    query = select(Document, Project.edition).join(Project, Project.form_id == Document.id)
    return {row.Document.id: row for row in caller.session.execute(query.where(Document.id.in_(document_ids)))}
