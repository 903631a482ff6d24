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
from xtbang.models import Addressee, Event, Organisation, PriorNotice, Restriction, RestrictionAct
from xtbang.people.person_form import organisation_of
from xtbang.people.restriction_acts import (
    CORRECT,
    LIFT,
    RECORD,
    RESTORE,
    ask_act,
    reasons_against,
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
RESTRICT_FORM = one_section(RECORD, "限制申报", WHAT, "限制申报")
ASKED = "已提出，由另一人确认后生效。"


def _why(label: str) -> Field:
    return Field("reason", label, FieldKind.LONG, limit=300, hint="通知该单位，并记入操作记录")


LIFT_FORM = one_section(LIFT, "解除限制", (_why("解除原因"),), "解除限制")
RESTORE_FORM = one_section(RESTORE, "恢复限制", (_why("恢复原因"),), "恢复限制")
DAYS_FORM = one_section(CORRECT, "更正限制期", (*WHAT[1:3], _why("更正的原因")), "更正限制期")


def today() -> date:
    """Return the date in Shanghai."""
    return caller().today


@admin.get("/admin/restrictions")
@access("science", "auditor", "admin")
def restrictions() -> str:
    """Show the restrictions in force or to come, those that are over, or all."""
    show, search = asked().text("show", ("past", "all")), asked().words()
    query = restrictions_asked(asked(), today())
    waits = db.session.scalars(select(RestrictionAct.restriction_id).where(RestrictionAct.status == "waiting")).all()
    found = listed(of_statement(db.session(), query, Restriction.id), id_of=lambda row: row.Restriction.id)
    return render_template(
        "admin/restrictions.html",
        listed=found.shown(lambda row: (restriction_shown(row.Restriction), row.name, row.number)),
        told=open_notices() if not (show or search or found.newer) else [],
        lifted=_lifted([row for row, _by, _number in found.rows]),
        waits=waits,
        show=show,
        search=search,
        today=today(),
        may="science" in actor().roles,
    )


def open_notices() -> list[tuple[PriorNoticeShown, int]]:
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
    if wrong := check(RESTRICT_FORM, values, complete=True):
        return _form(values, by_field(wrong), 422)
    try:
        if "confirmed" not in form or not form.get("request_key"):
            if against := reasons_against(caller(), RECORD, None, values):
                raise Blocked(against)
            return _form(values, {}, 200, confirming=organisation_of(db.session(), values["uscc"]))
        ask_act(caller(), RECORD, values, request_key=form["request_key"][:64])
    except Blocked as blocked:
        return _form(values, by_field(blocked.reasons), 422)
    flash(ASKED, "success")
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
    """Ask that a restriction end early, with a reason."""
    return _act(restriction_id, "admin/restriction_lift.html", LIFT_FORM, {})


@admin.route("/admin/restrictions/<int:restriction_id>/restore", methods=["GET", "POST"])
@access("science")
def restriction_restore(restriction_id: int) -> Any:
    """Ask that a restriction hold again that was lifted by mistake, with a reason."""
    return _act(restriction_id, "admin/restriction_restore.html", RESTORE_FORM, {})


@admin.route("/admin/restrictions/<int:restriction_id>/correct", methods=["GET", "POST"])
@access("science")
def restriction_correct(restriction_id: int) -> Any:
    """Ask that the days of a restriction be corrected, with a reason."""
    row = db.session.get(Restriction, restriction_id) or abort(404)
    days = {"starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}
    return _act(restriction_id, "admin/restriction_correct.html", DAYS_FORM, days)


def _act(restriction_id: int, template: str, form: FormDefinition, first: dict[str, Any]) -> Any:
    """Show the form of an act on one restriction; on POST ask for it, or show what is against it."""
    page = _page_for(restriction_id, template, form)
    if request.method == "GET":
        return page(first, {}, 200)
    return _done(page, form, restriction_id)


Page = Callable[[dict[str, Any], dict[str, list[str]], int], tuple[str, int]]  # of values, errors and status


def _page_for(restriction_id: int, template: str, form: FormDefinition) -> Page:
    """Return what draws the page of an action on one restriction, as it is then. Abort with 404."""
    row = db.session.get(Restriction, restriction_id) or abort(404)

    def page(values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
        over, known = row.lifted_at is not None or row.ends_on < today(), restriction_shown(row)
        return render_template(template, restriction=known, form=form, values=values, errors=errors, over=over), status

    return page


def _done(page: Page, form: FormDefinition, restriction_id: int) -> Any:
    """Check what was typed, ask for the act, and redirect to the list; or show the page again with what is against it."""
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return page(values, by_field(wrong), 422)
    try:
        ask_act(caller(), form.key, values, restriction_id)
    except Blocked as blocked:
        return page(values, by_field(blocked.reasons), 409)
    flash(ASKED, "success")
    return redirect(url_for("admin.restrictions"))
