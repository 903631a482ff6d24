"""Account pages for changes by mailed link: a forgotten password, a new e-mail.

Tokens are Flask-Security's; the links begin with the configured address of the site, never with the Host of a request.
"""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_security.recoverable import generate_reset_password_token, reset_password_token_status
from flask_security.utils import check_and_get_token_status, hash_data

from xtbang.errors import Blocked
from xtbang.extensions import db, security
from xtbang.models import Person
from xtbang.people.account_forms import EMAIL
from xtbang.people.accounts import account_with, normal_email
from xtbang.people.by_mail import (
    USED,
    VALID,
    ask_email_change,
    change_email,
    reset_password_by_link,
    send_reset_link,
    still_asks,
)
from xtbang.queries.shown.people import person_shown
from xtbang.rules.forms import check, clean
from xtbang.rules.reasons import Reason
from xtbang.web.account.hashing import against_password, hashed, matches
from xtbang.web.account.pages import account
from xtbang.web.frame.access import ANYONE, SIGNED_IN, access
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.sessions import stay
from xtbang.web.frame.shell import caller


@account.app_context_processor
def mail_server() -> dict[str, Any]:
    """Return whether the site sends e-mails, and whom to call otherwise."""
    return {"sends_mail": bool(current_app.config["SMTP_HOST"])}


@account.route("/forgot", methods=["GET", "POST"])
@access(ANYONE)
def forgot() -> Any:
    """Send a link to choose a new password; the answer is the same if there is no such account."""
    if request.method == "GET":
        return _forgot_page({}, {}, 200)
    values = clean(EMAIL, raw_values(EMAIL.fields, request.form))
    if wrong := check(EMAIL, values, complete=True):
        return _forgot_page(values, by_field(wrong), 422)
    person = account_with(db.session(), values["email"])
    if person and person.active:
        send_reset_link(
            caller(), person.id, url_for("account.reset_password", token=generate_reset_password_token(person))
        )
    else:
        hash_data(values["email"])  # takes as long as making a link
    return redirect(url_for("account.reset_sent"))


@account.get("/forgot/sent")
@access(ANYONE)
def reset_sent() -> str:
    """Show what happens next."""
    return render_template("account/reset_sent.html")


@account.route("/forgot/link/<token>", methods=["GET", "POST"])
@access(ANYONE)
def reset_password(token: str) -> Any:
    """Show the form for a new password, opened by the link in the mail; on POST replace it and redirect to sign-in."""
    expired, invalid, person = reset_password_token_status(token)
    if expired or invalid or person is None or not person.active:
        return _used_up("account.forgot")
    whose = person.email
    if request.method == "GET":
        return render_template("account/reset_password.html", whose=whose, errors={})
    new, again = request.form.get("password", ""), request.form.get("password_again", "")
    if wrong := against_password(new, again, (whose, person.mobile)):
        return render_template("account/reset_password.html", whose=whose, errors=by_field(wrong)), 422
    try:
        reset_password_by_link(caller(), person.fs_uniquifier, hashed(new))
    except Blocked:
        return _used_up("account.forgot")
    flash(f"账号 {whose} 的密码已重设，请用新密码登录；它原来的登录已全部退出。", "success")
    return redirect(url_for("security.login"))


@account.route("/email", methods=["GET", "POST"])
@access(SIGNED_IN)
def email() -> Any:
    """Show the form for a new e-mail; on POST send a confirmation link there."""
    person = db.session.get_one(Person, current_user.id)
    if request.method == "GET":
        return _email_page(person, {}, {}, 200)
    values = clean(EMAIL, raw_values(EMAIL.fields, request.form))
    wrong = check(EMAIL, values, complete=True)
    if not matches(request.form.get("password_old", ""), person.password):
        wrong.append(Reason("password", "登录密码不正确。", field="password_old"))
    if not wrong and normal_email(values["email"]) == person.email:
        wrong.append(Reason("email", "这就是您现在的登录邮箱。", field="email"))
    if wrong:
        return _email_page(person, values, by_field(wrong), 422)
    new = normal_email(values["email"])
    token = security.change_email_serializer.dumps([person.fs_uniquifier, person.email, new])
    try:
        ask_email_change(caller(), new, url_for("account.confirm_email", token=token))
    except Blocked as blocked:
        return _email_page(person, values, by_field(blocked.reasons), 409)
    flash(f"确认链接已发往 {new}，请在 1 小时内打开；确认之前，登录邮箱不变。", "success")
    return redirect(url_for("account.email"))


@account.route("/email/link/<token>", methods=["GET", "POST"])
@access(ANYONE)
def confirm_email(token: str) -> Any:
    """Show a button to confirm the new e-mail, opened by the link sent there; on POST change it."""
    expired, invalid, told = check_and_get_token_status(token, "change_email", VALID)
    sessions, before, new = told or ("", "", "")
    if expired or invalid or not still_asks(db.session(), sessions, before):
        return _used_up("account.email")
    if request.method == "GET":
        return render_template("account/confirm_email.html", before=before, new=new)
    try:
        person = change_email(caller(), sessions, before, new)
    except Blocked as blocked:
        flash(str(blocked.reasons[0]), "error")
        return redirect(url_for("account.email"))
    if current_user.is_authenticated and current_user.id == person.id:
        stay(person)
    flash(f"账号 {before} 的登录邮箱已更换为 {new}，今后请用它登录。", "success")
    return redirect(url_for("account.profile"))


def _used_up(endpoint: str) -> Any:
    flash(f"{USED}链接在 1 小时内有效，只能使用一次；需要时请重新申请。", "error")
    return redirect(url_for(endpoint))


def _forgot_page(values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    return render_template("account/forgot.html", form=EMAIL, values=values, errors=errors), status


def _email_page(person: Person, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    page = render_template("account/email.html", form=EMAIL, person=person_shown(person), values=values, errors=errors)
    return page, status
