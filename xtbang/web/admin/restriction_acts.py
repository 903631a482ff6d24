"""Acts on restrictions that wait for another person: listed, confirmed, refused or withdrawn."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from xtbang.enums import BUREAU_ROLES
from xtbang.errors import Blocked, NotFound
from xtbang.extensions import db
from xtbang.models import RestrictionAct
from xtbang.people.restriction_acts import NAMES, confirm_act, drop_act
from xtbang.queries.shown import shown
from xtbang.queries.shown.people import RestrictionActShown
from xtbang.rules.fields import Field, FieldKind, one_section
from xtbang.rules.forms import check, clean
from xtbang.web.admin.home import admin, at_home
from xtbang.web.admin.restrictions import open_notices
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import raw_values
from xtbang.web.frame.shell import caller, policy

MOST = 50  # acts on the page; the oldest are decided first
REASON = Field("reason", "不予确认或者收回的理由", FieldKind.TEXT, limit=300)
DROP = one_section("drop_restriction_act", "不予确认", (REASON,))


@admin.get("/admin/restrictions/acts")
@access(*BUREAU_ROLES, "auditor", "admin")
def restriction_acts() -> str:
    """Show the acts that another person has still to confirm, the oldest first."""
    return _page()


def _page(typed: dict[int, str] | None = None, wrong: list[str] | None = None) -> str:
    query = select(RestrictionAct).where(RestrictionAct.status == "waiting").order_by(RestrictionAct.id).limit(MOST)
    rows = db.session.scalars(
        query.options(joinedload(RestrictionAct.organisation), joinedload(RestrictionAct.asked_by))
    )
    return render_template(
        "admin/restriction_acts.html",
        rows=[
            shown(RestrictionActShown, row, organisation=row.organisation.name, asked_by=row.asked_by.name)
            for row in rows
        ],
        told=open_notices(),
        names=NAMES,
        may=not actor().roles.isdisjoint(policy().city.roles),
        home=at_home(),
        me=actor().person_id,
        typed=typed or {},
        errors={f"reason-{number}": wrong for number in typed or {}},
    )


@admin.post("/admin/restrictions/acts/<int:act_id>/confirm")
@access(*BUREAU_ROLES)
def confirm_restriction_act(act_id: int) -> Any:
    """Confirm what another person has asked for."""
    try:
        confirm_act(caller(), act_id)
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("已确认，并已通知该单位。", "success")
    return redirect(url_for("admin.restriction_acts"))


@admin.post("/admin/restrictions/acts/<int:act_id>/drop")
@access(*BUREAU_ROLES)
def drop_restriction_act(act_id: int) -> Any:
    """Refuse what another person has asked for, or withdraw one's own; with the reason."""
    if db.session.get(RestrictionAct, act_id) is None:
        raise NotFound(f"act on a restriction {act_id}")
    values = clean(DROP, raw_values(DROP.fields, request.form))
    if wrong := check(DROP, values, complete=True):
        return _page({act_id: values["reason"]}, [str(reason) for reason in wrong]), 422
    try:
        drop_act(caller(), act_id, values["reason"])
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("没有生效，理由已记录。", "success")
    return redirect(url_for("admin.restriction_acts"))
