"""Collective slips (汇总凭证) of one's own treasury: declared with their total, and what was entered under each."""

from functools import partial
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from xtbang.domain.collective_slips import DIRECTIONS, FORM, cancel_slip, declare_slip
from xtbang.domain.receiving_accounts import own_source
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.queries.collective_slips import slips_of
from xtbang.rules.forms import check, clean
from xtbang.web.finance.pages import finance
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.registers import listed
from xtbang.web.frame.shell import caller


@finance.route("/finance/slips", methods=["GET", "POST"])
@access("finance", "county")
def slips() -> Any:
    """Show the collective slips of one's own treasury; on POST declare one."""
    if request.method == "GET":
        return _page({"dated": caller().today.isoformat()}, {}, 200)
    values = clean(FORM, raw_values(FORM.fields, request.form))
    if wrong := check(FORM, values, complete=True):
        return _page(values, by_field(wrong), 422)
    try:
        declare_slip(caller(), values)
    except Blocked as blocked:
        return _page(values, by_field(blocked.reasons), 409)
    flash("汇总凭证已登记，可以用这个凭证号登记多笔款项，合计不超过总金额。", "success")
    return redirect(url_for("finance.slips"))


@finance.post("/finance/slips/<int:slip_id>/cancel")
@access("finance", "county")
def cancel(slip_id: int) -> Any:
    """Take back the declaration of a slip under which nothing is entered."""
    reason = request.form.get("reason", "").strip()
    try:
        cancel_slip(caller(), slip_id, reason or "登记有误")
    except Blocked as blocked:
        return _page({"dated": caller().today.isoformat()}, by_field(blocked.reasons), 409)
    flash("汇总凭证的登记已撤销。", "success")
    return redirect(url_for("finance.slips"))


def _page(values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    own = own_source(actor())
    if own is None:
        abort(403)
    source, region = own
    return render_template(
        "finance/slips.html",
        whose=region or "市级财政",
        listed=listed(partial(slips_of, db.session(), source, region)),
        directions=DIRECTIONS,
        form=FORM,
        values=values,
        errors=errors,
    ), status
