"""Planning a meeting (会次): new, changed, cancelled, closed; projects join; experts are drawn for all of them at once."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from xtbang.domain.meeting_plans import change_meeting, close_meeting, plan_meeting, written
from xtbang.enums import MEETING_LABELS, PANEL_LABELS
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Meeting
from xtbang.queries.shown.meetings import meeting_shown
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check, clean
from xtbang.rules.quotation import quoted
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.shell import caller, engine
from xtbang.web.office.meeting_forms import CANCEL_FORM, CHANGE_FORM, DRAW_FORM, NEW_FORM
from xtbang.web.office.meetings import found, meetings
from xtbang.workflow.meetings import Done, cancel, convene, join, suggested, titles

SUBMIT = {
    "plan_meeting": "新建",
    "change_meeting": "保存",
    "cancel_meeting": "取消会次",
    "draw_for_meeting": "抽取并邀请",
}
Errors = dict[str, list[str]]


@meetings.route("/meetings/new", methods=["GET", "POST"])
@access("science")
def new() -> Any:
    """Show the form of a new meeting; on POST record it and open its page, where projects are put on it."""
    if request.method == "GET":
        kind = request.args.get("kind", "")
        return _form(NEW_FORM, None, {"kind": kind if kind in MEETING_LABELS else ""})
    values = clean(NEW_FORM, raw_values(NEW_FORM.fields, request.form))
    if wrong := check(NEW_FORM, values, complete=True):
        return _form(NEW_FORM, None, values, by_field(wrong), 422)
    try:
        number = plan_meeting(caller(), values)
    except Blocked as blocked:
        return _form(NEW_FORM, None, values, by_field(blocked.reasons), 422)
    if chosen := request.args.getlist("id", type=int):
        _join(number, chosen)
        return _page(number)
    flash("会次已新建，请列入项目。", "success")
    return redirect(url_for("meetings.page", meeting_id=number, _anchor="join"))


@meetings.route("/meetings/<int:meeting_id>/change", methods=["GET", "POST"])
@access("science")
def change(meeting_id: int) -> Any:
    """Show title, time, place and minutes; on POST change them and notify those who relied on them."""
    meeting = found(meeting_id)
    if request.method == "GET":
        return _form(CHANGE_FORM, meeting, written(meeting))
    values = clean(CHANGE_FORM, raw_values(CHANGE_FORM.fields, request.form))
    if wrong := check(CHANGE_FORM, values, complete=True):
        return _form(CHANGE_FORM, meeting, values, by_field(wrong), 422)
    try:
        change_meeting(caller(), meeting_id, values)
    except Blocked as blocked:
        return _form(CHANGE_FORM, found(meeting_id), values, by_field(blocked.reasons), 422)
    flash("会次安排已修改，议程已重新生成，各方和专家已通知。", "success")
    return _page(meeting_id)


@meetings.route("/meetings/<int:meeting_id>/cancel", methods=["GET", "POST"])
@access("science")
def cancel_it(meeting_id: int) -> Any:
    """Ask for the reason; on POST let every project leave the meeting and cancel it."""
    meeting = found(meeting_id)
    if request.method == "GET":
        return _form(CANCEL_FORM, meeting, {})
    values = clean(CANCEL_FORM, raw_values(CANCEL_FORM.fields, request.form))
    if wrong := check(CANCEL_FORM, values, complete=True):
        return _form(CANCEL_FORM, meeting, values, by_field(wrong), 422)
    try:
        done = cancel(engine(), db.session(), actor(), meeting_id, values["reason"])
    except Blocked as blocked:
        return _form(CANCEL_FORM, found(meeting_id), values, by_field(blocked.reasons), 422)
    gone = "会次已取消，项目已退出" if not done.refused else f"{len(done.done)} 个项目已退出"
    _say(done, f"{gone}，各方和专家已通知。", "不能退出，会次没有取消")
    return _page(meeting_id)


@meetings.post("/meetings/<int:meeting_id>/close")
@access("science")
def close(meeting_id: int) -> Response:
    """Close a meeting on which everything is decided."""
    try:
        close_meeting(caller(), meeting_id)
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("会次已结束。", "success")
    return _page(meeting_id)


@meetings.post("/meetings/<int:meeting_id>/projects")
@access("science")
def projects(meeting_id: int) -> Response:
    """Put the projects that were ticked on the meeting."""
    found(meeting_id)
    chosen = request.form.getlist("id", type=int)
    if not chosen:
        flash("请先选中项目。", "warning")
        return _page(meeting_id)
    _join(meeting_id, chosen)
    return _page(meeting_id)


def _join(meeting_id: int, chosen: list[int]) -> None:
    done = join(engine(), db.session(), actor(), meeting_id, chosen)
    _say(done, f"已列入 {len(done.done)} 个项目。", "没有列入")


@meetings.route("/meetings/<int:meeting_id>/draw", methods=["GET", "POST"])
@access("science")
def draw(meeting_id: int) -> Any:
    """Ask how many experts; on POST draw them for the whole meeting and convene the panel of every project."""
    meeting = found(meeting_id)
    if meeting.kind not in PANEL_LABELS:
        return _page(meeting_id)
    if request.method == "GET":
        return _form(DRAW_FORM, meeting, suggested(engine(), db.session(), actor(), meeting_id))
    values = clean(DRAW_FORM, raw_values(DRAW_FORM.fields, request.form))
    if wrong := check(DRAW_FORM, values, complete=True):
        return _form(DRAW_FORM, meeting, values, by_field(wrong), 422)
    try:
        done = convene(engine(), db.session(), actor(), meeting_id, values)
    except Blocked as blocked:
        return _form(DRAW_FORM, found(meeting_id), values, by_field(blocked.reasons), 422)
    _say(done, "专家已抽取，每名专家收到一份邀请；有利害关系的项目已另抽专家替补。", "没有组建专家组")
    return _page(meeting_id)


def _say(done: Done, success: str, failure: str) -> None:
    """Show what was done, and for each project for which it was not, why."""
    if done.done or not done.refused:
        flash(success, "success")
    names = titles(db.session(), list(done.refused))
    for number, reasons in done.refused.items():
        flash(f"{quoted(names.get(number, number))}{failure}：{'；'.join(reasons)}", "error")


def _form(
    form: FormDefinition,
    meeting: Meeting | None,
    values: dict[str, Any],
    errors: Errors | None = None,
    status: int = 200,
) -> tuple[str, int]:
    page = render_template(
        "bureau/meeting_form.html",
        form=form,
        meeting=meeting and meeting_shown(meeting),
        projects=len(meeting.order) if meeting else 0,
        values=values,
        errors=errors or {},
        submit=SUBMIT[form.key],
        danger=form is CANCEL_FORM,
    )
    return page, status


def _page(meeting_id: int) -> Response:
    return redirect(url_for("meetings.page", meeting_id=meeting_id))
