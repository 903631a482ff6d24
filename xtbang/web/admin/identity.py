"""Correction of an organisation's identity (更正登记事项): name, kind and region, which its own people cannot change."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Organisation
from xtbang.people.account_forms import identity_form, organisation_values
from xtbang.people.organisations import correct_identity
from xtbang.rules.forms import check, clean
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.shell import caller, policy

STALE = "单位资料刚刚有变化，没有保存。请核对本页的最新资料后再办理。"


@admin.route("/admin/organisations/<int:organisation_id>/identity", methods=["GET", "POST"])
@access("science")
def organisation_identity(organisation_id: int) -> Any:
    """Show the form; on POST correct the organisation. Submitted entries keep the values they were submitted with."""
    if request.method == "GET":
        return _page(organisation_id, {}, {}, 200)
    form = identity_form(policy().city)
    values = clean(form, raw_values(form.fields, request.form))
    if wrong := check(form, values, complete=True):
        return _page(organisation_id, values, by_field(wrong), 422)
    try:
        correct_identity(caller(), organisation_id, request.form.get("version", type=int) or 0, values)
    except Stale:
        return _page(organisation_id, values, {"": [STALE]}, 409)
    except Blocked as blocked:
        return _page(organisation_id, values, by_field(blocked.reasons), 409)
    flash("登记事项已更正。", "success")
    return redirect(url_for("admin.organisation", organisation_id=organisation_id))


def _page(organisation_id: int, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    row = db.session.get(Organisation, organisation_id)
    if row is None:
        abort(404)
    page = render_template(
        "admin/organisation_identity.html",
        organisation=row,
        form=identity_form(policy().city),
        values=organisation_values(row) | values,
        errors=errors,
    )
    return page, status
