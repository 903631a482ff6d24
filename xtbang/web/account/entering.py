"""Signing in after the password: with a code if a second factor is set up; record the device, or the failure."""

import time
from typing import Any

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_security.tf_plugin import TfPlugin

from xtbang.extensions import db, people
from xtbang.models import Person
from xtbang.people.accounts import as_person
from xtbang.people.second_factor import take_code
from xtbang.people.sign_ins import begin_sign_in, lock_sign_in, refuse_sign_in, slow_sign_in
from xtbang.web.account.codes import digest_of, matches_code
from xtbang.web.account.pages import account, on_this_site
from xtbang.web.frame.access import ANYONE, access
from xtbang.web.frame.devices import device_of
from xtbang.web.frame.filters import moment
from xtbang.web.frame.known_devices import account_key, remember_device
from xtbang.web.frame.refused import refused_before
from xtbang.web.frame.sessions import CODE_STEP, forget, log_in
from xtbang.web.frame.shell import caller
from xtbang.web.frame.throttle import ACCOUNT_LOCKS, attacked, refused_by

WITHIN = 600  # seconds to enter the code
WRONG = "验证码不正确或已经用过，请输入手机上最新的一组。"
SIGN_IN = ("security.login", "account.code")


class AfterPassword(TfPlugin):
    """The step of Flask-Security after a correct password."""

    def tf_enter(self, user: Any, remember_me: bool | None, primary_authn_via: str, next_loc: str | None) -> Any:
        """Redirect to the page of the code, or sign in."""
        if not user.totp_secret:
            return enter(user, remember=bool(remember_me), code=False)
        session[CODE_STEP] = [user.fs_uniquifier, bool(remember_me), int(time.time()), account_key(user.email)]
        return redirect(url_for("account.code", next=on_this_site(request.values.get("next", ""))))


def enter(person: Person, *, remember: bool, code: bool) -> Any:
    """Sign in on this device, show the previous sign-in, and redirect to the page that was asked for."""
    begun = begin_sign_in(as_person(caller(), person), device_of(request.user_agent.string), code=code)
    forget()
    log_in(person, begun.key, remember)
    if begun.last:
        at, device, address = begun.last
        flash(f"上次登录：{moment(at)}，{device}，地址 {address}。不是您本人的，请修改密码并退出其他设备。", "info")
    wanted = on_this_site(request.values.get("next", "")) or refused_before(person.id) or url_for("desk.home")
    answer = redirect(wanted)
    remember_device(answer, person.email)
    return answer


def half_signed_in() -> Person | None:
    """Return the person whose password was right within the last `WITHIN` seconds and whose code is missing, or None."""
    sessions, _remember, at, _account = session.get(CODE_STEP) or ("", False, 0, "")
    if not sessions or time.time() - at > WITHIN:
        return None
    person: Person | None = people.find_user(fs_uniquifier=sessions)
    return person if person and person.active else None


@account.route("/account/code", methods=["GET", "POST"])
@access(ANYONE)
def code() -> Any:
    """Show the form for a code of the telephone or a recovery code; on POST sign in. Answer 422 to a wrong code."""
    person = half_signed_in()
    if person is None:
        if session.pop(CODE_STEP, None):
            flash("等待验证码的时间已过，请重新登录。", "error")
        return redirect(url_for("security.login", next=on_this_site(request.args.get("next", ""))))
    if request.method == "GET":
        return render_template("account/code.html", wrong="")
    typed = request.form.get("code", "").strip()[:40]
    remember = session[CODE_STEP][1]

    def proves(owner: Person) -> bool:
        return matches_code(typed, owner.totp_secret, owner)

    if not take_code(caller(), person.id, proves, digest_of(typed)):
        return render_template("account/code.html", wrong=WRONG), 422
    return enter(db.session.get_one(Person, person.id), remember=remember, code=True)


@account.after_app_request
def record(response: Response) -> Response:
    """Record wrong passwords; tell the owner when the account, not only a network address, is closed or slow for a while."""
    if request.method != "POST" or request.endpoint not in SIGN_IN or current_user.is_authenticated:
        return response
    email = request.form.get("email", "")
    person = half_signed_in() if request.endpoint == "account.code" else None
    typed = person is not None or bool(email)
    if refused_by() in ACCOUNT_LOCKS and typed:
        lock_sign_in(caller(), email, person.id if person else None)
    elif response.status_code == 200 and email and request.form.get("password"):
        refuse_sign_in(caller(), email)
    if response.status_code in (200, 422) and typed and attacked():
        slow_sign_in(caller(), email, person.id if person else None)
    return response
