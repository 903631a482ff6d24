from decimal import Decimal
from statistics import mean as average

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.aggregate import counted_scores, passed, result
from xtbang.rules.edition import Sheet

SCORES = st.lists(st.integers(0, 100), min_size=1, max_size=15)


def test_mean(mean: Sheet) -> None:
    assert result(mean, [60, 61, 61]) == Decimal("60.67")
    assert result(mean, [10, 20, 30, 40, 100]) == Decimal("40.00")
    assert str(result(mean, [80])) == "80.00"


def test_trimmed_from_five_scores_up(trimmed: Sheet) -> None:
    assert result(trimmed, [0, 50, 50, 100]) == 50
    assert counted_scores(trimmed, [0, 60, 70, 80, 100]) == (60, 70, 80)
    assert result(trimmed, [0, 60, 70, 81, 100]) == Decimal("70.33")
    assert result(trimmed, [0, 0, 0, 100, 100]) == Decimal("33.33")


def test_half_a_hundredth_goes_up(mean: Sheet) -> None:
    assert result(mean, [Decimal("60.01"), 60]) == Decimal("60.01")
    assert result(mean, [Decimal("60.03"), Decimal("60.02")]) == Decimal("60.03")


def test_passes_unrounded_only(mean: Sheet) -> None:
    nearly = [Decimal("59.999")] * 3
    assert result(mean, nearly) == 60
    assert not passed(mean, nearly)
    assert passed(mean, [60, 60, 60])
    assert not passed(mean, [60, 60, Decimal("59.99")])


@pytest.mark.parametrize("totals", [[], [101], [-1], [Decimal("nan")]])
def test_refuses_what_is_no_score(mean: Sheet, totals: list[int]) -> None:
    with pytest.raises(ValueError, match="评分"):
        result(mean, totals)


@given(SCORES)
def test_the_order_of_the_scores_does_not_matter(trimmed: Sheet, totals: list[int]) -> None:
    assert result(trimmed, totals) == result(trimmed, totals[::-1])
    kept = sorted(totals)[1:-1] if len(totals) >= 5 else totals
    assert abs(float(result(trimmed, totals)) - average(kept)) <= 0.005 + 1e-9
    assert passed(trimmed, totals) == (sum(kept) >= 60 * len(kept))
