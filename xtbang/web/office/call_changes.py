"""Calls (批次) that were published: officers prolong or cancel them, with the notice that says so."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from xtbang.domain.bids import in_shanghai, moment
from xtbang.domain.call_changes import BLANK, cancel_call, others_open, prolong_call
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Call
from xtbang.papers.facts.common import offices_of
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import CallShown
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check, clean
from xtbang.rules.quotation import quoted
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.call_form import PROLONG_FORM, cancel_form
from xtbang.web.office.calls import STALE, calls
from xtbang.workflow.cancelled_calls import wind_up


@calls.route("/calls-admin/<int:call_id>/prolong", methods=["GET", "POST"])
@access("science")
def prolong(call_id: int) -> Any:
    """Show the form of a longer window with its notice; a second POST publishes it."""
    call = _published(call_id)
    body = f"经研究，{quoted(call.title)}的征集截止时间由{in_shanghai(call.closes_at)}延长至{BLANK}，其他事项不变。"
    wording = {"title": f"关于延长{call.title}征集时间的公告", "body": body}
    return _page(call, PROLONG_FORM, wording)


@calls.route("/calls-admin/<int:call_id>/cancel", methods=["GET", "POST"])
@access("science")
def cancel(call_id: int) -> Any:
    """Show the form of the cancellation with its notice; a second POST cancels the call and winds up its entries."""
    call = _published(call_id)
    body = f"因{BLANK}，经研究，取消{quoted(call.title)}的征集。已提交的申报由系统逐项通知。"
    return _page(
        call,
        cancel_form({str(row.id): row.title for row in others_open(caller(), call)}),
        {"title": f"关于取消{call.title}的公告", "body": body},
    )


def _published(call_id: int) -> Call:
    call = db.session.get(Call, call_id)
    if call is None or call.published_at is None or call.cancelled_at is not None:
        abort(404)
    return call


def _page(call: Call, form: FormDefinition, wording: dict[str, Any]) -> Any:
    if request.method == "GET":
        return _form(call, form, clean(form, wording), {}, 200)
    values = clean(form, raw_values(form.fields, request.form))
    if "again" in request.form:
        return _form(call, form, values, {}, 200)
    if wrong := check(form, values, complete=True):
        return _form(call, form, values, by_field(wrong), 422)
    if "confirmed" not in request.form:
        return _form(call, form, _with_the_day(values), {}, 200, confirming=True)
    call_id, seen, cancels = call.id, request.form.get("version", type=int) or 0, form.key == "cancel_call"
    do = cancel_call if cancels else prolong_call
    try:
        notice = do(caller(), call_id, seen, values)
    except Stale:
        return _form(db.session.get_one(Call, call_id), form, values, {"": [STALE]}, 409)
    except Blocked as blocked:
        return _form(db.session.get_one(Call, call_id), form, values, by_field(blocked.reasons), 422)
    number = notice.id
    flash("公告已发布，征集时间已延长。" if not cancels else "公告已发布，批次已取消。", "success")
    if cancels:
        done, left = wind_up(engine(), db.session(), actor(), call_id, values.get("move_to") or "", values["reason"])
        if done:
            flash(
                f"{done} 项申报已{'转入其他批次' if values.get('move_to') else '终结'}，申报单位收到通知。", "success"
            )
        if left:
            flash(f"{left} 项申报未能一并办理，请在项目页逐项办理。", "warning")
    return redirect(url_for("notices_admin.page", notice_id=number))


def _with_the_day(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the new moment in the wording that the page has proposed."""
    if not values.get("closes_at"):
        return values
    return values | {"body": values["body"].replace(BLANK, in_shanghai(moment(values["closes_at"])))}


def _form(
    call: Call,
    form: FormDefinition,
    values: dict[str, Any],
    errors: dict[str, list[str]],
    status: int,
    confirming: bool = False,
) -> tuple[str, int]:
    until = values.get("closes_at")
    page = render_template(
        "bureau/call_change.html",
        call=shown(CallShown, call),
        form=form,
        values=values,
        errors=errors,
        confirming=confirming,
        offices="　".join(offices_of(policy().city, "call")),
        until=moment(until) if confirming and until else None,
        version=request.form.get("version") or call.version,
    )
    return page, status
