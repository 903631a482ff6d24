"""路演: the days, their agenda, the order of the projects; blank 评分表 for every panel that meets on paper."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Panel, Project, Roadshow
from xtbang.papers.facts_sheets import score_sheet
from xtbang.papers.meta import PaperMeta
from xtbang.queries.office_notices import agenda_papers, turns
from xtbang.queries.office_notices import roadshows as listed
from xtbang.stages.agenda import reorder, turn_at
from xtbang.stages.issuing import register_number
from xtbang.web.access import access, actor
from xtbang.web.entries import card
from xtbang.web.files import send
from xtbang.web.shell import engine, policy

roadshows = Blueprint("roadshows", __name__)

READERS = ("science", "industry", "leader", "auditor")
SIZE = 20


@roadshows.get("/roadshows")
@access(*READERS)
def index() -> str:
    """Every roadshow day, the latest first."""
    before = request.args.get("before", type=int)
    rows = listed(db.session(), before, SIZE)
    return render_template(
        "bureau/roadshows.html",
        rows=rows[:SIZE],
        now=engine().clock(),
        older=url_for("roadshows.index", before=rows[SIZE - 1].id) if len(rows) > SIZE else "",
        newest=url_for("roadshows.index") if before else "",
    )


@roadshows.get("/roadshows/<int:roadshow_id>")
@access(*READERS)
def page(roadshow_id: int) -> str:
    """The agenda, as it is printed; before the day the order can be changed."""
    roadshow = _roadshow(roadshow_id)
    rows = turns(db.session(), roadshow)
    begun = roadshow.starts_at <= engine().clock()
    return render_template(
        "bureau/roadshow.html",
        roadshow=roadshow,
        turns=[
            card(row) | {"id": row.id, "from": turn_at(roadshow, place), "until": turn_at(roadshow, place + 1)}
            for place, row in enumerate(rows)
        ],
        ends_at=turn_at(roadshow, len(rows)),
        begun=begun,
        may_order=not begun and "science" in actor().roles and len(rows) > 1,
        papers=agenda_papers(db.session(), roadshow),
    )


@roadshows.get("/roadshows/<int:roadshow_id>/sheets.pdf")
@access(*READERS)
def sheets(roadshow_id: int) -> Response:
    """Blank 评分表 for the day: of every project one for each expert, then the 评分汇总表 with the 论证意见表."""
    roadshow = _roadshow(roadshow_id)
    rows = [_blank(db.session.get_one(Project, row.id), "roadshow") for row in turns(db.session(), roadshow)]
    number = register_number("LY", roadshow.starts_at.year, roadshow.id)
    return _sheets("路演评审评分表", number, rows, roadshow.created_at)


@roadshows.get("/projects/<int:project_id>/panels/<int:panel_id>/sheets.pdf")
@access(*READERS)
def panel_sheets(project_id: int, panel_id: int) -> Response:
    """The same for one panel of any kind that sits now."""
    panel = db.session.get(Panel, panel_id)
    if panel is None or panel.project_id != project_id or panel.status != "open":
        abort(404)
    project = db.session.get_one(Project, project_id)
    facts = _blank(project, panel.kind, panel)
    return _sheets(facts["sheet"], project.number or "", [facts], panel.convened_at)


def _blank(project: Project, kind: str, panel: Panel | None = None) -> dict[str, Any]:
    if panel is None:
        query = select(Panel).where(Panel.project_id == project.id, Panel.kind == kind, Panel.status != "cancelled")
        panel = db.session.scalars(query.order_by(Panel.id.desc()).limit(1)).first()
    sheet = policy().edition(project.edition).sheets[kind]
    own = project.call.roadshow_scores if kind == "roadshow" else None
    return score_sheet(project, sheet, panel.seats if panel else [], own or sheet.experts_minimum)


def _sheets(title: str, number: str, rows: list[dict[str, Any]], made_at: datetime) -> Response:
    from xtbang.papers.rendering import pdf_from  # half a second that no other page needs

    meta = PaperMeta(name=title, number=number, version=0, made_at=made_at, code="", verify_url="", state="空白表")
    content = pdf_from("score_sheets", {"sheets": rows}, meta=meta, editions=policy().editions)
    return send(content, f"{number} {title}（空白）.pdf".strip(), "application/pdf", inline=True)


@roadshows.post("/roadshows/<int:roadshow_id>/order")
@access("science")
def order(roadshow_id: int) -> Any:
    """One project up or down by one place."""
    seen = request.form.getlist("seen", type=int)
    direction, _, number = request.form.get("move", "").partition("-")
    wanted = moved(seen, direction, int(number) if number.isdecimal() else 0)
    if wanted is None:
        abort(400)
    try:
        reorder(db.session(), engine().site, actor(), roadshow_id, seen, wanted, policy().editions, engine().clock())
    except Stale:
        flash("其他人员刚刚调整了顺序，您这次的调整没有写入，请按最新顺序重新调整。", "warning")
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("顺序已调整，议程已重新生成，时间有变化的项目已通知各方。", "success")
    return redirect(url_for("roadshows.page", roadshow_id=roadshow_id))


def moved(order_now: list[int], direction: str, project_id: int) -> list[int] | None:
    """The order with that project one place ``up`` or ``down``; None when there is no such move."""
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
