"""The list of restrictions (限制名单): organisations barred from applying, bidding and payment."""

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Addressee, Event, Organisation, PriorNotice, Restriction
from xtbang.people.person_form import organisation_of
from xtbang.people.restrictions import (
    against_restoring,
    correct_restriction,
    lift_restriction,
    reasons,
    restore_restriction,
    restrict,
)
from xtbang.queries.registers import restrictions_asked
from xtbang.queries.shown.people import organisation_shown
from xtbang.queries.shown.prior_notices import PriorNoticeShown, prior_notice_shown
from xtbang.queries.shown.project import EventShown, event_shown, restriction_shown
from xtbang.rules.fields import Field, FieldKind, FormDefinition, one_section
from xtbang.rules.forms import check, clean
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked, by_field, raw_values
from xtbang.web.frame.registers import listed, of_statement
from xtbang.web.frame.shell import caller

WHAT = (
    Field("uscc", "统一社会信用代码", FieldKind.USCC, hint="点“下一步”后显示单位名称，供核对"),
    Field("starts_on", "开始日期", FieldKind.DATE),
    Field("ends_on", "截止日期", FieldKind.DATE, hint="含当日；到期自动解除"),
    Field("reason", "原因", FieldKind.LONG, limit=300, hint="通知该单位，并在其申报、揭榜和拨款时显示"),
    Field("document", "其他机关生效决定的名称和文号", FieldKind.TEXT, limit=100),
)
RESTRICT_FORM = one_section("restrict", "限制申报", WHAT, "限制申报")


def _why(label: str) -> Field:
    return Field("reason", label, FieldKind.LONG, limit=300, hint="通知该单位，并记入操作记录")


LIFT_FORM = one_section("lift_restriction", "解除限制", (_why("解除原因"),), "解除限制")
RESTORE_FORM = one_section("restore_restriction", "恢复限制", (_why("恢复原因"),), "恢复限制")
DAYS_FORM = one_section("correct_restriction", "更正限制期", (*WHAT[1:3], _why("更正的原因")), "更正限制期")


def today() -> date:
    """Return the date in Shanghai."""
    return caller().today


@admin.get("/admin/restrictions")
@access("science", "auditor", "admin")
def restrictions() -> str:
    """Show the restrictions in force or to come, or those that are over."""
    past, search = request.args.get("show") == "past", asked().words()
    query = restrictions_asked(asked(), today())
    found = listed(of_statement(db.session(), query, Restriction.id), id_of=lambda row: row.Restriction.id)
    return render_template(
        "admin/restrictions.html",
        listed=found.shown(lambda row: (restriction_shown(row.Restriction), row.name, row.number)),
        told=_told() if not (past or search or found.newer) else [],
        lifted=_lifted([row for row, _by, _number in found.rows]),
        past=past,
        search=search,
        today=today(),
        may="science" in actor().roles,
    )


def _told() -> list[tuple[PriorNoticeShown, int]]:
    """Return the open prior notices of restrictions outside projects, with their ids."""
    query = select(PriorNotice).where(PriorNotice.project_id.is_(None), PriorNotice.status == "open")
    query = query.options(joinedload(PriorNotice.addressees).joinedload(Addressee.organisation))
    rows = db.session.scalars(query.order_by(PriorNotice.id)).unique()
    return [(prior_notice_shown(row, ()), row.id) for row in rows]


def _lifted(rows: list[Restriction]) -> dict[int, EventShown]:
    """Return restriction → the event that ended it, which has the reason."""
    streams = {f"organisation:{row.organisation_id}" for row in rows if row.lifted_at}
    ended = select(Event).where(Event.stream.in_(streams), Event.trigger == "lift_restriction")
    return {event.data["restriction"]: event_shown(event) for event in db.session.scalars(ended)} if streams else {}


