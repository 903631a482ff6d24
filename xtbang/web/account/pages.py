"""Account pages: signing in, registering an organisation, the inbox, one's own profile."""

import re
import secrets
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Mail, Person
from xtbang.people.account_forms import PROFILE, person_values, register_form
from xtbang.people.accounts import edit_profile
from xtbang.people.deputies import OFFICE_ROLES
from xtbang.people.mails import read_every_mail, read_mail
from xtbang.people.organisations import register_organisation
from xtbang.people.passwords import HINT, known_of
from xtbang.queries.shown.mails import mail_read
from xtbang.queries.shown.people import person_shown
from xtbang.rules.forms import check, clean
from xtbang.rules.reasons import Reason
from xtbang.web.account.hashing import against_password, hashed, matches
from xtbang.web.frame.access import ANYONE, SIGNED_IN, access
from xtbang.web.frame.filters import local
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.sessions import stay
from xtbang.web.frame.shell import caller, policy

account = Blueprint("account", __name__)

MAILS = 20


@account.context_processor
def hints() -> dict[str, str]:
    """Return the help texts on passwords for the pages of an account."""
    return {"password_hint": HINT}


def on_this_site(target: str) -> str | None:
    """Return the target of a redirect if it is a path on this site, or None."""
    return target if re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", target) else None


@account.before_app_request
def signs_in_to_this_site() -> None:
    """Answer 400 to a sign-in by JSON or with a target on another site."""
    if request.endpoint != "security.login":
        return
    if request.is_json or not all(map(on_this_site, filter(None, request.values.getlist("next")))):
        abort(400)


@account.get("/login")
@access(ANYONE)
def login() -> Any:
    """Redirect to the sign-in form, with the page to open afterwards."""
    return redirect(url_for("security.login", next=on_this_site(request.args.get("next", ""))))


@account.route("/register", methods=["GET", "POST"])
@access(ANYONE)
def register() -> Any:
    """Register an organisation with its first person; nothing else is open to it until an officer confirms it."""
    if request.method == "GET":
        return _register_page({}, {}, 200)
    form = register_form(policy().city)
    values = clean(form, raw_values(form.fields, request.form))
    wrong = check(form, values, complete=True)
    password = request.form.get("password", "")
    own = [values[key] for key in ("email", "mobile", "person_name", "name")]
    wrong += against_password(password, request.form.get("password_again", ""), own)
    if wrong:
        return _register_page(values, by_field(wrong), 422)
    unit, person = ({field.key: values[field.key] for field in section.fields} for section in form.sections)
    key = request.form.get("request_key", "")
    try:
        register_organisation(caller(), unit, person, hashed(password), key)
    except Blocked as blocked:
        return _register_page(values, by_field(blocked.reasons), 422)
    return redirect(url_for("account.registered"))


def _register_page(values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    form, key = register_form(policy().city), request.form.get("request_key") or secrets.token_urlsafe(18)
    page = render_template("account/register.html", form=form, values=values, errors=errors, request_key=key)
    return page, status


@account.get("/register/received")
@access(ANYONE)
def registered() -> str:
    """Show what happens next; the same page whether or not the e-mail had an account."""
    return render_template("account/registered.html")


@account.get("/inbox")
@access(SIGNED_IN)
def inbox() -> str:
    """Show one's own mails, the newest first."""
    before = request.args.get("before", type=int)
    query = select(Mail).where(Mail.person_id == current_user.id)
    if before:
        query = query.where(Mail.id < before)
    mails = db.session.scalars(query.order_by(Mail.id.desc()).limit(MAILS + 1)).all()
    older = url_for("account.inbox", before=mails[MAILS - 1].id) if len(mails) > MAILS else ""
    newest = url_for("account.inbox") if before else ""
    return render_template("account/inbox.html", mails=list(map(mail_read, mails[:MAILS])), older=older, newest=newest)


@account.post("/inbox/<int:mail_id>")
@access(SIGNED_IN)
def open_mail(mail_id: int) -> Any:
    """Mark one mail as read and redirect to its link."""
    link = read_mail(caller(), mail_id)
    return redirect((on_this_site(local(link)) if link else None) or url_for("account.inbox"))


@account.post("/inbox/read")
@access(SIGNED_IN)
def read() -> Any:
    """Mark all mails as read."""
    read_every_mail(caller())
    return redirect(url_for("account.inbox"))


@account.route("/profile", methods=["GET", "POST"])
@access(SIGNED_IN)
def profile() -> Any:
    """Show one's own name, title, mobile; on POST save them, and a new password if the old one is right."""
    person = db.session.get_one(Person, current_user.id)
    if request.method == "GET":
        return _profile_page(person, person_values(person), {}, 200)
    values = clean(PROFILE, raw_values(PROFILE.fields, request.form))
    wrong = check(PROFILE, values, complete=True)
    old, new, again = (request.form.get(key, "") for key in ("password_old", "password", "password_again"))
    if old or new or again:
        wrong += against_password(new, again, (*known_of(person), values["mobile"], values["person_name"]))
        if not matches(old, person.password):
            wrong.append(Reason("password", "原密码不正确。", field="password_old"))
    if wrong:
        return _profile_page(person, values, by_field(wrong), 422)
    try:
        person = edit_profile(caller(), values, hashed(new) if new else "")
    except Blocked as blocked:
        return _profile_page(person, values, by_field(blocked.reasons), 409)
    if new:
        stay(person)
        flash("个人资料和新密码已保存，其他设备上的登录已退出。", "success")
    else:
        flash("个人资料已保存。", "success")
    return redirect(url_for("account.profile"))


def _profile_page(person: Person, values: Any, errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    away = not person.role_names.isdisjoint(OFFICE_ROLES)
    known = {"form": PROFILE, "person": person_shown(person), "may_be_away": away}
    page = render_template("account/profile.html", **known, values=values, errors=errors)
    return page, status
