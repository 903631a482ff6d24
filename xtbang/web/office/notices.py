"""Notices (公告): drafts and published ones for officers; a published notice is corrected only by a new one."""

from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from xtbang.domain.notices import days_of, how_to_object, supersede
from xtbang.enums import NOTICE_LABELS
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Notice, Paper, Project
from xtbang.papers.facts import common as facts
from xtbang.papers.facts.older import facts_of
from xtbang.queries.holidays import holidays_of
from xtbang.queries.office_notices import drafts, named, paper_of, published, superseded, with_items
from xtbang.queries.rights.lists import SEE_OFFICE_WORK
from xtbang.queries.shown.notices import notice_read
from xtbang.rules.forms import check, clean
from xtbang.rules.money import format_wan, yuan_from_wan
from xtbang.rules.term import in_chinese
from xtbang.rules.workdays import notice_period
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked, by_field, raw_values
from xtbang.web.frame.registers import listed
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.call_form import SUPERSEDE_FORM

notices_admin = Blueprint("notices_admin", __name__)

AMOUNTS = {"total": "total", "city": "subsidy_city", "county": "subsidy_county"}  # page → facts


@notices_admin.get("/notices-admin")
@access(*SEE_OFFICE_WORK)
def index() -> str:
    """Show the drafts, then the published notices."""
    kind = asked().text("kind", NOTICE_LABELS)
    found = listed(partial(published, db.session(), kind))
    publishes = policy().done_on("notice")
    return render_template(
        "bureau/notices.html",
        drafts=[] if found.newer else drafts(db.session()),
        publishes=publishes if actor().roles & set(publishes.who) else None,
        listed=found,
        kind=kind,
        kinds=NOTICE_LABELS,
        today=caller().today,
    )


@notices_admin.get("/notices-admin/<int:notice_id>")
@access(*SEE_OFFICE_WORK)
def page(notice_id: int) -> str:
    """Show one notice: its projects with their figures, its text, and the possible actions."""
    notice = _notice(notice_id)
    projects = named(db.session(), notice)
    draft = notice.status == "draft"
    days = period(notice, projects) if draft and projects else None
    paper = paper_of(db.session(), notice)
    return render_template(
        "bureau/notice.html",
        notice=notice_read(notice),
        label=NOTICE_LABELS[notice.kind],
        items=figures(notice, projects),
        days=days,
        contact=_stored_contact(paper) if paper else contact(notice, days[1] if days else None),
        offices="　".join(facts_of(paper)["offices"] if paper else facts.offices_of(policy().city, notice.kind)),
        publish=_publishing(notice, projects) if draft else "",
        may_correct=notice.status == "published" and "science" in actor().roles,
        paper_id=paper and paper.id,
        unreachable=bool(draft and days and not (engine().site.phone and engine().site.address)),
        corrects=superseded(db.session(), notice),
        today=caller().today,
    )


def _stored_contact(paper: Paper) -> str:
    return str(facts_of(paper).get("contact", ""))


def _notice(notice_id: int) -> Notice:
    notice = with_items(db.session(), notice_id)
    if notice is None:
        abort(404)
    return notice


def _publishing(notice: Notice, projects: list[Project]) -> str:
    """Return the address of the action that publishes it, for the first of its projects that waits for it."""
    action = policy().done_on("notice")
    first = next((project for project in projects if project.state in action.sources), None)
    if first is None or "science" not in actor().roles:
        return ""
    return url_for("actions.act", project_id=first.id, trigger=action.trigger, title=notice.title)


def period(notice: Notice, projects: list[Project]) -> tuple[date, date, bool] | None:
    """Return first and last day if it were published today, and whether they are an estimate."""
    if notice.kind != "publicity":
        return None
    today = caller().today
    return notice_period(today, days_of(projects[0], policy().editions), holidays_of(db.session(), policy().city))


def contact(notice: Notice, last_day: date | None) -> str:
    """Return how to object, for a publicity notice (公示)."""
    if notice.kind != "publicity" or not last_day:
        return ""
    return how_to_object(engine().site, policy().city.lead.name, in_chinese(last_day))


def figures(notice: Notice, projects: list[Project]) -> list[dict[str, Any]]:
    """Return the figures of its projects: present ones for a draft, stored ones for a published notice."""
    current = notice.status == "draft"
    stored = {item.project_id: item.figures for item in notice.items}
    return [
        _figures(facts.figures(project) if current else stored[project.id])
        | {"url": url_for("projects.page", project_id=project.id)}
        for project in projects
    ]


def _figures(said: dict[str, Any]) -> dict[str, Any]:
    members = said.get("members") or []
    bidder = "、".join(name for name in (said.get("bidder", ""), *members) if name)
    names = {name: said.get(name, "") for name in ("number", "title", "issuer", "region")}
    amounts = {name: said.get(key, "") for name, key in AMOUNTS.items()}
    return (
        names
        | {"bidder": bidder}
        | {
            name: format_wan(yuan_from_wan(wan))
            for name, wan in amounts.items()
            if wan and (name != "county" or wan != "0")
        }
    )


@notices_admin.route("/notices-admin/<int:notice_id>/supersede", methods=["GET", "POST"])
@access("science")
def correct(notice_id: int) -> Any:
    """Show the form of a corrected notice, then a confirmation in full; then publish it in place of this one."""
    notice = _notice(notice_id)
    if request.method == "GET":
        known = {"title": notice.title, "number": notice.number, "body": notice.body}
        return _correction(notice, clean(SUPERSEDE_FORM, known), {}, 200)
    values = clean(SUPERSEDE_FORM, raw_values(SUPERSEDE_FORM.fields, request.form))
    if "again" in request.form:
        return _correction(notice, values, {}, 200)
    if wrong := check(SUPERSEDE_FORM, values, complete=True):
        return _correction(notice, values, by_field(wrong), 422)
    if "confirmed" not in request.form:
        return _correction(notice, values, {}, 200, confirming=True)
    try:
        new = supersede(caller(), notice_id, values)
    except Blocked as blocked:
        return _correction(_notice(notice_id), values, by_field(blocked.reasons), 409)
    flash("更正公告已发布，原公告已标明被更正。", "success")
    return redirect(url_for("notices_admin.page", notice_id=new.id))


def _correction(
    notice: Notice, values: dict[str, Any], errors: dict[str, list[str]], status: int, confirming: bool = False
) -> tuple[str, int]:
    projects = named(db.session(), notice)
    running = [project for project in projects if project.state == "publicity"]
    days = period(notice, running) if running else None
    html = render_template(
        "bureau/notice_correct.html",
        notice=notice_read(notice),
        label=NOTICE_LABELS[notice.kind],
        form=SUPERSEDE_FORM,
        values=values,
        errors=errors,
        confirming=confirming,
        items=[_figures(facts.figures(project)) for project in projects] if days else figures(notice, projects),
        days=days,
        contact=contact(notice, days[1] if days else None),
        offices="　".join(facts.offices_of(policy().city, notice.kind)),
    )
    return html, status