@admin.route("/admin/restrictions/new", methods=["GET", "POST"])
@access("science")
def restriction_new() -> Any:
    """Show the form of what another authority has decided, then a confirmation with the organisation's name; then record it."""
    form = request.form
    if request.method == "GET":
        typed = {"uscc": request.args.get("uscc", "")[:30], "starts_on": today().isoformat()}
        return _form(clean(RESTRICT_FORM, typed), {}, 200)
    values = clean(RESTRICT_FORM, raw_values(RESTRICT_FORM.fields, form))
    if "again" in form:
        return _form(values, {}, 200)
    wrong = check(RESTRICT_FORM, values, complete=True)
    wrong = wrong or reasons(caller(), values)
    if wrong:
        return _form(values, by_field(wrong), 422)
    if "confirmed" not in form or not form.get("request_key"):
        return _form(values, {}, 200, confirming=organisation_of(db.session(), values["uscc"]))
    restrict(caller(), values, form["request_key"][:64])
    flash("限制已登记，并已通知该单位。", "success")
    return redirect(url_for("admin.restrictions"))


def _form(
    values: dict[str, Any], errors: dict[str, list[str]], status: int, confirming: Organisation | None = None
) -> tuple[str, int]:
    page = render_template(
        "admin/restriction_new.html",
        form=RESTRICT_FORM,
        values=values,
        errors=errors,
        confirming=confirming and organisation_shown(confirming),
        request_key=f"restrict-{secrets.token_urlsafe(24)}",
    )
    return page, status


@admin.route("/admin/restrictions/<int:restriction_id>/lift", methods=["GET", "POST"])
@access("science")
def restriction_lift(restriction_id: int) -> Any:
    """End a restriction early, with a reason."""
    page = _page_for(restriction_id, "admin/restriction_lift.html", LIFT_FORM)
    if request.method == "GET":
        return page({}, {}, 200)
    return _done(
        page,
        LIFT_FORM,
        lambda values: lift_restriction(caller(), restriction_id, values["reason"]),
        "限制已解除，并已通知该单位。",
    )


@admin.route("/admin/restrictions/<int:restriction_id>/restore", methods=["GET", "POST"])
@access("science")
def restriction_restore(restriction_id: int) -> Any:
    """Let a restriction hold again that another person has lifted by mistake, with a reason."""
    page = _page_for(restriction_id, "admin/restriction_restore.html", RESTORE_FORM)
    if request.method == "GET":
        row = db.session.get_one(Restriction, restriction_id)
        return page({}, by_field(list(against_restoring(caller(), row))), 200)
    return _done(
        page,
        RESTORE_FORM,
        lambda values: restore_restriction(caller(), restriction_id, values["reason"]),
        "限制已恢复，并已通知该单位。",
    )


@admin.route("/admin/restrictions/<int:restriction_id>/correct", methods=["GET", "POST"])
@access("science")
def restriction_correct(restriction_id: int) -> Any:
    """Correct the days of a restriction, with a reason: by another person than who recorded it."""
    page = _page_for(restriction_id, "admin/restriction_correct.html", DAYS_FORM)
    if request.method == "GET":
        row = db.session.get_one(Restriction, restriction_id)
        return page({"starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}, {}, 200)
    return _done(
        page,
        DAYS_FORM,
        lambda values: correct_restriction(caller(), restriction_id, values),
        "限制期已更正，并已通知该单位。",
    )


Page = Callable[[dict[str, Any], dict[str, list[str]], int], tuple[str, int]]  # of values, errors and status


def _page_for(restriction_id: int, template: str, form: FormDefinition) -> Page:
    """Return what draws the page of an action on one restriction, as it is then. Abort with 404."""
    row = db.session.get(Restriction, restriction_id) or abort(404)

    def page(values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
        over, known = row.lifted_at is not None or row.ends_on < today(), restriction_shown(row)
        return render_template(template, restriction=known, form=form, values=values, errors=errors, over=over), status

    return page


def _done(page: Page, form: FormDefinition, act: Callable[[dict[str, Any]], None], said: str) -> Any:
    """Check what was typed, act, and redirect to the list; or show the page again with what is against it."""
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return page(values, by_field(wrong), 422)
    try:
        act(values)
    except Blocked as blocked:
        return page(values, by_field(blocked.reasons), 409)
    flash(said, "success")
    return redirect(url_for("admin.restrictions"))
