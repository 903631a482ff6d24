"""How far experts agree."""

from decimal import Decimal

from xtbang.rules.agreement import deviation, odd_one_out, spread


def test_the_sheet_farthest_from_the_others_is_named() -> None:
    totals = [80, 82, 60, 84]
    assert (spread(totals), odd_one_out(totals), deviation(totals, 2)) == (24, 2, Decimal("-22.0"))


def test_nobody_is_named_where_all_agree_or_two_differ() -> None:
    assert [odd_one_out(totals) for totals in ([80, 80, 80], [80, 60], [80], [])] == [None] * 4
    assert [spread(totals) for totals in ([80, 60], [80], [])] == [20, None, None]
