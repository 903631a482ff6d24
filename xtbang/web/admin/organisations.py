"""Organisations (单位): registered ones, to be confirmed or refused by the bureau."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.enums import BUREAU_ROLES, CHANGES_BY_TWO, SUCCESSIONS, TAKING_BACK
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Organisation, OrganisationChange, Person, Restriction
from xtbang.people import organisations as commands
from xtbang.people.succession import what_goes_over
from xtbang.people.succession_back import what_goes_back
from xtbang.queries.audit import of_stream
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement
from xtbang.queries.organisations import open_change, running_projects, with_open_change
from xtbang.queries.registers import of_organisations
from xtbang.queries.shown.people import organisation_shown, person_shown
from xtbang.queries.shown.project import restriction_shown
from xtbang.queries.shown.states import ORGANISATION_STATES
from xtbang.rules.dates import day_of
from xtbang.rules.fields import Field, FieldKind, one_section
from xtbang.rules.forms import check, clean
from xtbang.web.admin.home import admin, at_home
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked, by_field, raw_values
from xtbang.web.frame.organisation_changes import history_of, kinds_for
from xtbang.web.frame.registers import SIZE, Listed, listed, of_statement
from xtbang.web.frame.shell import caller, engine

REFUSAL = Field("reason", "不予确认的原因", FieldKind.LONG, limit=300, hint="通知该单位人员，并记入操作记录")
REFUSE_FORM = one_section("refuse_organisation", "不予确认", (REFUSAL,), "不予确认")
STALE = "单位资料刚刚有变化，没有作出决定。请核对本页的最新资料后再办理。"


@admin.get("/admin/organisations")
@access("science", "admin")
def organisations() -> str:
    """Show those waiting for a decision first, the oldest on top; then all others, the newest on top. Sorted: all together."""
    status, search, mixed = asked().text("status", ORGANISATION_STATES), asked().words(), bool(asked().text("sort"))
    before, after = request.args.get("before", type=int), request.args.get("after", type=int)
    matching = tuple(of_organisations(asked()))
    pending: list[Organisation] = []
    if status in ("", "pending") and before is None and not mixed:
        waiting = select(Organisation).where(Organisation.status == "pending", *matching)
        waiting = waiting.where(Organisation.id > after) if after is not None else waiting
        pending = list(db.session.scalars(waiting.order_by(Organisation.created_at, Organisation.id).limit(SIZE + 1)))
    changing = with_open_change(db.session()) if not (status or search or before or after or mixed) else []
    found = Listed([])
    if mixed or (status != "pending" and after is None):
        decided: Statement = select(Organisation).where(*matching).order_by(Organisation.id.desc())
        decided = decided if mixed else decided.where(Organisation.status != "pending")
        found = listed(of_statement(db.session(), decided, Organisation.id), id_of=lambda row: row.Organisation.id)
    next_pending = ""
    if len(pending) > SIZE:
        place = {"after": pending[SIZE - 1].id, "q": search or None}
        next_pending = url_for("admin.organisations", status="pending", **place)
    return render_template(
        "admin/organisations.html",
        pending=list(map(organisation_shown, pending[:SIZE])),
        changing=list(map(organisation_shown, changing)),
        next_pending=next_pending,
        first_pending=url_for("admin.organisations", status="pending", q=search or None) if after else "",
        listed=found.shown(lambda row: organisation_shown(row.Organisation)),
        mixed=mixed,
        status=status,
        statuses=ORGANISATION_STATES,
        search=search,
    )


@admin.get("/admin/organisations/<int:organisation_id>")
@access(*BUREAU_ROLES, "admin")
def organisation(organisation_id: int) -> Any:
    """Show all data that the bureau decides on, and the buttons of the decision; to the other bureaus what they confirm."""
    return page_of(organisation_id, {}, {}, 200)


@admin.post("/admin/organisations/<int:organisation_id>/confirm")
@access("science", "admin")
def confirm_organisation(organisation_id: int) -> Any:
    """Confirm the organisation."""
    return decide(organisation_id, commands.confirm_organisation, "已确认，该单位人员现在可以办理事项。")


@admin.post("/admin/organisations/<int:organisation_id>/refuse")
@access("science", "admin")
def refuse_organisation(organisation_id: int) -> Any:
    """Refuse the organisation with a reason, which its people receive."""
    return refuse(organisation_id, commands.refuse_organisation, "已不予确认，原因已通知该单位。")


@admin.post("/admin/organisations/<int:organisation_id>/unconfirm")
@access("science", "admin")
def unconfirm_organisation(organisation_id: int) -> Any:
    """Take back a confirmation that was a mistake, with the reason, which its people receive."""
    return refuse(organisation_id, commands.withdraw_confirmation, "确认已撤回，原因已通知该单位。")


def refuse(organisation_id: int, command: Callable[[Caller, int, int, str], object], done: str) -> Any:
    """Let the command refuse with the reason that was filled in; show the page again where that is not possible."""
    values = clean(REFUSE_FORM, raw_values(REFUSE_FORM.fields, request.form))
    if wrong := check(REFUSE_FORM, values, complete=True):
        return page_of(organisation_id, values, by_field(wrong), 422)
    reason = values["reason"]
    return decide(organisation_id, lambda who, row, seen: command(who, row, seen, reason), done, values)


def decide(
    organisation_id: int,
    command: Callable[[Caller, int, int], object],
    done: str,
    values: Mapping[str, Any] | None = None,
) -> Any:
    """Let the command decide on the organisation as it was seen; then tell what was done, else show the page again."""
    seen, values = request.form.get("version", type=int) or 0, values or {"reason": ""}
    try:
        command(caller(), organisation_id, seen)
    except Stale:
        return page_of(organisation_id, values, {"": [STALE]}, 409)
    except Blocked as blocked:
        return page_of(organisation_id, values, by_field(blocked.reasons, ["reason"]), 409)
    flash(done, "success")
    own = url_for("admin.organisation", organisation_id=organisation_id)
    return redirect(own if at_home() else url_for("desk.home"))


def waiting_by_two(organisation_id: int) -> str:
    """Return the kind of the change that the lead office has asked for and any other person of the bureaus confirms, or ""."""
    return _by_two(open_change(db.session(), organisation_id))


def _by_two(change: OrganisationChange | None) -> str:
    return change.kind if change is not None and change.kind in CHANGES_BY_TWO else ""


def page_of(organisation_id: int, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> Any:
    """Return the page of an organisation with what was typed and what is wrong with it."""
    row = db.session.get(Organisation, organisation_id)
    if row is None:
        abort(404)
    waiting = open_change(db.session(), row.id)
    kind = _by_two(waiting)
    if actor().roles.isdisjoint(("science", "admin")) and not kind:
        abort(403)
    history = history_of(row, by_office=True)
    asked = next((item for item in history if item["change"].status == "asked"), None)
    going_back = what_goes_back(caller(), row) if kind == TAKING_BACK else None
    own = select(Person).where(Person.organisation_id == row.id).order_by(Person.id).limit(100)
    restrictions = select(Restriction).where(Restriction.organisation_id == row.id).order_by(Restriction.id.desc())
    by = db.session.get(Person, row.confirmed_by_id) if row.confirmed_by_id else None
    now = engine().clock()
    page = render_template(
        "admin/organisation.html",
        organisation=organisation_shown(row),
        confirmed_by=by.name if by else "",
        people=list(map(person_shown, db.session.scalars(own))),
        restrictions=list(map(restriction_shown, db.session.scalars(restrictions))),
        events=of_stream(db.session(), f"organisation:{row.id}"),
        changes=history,
        asked=asked,
        by_two=kind,
        going_over=what_goes_over(caller(), waiting) if waiting and kind in SUCCESSIONS else None,
        going_back=going_back.said if going_back else None,
        me=actor().person_id,
        home=at_home(),
        kinds=kinds_for(row, by_office=True) if "science" in actor().roles else {},
        running=len(running_projects(db.session(), row.id)),
        statuses=ORGANISATION_STATES,
        refusal=REFUSAL,
        values=values,
        errors=errors,
        today=day_of(now),
        roles=actor().roles,
    )
    return page, status
