"""The result of a panel from the scores of its experts: compared exactly, rounded only for display."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from xtbang.rules.edition import Sheet

NUMERALS = "〇一二三四五六七八九十"


def drops_extremes(sheet: Sheet, scores: int) -> bool:
    """Return whether the highest and the lowest of so many scores are dropped."""
    return sheet.aggregate == "trimmed" and scores >= sheet.trimmed_from


def in_words(sheet: Sheet) -> str:
    """Return how the scores of a sheet (评分表) become its result."""
    if sheet.aggregate != "trimmed":
        return "全部评分的算术平均"
    number = NUMERALS[sheet.trimmed_from] if sheet.trimmed_from < len(NUMERALS) else f" {sheet.trimmed_from} "
    return f"{number}份及以上评分时，去掉一个最高分和一个最低分后的算术平均".lstrip()


def counted_scores(sheet: Sheet, totals: Sequence[int | Decimal]) -> tuple[Decimal, ...]:
    """Return the scores that count, ascending: all, or without the highest and the lowest from so many scores up.

    Raise ValueError when there is no score, and for one that is not a number from 0 to the full mark of the sheet
    (评分表).
    """
    full = sum(criterion.maximum for criterion in sheet.criteria)
    scores = sorted(Decimal(total) for total in totals if _is_score(Decimal(total), full))
    if not scores:
        raise ValueError("尚无评分")
    if drops_extremes(sheet, len(scores)):
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
