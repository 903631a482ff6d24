"""The second factor (登录验证码): set up with a telephone; required for the roles in the setting TOTP_ROLES."""

from typing import Any

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.second_factor import renew_recovery_codes, set_second_factor, switch_second_factor_off
from xtbang.queries.shown.people import person_shown
from xtbang.rules.reasons import Reason
from xtbang.web.account.codes import key_of, matches_code, new_recovery_codes, new_secret, picture_of
from xtbang.web.account.hashing import matches
from xtbang.web.account.pages import account, on_this_site
from xtbang.web.frame.access import SIGNED_IN, access, actor
from xtbang.web.frame.inputs import by_field
from xtbang.web.frame.refused import keep_until_later, refused_before
from xtbang.web.frame.sessions import keep, kept, take
from xtbang.web.frame.shell import caller

OPEN = ("account.second_factor", "security.logout", "static")
NEW = "new_secret"  # name in the session: the encrypted secret, until a code proves that it works
WRONG_PASSWORD = Reason("password", "登录密码不正确。", field="password_old")
WRONG_CODE = Reason("code", "验证码不正确，请核对手机上的时间，输入最新的一组。", field="code")


def compelled(person: Any) -> bool:
    """Return whether the person's roles require a second factor."""
    roles = person.role_names | (actor().roles if person.id == current_user.id else frozenset())
    return not roles.isdisjoint(current_app.config["TOTP_ROLES"])


@account.before_app_request
def second_factor_first() -> Any:
    """Redirect every page to that of the second factor while a required one is missing."""
    if request.endpoint in OPEN or not current_user.is_authenticated or current_user.password_given:
        return None
    if current_user.totp_secret or not compelled(current_user):
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    keep_until_later()
    return redirect(url_for("account.second_factor", next=wanted), 303)


@account.route("/second-factor", methods=["GET", "POST"])
@access(SIGNED_IN)
def second_factor() -> Any:
    """Show the second factor; without one, or with ``new``, show how to set up a device."""
    person = db.session.get_one(Person, current_user.id)
    if request.method == "GET":
        if person.totp_secret and "new" not in request.args:
            return _state(person, {}, 200)
        secret = kept(NEW) or new_secret()
        keep(NEW, secret)
        return _set_up(person, secret, {}, 200)
    secret = kept(NEW)
    if secret is None:
        flash("设置页面已过期，请用新的二维码重新设置。", "error")
        return redirect(url_for("account.second_factor", new=1))
    wrong = [] if _password_right(person) else [WRONG_PASSWORD]
    codes, digests = new_recovery_codes()
    typed = request.form.get("code", "")

    def proves(owner: Person) -> bool:
        return matches_code(typed, secret, owner)

    if not wrong and not set_second_factor(caller(), secret, proves, digests):
        wrong.append(WRONG_CODE)
    if wrong:
        return _set_up(person, secret, by_field(wrong), 422)
    take(NEW)
    return _recovery_codes(codes, new=True)


@account.post("/second-factor/codes")
@access(SIGNED_IN)
def renew_codes() -> Any:
    """Show new recovery codes once and replace the old ones."""
    person = _with_second_factor()
    if not _password_right(person):
        return _state(person, by_field([WRONG_PASSWORD]), 422)
    codes, digests = new_recovery_codes()
    renew_recovery_codes(caller(), digests)
    return _recovery_codes(codes, new=False)


@account.post("/second-factor/off")
@access(SIGNED_IN)
def second_factor_off() -> Any:
    """Disable the second factor, unless one's roles require it."""
    person = _with_second_factor()
    if compelled(person):
        abort(403)
    if not _password_right(person):
        return _state(person, by_field([WRONG_PASSWORD]), 422)
    switch_second_factor_off(caller())
    flash("登录验证码已停用，今后凭密码登录。", "success")
    return redirect(url_for("account.profile"))


def _with_second_factor() -> Person:
    person = db.session.get_one(Person, current_user.id)
    if not person.totp_secret:
        abort(404)
    return person


def _password_right(person: Person) -> bool:
    return matches(request.form.get("password_old", ""), person.password)


def _state(person: Person, errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    page = render_template(
        "account/second_factor.html", person=person_shown(person), compelled=compelled(person), errors=errors
    )
    return page, status


def _set_up(person: Person, secret: str, errors: dict[str, list[str]], status: int) -> Any:
    page = render_template(
        "account/second_factor_new.html",
        person=person_shown(person),
        compelled=compelled(person),
        picture=picture_of(secret, person),
        key=key_of(secret),
        errors=errors,
    )
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _recovery_codes(codes: list[str], *, new: bool) -> Any:
    wanted = on_this_site(request.args.get("next", "")) or refused_before(current_user.id)
    target = wanted or url_for("account.second_factor")
    answer = make_response(render_template("account/recovery_codes.html", codes=codes, new=new, target=target))
    answer.headers["Cache-Control"] = "no-store"
    return answer
