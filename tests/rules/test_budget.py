"""Amounts that are fixed together against what the budget of their call leaves, at the edge."""

from decimal import Decimal

import pytest

from xtbang.rules.budget import beyond_together
from xtbang.rules.money import yuan_from_wan


@pytest.mark.parametrize(
    ("amount", "beyond"), [("79.99", ""), ("80", ""), ("80.01", "超出 0.01 万元"), ("80.000001", "超出 0.000001 万元")]
)
def test_amounts_of_one_table_may_take_all_of_the_budget_and_no_more(amount: str, beyond: str) -> None:
    against = list(beyond_together("2024年第一批", Decimal(800_000), yuan_from_wan(amount), "《办法》第十一条"))
    assert [beyond in str(reason) for reason in against] == ([True] if beyond else []), against
    assert all("可安排的预算 80.00 万元" in str(reason) for reason in against)
