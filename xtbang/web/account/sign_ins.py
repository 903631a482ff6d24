"""The list of sign-ins (登录记录): one's own devices, signed out one by one or all together."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_security import logout_user

from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.sign_ins import end_sign_in, end_sign_ins, own_sign_ins
from xtbang.queries.shown.people import sign_in_shown
from xtbang.web.account.pages import account
from xtbang.web.frame.access import SIGNED_IN, access
from xtbang.web.frame.sessions import stay
from xtbang.web.frame.shell import caller

SHOWN = 20


@account.get("/sign-ins")
@access(SIGNED_IN)
def sign_ins() -> str:
    """Show the latest sign-ins, including those that have ended."""
    rows = [sign_in_shown(row, current_user) for row in own_sign_ins(caller(), SHOWN)]
    return render_template("account/sign_ins.html", rows=rows)


@account.post("/sign-ins/<int:sign_in_id>/end")
@access(SIGNED_IN)
def end_one(sign_in_id: int) -> Any:
    """End the sign-in on one device."""
    here = current_user.sign_in_key
    row = end_sign_in(caller(), sign_in_id)
    if row.key == here:
        logout_user()
        return redirect(url_for("public.home"))
    flash(f"已退出：{row.device}。", "success")
    return redirect(url_for("account.sign_ins"))


@account.post("/sign-ins/end")
@access(SIGNED_IN)
def end_all() -> Any:
    """End the sign-ins on all devices, or with ``others`` on all but this one."""
    if request.form.get("others") == "1":
        end_sign_ins(caller(), current_user.sign_in_key)
        stay(db.session.get_one(Person, current_user.id))
        flash("其他设备上的登录已全部退出。", "success")
        return redirect(url_for("account.sign_ins"))
    end_sign_ins(caller(), "")
    logout_user()
    return redirect(url_for("public.home"))
