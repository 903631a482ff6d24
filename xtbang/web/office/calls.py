"""Calls (批次): officers create, correct and publish them."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.domain.calls import publish_call, save_call, written
from xtbang.enums import KIND_LABELS
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Call, Notice
from xtbang.papers.facts.common import offices_of
from xtbang.queries.office_list import calls_with_entries
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import CallShown
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.forms import check, clean
from xtbang.rules.term import in_chinese
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.registers import in_order
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.call_form import PUBLISH_FORM, call_form

calls = Blueprint("calls", __name__)

STALE = "其他人员刚刚修改了这个批次。您填写的内容还在本页，没有写入；请打开最新内容核对后再填。"
NEW = {"bid_days": 30}


@calls.get("/calls-admin")
@access("science")
def index() -> str:
    """Show every call, the newest first, with its number of entries."""
    rows = in_order(calls_with_entries(db.session()))
    return render_template("bureau/calls.html", rows=rows, now=engine().clock(), kinds=KIND_LABELS)


@calls.route("/calls-admin/new", methods=["GET", "POST"])
@access("science")
def new() -> Any:
    """Show the form of a new call; on POST save it, unpublished."""
    return _save(None)


@calls.route("/calls-admin/<int:call_id>", methods=["GET", "POST"])
@access("science")
def edit(call_id: int) -> Any:
    """Show the form of a call; on POST correct it. Published values cannot be changed."""
    call = db.session.get(Call, call_id)
    if call is None:
        abort(404)
    return _save(call)


def _save(call: Call | None) -> Any:
    form = call_form(policy(), caller().today)
    if request.method == "GET":
        return _form(call, written(call) if call else clean(form, NEW), {}, 200)
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return _form(call, values, by_field(wrong), 422)
    call_id, seen = call.id if call else None, request.form.get("version", type=int) or 0
    try:
        saved = save_call(caller(), values, call_id, seen)
    except Stale:
        return _form(db.session.get(Call, call_id), values, {"": [STALE]}, 409)
    except Blocked as blocked:
        return _form(db.session.get(Call, call_id) if call_id else None, values, by_field(blocked.reasons), 422)
    flash("征集批次已保存。", "success")
    return redirect(url_for("calls.index", _anchor=f"call-{saved.id}"))


def _form(call: Call | None, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    page = render_template(
        "bureau/call.html",
        call=call and shown(CallShown, call),
        form=call_form(policy(), caller().today),
        values=values,
        errors=errors,
        version=request.form.get("version") or (call.version if call else 0),
    )
    return page, status


@calls.route("/calls-admin/<int:call_id>/publish", methods=["GET", "POST"])
@access("science")
def publish(call_id: int) -> Any:
    """Show the notice (征集通知) as it will be printed; a second POST publishes it."""
    call = db.session.get(Call, call_id)
    if call is None:
        abort(404)
    if request.method == "GET":
        return _notice(call, clean(PUBLISH_FORM, proposal(call)), {}, 200)
    values = clean(PUBLISH_FORM, raw_values(PUBLISH_FORM.fields, request.form))
    if "again" in request.form:
        return _notice(call, values, {}, 200)
    if wrong := check(PUBLISH_FORM, values, complete=True):
        return _notice(call, values, by_field(wrong), 422)
    if "confirmed" not in request.form:
        return _notice(call, values, {}, 200, confirming=True)
    seen = request.form.get("version", type=int) or 0
    try:
        notice = publish_call(caller(), call_id, seen, values)
    except Stale:
        return _notice(db.session.get_one(Call, call_id), values, {"": [STALE]}, 409)
    except Blocked as blocked:
        return _notice(db.session.get_one(Call, call_id), values, by_field(blocked.reasons), 409)
    flash("征集通知已发布。", "success")
    return redirect(url_for("notices_admin.page", notice_id=notice.id))


def _notice(
    call: Call, values: dict[str, Any], errors: dict[str, list[str]], status: int, confirming: bool = False
) -> tuple[str, int]:
    known = (
        select(Notice.id).where(Notice.call_id == call.id, Notice.kind == "call").order_by(Notice.id.desc()).limit(1)
    )
    page = render_template(
        "bureau/call_publish.html",
        call=shown(CallShown, call),
        form=PUBLISH_FORM,
        values=values,
        errors=errors,
        confirming=confirming,
        offices="　".join(offices_of(policy().city, "call")),
        published=db.session.scalar(known) if call.published_at else None,
        version=request.form.get("version") or call.version,
    )
    return page, status


def proposal(call: Call) -> dict[str, Any]:
    """Return a first wording of the notice, from the values of the call."""
    opens, closes = call.opens_at.astimezone(SHANGHAI), call.closes_at.astimezone(SHANGHAI)
    until = f"{in_chinese(closes.date())} {closes:%H:%M}" if closes.minute != 59 or closes.hour != 23 else ""
    lines = [
        f"根据{policy().newest(call.edition, caller().today).measures.full}，现就征集有关事项通知如下：",
        "一、征集类别",
        f"{'、'.join(KIND_LABELS[kind] for kind in call.kinds)}。",
        "二、征集时间",
        f"{in_chinese(opens.date())} {opens:%H:%M}至{until or in_chinese(closes.date()) + '24:00'}（北京时间）。",
        "三、申报方式",
        "申报单位登录本系统注册并填写项目表，经本单位审核后在线提交。逾期系统不再受理。",
    ]
    if call.papers_due_on:
        lines.append(f"纸质材料须于{in_chinese(call.papers_due_on)}前送达{policy().city.lead.short}。")
    if call.guide:
        lines += ["四、申报指南", *call.guide.splitlines()]
    return {"title": f"关于征集{call.title}的通知", "body": "\n".join(line for line in lines if line.strip())}
