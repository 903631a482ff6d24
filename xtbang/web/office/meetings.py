"""Meetings (会次): list and page, with the order of the projects, their experts and scores, and the papers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from xtbang.domain.agenda import reorder, turn_at
from xtbang.domain.meeting_acts import ALONE, DONE_BY
from xtbang.domain.meeting_lists import TITLES
from xtbang.domain.score_sheets import print_for_meeting, print_for_panel
from xtbang.enums import BUREAU_ROLES, MEETING_LABELS, PANEL_LABELS
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Meeting, Panel, Seat
from xtbang.queries.meeting_scores import panels_of, ranked_projects, roster
from xtbang.queries.meetings import candidates, in_order, papers_of
from xtbang.queries.meetings import meetings as meetings_of
from xtbang.queries.rights.lists import SEE_OFFICE_WORK
from xtbang.queries.shown.meetings import meeting_shown
from xtbang.queries.shown.reviews import SeatShown, seat_shown
from xtbang.rules.lives import Action
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.cards import Card, card
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.registers import listed
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.selection import Picking, deeds_for

meetings = Blueprint("meetings", __name__)


@meetings.get("/meetings")
@access(*SEE_OFFICE_WORK)
def index() -> str:
    """Show every meeting, the latest first; those of one kind on request."""
    kind = asked().text("kind", MEETING_LABELS)
    return render_template(
        "bureau/meetings.html",
        listed=listed(partial(meetings_of, db.session(), kind)),
        now=engine().clock(),
        kind=kind,
        kinds=MEETING_LABELS,
        may_plan="science" in actor().roles,
    )


@dataclass(frozen=True)
class Slot:
    """A project's place in the order of the meeting, and who cannot judge it."""

    id: int  # of the project
    begins: datetime | None
    ends: datetime | None
    entry: Card
    sitting: int | None  # experts on its panel; None: it has none yet
    recused: tuple[SeatShown, ...]
    concluded: bool


@meetings.get("/meetings/<int:meeting_id>")
@access(*SEE_OFFICE_WORK)
def page(meeting_id: int) -> str:
    """Show everything about a meeting; what can be done depends on its state and on the reader."""
    return meeting_page(meeting_id)


@dataclass(frozen=True)
class SignIn:
    """The sign-in of a meeting as it was sent, by invitation: who was there, fees as they were typed, what is wrong."""

    present: frozenset[int]
    fees: dict[int, str] = field(default_factory=dict)
    wrong: dict[int, str] = field(default_factory=dict)


def meeting_page(meeting_id: int, sent: SignIn | None = None) -> str:
    """Return the page of a meeting; with a sign-in that was ``sent`` and refused."""
    meeting = found(meeting_id)
    session, roles = db.session(), actor().roles
    rows = in_order(session, meeting)
    judged = meeting.kind in PANEL_LABELS
    panels = panels_of(session, meeting) if judged else {}
    ranked = ranked_projects(session, policy(), meeting, rows, panels)
    take, ids = request.args.get("take", type=int), [item.row.id for item in ranked] or [row.id for row in rows]
    above = [item.row.id for item in ranked if item.rank and item.rank <= (take or len(ranked)) and item.passes]
    begun = meeting.starts_at is not None and meeting.starts_at <= engine().clock()
    planned = meeting.status == "planned"
    leads = planned and "science" in roles
    deeds = _deeds(rows, roles) if planned else ()
    return render_template(
        "bureau/meeting.html",
        meeting=meeting_shown(meeting),
        turns=[_slot(meeting, place, row, panels.get(row.id)) for place, row in enumerate(rows)],
        ends_at=turn_at(meeting, len(rows)) if meeting.minutes else None,
        begun=begun,
        judged=judged,
        leads=leads,
        may_order=leads and not begun and len(rows) > 1,
        may_print=bool(roles & set(BUREAU_ROLES)) and bool(rows),
        papers=papers_of(session, meeting),
        lists=TITLES,
        signs="science" in roles and meeting.status != "cancelled",
        ranked=ranked,
        take=take,
        above=above,
        below=[number for number in ids if number not in above],
        may_plan="science" in roles,
        roster=roster(session, meeting, panels),
        sent=sent,
        joining=_joining(meeting, leads),
        deeds=deeds,
        pick=Picking("meeting", (("meeting_id", str(meeting_id)),), "", deeds, every=False),
        ids=ids,
    )


def _slot(meeting: Meeting, place: int, row: Any, panel: Panel | None) -> Slot:
    seats = panel.seats if panel else []
    return Slot(
        row.id,
        turn_at(meeting, place),
        turn_at(meeting, place + 1) if meeting.minutes else None,
        card(row),
        sum(1 for seat in seats if seat.status in Seat.TAKES_PART) if panel else None,
        tuple(seat_shown(seat) for seat in seats if seat.status == "recused"),
        panel is not None and panel.status == "concluded",
    )


def _joining(meeting: Meeting, leads: bool) -> list[Any]:
    """Return the projects that could be put on the meeting."""
    if not leads:
        return []
    states = policy().actions[DONE_BY[meeting.kind]].sources
    on_it = set(meeting.order)
    return [row for row in candidates(db.session(), meeting.kind, states) if row.id not in on_it]


def _deeds(rows: list[Any], roles: frozenset[str]) -> tuple[Action, ...]:
    """Return what this reader may do for all projects of the meeting at once."""
    every = deeds_for(policy(), roles, {row.state for row in rows})
    return tuple(action for action in every if action.trigger not in ALONE)


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
    changed = list(order_now)
    changed[here], changed[there] = changed[there], changed[here]
    return changed


def found(meeting_id: int) -> Meeting:
    """Return the meeting. Answer 404 when there is none."""
    meeting = db.session.get(Meeting, meeting_id)
    if meeting is None:
        abort(404)
    return meeting
