"""Panels on the page of an action: their sheets, their conclusions, the findings of the bureaus."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Finding, Panel, Project, Recusal, Seat
from xtbang.queries.caller import Caller
from xtbang.queries.panel_scores import PanelScores, each_of
from xtbang.queries.shown.project import parties_shown
from xtbang.queries.shown.reviews import finding_shown

Values = dict[str, Any]


@dataclass(frozen=True)
class RecusalShown:
    """A party's request that an expert does not judge (回避申请)."""

    named_at: datetime
    party: str
    named: str
    reason: str
    status: str
    finding: str


def panels_of(caller: Caller, project: Project, **which: str) -> list[PanelScores]:
    """Return the project's panels with these values of columns (kind, status), newest first."""
    query = select(Panel).where(Panel.project_id == project.id).filter_by(**which).order_by(Panel.id.desc())
    query = query.options(selectinload(Panel.seats).joinedload(Seat.expert))
    return each_of(caller.policy.edition(project.edition), caller.session.scalars(query))


def open_panels(caller: Caller, project: Project) -> Values:
    """Return the open panels."""
    return {"panels": panels_of(caller, project, status="open")}


def appraisal(caller: Caller, project: Project) -> Values:
    """Return the concluded panels of 论证."""
    return {"panels": panels_of(caller, project, kind="appraisal", status="concluded")}


def conclusions(caller: Caller, project: Project) -> Values:
    """Return every concluded panel."""
    return {"panels": panels_of(caller, project, status="concluded")}


def liability(caller: Caller, project: Project) -> Values:
    """Return the concluded panels of 责任论证, and the parties."""
    panels = panels_of(caller, project, kind="liability", status="concluded")
    return {"panels": panels, "parties": parties_shown(project)}


def judgement(caller: Caller, project: Project) -> Values:
    """Return the concluded panels of 路演, and both bureaus' opinions and inspections."""
    query = select(Finding).where(Finding.project_id == project.id, Finding.kind.in_(("opinion", "inspection")))
    query = query.where(Finding.voided_at.is_(None))
    findings = caller.session.scalars(query.options(joinedload(Finding.person)).order_by(Finding.id))
    return {
        "panels": panels_of(caller, project, kind="roadshow", status="concluded"),
        "findings": [finding_shown(row) for row in findings],
    }


def recusals(caller: Caller, project: Project) -> Values:
    """Return the requests of the parties; a party reads its own alone."""
    query = select(Recusal).where(Recusal.project_id == project.id).options(joinedload(Recusal.organisation))
    if caller.actor.roles.isdisjoint(BUREAU_ROLES):
        query = query.where(Recusal.organisation_id == caller.actor.organisation_id)
    rows = caller.session.scalars(query.order_by(Recusal.id))
    return {
        "recusals": [
            RecusalShown(row.named_at, row.organisation.name, row.named, row.reason, row.status, row.finding)
            for row in rows
        ]
    }
