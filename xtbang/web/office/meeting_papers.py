"""Papers of a meeting (会次): the sign-in of its experts with their fees, and the lists that are printed."""

from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from xtbang.domain.meeting_lists import TITLES, print_list, record_sign_in
from xtbang.enums import BUREAU_ROLES
from xtbang.errors import Blocked
from xtbang.web.frame.access import access
from xtbang.web.frame.shell import caller
from xtbang.web.office.meetings import SignIn, found, meeting_page, meetings

MOST = Decimal(100_000)  # yuan of one expert


@meetings.post("/meetings/<int:meeting_id>/sign-in")
@access("science")
def sign_in(meeting_id: int) -> Any:
    """Record which experts have signed in, each with the fee that was typed."""
    sent = SignIn(frozenset(request.form.getlist("present", type=int)))
    present: dict[int, Decimal | None] = {}
    for seat in found(meeting_id).seats:
        typed = sent.fees[seat.id] = request.form.get(f"fee-{seat.id}", "")
        fee, here = _fee(typed), seat.id in sent.present
        if fee is False:
            sent.wrong[seat.id] = f"{seat.expert.name}的评审费须为 0 至 10 万元之间的金额（元），最多两位小数。"
        elif fee and not here:
            sent.wrong[seat.id] = f"{seat.expert.name}填写了评审费，没有登记签到：请登记签到，或者删去评审费。"
        elif here:
            present[seat.id] = fee or None
    if sent.wrong:
        return meeting_page(meeting_id, sent), 422
    record_sign_in(caller(), meeting_id, present)
    flash(f"已登记 {len(present)} 名专家签到。", "success")
    return _back(meeting_id)


def _fee(text: str) -> Decimal | Literal[False] | None:
    """Return the amount in yuan, None for none, False for what is no amount."""
    typed = text.strip().replace(",", "").replace("，", "")
    if not typed:
        return None
    try:
        fee = Decimal(typed)
    except InvalidOperation:
        return False
    whole = fee.is_finite() and 0 <= fee <= MOST and fee == fee.quantize(Decimal("0.01"))
    return fee if whole else False


@meetings.post("/meetings/<int:meeting_id>/papers/<name>")
@access(*BUREAU_ROLES)
def print_one(meeting_id: int, name: str) -> Response:
    """Send one of the lists: 签到表, 汇总表, 纪要, 专家评审费发放表."""
    if name not in TITLES:
        abort(404)
    try:
        paper_id = print_list(caller(), meeting_id, name)
    except Blocked as blocked:
        flash(str(blocked), "error")
        return _back(meeting_id)
    return redirect(url_for("files.paper", paper_id=paper_id), 303)


def _back(meeting_id: int) -> Response:
    return redirect(url_for("meetings.page", meeting_id=meeting_id, _anchor="experts"))
