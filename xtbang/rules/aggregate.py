"""How the scores of a panel are brought together: compared exactly, rounded only to be shown."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from xtbang.rules.edition import Sheet

TRIMMED_FROM = 5  # scores


def counted(sheet: Sheet, totals: Sequence[int | Decimal]) -> tuple[Decimal, ...]:
    """The scores that count, ascending: all, or without one highest and one lowest from five scores up.

    ValueError without any score, or for one that is not a number from 0 to the sheet's full mark.
    """
    full = sum(criterion.maximum for criterion in sheet.criteria)
    scores = sorted(Decimal(total) for total in totals if _is_score(Decimal(total), full))
    if not scores:
        raise ValueError("尚无评分")
    if sheet.aggregate == "trimmed" and len(scores) >= TRIMMED_FROM:
        scores = scores[1:-1]
    return tuple(scores)


def result(sheet: Sheet, totals: Sequence[int | Decimal]) -> Decimal:
    """The result to show, two decimals, half up. Never compare it with the pass mark: see `passed`."""
    hundredths = _mean(sheet, totals) * 100
    return Decimal((hundredths * 2 + 1) // 2).scaleb(-2)


def passed(sheet: Sheet, totals: Sequence[int | Decimal]) -> bool:
    """Whether the unrounded result reaches the pass mark."""
    return _mean(sheet, totals) >= Fraction(sheet.pass_mark)


def _mean(sheet: Sheet, totals: Sequence[int | Decimal]) -> Fraction:
    scores = counted(sheet, totals)
    return sum((Fraction(score) for score in scores), Fraction(0)) / len(scores)


def _is_score(score: Decimal, full: int) -> bool:
    if not score.is_finite() or not 0 <= score <= full:
        raise ValueError(f"评分 {score} 不在 0 至 {full} 之间")
    return True
