"""Findings (办理情况): dated statements in a project's file."""

from typing import Any

from xtbang.actions.context import Context
from xtbang.models import Finding


def found(context: Context, kind: str) -> list[Finding]:
    """Return the findings of that kind that stand, oldest first."""
    return [row for row in context.rows.of(Finding) if row.kind == kind and row.voided_at is None]


def add_finding(context: Context, kind: str, **facts: Any) -> Finding:
    """Add and return a finding of the actor, dated today unless ``facts``, other columns of it, say otherwise."""
    known = {"role": context.role, "dated": context.today} | facts
    finding = Finding(
        project_id=context.project.id, kind=kind, person_id=context.actor.person_id, at=context.now, **known
    )
    context.session.add(finding)
    return finding
