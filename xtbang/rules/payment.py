"""The reasons that block an instalment (拨付), for the guards and the queue of the finance office alike."""

from decimal import Decimal

from xtbang.rules.edition import Edition
from xtbang.rules.money import format_wan
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import county_proportion

ARTICLE = "《办法》第七条"
NAMES = {1: "首期", 2: "尾款"}


def no_voucher() -> Reason:
    """Return the reason that no voucher (资金拨付凭据) has been checked: the treasury pays against one (第七条)."""
    return Reason("A7.voucher", "尚无经核验认定的资金拨付凭据，财政补助资金凭此拨付。", ARTICLE)


def county_not_matched(edition: Edition, region: str, number: int, due: Decimal) -> Reason:
    """Return the reason that the county or park has not confirmed its match (配套) of instalment 1 or 2.

    `due` is in yuan (第七条).
    """
    text = f"{region}尚未确认{NAMES[number]}配套资金 {format_wan(due)}（与市级 {county_proportion(edition)}）。"
    return Reason("A7.county_match", text, ARTICLE)


def county_not_paid(region: str, due: Decimal) -> Reason:
    """Return the reason that the county or park has not recorded the payment of its first instalment.

    `due` is in yuan (第七条).
    """
    return Reason("A7.county_paid", f"{region}尚未登记首期配套资金 {format_wan(due)}的拨付。", ARTICLE)
