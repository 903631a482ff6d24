"""Deputies (代办): appointed by oneself or by the administrator; the hand-over (交接) of one who has left."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user

from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people import deputies as commands
from xtbang.queries.shown.people import deputy_shown, person_shown
from xtbang.rules.forms import check, clean
from xtbang.web.account.pages import account
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.shell import caller, policy


@account.route("/deputies", methods=["GET", "POST"])
@access(*sorted(commands.OFFICE_ROLES))
def deputies() -> Any:
    """Show one's own deputies and for whom one deputises; on POST appoint a deputy."""
    return _deputies(current_user.id, url_for("account.deputies"))


@admin.route("/admin/people/<int:person_id>/deputies", methods=["GET", "POST"])
@access("admin")
def person_deputies(person_id: int) -> Any:
    """Show the deputies of a person; on POST appoint one."""
    return _deputies(person_id, url_for("admin.person_deputies", person_id=person_id))


def _deputies(person_id: int, back: str) -> Any:
    person = _found(person_id)
    form = commands.deputy_form(policy(), person)
    if request.method == "GET":
        return _page(person, {}, {}, 200)
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return _page(person, values, by_field(wrong), 422)
    try:
        commands.appoint_deputy(caller(), person_id, values)
    except Blocked as blocked:
        return _page(person, values, by_field(blocked.reasons, [*values]), 422)
    flash("代办已登记，并已通知双方。", "success")
    return redirect(back)


@account.post("/deputies/<int:deputy_id>/end")
@access(*sorted(commands.OFFICE_ROLES), "admin")
def end_deputy(deputy_id: int) -> Any:
    """End a deputising before its last day."""
    row = commands.end_deputy(caller(), deputy_id)
    flash("代办已结束。", "success")
    own = row.person_id == current_user.id
    return redirect(url_for("account.deputies") if own else url_for("admin.person_deputies", person_id=row.person_id))


def _page(person: Person, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    today: date = caller().today
    page = render_template(
        "account/deputies.html",
        person=person_shown(person),
        form=commands.deputy_form(policy(), person),
        rows=[deputy_shown(row) for row in commands.deputies_of(caller(), person.id)],
        values=values,
        errors=errors,
        today=today,
    )
    return page, status


@admin.route("/admin/people/<int:person_id>/hand-over", methods=["GET", "POST"])
@access("admin")
def hand_over(person_id: int) -> Any:
    """Show what the person has; on POST give it to another one and switch the account off."""
    person, form = _found(person_id), commands.hand_over_form()
    if request.method == "GET":
        return _hand_over(person, {}, {}, 200)
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return _hand_over(person, values, by_field(wrong), 422)
    try:
        other = commands.hand_over(caller(), person_id, values)
    except Blocked as blocked:
        return _hand_over(person, values, by_field(blocked.reasons, [*values]), 422)
    flash(f"已交接给{other.name}，{person.name}的账号已停用。", "success")
    return redirect(url_for("admin.person", person_id=other.id))


def _hand_over(person: Person, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    page = render_template(
        "admin/hand_over.html",
        person=person_shown(person),
        form=commands.hand_over_form(),
        values=values,
        errors=errors,
    )
    return page, status


def _found(person_id: int) -> Person:
    return db.session.get(Person, person_id) or abort(404)
