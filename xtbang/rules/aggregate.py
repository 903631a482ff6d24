"""The result of a panel from the scores of its experts: compared exactly, rounded only for display."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from xtbang.rules.edition import Sheet

TRIMMED_FROM = 5  # scores: from here on the highest and the lowest are dropped


def counted_scores(sheet: Sheet, totals: Sequence[int | Decimal]) -> tuple[Decimal, ...]:
    """Return the scores that count, ascending: all, or without the highest and the lowest from five scores up.

    Raise ValueError when there is no score, and for one that is not a number from 0 to the full mark of the sheet
    (评分表).
    """
    full = sum(criterion.maximum for criterion in sheet.criteria)
    scores = sorted(Decimal(total) for total in totals if _is_score(Decimal(total), full))
    if not scores:
        raise ValueError("尚无评分")
    if sheet.aggregate == "trimmed" and len(scores) >= TRIMMED_FROM:
        scores = scores[1:-1]
    return tuple(scores)


def result(sheet: Sheet, totals: Sequence[int | Decimal]) -> Decimal:
    """Return the result for display, two decimals, rounded half up. Compare with the pass mark by `passed` only."""
    hundredths = _mean(sheet, totals) * 100
    return Decimal((hundredths * 2 + 1) // 2).scaleb(-2)


def passed(sheet: Sheet, totals: Sequence[int | Decimal]) -> bool:
    """Return whether the unrounded result reaches the pass mark."""
    return _mean(sheet, totals) >= Fraction(sheet.pass_mark)


def _mean(sheet: Sheet, totals: Sequence[int | Decimal]) -> Fraction:
    scores = counted_scores(sheet, totals)
    return sum((Fraction(score) for score in scores), Fraction(0)) / len(scores)


def _is_score(score: Decimal, full: int) -> bool:
    if not score.is_finite() or not 0 <= score <= full:
        raise ValueError(f"评分 {score} 不在 0 至 {full} 之间")
    return True
