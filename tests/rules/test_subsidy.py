from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules import subsidy as rules
from xtbang.rules.edition import Edition
from xtbang.rules.money import yuan, yuan_from_wan
from xtbang.rules.reasons import Force, Reason

START, TWO_YEARS, THREE_YEARS = date(2024, 11, 20), date(2026, 11, 19), date(2027, 11, 19)
FEN = Decimal("0.01")
TOTALS = st.integers(0, 10**12)  # 分: up to one hundred thousand 万元


def wan(text: str) -> Decimal:
    return yuan_from_wan(text)


def check(edition: Edition, total: str, subsidy: str, **other: str | date | None) -> dict[str, Reason]:
    """Reasons by rule; self-raised is the rest of the total, the county gives as much as the city."""
    asked: dict[str, Any] = {
        "total": total,
        "subsidy": subsidy,
        "self_raised": str(Decimal(total) - Decimal(subsidy)),
        "county": subsidy,
        "new_tax": "100",
        "term_start": START,
        "term_end": TWO_YEARS,
    }
    asked |= other
    reasons = rules.check_funding(
        edition, **{key: wan(value) if isinstance(value, str) else value for key, value in asked.items()}
    )
    assert len({reason.rule for reason in reasons}) == len(reasons)
    return {reason.rule: reason for reason in reasons}


def ratio_rules(edition: Edition, total: Decimal, subsidy: Decimal) -> set[str]:
    reasons = rules.check_funding(
        edition,
        total=total,
        self_raised=total,
        subsidy=subsidy,
        county=None,
        term_start=None,
        term_end=None,
        new_tax=None,
    )
    return {reason.rule for reason in reasons} & {"A7.ratio", "A7.maximum"}


class TestExamples:
    """The table of rules.md, row by row."""

    def test_100_with_25(self, old: Edition) -> None:
        assert check(old, "100", "25") == {}
        assert rules.match_needed(old, wan("25")) == wan("75")
        assert rules.county_share(old, wan("25")) == wan("25")
        assert rules.instalments(old, wan("25")) == (wan("12.5"), wan("12.5"))
        assert rules.issuer_payment_due(old, wan("100")) == wan("40")
        assert not rules.is_self_managed(old, START, TWO_YEARS, wan("25"))

    def test_99_9999_with_20(self, old: Edition) -> None:
        reasons = check(old, "99.9999", "20")
        assert set(reasons) == {"A7.investment"}
        assert str(reasons["A7.investment"]) == "科研投入总额 99.9999 万元，不得低于 100.00 万元（《办法》第七条）。"
        assert reasons["A7.investment"].force is Force.MUST

    def test_200_with_50(self, old: Edition) -> None:
        assert check(old, "200", "50") == {}
        assert rules.subsidy_limit(old, wan("200")) == wan("50")

    def test_200_01_with_50_01(self, old: Edition) -> None:
        reasons = check(old, "200.01", "50.01")
        text = "市级补助资金 50.01 万元，单个项目最高不得超过 50.00 万元（《办法》第七条）。"
        assert str(reasons["A7.maximum"]) == text
        assert rules.ratio_limit(old, wan("200.01")) == wan("50.0025")
        assert rules.subsidy_limit(old, wan("200.01")) == wan("50")
        assert "50.0025 万元" in reasons["A7.ratio"].text
        assert check(old, "200.04", "50.01").keys() == {"A7.maximum"}

    def test_160_with_40_01(self, new: Edition) -> None:
        reasons = check(new, "160", "40.01")
        text = "市级补助资金 40.01 万元，不得超过科研投入总额 160.00 万元的 25%（40.00 万元）（《办法》第七条）。"
        assert str(reasons["A7.ratio"]) == text
        assert set(reasons) == {"A7.ratio", "A7.match"}  # 119.99 is also less than three times 40.01

    def test_180_with_15(self, old: Edition) -> None:
        assert check(old, "180", "15") == {}
        assert rules.is_self_managed(old, START, THREE_YEARS, wan("15"))
        assert not rules.is_self_managed(old, START, date(2027, 11, 20), wan("15"))
        assert not rules.is_self_managed(old, START, THREE_YEARS, wan("15.01"))
        assert not rules.is_self_managed(old, START, THREE_YEARS, wan("15.000001"))

    def test_120_with_47_99_paid(self, new: Edition) -> None:
        (reason,) = rules.check_issuer_payment(new, wan("120"), wan("47.99"))
        assert (reason.rule, reason.force) == ("A7.issuer_payment", Force.PRINCIPLE)
        assert rules.check_issuer_payment(new, wan("120"), wan("48")) == []
        (reason,) = rules.check_issuer_payment(new, wan("120"), wan("30"))
        assert str(reason) == (
            "发榜方已支付 30.00 万元，须达到科研投入总额 120.00 万元的 40%（48.00 万元）后方可首拨（《办法》第七条）。"
        )


@pytest.mark.parametrize(
    ("subsidy", "rules_"),
    [("24.99", set()), ("25", set()), ("25.000001", {"A7.ratio", "A7.match"}), ("25.01", {"A7.ratio", "A7.match"})],
)
def test_edge_of_the_ratio(old: Edition, subsidy: str, rules_: set[str]) -> None:
    assert set(check(old, "100", subsidy)) == rules_


def test_match_counts_self_raised_money_only(old: Edition) -> None:
    assert check(old, "100", "25", self_raised="75") == {}
    reasons = check(old, "100", "25", self_raised="50")
    assert str(reasons.pop("A7.match")) == (
        "自筹配套资金 50.00 万元，不得低于市级补助资金 25.00 万元的 3 倍（75.00 万元）（《办法》第七条）。"
    )
    assert reasons == {}


