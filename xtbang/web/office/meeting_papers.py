"""Papers of a meeting (会次): the sign-in of its experts with their fees, and the lists that are printed."""

from decimal import Decimal, InvalidOperation

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from xtbang.domain.meeting_lists import TITLES, print_list, record_sign_in
from xtbang.enums import BUREAU_ROLES
from xtbang.errors import Blocked
from xtbang.web.frame.access import access
from xtbang.web.frame.shell import caller
from xtbang.web.office.meetings import found, meetings

MOST = Decimal(100_000)  # yuan of one expert


@meetings.post("/meetings/<int:meeting_id>/sign-in")
@access("science")
def sign_in(meeting_id: int) -> Response:
    """Record which experts have signed in, each with the fee that was typed."""
    seats = {seat.id: seat.expert.name for seat in found(meeting_id).seats}
    present: dict[int, Decimal | None] = {}
    for number in request.form.getlist("present", type=int):
        fee = _fee(request.form.get(f"fee-{number}", ""))
        if number not in seats or fee is False:
            flash(
                f"{seats.get(number, '专家')}的评审费须为 0 至 10 万元之间的金额（元），最多两位小数，没有保存。",
                "error",
            )
            return _back(meeting_id)
        present[number] = fee if isinstance(fee, Decimal) and fee else None
    record_sign_in(caller(), meeting_id, present)
    flash(f"已登记 {len(present)} 名专家签到。", "success")
    return _back(meeting_id)


def _fee(text: str) -> Decimal | bool | None:
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
