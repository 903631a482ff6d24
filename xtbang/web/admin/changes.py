"""Changes of organisations (变更): recorded by the lead office, or confirmed or refused where an organisation has asked."""

from functools import partial
from typing import Any

from flask import abort, url_for

from xtbang.enums import BUREAU_ROLES, SUCCESSIONS, TAKING_BACK
from xtbang.extensions import db
from xtbang.models import Organisation
from xtbang.people import organisation_changes as commands
from xtbang.people.change_forms import change_form, succession_form
from xtbang.people.parts import parts_of
from xtbang.people.succession import against_succession, ask_succession, confirm_succession
from xtbang.people.succession_back import ask_taking_back, confirm_taking_back, what_goes_back
from xtbang.web.admin.home import admin
from xtbang.web.admin.organisations import decide, refuse, waiting_by_two
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.organisation_changes import change_page, kinds_for
from xtbang.web.frame.shell import caller, policy

ASKED = "已提出，由另一人确认后生效。"
CONFIRMS = dict.fromkeys(SUCCESSIONS, confirm_succession) | {TAKING_BACK: confirm_taking_back}


@admin.route("/admin/organisations/<int:organisation_id>/changes/<kind>", methods=["GET", "POST"])
@access("science")
def organisation_change(organisation_id: int, kind: str) -> Any:
    """Show the form of that kind of change; on POST record it. Answer 404 to what cannot be recorded now."""
    row = db.session.get(Organisation, organisation_id)
    if row is None or kind not in kinds_for(row, by_office=True):
        abort(404)
    back = url_for("admin.organisation", organisation_id=organisation_id)
    records = partial(_record, organisation_id, kind)
    if kind == TAKING_BACK:
        found, form = what_goes_back(caller(), row), change_form(policy().city, kind)
        return change_page(row, form, records, back, ASKED, going_back=found.said if found else None)
    if kind not in SUCCESSIONS:
        form = change_form(policy().city, kind)
        return change_page(row, form, records, back, "变更已登记，并已通知该单位。")
    parts = [part for part in parts_of(caller(), row.id) if not part.sealed]
    form = succession_form(kind, {part.key: part.label for part in parts})
    shown = [] if kind == "division" else [part.label for part in parts]
    against = partial(against_succession, caller(), row, kind)
    return change_page(row, form, records, back, ASKED, against, taken_over=shown)


def _record(organisation_id: int, kind: str, seen: int, values: dict[str, Any], upload: Any) -> object:
    if kind == TAKING_BACK:
        return ask_taking_back(caller(), organisation_id, seen, values, upload)
    record = ask_succession if kind in SUCCESSIONS else commands.record_change
    return record(caller(), organisation_id, seen, kind, values, upload)


@admin.post("/admin/organisations/<int:organisation_id>/changes/confirm")
@access(*BUREAU_ROLES)
def confirm_change(organisation_id: int) -> Any:
    """Confirm the change that the organisation has asked for, or as another person what the office has."""
    _for_the_lead(organisation_id)
    confirm = CONFIRMS.get(waiting_by_two(organisation_id), commands.confirm_change)
    return decide(organisation_id, confirm, "变更已登记，并已通知该单位。")


@admin.post("/admin/organisations/<int:organisation_id>/changes/refuse")
@access(*BUREAU_ROLES)
def refuse_change(organisation_id: int) -> Any:
    """Refuse it with a reason, which those who have asked receive."""
    _for_the_lead(organisation_id)
    return refuse(organisation_id, commands.refuse_change, "没有确认这项变更，原因已通知该单位。")


def _for_the_lead(organisation_id: int) -> None:
    """Let the lead office alone decide on what an organisation has asked for; abort with 403."""
    if "science" not in actor().roles and not waiting_by_two(organisation_id):
        abort(403)