def test_county_gives_as_much(old: Edition) -> None:
    text = "县市区（园区）补助资金 20.00 万元，应与市级补助资金 25.00 万元按 1:1 的比例（25.00 万元）安排。"
    assert check(old, "100", "25", county="20")["A7.county"].text == text
    assert set(check(old, "100", "25", county="25.01")) == {"A7.county"}
    assert check(old, "100", "25", county=None) == {}


def test_term(old: Edition, new: Edition) -> None:
    reason = check(new, "100", "25", term_end=date(2026, 11, 20))["A7.term"]
    assert reason.force is Force.PRINCIPLE
    assert str(reason) == (
        "实施周期2024年11月20日至2026年11月20日，超过 2 年，最迟应于2026年11月19日结束（2024年通知三.1）。"
    )
    assert check(old, "100", "25", term_end=THREE_YEARS) == {}
    assert set(check(old, "100", "25", term_end=date(2027, 11, 20))) == {"A7.term"}
    assert check(old, "100", "25", term_end=date(2024, 11, 19)) == {}  # the check of its form says that it is reversed
    assert check(old, "100", "25", term_end=None) == {}


def test_new_tax(old: Edition, new: Edition) -> None:
    reason = check(new, "100", "25", new_tax="99.9999")["N.new_tax"]
    assert reason.force is Force.PRINCIPLE
    text = "项目执行期预计新增税收 99.9999 万元，原则上不低于 100.00 万元（2024年通知三.2）。"
    assert str(reason) == text
    assert "尚未填写" in check(new, "100", "25", new_tax=None)["N.new_tax"].text
    assert check(old, "100", "25", new_tax=None) == {}


def test_every_reason_at_once(new: Edition) -> None:
    reasons = check(new, "99", "60", self_raised="10", county="0", term_end=date(2030, 1, 1), new_tax="1")
    assert list(reasons) == [
        "A7.investment", "A7.ratio", "A7.maximum", "A7.match", "A7.county", "A7.term", "N.new_tax",
    ]  # fmt: skip
    assert all(reason.text.endswith("。") and reason.article for reason in reasons.values())


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "nan", "1E+13"])
def test_refuses_amounts_that_are_none(old: Edition, amount: str) -> None:
    with pytest.raises(ValueError, match="元"):
        rules.check_issuer_payment(old, wan("100"), Decimal(amount))
    with pytest.raises(ValueError, match="元"):
        rules.instalments(old, Decimal(amount))


@given(st.integers(0, 5 * 10**7))
def test_instalments_add_up_to_the_fen(old: Edition, fen: int) -> None:
    first, second = rules.instalments(old, yuan(fen))
    assert first + second == yuan(fen)
    assert 0 <= second - first <= FEN


@pytest.mark.parametrize("shares", [("1",), ("0.3", "0.4", "0.3"), ("0.2", "0.2", "0.2", "0.2", "0.2")])
def test_one_to_five_instalments_are_rounded_down_and_the_last_is_the_rest(
    old: Edition, shares: tuple[str, ...]
) -> None:
    first = old.instalments[0]
    items = tuple(replace(first, number=n, share=Decimal(share)) for n, share in enumerate(shares, start=1))
    found = rules.instalments(replace(old, instalments=items), wan("0.1003"))
    assert sum(found) == wan("0.1003")
    assert all(amount == amount.quantize(FEN) for amount in found)
    assert list(found[:-1]) == [(wan("0.1003") * Decimal(share)).quantize(FEN, ROUND_DOWN) for share in shares[:-1]]


@given(TOTALS)
def test_the_limit_is_the_greatest_subsidy_that_passes(old: Edition, fen: int) -> None:
    total = yuan(fen)
    limit = rules.subsidy_limit(old, total)
    for subsidy, passes in ((limit, True), (limit + FEN, False)):
        assert bool(ratio_rules(old, total, subsidy)) is not passes


@given(TOTALS, st.integers(-3, 3))
def test_no_ratio_passes_by_rounding(old: Edition, fen: int, off: int) -> None:
    total = yuan(fen)
    subsidy = max(rules.ratio_limit(old, total) + off * FEN, Decimal(0))
    paid = max(rules.issuer_payment_due(old, total) + off * FEN, Decimal(0))
    refused = "A7.ratio" in ratio_rules(old, total, subsidy)
    assert refused == (Fraction(subsidy) > Fraction(total) / 4)
    assert bool(rules.check_issuer_payment(old, total, paid)) == (Fraction(paid) < Fraction(total) * 2 / 5)


@given(TOTALS)
def test_paying_what_is_due_is_enough_and_one_fen_less_is_not(old: Edition, fen: int) -> None:
    total = yuan(fen)
    due = rules.issuer_payment_due(old, total)
    assert rules.check_issuer_payment(old, total, due) == []
    assert not due or rules.check_issuer_payment(old, total, due - FEN)


def test_the_largest_amounts_are_judged(new: Edition) -> None:
    reasons = check(new, "99999999.999999", "99999999.999999", self_raised="0")
    assert "299999999.999997 万元" in reasons["A7.match"].text
    twice = {"self_raised": 2 * wan("99999999"), "county": None, "term_start": None, "term_end": None, "new_tax": None}
    assert rules.check_funding(new, total=wan("200"), subsidy=wan("10"), **twice)  # type: ignore[arg-type]
