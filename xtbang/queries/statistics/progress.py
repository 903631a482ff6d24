"""The progress of the projects of a call: stages reached, losses, days in each stage and as planned, the slowest."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from statistics import median
from typing import Any

from sqlalchemy import func, select

from xtbang.models import Event, Project
from xtbang.queries.statistics.chart import Chart, Move, Question
from xtbang.rules.dates import day_of
from xtbang.rules.lives import Action, State
from xtbang.rules.policy import Policy

SLOWEST = 10


def funnel(question: Question) -> Chart:
    """Return how many projects have reached each stage of the main path, and how many are completed now."""
    policy = question.caller.policy
    ends = [state for state in policy.states.values() if state.final and state.tone == "done"]
    left_again = {state.id for state in ends}  # by a claim after 办结, or by 撤销
    reached: dict[str, set[int]] = defaultdict(set)
    for move in question.moves:
        if move.entered not in left_again:
            reached[move.entered].add(move.project)
    for project in question.projects:
        reached[project.state].add(project.id)
    rows = tuple((state.name, len(reached[state.id])) for state in (*policy.path, *ends) if reached[state.id])
    return Chart("funnel", "各环节到达的项目", ("环节", "项目（个）"), rows)


def losses(question: Question) -> Chart:
    """Return in which stage and for which reason projects ended without being completed: those that are still ended.

    The reason is the action that led out of the stage, with what was chosen in it: of a termination its cause.
    """
    policy = question.caller.policy
    ended = [state.id for state in policy.states.values() if _lost(policy, state.id)]
    stopped = [
        state.id for state in policy.states.values() if state.tone == "stop"
    ]  # 终止: money comes back before the end
    counts = Event.outcome == "moved", Event.trigger.in_(policy.actions), Event.from_state.not_in(stopped)
    last = select(func.max(Event.id)).join(Project, Project.id == Event.project_id)
    last = last.where(*counts, *question.conditions, Project.state.in_(ended)).group_by(Event.project_id)
    query = select(Event.from_state, Event.trigger, Event.data).where(Event.id.in_(last))
    reasons = Counter(
        (left, _reason(policy.actions[trigger], data)) for left, trigger, data in question.caller.session.execute(query)
    )
    order = {name: place for place, name in enumerate(policy.states)}
    found = sorted(reasons.items(), key=lambda item: (order.get(item[0][0], 0), -item[1], item[0][1]))
    rows_of = tuple((f"{_stage(policy, left).name}：{reason}", count) for (left, reason), count in found)
    return Chart("losses", "各环节的退出和原因", ("环节和原因", "项目（个）"), rows_of)


def _stage(policy: Policy, left: str) -> State:
    """Return the state that a project was in; for one that came in from a table that of a new entry."""
    return policy.states.get(left) or next(iter(policy.states.values()))


def _reason(action: Action, data: Mapping[str, Any]) -> str:
    """Return an action by its name, with the article and the choices that were filled in."""
    chosen = [
        choice.label for field in action.form.fields for choice in field.choices if choice.key == data.get(field.key)
    ]
    more = "，".join(filter(None, [str(data.get("rule") or ""), *chosen]))
    return f"{action.name}（{more}）" if more else action.name


def _lost(policy: Policy, state: str) -> bool:
    return policy.states[state].final and policy.states[state].tone != "done"


def days(question: Question) -> Chart:
    """Return the median of the days that projects have spent in each stage, and the days that are planned."""
    spent: dict[str, list[int]] = defaultdict(list)
    before: Move | None = None
    for move in question.moves:
        if before and before.project == move.project:
            spent[move.left].append((move.day - before.day).days)
        before = move
    rows = []
    for state in question.caller.policy.path:
        if counts := spent.get(state.id):
            rows.append((state.name, round(median(counts)), state.days or None, max(counts), len(counts)))
    heads = ("环节", "用时中位数（天）", "计划（天）", "最长（天）", "项目（个）")
    note = "只计已离开该环节的项目。"
    return Chart("days", "各环节用时", heads, tuple(rows), drawn=2, note=note)


def slowest(question: Question) -> Chart:
    """Return the projects that exceed the days planned for their state by most."""
    caller, waiting = question.caller, []
    for number, title, edition, state, since in question.projects:
        known, plan = caller.policy.states[state], caller.policy.days_in(edition, state)
        count = 0 if known.final else (caller.today - day_of(since)).days
        if plan and count > plan:
            waiting.append((count - plan, number, title, known.name, count, plan))
    worst = sorted(waiting, key=lambda item: (-item[0], item[1]))[:SLOWEST]
    rows = tuple((title, over, count, plan, state) for over, _number, title, state, count, plan in worst)
    heads = ("项目", "超过（天）", "已等待（天）", "计划（天）", "环节")
    return Chart("slowest", "超过计划最久的项目", heads, rows, links=tuple(item[1] for item in worst))


def stages_now(question: Question) -> Chart:
    """Return how many projects are in each state now."""
    counts = {group.name: group.entries for group in question.groups["state"]}
    states = question.caller.policy.states
    rows = tuple((state.name, counts[state.id]) for state in states.values() if state.id in counts)
    return Chart("now", "目前所处的状态", ("状态", "项目（个）"), rows)
