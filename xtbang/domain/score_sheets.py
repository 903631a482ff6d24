"""Blank score sheets (空白评分表): issued when an officer prints them, cancelled when the panel or the order changes."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.domain.meeting_papers import cancel_for, current, issue_for
from xtbang.enums import BUREAU_ROLES, PANEL_LABELS
from xtbang.errors import Forbidden, NotFound
from xtbang.models import Meeting, Panel, Paper, Project
from xtbang.models.writing import writing
from xtbang.papers.facts.score_sheets import score_sheet
from xtbang.queries.blind import hidden_names
from xtbang.queries.caller import Caller
from xtbang.rules.blind import without_names

NAME, TRIGGER = "score_sheets", "print_sheets"
Facts = dict[str, Any]


def print_for_panel(caller: Caller, project_id: int, panel_id: int) -> int:
    """Issue the sheets of an open panel unless the current ones say the same; return the id of their paper.

    Raises Forbidden and NotFound. One transaction with its event.
    """
    role = _printer(caller)
    with writing(caller.session):
        project = caller.session.get(Project, project_id, with_for_update=True)
        panel = caller.session.get(Panel, panel_id)
        if project is None or panel is None or panel.project_id != project_id or panel.status != "open":
            raise NotFound(f"panel {panel_id}")
        data, title = {"sheets": [_facts(caller, project, panel.kind, panel)]}, _title(panel.kind)
        subject = f"panel:{panel.id}"
        of_panel = select(Paper).where(Paper.name == NAME, Paper.subject == subject).order_by(Paper.version)
        earlier = caller.session.scalars(of_panel).all()
        if earlier and earlier[-1].state == "current" and earlier[-1].data == data:
            return earlier[-1].id
        context = Context.about(caller, project, role)
        version = earlier[-1].version + 1 if earlier else 1
        paper = issue(context, "score_sheets", title, data, subject=subject, version=version)
        known = {"project_id": project.id, "project_version": project.version}
        state = {"from_state": project.state, "to_state": project.state}
        _printed(caller, f"project:{project.id}", role, paper, **known, **state)
        return paper.id


def print_for_meeting(caller: Caller, meeting_id: int) -> int:
    """Issue the sheets of every project of a meeting, in its order; without names where there is no panel yet.

    Unless the current ones say the same. Raises Forbidden and NotFound, also where nothing is scored.
    """
    role, session = _printer(caller), caller.session
    with writing(session):
        meeting = session.get(Meeting, meeting_id, with_for_update=True)
        if meeting is None or meeting.kind not in PANEL_LABELS or not meeting.order:
            raise NotFound(f"meeting {meeting_id}")
        found = select(Project).where(Project.id.in_(meeting.order))
        projects = {project.id: project for project in session.scalars(found)}
        panels = select(Panel).where(Panel.meeting_id == meeting.id, Panel.status.in_(Panel.STANDS)).order_by(Panel.id)
        sitting = {panel.project_id: panel for panel in session.scalars(panels)}
        sheets = [_facts(caller, projects[number], meeting.kind, sitting.get(number)) for number in meeting.order]
        before = current(caller, meeting, NAME)
        if before and before.data == {"sheets": sheets}:
            return before.id
        paper = issue_for(caller, meeting, "score_sheets", _title(meeting.kind), {"sheets": sheets})
        _printed(caller, f"meeting:{meeting.id}", role, paper)
        return paper.id


def panel_changed(caller: Caller, panel: Panel) -> None:
    """Cancel the sheets printed for a panel whose members have changed, and those of its meeting unless that is past."""
    subjects, starts_at = [f"panel:{panel.id}"], panel.meeting.starts_at
    if starts_at is None or starts_at > caller.now - timedelta(days=1):  # sheets of a past meeting stay valid
        subjects += panel.meeting.subjects
    printed = update(Paper).where(Paper.name == NAME, Paper.subject.in_(subjects), Paper.state == "current")
    caller.session.execute(printed.values(state="cancelled"))


def order_changed(caller: Caller, meeting: Meeting) -> None:
    """Cancel the sheets of a meeting whose projects or their order have changed."""
    cancel_for(caller, meeting, NAME)


def _printer(caller: Caller) -> str:
    """Return the role of the officer who prints. Raise Forbidden for anybody else."""
    role = next((role for role in BUREAU_ROLES if role in caller.actor.roles), "")
    if not role:
        raise Forbidden(f"空白评分表由{caller.policy.city.bureaus}打印。")
    return role


def _printed(caller: Caller, stream: str, role: str, paper: Paper, **of_project: Any) -> None:
    data = {"paper": paper.title, "version": paper.version}
    audit.append(caller, stream, trigger=TRIGGER, role=role, data=data, **of_project)


def _facts(caller: Caller, project: Project, kind: str, panel: Panel | None) -> Facts:
    sheet = caller.policy.edition(project.edition).sheets[kind]
    own = project.call.roadshow_scores if kind == "roadshow" else None
    blind = panel.blind if panel else kind in caller.policy.edition(project.edition).blind
    title = without_names(project.title, hidden_names(caller.session, caller.policy, [project])) if blind else ""
    return score_sheet(project, sheet, panel.seats if panel else [], own or sheet.experts_minimum, title)


def _title(kind: str) -> str:
    return f"{PANEL_LABELS[kind]}评分表（空白）"
