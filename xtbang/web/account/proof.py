"""Proof before a payment (再次验证): who pays types the password or a code again when the last time was too long ago."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.second_factor import take_code
from xtbang.people.sign_ins import refuse_sign_in
from xtbang.web.account.codes import digest_of, matches_code
from xtbang.web.account.hashing import matches
from xtbang.web.account.pages import account, on_this_site
from xtbang.web.frame.access import SIGNED_IN, access
from xtbang.web.frame.lifetimes import pays, proof_is_fresh, proved_again
from xtbang.web.frame.refused import keep_until_later, refused_before
from xtbang.web.frame.shell import caller, policy

ACTS = ("actions.act", "batches.new")


@account.before_app_request
def proof_before_payment() -> Any:
    """Redirect a payment to the page of the proof unless there was one a short while ago. Its form is stored."""
    if request.method != "POST" or request.endpoint not in ACTS or not pays() or proof_is_fresh():
        return None
    trigger = (request.view_args or {}).get("trigger") or request.args.get("trigger") or request.args.get("other", "")
    action = policy().actions.get(trigger)
    if action is None or not action.ledger:
        return None
    keep_until_later()
    return redirect(url_for("account.prove"), 303)


@account.route("/account/prove", methods=["GET", "POST"])
@access(SIGNED_IN)
def prove() -> Any:
    """Show the form for the password, or for a code if there is a second factor; on POST redirect to the stored form."""
    person = db.session.get_one(Person, current_user.id)
    if request.method == "GET":
        return _page(person, "", 200)
    typed, code = request.form.get("password_old", ""), request.form.get("code", "").strip()[:40]
    if person.totp_secret:

        def proves(owner: Person) -> bool:
            return matches_code(code, owner.totp_secret, owner)

        right = take_code(caller(), person.id, proves, digest_of(code))
        wrong = "验证码不正确或已经用过，请输入手机上最新的一组。"
    else:
        right = matches(typed, person.password)
        wrong = "登录密码不正确。"
        if not right:
            refuse_sign_in(caller(), person.email)
    if not right:
        return _page(person, wrong, 422)
    proved_again()
    flash("已验证，请核对后继续办理。", "success")
    target = on_this_site(request.args.get("next", "")) or refused_before(current_user.id)
    return redirect(target or url_for("desk.home"))


def _page(person: Person, wrong: str, status: int) -> tuple[str, int]:
    return render_template("account/prove.html", by_code=bool(person.totp_secret), wrong=wrong), status
