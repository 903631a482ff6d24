"""Parts that all corrections (更正) share: who confirms them, the paper that says what was and what is, papers made void by it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.actions.notify import Receivers, notify
from xtbang.models import Countersignature, Paper
from xtbang.papers.facts import correction as facts_correction
from xtbang.papers.facts.correction import Change
from xtbang.queries.rights.project_parts import INTERNAL

Row = TypeVar("Row")


def proposed_by(context: Context) -> Countersignature | None:
    """Return the signature of the person who has asked for the correction that is confirmed here (复核), or None."""
    signed = (row for row in context.rows.of(Countersignature) if row.trigger == context.trigger)
    begun = "open" if context.event is None else "used"
    found = (row for row in signed if row.status == begun and row.person_id != context.actor.person_id)
    return max(found, key=lambda row: row.id, default=None)


def only_proposed(context: Context, key: str, rows: Mapping[str, Row]) -> dict[str, Row]:
    """Return the rows that can be chosen in that field; in a confirmation only the one that was chosen before."""
    first = proposed_by(context)
    return {name: row for name, row in rows.items() if first is None or name == first.data[key]}


def correct(
    context: Context,
    title: str,
    what: str,
    changes: Sequence[Change],
    *told: Receivers,
    dated: date,
    cause: str = "",
    internal: bool = False,
) -> Paper:
    """Issue the paper of a correction (更正单) and mail it to those who relied on what is corrected.

    The papers that it makes void are marked by `make_void`. ``internal``: what is corrected is known to the offices alone.
    """
    first, action = proposed_by(context), context.policy.actions[context.trigger]
    signed = [(office_of(context, first.role), first.person.name, first.at)] if first else []
    printed = facts_correction.correction(
        context.project,
        context.edition,
        title=title,
        what=what,
        changes=changes,
        cause=cause,
        reason=str(context.data["reason"]),
        dated=dated,
        signed=[*signed, (office_of(context, context.role), context.actor.name, context.now)],
        article=action.article,
    )
    reason = cause or str(context.data["reason"])
    notify(context, "correction", *told, title=title, what=what, changes=changes, reason=reason)
    subject = f"{INTERNAL if internal else ''}{context.trigger}:{context.event.id if context.event else 0}"
    return issue(context, "correction", title, printed, subject=subject)


def office_of(context: Context, role: str) -> str:
    """Return the office of that role as papers name it; a county's by its treasury."""
    city = context.policy.city
    if role == "county":
        return city.treasury_of(context.project.region)
    return (city.by_role.get(role) or city.lead).name


def make_void(context: Context, by: Paper, name: str, subject: str = "") -> None:
    """Mark the current papers of that name (and subject) as made void by a correction; they stay readable."""
    query = select(Paper).where(Paper.project_id == context.project.id, Paper.name == name, Paper.state == "current")
    for paper in context.session.scalars(query.where(Paper.subject == subject) if subject else query):
        paper.state, paper.voided_by_id = "cancelled", by.id
