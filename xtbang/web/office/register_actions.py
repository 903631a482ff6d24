"""An action on several rows of a register: a page with who can, who cannot and why; a POST does it for each."""

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.queries.batches import batch_page, left_of
from xtbang.queries.rights.lists import OFFICES
from xtbang.rules.forms import check, clean
from xtbang.sheets import LISTS
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked, by_field, raw_values
from xtbang.web.frame.list_files import address_of
from xtbang.web.frame.shell import caller, engine
from xtbang.web.office.batches import batches
from xtbang.workflow.batch import AT_ONCE, MOST, WantedRow, perform_many, start
from xtbang.workflow.register_actions import REGISTER_ACTIONS, RegisterAction, Subject


@batches.route("/batches/registers/<trigger>", methods=["GET", "POST"])
@access(*OFFICES, "admin")
def register(trigger: str) -> Any:
    """Show the rows that were chosen, and what is to be filled in once for all; a POST does it for each of them."""
    deed = REGISTER_ACTIONS.get(trigger) or abort(404)
    if not deed.role_of(actor()):
        abort(403)
    if request.method == "POST":
        return _start(deed)
    ids = _chosen(deed)
    if not ids:
        flash("请先选中，再选择要办理的事项。", "warning")
        return redirect(_back(deed))
    again = request.args.get("again", type=int)
    page = batch_page(caller(), again) if again else None
    return _page(deed, ids, clean(deed.form, page.batch.data if page else {}), {}, 200)


def _chosen(deed: RegisterAction) -> list[int]:
    if again := request.args.get("again", type=int):
        return left_of(caller(), again)
    if request.args.get("all") and deed.all_match:
        return LISTS[deed.listing].ids(caller(), asked(), MOST + 1)
    return list(dict.fromkeys(request.args.getlist("id", type=int)))[: MOST + 1]


def _start(deed: RegisterAction) -> Any:
    """Start the batch with the rows that are still ticked, as they were seen, and lead to its page."""
    values = clean(deed.form, raw_values(deed.form.fields, request.form))
    ids = list(dict.fromkeys(request.form.getlist("take", type=int)))
    wrong = by_field(check(deed.form, values, complete=True))
    if wrong or not ids:
        every = request.form.getlist("of", type=int)
        return _page(deed, every, values, wrong or {"": ["请至少选中一项。"]}, 422, frozenset(ids))
    wanted = [WantedRow(number, request.form.get(f"seen-{number}", "")) for number in ids]
    key, again = request.form.get("request_key") or secrets.token_urlsafe(18), request.args.get("again", type=int)
    try:
        batch_id = start(
            engine(), db.session(), actor(), deed.trigger, wanted, request_key=key, data=values, again_of=again
        )
    except Blocked as blocked:
        return _page(deed, ids, values, by_field(blocked.reasons), 409)
    if len(wanted) <= AT_ONCE:
        perform_many(engine(), db.session(), batch_id)
    return redirect(url_for("batches.page", batch_id=batch_id))


def _page(
    deed: RegisterAction,
    ids: list[int],
    values: dict[str, Any],
    errors: dict[str, list[str]],
    status: int,
    ticked: frozenset[int] | None = None,
) -> Any:
    found = subjects_of(deed, ids[:MOST])
    page = render_template(
        "batches/register.html",
        deed=deed,
        able=[row for row in found if not row.reasons],
        unable=[row for row in found if row.reasons],
        values=values,
        errors=errors,
        ticked=ticked,
        too_many=MOST if len(ids) > MOST else 0,
        back=_back(deed),
        at_once=AT_ONCE,
        request_key=request.form.get("request_key") or secrets.token_urlsafe(18),
    )
    return page, status


def subjects_of(deed: RegisterAction, ids: list[int]) -> list[Subject]:
    """Return the rows with these ids, in their order, as far as the reader sees them."""
    known = {row.id: row for row in deed.subjects(caller(), ids)}
    return [known[number] for number in ids if number in known]


def _back(deed: RegisterAction) -> str:
    if again := request.args.get("again", type=int):
        return url_for("batches.page", batch_id=again)
    return address_of(deed.listing, request.args)
