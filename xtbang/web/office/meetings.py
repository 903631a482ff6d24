"""Meetings (会次): list, agenda, order of the projects; blank score sheets (评分表) for panels that meet on paper."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from xtbang.domain.agenda import reorder, turn_at
from xtbang.domain.score_sheets import print_for_meeting, print_for_panel
from xtbang.enums import BUREAU_ROLES, MEETING_LABELS, PANEL_LABELS
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Meeting
from xtbang.queries.meetings import in_order, papers_of
from xtbang.queries.meetings import meetings as listed
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.cards import Card, card
from xtbang.web.frame.shell import caller, engine

meetings = Blueprint("meetings", __name__)

SEE_OFFICE_WORK = (*BUREAU_ROLES, "leader", "auditor")
SIZE = 20


@meetings.get("/meetings")
@access(*SEE_OFFICE_WORK)
def index() -> str:
    """Show every meeting, the latest first; those of one kind on request."""
    before, kind = request.args.get("before", type=int), request.args.get("kind", "")
    kind = kind if kind in MEETING_LABELS else ""
    rows = listed(db.session(), kind, before, SIZE)
    chosen = {"kind": kind} if kind else {}
    return render_template(
        "bureau/meetings.html",
        rows=rows[:SIZE],
        now=engine().clock(),
        kind=kind,
        kinds=MEETING_LABELS,
        older=url_for("meetings.index", before=rows[SIZE - 1].id, **chosen) if len(rows) > SIZE else "",
        newest=url_for("meetings.index", **chosen) if before else "",
    )


@dataclass(frozen=True)
class Slot:
    """A project's place in the order of the meeting."""

    id: int  # of the project
    begins: datetime | None
    ends: datetime | None
    entry: Card


@meetings.get("/meetings/<int:meeting_id>")
@access(*SEE_OFFICE_WORK)
def page(meeting_id: int) -> str:
    """Show the agenda as it is printed; before the meeting the order can be changed."""
    meeting = _meeting(meeting_id)
    rows = in_order(db.session(), meeting)
    begun = meeting.starts_at is not None and meeting.starts_at <= engine().clock()
    fixed = begun or meeting.status != "planned"
    return render_template(
        "bureau/meeting.html",
        meeting=meeting,
        turns=[
            Slot(row.id, turn_at(meeting, place), turn_at(meeting, place + 1), card(row))
            for place, row in enumerate(rows)
        ],
        ends_at=turn_at(meeting, len(rows)),
        begun=begun,
        may_order=not fixed and "science" in actor().roles and len(rows) > 1,
        may_print=bool(actor().roles & set(BUREAU_ROLES)) and meeting.kind in PANEL_LABELS and bool(rows),
        papers=papers_of(db.session(), meeting),
    )


@meetings.post("/meetings/<int:meeting_id>/sheets")
@access(*BUREAU_ROLES)
def sheets(meeting_id: int) -> Response:
    """Send blank score sheets (评分表) for the meeting, for each project one per expert, then summary (评分汇总表) and opinion (论证意见表)."""
    return _printed(print_for_meeting, meeting_id)


@meetings.post("/projects/<int:project_id>/panels/<int:panel_id>/sheets")
@access(*BUREAU_ROLES)
def panel_sheets(project_id: int, panel_id: int) -> Response:
    """Send the same for one open panel of any kind."""
    return _printed(print_for_panel, project_id, panel_id)


def _printed(issue: Callable[..., int], *ids: int) -> Response:
    return redirect(url_for("files.paper", paper_id=issue(caller(), *ids)), 303)


@meetings.post("/meetings/<int:meeting_id>/order")
@access("science")
def order(meeting_id: int) -> Any:
    """Move one project up or down by one place."""
    seen = request.form.getlist("seen", type=int)
    direction, _, number = request.form.get("move", "").partition("-")
    wanted = moved(seen, direction, int(number) if number.isdecimal() else 0)
    if wanted is None:
        abort(400)
    try:
        reorder(caller(), meeting_id, seen, wanted)
    except Stale:
        flash("其他人员刚刚调整了顺序，您这次的调整没有写入，请按最新顺序重新调整。", "warning")
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("顺序已调整，议程已重新生成，时间有变化的项目已通知各方。", "success")
    return redirect(url_for("meetings.page", meeting_id=meeting_id))


def moved(order_now: list[int], direction: str, project_id: int) -> list[int] | None:
    """Return the order with that project one place ``up`` or ``down``; None when there is no such move."""
    step = {"up": -1, "down": 1}.get(direction)
    if step is None or project_id not in order_now:
        return None
    here = order_now.index(project_id)
    there = here + step
    if not 0 <= there < len(order_now):
        return None
    found = list(order_now)
    found[here], found[there] = found[there], found[here]
    return found


def _meeting(meeting_id: int) -> Meeting:
    meeting = db.session.get(Meeting, meeting_id)
    if meeting is None:
        abort(404)
    return meeting
