"""Whether a value falls short of its target, both in free text."""

import pytest

from xtbang.rules.measures import falls_short, is_nothing, moves_away, same_measure


@pytest.mark.parametrize(
    ("target", "reached", "short"),
    [
        ("3000", "0", True), ("3000", "实测3100h", False), ("≥95%", "94.9%", True), ("≤0.05", "0.06", True),
        ("不超过 12", "11", False), ("不低于 1,000", "999", True), ("3—5", "0", True), ("3—5", "4", False),
        ("GB/T 2423-2008，500 h", "0", True), ("≥９８．５%", "９８．４", True), ("国内领先", "0", None),
        ("3000", "样机测试中", None),
    ],
)  # fmt: skip
def test_a_value_is_compared_with_the_least_demanding_number_of_its_target(
    target: str, reached: str, short: bool | None
) -> None:
    assert falls_short(target, reached) is short


@pytest.mark.parametrize(
    ("target", "before", "now", "farther"),
    [
        ("≥95%", "90", "89.9", True), ("≥95%", "90", "90", False), ("≥95%", "99", "96", None),
        ("≤0.05", "0.08", "0.09", True), ("≤0.05", "", "0.09", None),
    ],
)  # fmt: skip
def test_a_value_moves_away_only_while_it_falls_short(target: str, before: str, now: str, farther: bool | None) -> None:
    assert moves_away(target, before, now) is farther


def test_nothing_is_zero_where_more_is_asked_for_or_allowed() -> None:
    assert is_nothing("3000", "0.0") and is_nothing("≤0.05", "0") and is_nothing("能耗降至 80 元以内", "０")
    assert not is_nothing("3000", "未测") and not is_nothing("≤0.05", "0.01") and not is_nothing("不超过 0 次", "0")


def test_the_unit_may_follow_a_target_that_is_the_same() -> None:
    assert same_measure("≥80m", "≥80", "m") and same_measure("≥ ９８ %", "≥98%", "%") and same_measure("3", "3", "")
    assert not same_measure("≥80mm", "≥80", "m") and not same_measure("≥8", "≥80", "m")


@pytest.mark.parametrize("blank", ["—", "－", "——", "/", "／", "无", " 无 ", "-"])
def test_a_sign_for_nothing_is_the_same_as_a_blank(blank: str) -> None:
    assert same_measure(blank, "", "") and same_measure("", blank, "") and same_measure("≥80", "≥80", blank)
    assert not same_measure(blank, "h", "") and not same_measure(f"{blank}80", "", "")
