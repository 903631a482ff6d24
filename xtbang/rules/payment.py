"""The reasons that block an instalment (拨付), for the guards and the queue of the finance office alike."""

from decimal import Decimal

from xtbang.rules.edition import Edition, Instalment
from xtbang.rules.money import format_wan
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import county_proportion


def no_voucher(edition: Edition) -> Reason:
    """Return the reason that no voucher (资金拨付凭据) has been checked: the treasury pays against one."""
    return Reason("A7.voucher", "尚无经核验认定的资金拨付凭据，财政补助资金凭此拨付。", edition.cite("money"))


def late_reports(edition: Edition, number: int) -> Reason:
    """Return the reason that reports have fallen due and were not submitted."""
    return Reason("A8.reports", f"有 {number} 份到期的执行情况报告尚未提交。", edition.cite("tracking"))


def county_not_matched(edition: Edition, region: str, instalment: Instalment, due: Decimal) -> Reason:
    """Return the reason that the county or park has not confirmed its match (配套) of an instalment.

    `due` is in yuan.
    """
    text = f"{region}尚未确认{instalment.name}配套资金 {format_wan(due)}（与市级 {county_proportion(edition)}）。"
    return Reason("A7.county_match", text, edition.cite("money"))


def county_not_paid(edition: Edition, region: str, instalment: Instalment, due: Decimal) -> Reason:
    """Return the reason that the county or park has not recorded the payment of an earlier instalment.

    `due` is in yuan.
    """
    return Reason(
        "A7.county_paid", f"{region}尚未登记{instalment.name}配套资金 {format_wan(due)}的拨付。", edition.cite("money")
    )


def not_approved(edition: Edition, instalment: Instalment) -> Reason:
    """Return the reason that the offices have not approved the payment (拨款审批) of an instalment."""
    text = f"{instalment.name}拨款尚未审批：先会签拨款审批单，再凭审批单拨付。"
    return Reason("A7.approval", text, edition.cite("money"))
