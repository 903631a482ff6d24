"""Panels on the page of an action: their sheets, their conclusions, the findings of the bureaus."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Finding, Panel, Recusal
from xtbang.queries.caller import Caller
from xtbang.queries.panel_scores import PanelScores, each_of
from xtbang.queries.project_rows import ProjectRows
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


def panels_of(caller: Caller, rows: ProjectRows, **which: str) -> list[PanelScores]:
    """Return the project's panels with these values of columns (kind, status), newest first."""
    found = (
        row for row in reversed(rows.of(Panel)) if all(getattr(row, name) == value for name, value in which.items())
    )
    return each_of(caller.policy.edition(rows.project.edition), found)


def open_panels(caller: Caller, rows: ProjectRows) -> Values:
    """Return the open panels."""
    return {"panels": panels_of(caller, rows, status="open")}


def appraisal(caller: Caller, rows: ProjectRows) -> Values:
    """Return the concluded panels of 论证."""
    return {"panels": panels_of(caller, rows, kind="appraisal", status="concluded")}


def conclusions(caller: Caller, rows: ProjectRows) -> Values:
    """Return every concluded panel."""
    return {"panels": panels_of(caller, rows, status="concluded")}


def liability(caller: Caller, rows: ProjectRows) -> Values:
    """Return the concluded panels of 责任论证, and the parties."""
    panels = panels_of(caller, rows, kind="liability", status="concluded")
    return {"panels": panels, "parties": parties_shown(rows.project)}


def judgement(caller: Caller, rows: ProjectRows) -> Values:
    """Return the concluded panels of 路演, and both bureaus' opinions and inspections."""
    stand = (row for row in rows.of(Finding) if row.voided_at is None)
    findings = [row for row in stand if row.kind in ("opinion", "inspection")]
    return {
        "panels": panels_of(caller, rows, kind="roadshow", status="concluded"),
        "findings": [finding_shown(row) for row in findings],
    }


def recusals(caller: Caller, rows: ProjectRows) -> Values:
    """Return the requests of the parties; a party reads its own alone."""
    every, own = not caller.actor.roles.isdisjoint(BUREAU_ROLES), caller.actor.organisation_id
    return {
        "recusals": [
            RecusalShown(row.named_at, row.organisation.name, row.named, row.reason, row.status, row.finding)
            for row in rows.of(Recusal)
            if every or row.organisation_id == own
        ]
    }
