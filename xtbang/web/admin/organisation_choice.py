"""Decisions on several organisations that wait: a page with their data and who cannot, then each in its own transaction."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.errors import Blocked, NotFound, Stale
from xtbang.extensions import db
from xtbang.models import Organisation
from xtbang.people.organisations import confirm_organisation, refuse_organisation
from xtbang.queries.registers import ORGANISATION_STATES, of_organisations
from xtbang.queries.shown.people import OrganisationShown, organisation_shown
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section, choices
from xtbang.rules.forms import check, clean
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import asked, by_field, raw_values
from xtbang.web.frame.shell import caller

MOST = 100  # organisations at once
DECISIONS = {"confirmed": "确认", "refused": "不予确认"}
CHANGED = "核对以后资料又有变化，没有办理，请重新核对。"
FORM = FormDefinition(
    "decide_organisations",
    "确认单位",
    sections=(
        Section(
            "确认单位",
            (
                Field("decision", "办理意见", FieldKind.CHOICE, choices=choices(DECISIONS)),
                Field(
                    "reason",
                    "不予确认的原因",
                    FieldKind.LONG,
                    limit=300,
                    required=False,
                    hint="不予确认的填写，通知各单位",
                ),
            ),
        ),
    ),
)


@admin.route("/admin/organisations/decide", methods=["GET", "POST"])
@access("science", "admin")
def decide_organisations() -> Any:
    """Show the organisations that were chosen, or all that wait and match; on POST decide on each of them."""
    if request.method == "GET":
        found = _chosen()
        if not 0 < len(found) <= MOST:
            flash(f"请选中 1 到 {MOST} 家单位。", "warning")
            return redirect(url_for("admin.organisations", status="pending"))
        return _page(found, {"decision": "confirmed"}, {}, 200)
    values = clean(FORM, raw_values(FORM.fields, request.form))
    errors = by_field(check(FORM, values, complete=True))
    if not errors and values["decision"] == "refused" and not values.get("reason"):
        errors = {"reason": ["不予确认的，请填写原因。"]}
    ids = list(dict.fromkeys(request.form.getlist("id", type=int)))[:MOST]
    if errors or not ids:
        return _page(_organisations(ids), values, errors, 422)
    _decide(ids, values)
    return redirect(url_for("admin.organisations", status="pending"))


def _decide(ids: Sequence[int], values: dict[str, Any]) -> None:
    """Decide on each, and say on the next page how many were decided on, and of each other one why not."""
    names = {row.id: row.name for row in _organisations(ids)}
    done = 0
    for number in ids:
        seen = request.form.get(f"seen-{number}", 0, type=int)
        try:
            if values["decision"] == "confirmed":
                confirm_organisation(caller(), number, seen)
            else:
                refuse_organisation(caller(), number, seen, values["reason"])
        except NotFound:
            continue
        except Stale:
            flash(f"{names.get(number, '')}：{CHANGED}", "error")
        except Blocked as blocked:
            flash(f"{names.get(number, '')}没有办理：{blocked}", "error")
        else:
            done += 1
    if done:
        flash(f"{done} 家单位{DECISIONS[values['decision']]}，已通知各单位。", "success")


def _chosen() -> list[OrganisationShown]:
    if not request.args.get("all"):
        return _organisations(request.args.getlist("id", type=int)[: MOST + 1])
    waiting = select(Organisation).where(Organisation.status == "pending", *of_organisations(asked()))
    return list(map(organisation_shown, db.session.scalars(waiting.order_by(Organisation.id).limit(MOST + 1))))


def _organisations(ids: Sequence[int]) -> list[OrganisationShown]:
    query = select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id)
    return list(map(organisation_shown, db.session.scalars(query)))


def _page(found: list[OrganisationShown], values: dict[str, Any], errors: dict[str, list[str]], status: int) -> Any:
    page = render_template(
        "admin/organisations_decide.html",
        able=[row for row in found if row.status == "pending"],
        unable=[(row, ORGANISATION_STATES[row.status]) for row in found if row.status != "pending"],
        form=FORM,
        values=values,
        errors=errors,
    )
    return page, status
