"""The form of a change of an organisation: the same page for its manager, who asks, and for the office, which records."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request

from xtbang.actions.context import Upload
from xtbang.enums import CHANGE_LABELS, CHANGES_BY_TWO
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Organisation
from xtbang.people.change_forms import EXPLAINED, labels, offered, present_values
from xtbang.people.organisation_changes import early
from xtbang.people.succession_back import what_goes_back
from xtbang.queries.organisations import changed_to, changes_of
from xtbang.queries.shown import shown
from xtbang.queries.shown.people import OrganisationChangeShown, organisation_shown
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check, clean
from xtbang.rules.reasons import Reason
from xtbang.web.frame.inputs import by_field, new_files, raw_values, take_uploads
from xtbang.web.frame.shell import caller, policy
from xtbang.web.project.confirmation import said

GRAVE = (*CHANGES_BY_TWO, "dissolution")  # kinds that nothing takes back without the other side
STALE = "单位资料刚刚有变化，没有保存。请核对本页的最新资料后再办理。"
STATUSES = {"asked": "待确认", "confirmed": "已登记", "refused": "不予确认", "taken_back": "已撤销"}


def change_page(
    row: Organisation,
    form: FormDefinition,
    do: Callable[[int, dict[str, Any], Upload], object],
    back: str,
    done: str,
    against: Callable[[dict[str, Any]], list[Reason]] = lambda values: [],
    **shown: Any,
) -> Any:
    """Show the form of a change, whose key is its kind; on POST hand its values to ``do`` and redirect to ``back``.

    What is grave or odd is confirmed on a page of its own, once nothing is ``against`` it.
    """
    page = partial(_page, row, form, back, shown)
    if request.method == "GET":
        return page(present_values(row, form.key), {}, 200)
    typed = raw_values(form.fields, request.form)
    uploads, refused = take_uploads(form.fields, request.files, typed)
    values = clean(form, typed)
    if wrong := [*refused, *check(form, values, complete=True)]:
        return page(values, by_field(wrong), 422, uploads)
    if values["file"] not in uploads:
        return page(values | {"file": ""}, {"file": ["请选择证明材料的文件。"]}, 422)
    if "edit" in request.form:
        return page(values, {}, 200, uploads)
    odd = early(row, date.fromisoformat(values["dated"]))
    if (form.key in GRAVE or odd) and "confirmed" not in request.form:
        if found := against(values):
            return page(values, by_field(found, [*values]), 409, uploads)
        return page(values, {}, 200, uploads, confirming=True, odd=odd)
    try:
        do(request.form.get("version", type=int) or 0, values, uploads[values["file"]])
    except Stale:
        return page(values, {"": [STALE]}, 409, uploads)
    except Blocked as blocked:
        return page(values, by_field(blocked.reasons, [*values]), 409, uploads)
    flash(done, "success")
    return redirect(back)


def history_of(row: Organisation, *, by_office: bool) -> list[dict[str, Any]]:
    """Return every change of an organisation for its page, the newest first; what the office only considers is for itself."""
    known, changes = labels(policy().city), changes_of(db.session(), row.id)
    return [
        {
            "change": shown(OrganisationChangeShown, change),
            "label": CHANGE_LABELS[change.kind],
            "said": changed_to(change, change.before.get("name", row.name), known),
            "status": STATUSES[change.status],
        }
        for change in changes
        if by_office or change.kind not in CHANGES_BY_TWO or change.status not in ("asked", "refused")
    ]


def _page(
    row: Organisation,
    form: FormDefinition,
    back: str,
    shown: dict[str, Any],
    values: dict[str, Any],
    errors: dict[str, list[str]],
    status: int,
    uploads: dict[str, Upload] | None = None,
    *,
    confirming: bool = False,
    odd: str = "",
) -> tuple[str, int]:
    page = render_template(
        "account/organisation_change.html",
        row=organisation_shown(row),
        form=form,
        lead=EXPLAINED[form.key],
        values=values,
        errors=errors,
        files=new_files(uploads or {}),
        back=back,
        by_office=request.blueprint != "account",
        by_two=form.key in CHANGES_BY_TWO,
        said=said(form, values) if confirming else [],
        odd=odd,
        **shown,
    )
    return page, status


def kinds_for(row: Organisation, *, by_office: bool) -> dict[str, str]:
    """Return the kinds of change to choose from, none while one waits to be confirmed."""
    waits = any(change.status == "asked" for change in changes_of(db.session(), row.id))
    succeeded = by_office and what_goes_back(caller(), row) is not None
    return {} if waits else offered(row, by_office=by_office, succeeded=succeeded)
