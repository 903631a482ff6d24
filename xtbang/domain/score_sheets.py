"""Blank score sheets (空白评分表): issued when an officer prints them, cancelled when the panel or the order changes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.issue import paper_code, register_number
from xtbang.enums import BUREAU_ROLES, PANEL_LABELS
from xtbang.errors import Forbidden, NotFound
from xtbang.models import Panel, Paper, Project, Roadshow, RoadshowItem
from xtbang.models.writing import writing
from xtbang.papers.facts.score_sheets import score_sheet
from xtbang.queries.caller import Caller

NAME, TRIGGER = "score_sheets", "print_sheets"
Facts = dict[str, Any]


@dataclass(frozen=True)
class Sheets:
    """Name what the sheets are for, and the project that their paper belongs to."""

    subject: str  # panel:7, roadshow:3
    title: str
    number: str
    project: Project

    @property
    def stream(self) -> str:
        """Return the stream of the event: the project's, or that of the roadshow."""
        return self.subject if self.subject.startswith("roadshow:") else f"project:{self.project.id}"

    @property
    def of_project(self) -> Facts:
        """Return the project's part of the event; empty for a roadshow."""
        if self.stream == self.subject:
            return {}
        state = self.project.state
        known = {"project_id": self.project.id, "project_version": self.project.version}
        return known | {"from_state": state, "to_state": state}


def print_for_panel(caller: Caller, project_id: int, panel_id: int) -> int:
    """Issue the sheets of an open panel unless the current ones say the same; return the id of their paper.

    Raises Forbidden and NotFound. One transaction with its event.
    """
    _only_bureaus(caller)
    with writing(caller.session):
        project = caller.session.get(Project, project_id, with_for_update=True)
        panel = caller.session.get(Panel, panel_id)
        if project is None or panel is None or panel.project_id != project_id or panel.status != "open":
            raise NotFound(f"panel {panel_id}")
        data = {"sheets": [_facts(caller, project, panel.kind, panel)]}
        about = Sheets(f"panel:{panel.id}", _title(panel.kind), project.number or "", project)
        return _issue(caller, about, data)


def print_for_roadshow(caller: Caller, roadshow_id: int) -> int:
    """Issue the sheets of every project of a roadshow, in its order; without names where there is no panel yet."""
    _only_bureaus(caller)
    session = caller.session
    with writing(session):
        roadshow = session.get(Roadshow, roadshow_id, with_for_update=True)
        if roadshow is None:
            raise NotFound(f"roadshow {roadshow_id}")
        order = [item.project_id for item in roadshow.items]
        locked = select(Project).where(Project.id.in_(order)).order_by(Project.id).with_for_update()
        projects = {project.id: project for project in session.scalars(locked)}
        found = [(projects[key], _roadshow_panel(session, key)) for key in order]
        data = {"sheets": [_facts(caller, project, "roadshow", panel) for project, panel in found]}
        number = register_number("LY", roadshow.starts_at.year, roadshow.id)
        about = Sheets(f"roadshow:{roadshow.id}", _title("roadshow"), number, projects[order[0]])
        return _issue(caller, about, data)


def panel_changed(caller: Caller, panel: Panel) -> None:
    """Cancel the sheets printed for a panel whose members have changed, and those of the roadshows it will sit at."""
    subjects = [f"panel:{panel.id}"]
    if panel.kind == "roadshow":
        days = select(Roadshow.id).join(RoadshowItem).where(RoadshowItem.project_id == panel.project_id)
        days = days.where(Roadshow.starts_at > caller.now - timedelta(days=1))  # sheets of a past roadshow stay valid
        subjects += [f"roadshow:{roadshow_id}" for roadshow_id in caller.session.scalars(days)]
    _cancel(caller.session, subjects)


def order_changed(session: Session, roadshow: Roadshow) -> None:
    """Cancel the sheets of a roadshow whose projects or their order have changed."""
    _cancel(session, [f"roadshow:{roadshow.id}"])


def _cancel(session: Session, subjects: list[str]) -> None:
    printed = update(Paper).where(Paper.name == NAME, Paper.subject.in_(subjects), Paper.state == "current")
    session.execute(printed.values(state="cancelled"))


def _only_bureaus(caller: Caller) -> None:
    if not caller.actor.roles & set(BUREAU_ROLES):
        raise Forbidden(f"空白评分表由{caller.policy.city.bureaus}打印。")


def _issue(caller: Caller, about: Sheets, data: Facts) -> int:
    """Return the current paper when it says the same; otherwise issue the next version with its event."""
    session = caller.session
    own = Paper.name == NAME, Paper.subject == about.subject
    current = session.scalars(select(Paper).where(*own, Paper.state == "current")).first()
    if current and current.data == data:
        return current.id
    if current:
        current.state = "superseded"
    version = (session.scalar(select(func.max(Paper.version)).where(*own)) or 0) + 1
    row = Paper(
        code=paper_code(caller.site, about.project.id, NAME, about.subject, version, data),
        project_id=about.project.id,
        name="score_sheets",
        title=about.title,
        number=about.number,
        version=version,
        subject=about.subject,
        data=data,
        made_at=caller.now,
    )
    session.add(row)
    audit.append(
        caller,
        about.stream,
        trigger=TRIGGER,
        role=next(role for role in BUREAU_ROLES if role in caller.actor.roles),
        data={"paper": row.title, "version": version},
        **about.of_project,
    )
    return row.id


def _roadshow_panel(session: Session, project_id: int) -> Panel | None:
    query = select(Panel).where(Panel.project_id == project_id, Panel.kind == "roadshow", Panel.status != "cancelled")
    return session.scalars(query.order_by(Panel.id.desc()).limit(1)).first()


def _facts(caller: Caller, project: Project, kind: str, panel: Panel | None) -> Facts:
    sheet = caller.policy.edition(project.edition).sheets[kind]
    own = project.call.roadshow_scores if kind == "roadshow" else None
    return score_sheet(project, sheet, panel.seats if panel else [], own or sheet.experts_minimum)


def _title(kind: str) -> str:
    return f"{PANEL_LABELS[kind]}评分表（空白）"
