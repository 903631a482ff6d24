"""Account page for the initial password: it has to be replaced before any other page opens."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.accounts import set_own_password
from xtbang.people.passwords import known_of
from xtbang.rules.reasons import Reason
from xtbang.web.account.hashing import against_password, hashed, matches
from xtbang.web.account.pages import account, on_this_site
from xtbang.web.frame.access import SIGNED_IN, access
from xtbang.web.frame.inputs import by_field
from xtbang.web.frame.refused import keep_until_later, refused_before
from xtbang.web.frame.sessions import stay
from xtbang.web.frame.shell import caller

OPEN = ("account.first_password", "security.logout", "static")


@account.before_app_request
def own_password_first() -> Any:
    """Redirect every page to that of the password while the initial one is in use."""
    if request.endpoint in OPEN or not current_user.is_authenticated or not current_user.password_given:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    keep_until_later()
    return redirect(url_for("account.first_password", next=wanted), 303)


@account.route("/first-password", methods=["GET", "POST"])
@access(SIGNED_IN)
def first_password() -> Any:
    """Replace the initial password by one's own; then redirect to the page that was asked for."""
    target = on_this_site(request.args.get("next", "")) or refused_before(current_user.id) or url_for("desk.home")
    person = db.session.get_one(Person, current_user.id)
    if not person.password_given:
        return redirect(target)
    if request.method == "GET":
        return _page({}, 200)
    new, again = request.form.get("password", ""), request.form.get("password_again", "")
    wrong = against_password(new, again, known_of(person))
    if not wrong and matches(new, person.password):
        wrong.append(Reason("password", "新密码不能与初始密码相同。", field="password"))
    if wrong:
        return _page(by_field(wrong), 422)
    stay(set_own_password(caller(), hashed(new)))
    flash("密码已设置，今后请用它登录。", "success")
    return redirect(target)


def _page(errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    return render_template("account/first_password.html", errors=errors), status
