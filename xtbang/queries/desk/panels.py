"""Tasks of expert panels: the answers and scores of their experts, and what the office does with an open panel."""

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, select

from xtbang.enums import PANEL_LABELS
from xtbang.models import Call, Meeting, Panel, Project, Seat
from xtbang.queries.desk.due_dates import ANSWER_WITHIN
from xtbang.queries.desk.groups import Statement, task, waiting_entries
from xtbang.queries.prepared import ME
from xtbang.rules.policy import Policy

SEATS = select(func.count(Seat.id)).where(Seat.panel_id == Panel.id).correlate(Panel)
LOCKED = SEATS.where(Seat.status == "locked").scalar_subquery()
AWAITED = SEATS.where(Seat.status.in_(Seat.AWAITED)).scalar_subquery()


def _panel(row: Row[Any]) -> str:
    return f"{PANEL_LABELS[row.panel]}。"


def _scores(row: Row[Any]) -> str:
    return f"{PANEL_LABELS[row.panel]}：已提交评分 {row.locked} 人，尚未提交 {row.awaited} 人。"


def _too_few(row: Row[Any]) -> str:
    return f"{PANEL_LABELS[row.panel]}至少须有 {row.needed} 名专家评分，现有 {row.locked + row.awaited} 名。"


@task(note=_scores)
def panels(policy: Policy, role: str) -> Statement:
    """Return open panels that have enough scores."""
    return _open_panels().where(_sheets_needed(policy) <= LOCKED)


@task(note=_too_few)
def panels_short(policy: Policy, role: str) -> Statement:
    """Return open panels that cannot have enough scores even when all of their experts answer: more are to be drawn."""
    needed = _sheets_needed(policy)
    return _open_panels(needed.label("needed")).where(needed > LOCKED + AWAITED)


def _open_panels(*more: Any) -> Statement:
    counts = LOCKED.label("locked"), AWAITED.label("awaited")
    query = waiting_entries(Panel.kind.label("panel"), *counts, *more, since=Panel.convened_at)
    query = query.join(Panel, Panel.project_id == Project.id).join(Call, Call.id == Project.call_id)
    return query.where(Panel.status == "open")


def _sheets_needed(policy: Policy) -> ColumnElement[Any]:
    """Return how many scores the conclusion of a panel needs; for a roadshow a call may set its own number."""
    sheets = [
        (and_(Project.edition == edition.key, Panel.kind == sheet.key), sheet.experts_minimum)
        for edition in policy.editions.values()
        for sheet in edition.sheets.values()
    ]
    enough = case(*sheets, else_=1) if sheets else literal(1)
    return func.coalesce(case((Panel.kind == "roadshow", Call.roadshow_scores)), enough)


@task(note=_panel, within=ANSWER_WITHIN)
def invitations(policy: Policy, role: str) -> Statement:
    """Return the seats with an open invitation; the papers stay closed until it is accepted."""
    return _seats("invited", since=Seat.invited_at)


@task(note=_panel)
def scores(policy: Policy, role: str) -> Statement:
    """Return the seats whose scores are not submitted."""
    return _seats("accepted", due=Meeting.starts_at)


def _seats(status: str, **when: Any) -> Statement:
    query = waiting_entries(Seat.id.label("seat_id"), Panel.kind.label("panel"), **when)
    query = query.join(Panel, Panel.project_id == Project.id).join(Seat, Seat.panel_id == Panel.id)
    query = query.join(Meeting, Meeting.id == Panel.meeting_id)
    return query.where(Panel.status == "open", Seat.expert_id == ME, Seat.status == status)
