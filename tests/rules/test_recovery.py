from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.edition import Edition
from xtbang.rules.money import yuan, yuan_from_wan
from xtbang.rules.recovery import Cause, check_recovered, recovery_due

PAID = {"city": yuan_from_wan("25"), "county": yuan_from_wan("25")}


def test_objective_cause_gives_back_half(old: Edition) -> None:
    half = yuan_from_wan("12.5")
    assert recovery_due(old, Cause.OBJECTIVE, PAID) == {"city": half, "county": half}


def test_subjective_cause_gives_back_all(old: Edition) -> None:
    assert recovery_due(old, Cause.SUBJECTIVE, PAID) == PAID


@pytest.mark.parametrize("cause", Cause)
def test_nothing_paid_gives_nothing_back(old: Edition, cause: Cause) -> None:
    assert recovery_due(old, cause, {}) == {}
    due = recovery_due(old, cause, {"city": Decimal(0)})
    assert due == {"city": 0}
    assert check_recovered(old, cause, due, {}) == []


def test_half_is_rounded_down_to_the_fen(old: Edition) -> None:
    assert recovery_due(old, Cause.OBJECTIVE, {"city": Decimal("0.03")}) == {"city": Decimal("0.01")}


def test_refuses_negative_amounts(old: Edition) -> None:
    with pytest.raises(ValueError, match="负数"):
        recovery_due(old, Cause.OBJECTIVE, {"city": Decimal(-1)})


def test_settled_when_every_source_has_its_own_back(old: Edition) -> None:
    due = recovery_due(old, Cause.OBJECTIVE, PAID)
    assert check_recovered(old, Cause.OBJECTIVE, due, due) == []
    short, over = check_recovered(
        old, Cause.OBJECTIVE, due, {"city": yuan_from_wan("12"), "county": yuan_from_wan("13")}
    )
    assert str(short) == "市级财政已追回 12.00 万元，应追缴 12.50 万元，尚差 0.50 万元（《办法》第十一条）。"
    assert over.text == "县市区（园区）财政已追回 13.00 万元，超过应追缴的 12.50 万元，多出 0.50 万元。"
    assert {short.rule, over.rule} == {"A11.recovery"}


def test_money_comes_back_in_parts_but_never_too_much(old: Edition) -> None:
    due = recovery_due(old, Cause.SUBJECTIVE, PAID)
    part = {"city": yuan_from_wan("1")}
    assert check_recovered(old, Cause.SUBJECTIVE, due, part, complete=False) == []
    assert [reason.rule for reason in check_recovered(old, Cause.SUBJECTIVE, due, part)] == ["A12.recovery"] * 2
    stranger = {"province": yuan_from_wan("1")}
    (reason,) = check_recovered(old, Cause.SUBJECTIVE, due, stranger, complete=False)
    assert "超过应追缴的 0.00 万元" in reason.text


@given(st.sampled_from(Cause), st.dictionaries(st.sampled_from(["city", "county"]), st.integers(0, 10**10)))
def test_recovery_never_exceeds_what_was_paid(old: Edition, cause: Cause, paid: dict[str, int]) -> None:
    due = recovery_due(old, cause, {source: yuan(fen) for source, fen in paid.items()})
    assert due.keys() == paid.keys()
    for source, fen in paid.items():
        assert 0 <= due[source] <= yuan(fen)
        assert cause is Cause.OBJECTIVE or due[source] == yuan(fen)
        assert 0 <= yuan(fen) / 2 - due[source] < Decimal("0.01") or cause is Cause.SUBJECTIVE
