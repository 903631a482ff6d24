"""Account pages for the organisation: its profile, which every form is filled from, and its people."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Organisation, Person
from xtbang.people.account_forms import COLLEAGUE, CONFIRMED, organisation_values, unconfirmed_form
from xtbang.people.accounts import (
    add_colleague,
    colleagues_of,
    reset_colleague_password,
    switch_colleague,
)
from xtbang.people.accounts import switch_manager as switch_manager_of
from xtbang.people.organisations import edit_organisation
from xtbang.queries.organisations import restriction_notices
from xtbang.queries.shown.people import organisation_shown, person_shown
from xtbang.rules.compare import changes
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check, clean
from xtbang.web.account.hashing import new_first_password
from xtbang.web.account.pages import account
from xtbang.web.frame.access import SIGNED_IN, access
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.organisation_changes import history_of, kinds_for
from xtbang.web.frame.sessions import keep, take
from xtbang.web.frame.shell import caller, policy

INITIAL = "initial_password"  # name in the session: name, e-mail and initial password of a colleague, until shown
STALE = "同事刚刚修改了单位资料。您填写的内容还在本页，没有覆盖对方；请核对下列不同之处，在表格里改成应有的内容，再保存一次。"


def own() -> tuple[Person, Organisation]:
    """Return the signed-in person and their organisation. Answer 404 to a person without one."""
    me = db.session.get_one(Person, current_user.id)
    if me.organisation is None or not me.acts_for_organisation:
        abort(404)
    return me, me.organisation


def form_of(row: Organisation) -> FormDefinition:
    """Return the form of a profile: without name, kind and region once confirmed, which only the bureau changes."""
    return CONFIRMED if row.status == "confirmed" else unconfirmed_form(policy().city)


@account.route("/organisation", methods=["GET", "POST"])
@access(SIGNED_IN)
def organisation() -> Any:
    """Show the profile to everyone of the organisation; on POST save it for its manager."""
    _me, row = own()
    if request.method == "GET":
        return _organisation_page({}, {}, 200)
    form = form_of(row)
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return _organisation_page(values, by_field(wrong), 422)
    before, seen = row.status, request.form.get("version", type=int) or 0
    try:
        status = edit_organisation(caller(), seen, values)
    except Stale:
        return _organisation_page(values, {"": [STALE]}, 409, compare=True)
    except Blocked as blocked:
        return _organisation_page(values, by_field(blocked.reasons), 409)
    if before == "refused" and status == "pending":
        flash(f"单位资料已保存，并已重新提交{policy().city.lead.short}确认。", "success")
    else:
        flash("单位资料已保存，今后的表格将据此填写。", "success")
    return redirect(url_for("account.organisation"))


def _organisation_page(
    values: dict[str, Any], errors: dict[str, list[str]], status: int, *, compare: bool = False
) -> tuple[str, int]:
    me, row = own()
    form, stored = form_of(row), organisation_values(row)
    page = render_template(
        "account/organisation.html",
        form=form,
        row=organisation_shown(row),
        me=person_shown(me),
        values=stored | values,
        differences=changes(form, clean(form, stored), values) if compare else [],
        errors=errors,
        notices=[(notice.id, notice.issued_at) for notice in restriction_notices(db.session(), row.id)],
        history=history_of(row, by_office=False),
        kinds=kinds_for(row, by_office=False) if me.manager and row.status == "confirmed" else {},
    )
    return page, status


@account.route("/colleagues", methods=["GET", "POST"])
@access(SIGNED_IN)
def colleagues() -> Any:
    """Show everyone of one's own organisation; on POST add a colleague, for its manager."""
    own()
    if request.method == "GET":
        return _colleagues_page({}, {}, 200)
    values = clean(COLLEAGUE, raw_values(COLLEAGUE.fields, request.form))
    if wrong := check(COLLEAGUE, values, complete=True):
        return _colleagues_page(values, by_field(wrong), 422)
    password, password_hash = new_first_password()
    try:
        add_colleague(caller(), values, password_hash)
    except Blocked as blocked:
        return _colleagues_page(values, by_field(blocked.reasons), 422)
    keep(INITIAL, [values["person_name"], values["email"], password])
    return redirect(url_for("account.colleagues"))


def _colleagues_page(values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    me, row = own()
    query = colleagues_of(row.id).order_by(Person.id)
    page = render_template(
        "account/colleagues.html",
        me=person_shown(me),
        people=list(map(person_shown, db.session.scalars(query))),
        form=COLLEAGUE,
        values=values,
        errors=errors,
        shown=take(INITIAL),
    )
    return page, status


@account.post("/colleagues/<int:person_id>/active")
@access(SIGNED_IN)
def switch(person_id: int) -> Any:
    """Switch a colleague's account on, or off and end their sessions at once."""
    person = switch_colleague(caller(), person_id)
    flash(f"{person.name}的账号已{'启用' if person.active else '停用'}。", "success")
    return redirect(url_for("account.colleagues"))


@account.post("/colleagues/<int:person_id>/password")
@access(SIGNED_IN)
def reset(person_id: int) -> Any:
    """Set a new initial password for a colleague, shown once."""
    password, password_hash = new_first_password()
    person = reset_colleague_password(caller(), person_id, password_hash)
    keep(INITIAL, [person.name, person.email, password])
    return redirect(url_for("account.colleagues"))


@account.post("/colleagues/<int:person_id>/manager")
@access(SIGNED_IN)
def switch_manager(person_id: int) -> Any:
    """Grant a colleague the rights of a manager, or withdraw them."""
    person = switch_manager_of(caller(), person_id)
    flash(f"{person.name}{'已是' if person.manager else '不再是'}本单位管理员。", "success")
    return redirect(url_for("account.colleagues"))
