"""People and roles (人员与角色): accounts and their rights."""

from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for

from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.officers import add_person, edit_person, reset_password, reset_second_factor, seal, switch_person
from xtbang.people.person_form import known_roles, person_form, written
from xtbang.queries.audit import of_stream
from xtbang.queries.registers import people_asked
from xtbang.queries.shown.people import person_shown
from xtbang.rules.forms import check, clean
from xtbang.web.account.hashing import new_first_password
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import asked, by_field, raw_values
from xtbang.web.frame.refused import nothing_refused
from xtbang.web.frame.registers import listed, of_statement
from xtbang.web.frame.shell import caller, policy

STALE = "这个账号刚刚有变化，没有写入；您填写的内容还在本页。请打开最新内容核对后再办理。"


@admin.get("/admin/people")
@access("admin")
def people() -> str:
    """Show the accounts, the newest first."""
    args = request.args
    search, role, state = asked().words(), args.get("role", ""), args.get("state", "")
    found = listed(of_statement(db.session(), people_asked(asked()), Person.id), id_of=lambda row: row.Person.id)
    return render_template(
        "admin/people.html",
        listed=found.shown(lambda row: person_shown(row.Person)),
        search=search,
        role=role,
        state=state,
        roles={role: policy().city.role_labels[role] for role in known_roles(policy())},
        filtered=bool(search or role or state),
    )


@admin.route("/admin/people/new", methods=["GET", "POST"])
@access("admin")
def person_new() -> Any:
    """Show the form of a new account; on POST add it and show its initial password once, in the answer."""
    form = person_form(policy())
    if request.method == "GET":
        return _form(None, clean(form, {}), {}, 200)
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return _form(None, values, by_field(wrong), 422)
    password, password_hash = new_first_password()
    try:
        person = add_person(caller(), values, password_hash)
    except Blocked as blocked:
        return _form(None, values, by_field(blocked.reasons), 422)
    return _password(person, password, new=True)


@admin.route("/admin/people/<int:person_id>", methods=["GET", "POST"])
@access("admin")
def person(person_id: int) -> Any:
    """Show an account; on POST save its details and roles."""
    form, row = person_form(policy()), _found(person_id)
    if request.method == "GET":
        return _form(row, written(row), {}, 200)
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return _form(row, values, by_field(wrong), 422)
    try:
        edit_person(caller(), person_id, request.form.get("seen", ""), values)
    except Stale:
        return _form(_found(person_id), values, {"": [STALE]}, 409)
    except Blocked as blocked:
        return _form(_found(person_id), values, by_field(blocked.reasons), 422)
    flash("账号已保存，新的角色立即生效。", "success")
    return redirect(url_for("admin.person", person_id=person_id))


@admin.post("/admin/people/<int:person_id>/active")
@access("admin")
def person_active(person_id: int) -> Any:
    """Switch an account on or off."""
    active = request.form.get("active") == "1"
    try:
        switch_person(caller(), person_id, request.form.get("seen", ""), active)
    except Stale:
        return _unchanged(person_id, {"": [STALE]})
    except Blocked as blocked:
        return _unchanged(person_id, by_field(blocked.reasons))
    flash("账号已启用。" if active else "账号已停用，此人已从所有设备退出登录。", "success")
    return redirect(url_for("admin.person", person_id=person_id))


@admin.post("/admin/people/<int:person_id>/password")
@access("admin")
def person_password(person_id: int) -> Any:
    """Set a new initial password of another person, shown once."""
    password, password_hash = new_first_password()
    try:
        reset_password(caller(), person_id, request.form.get("seen", ""), password_hash)
    except Stale:
        return _unchanged(person_id, {"": [STALE]})
    except Blocked as blocked:
        return _unchanged(person_id, by_field(blocked.reasons))
    return _password(_found(person_id), password, new=False)


@admin.post("/admin/people/<int:person_id>/second-factor")
@access("admin")
def person_second_factor(person_id: int) -> Any:
    """Remove the lost device of another person's second factor: the password alone signs in."""
    try:
        reset_second_factor(caller(), person_id, request.form.get("seen", ""))
    except Stale:
        return _unchanged(person_id, {"": [STALE]})
    except Blocked as blocked:
        return _unchanged(person_id, by_field(blocked.reasons))
    flash("登录验证码已解除，并已通知本人。", "success")
    return redirect(url_for("admin.person", person_id=person_id))


def _found(person_id: int) -> Person:
    row = db.session.get(Person, person_id)
    if row is None:
        abort(404)
    return row


def _password(row: Person, password: str, *, new: bool) -> Response:
    nothing_refused()
    answer = make_response(render_template("admin/password.html", person=person_shown(row), password=password, new=new))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _unchanged(person_id: int, errors: dict[str, list[str]]) -> Any:
    row = _found(person_id)
    return _form(row, written(row), errors, 409)


def _form(row: Person | None, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    kept = request.form.get("seen") if status in (409, 422) and "name" in request.form else None
    page = render_template(
        "admin/person.html",
        person=row and person_shown(row),
        form=person_form(policy()),
        values=values,
        errors=errors,
        seen=kept or (seal(row) if row else ""),
        events=of_stream(db.session(), f"person:{row.id}") if row else [],
    )
    return page, status
