"""What stands against paying an instalment (拨付), said once for the guards and for the finance office's queue."""

from decimal import Decimal

from xtbang.rules.edition import Edition
from xtbang.rules.money import format_wan
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import county_proportion

ARTICLE = "《办法》第七条"
NAMES = {1: "首期", 2: "尾款"}


def no_voucher() -> Reason:
    """资金拨付凭据 are what the treasury pays against: none has been checked."""
    return Reason("A7.voucher", "尚无经核验认定的资金拨付凭据，财政补助资金凭此拨付。", ARTICLE)


def county_not_matched(edition: Edition, region: str, number: int, due: Decimal) -> Reason:
    """The county or park has not confirmed its instalment 1 or 2; yuan."""
    text = f"{region}尚未确认{NAMES[number]}配套资金 {format_wan(due)}（与市级 {county_proportion(edition)}）。"
    return Reason("A7.county_match", text, ARTICLE)


def county_not_paid(region: str, due: Decimal) -> Reason:
    """The county or park has not recorded that its first instalment is paid; yuan."""
    return Reason("A7.county_paid", f"{region}尚未登记首期配套资金 {format_wan(due)}的拨付。", ARTICLE)
