"""Roadshows (路演): days, agenda, order of the projects; blank score sheets (评分表) for panels that meet on paper."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from xtbang.domain.roadshow_agenda import reorder, turn_at
from xtbang.domain.score_sheets import print_for_panel, print_for_roadshow
from xtbang.enums import BUREAU_ROLES
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Roadshow
from xtbang.queries.office_notices import agenda_papers, speaking_order
from xtbang.queries.office_notices import roadshows as listed
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.cards import Card, card
from xtbang.web.frame.shell import caller, engine

roadshows = Blueprint("roadshows", __name__)

SEE_OFFICE_WORK = (*BUREAU_ROLES, "leader", "auditor")
SIZE = 20


@roadshows.get("/roadshows")
@access(*SEE_OFFICE_WORK)
def index() -> str:
    """Show every roadshow day, the latest first."""
    before = request.args.get("before", type=int)
    rows = listed(db.session(), before, SIZE)
    return render_template(
        "bureau/roadshows.html",
        rows=rows[:SIZE],
        now=engine().clock(),
        older=url_for("roadshows.index", before=rows[SIZE - 1].id) if len(rows) > SIZE else "",
        newest=url_for("roadshows.index") if before else "",
    )


@dataclass(frozen=True)
class Slot:
    """A project's place in the order of the day."""

    id: int  # of the project
    begins: datetime
    ends: datetime
    entry: Card


@roadshows.get("/roadshows/<int:roadshow_id>")
@access(*SEE_OFFICE_WORK)
def page(roadshow_id: int) -> str:
    """Show the agenda as it is printed; before the day the order can be changed."""
    roadshow = _roadshow(roadshow_id)
    rows = speaking_order(db.session(), roadshow)
    begun = roadshow.starts_at <= engine().clock()
    return render_template(
        "bureau/roadshow.html",
        roadshow=roadshow,
        turns=[
            Slot(row.id, turn_at(roadshow, place), turn_at(roadshow, place + 1), card(row))
            for place, row in enumerate(rows)
        ],
        ends_at=turn_at(roadshow, len(rows)),
        begun=begun,
        may_order=not begun and "science" in actor().roles and len(rows) > 1,
        may_print=bool(actor().roles & set(BUREAU_ROLES)),
        papers=agenda_papers(db.session(), roadshow),
    )


@roadshows.post("/roadshows/<int:roadshow_id>/sheets")
@access(*BUREAU_ROLES)
def sheets(roadshow_id: int) -> Response:
    """Send blank score sheets (评分表) for the day, for each project one per expert, then summary (评分汇总表) and opinion (论证意见表)."""
    return _printed(print_for_roadshow, roadshow_id)


@roadshows.post("/projects/<int:project_id>/panels/<int:panel_id>/sheets")
@access(*BUREAU_ROLES)
def panel_sheets(project_id: int, panel_id: int) -> Response:
    """Send the same for one open panel of any kind."""
    return _printed(print_for_panel, project_id, panel_id)


def _printed(issue: Callable[..., int], *ids: int) -> Response:
    return redirect(url_for("files.paper", paper_id=issue(caller(), *ids)), 303)


@roadshows.post("/roadshows/<int:roadshow_id>/order")
@access("science")
def order(roadshow_id: int) -> Any:
    """Move one project up or down by one place."""
    seen = request.form.getlist("seen", type=int)
    direction, _, number = request.form.get("move", "").partition("-")
    wanted = moved(seen, direction, int(number) if number.isdecimal() else 0)
    if wanted is None:
        abort(400)
    try:
        reorder(caller(), roadshow_id, seen, wanted)
    except Stale:
        flash("其他人员刚刚调整了顺序，您这次的调整没有写入，请按最新顺序重新调整。", "warning")
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("顺序已调整，议程已重新生成，时间有变化的项目已通知各方。", "success")
    return redirect(url_for("roadshows.page", roadshow_id=roadshow_id))


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


def _roadshow(roadshow_id: int) -> Roadshow:
    roadshow = db.session.get(Roadshow, roadshow_id)
    if roadshow is None:
        abort(404)
    return roadshow
