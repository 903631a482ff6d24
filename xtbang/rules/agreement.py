"""The agreement of the experts of a panel: for people to look at, no score is changed by it."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

FEWEST = 3  # sheets; of two neither is the odd one out


def spread(totals: Sequence[int]) -> int | None:
    """Return the distance from the lowest to the highest total; None for less than two sheets."""
    return max(totals) - min(totals) if len(totals) > 1 else None


def deviation(totals: Sequence[int], place: int) -> Decimal:
    """Return how far the total at that place lies from the mean of the others, to one decimal; with its sign."""
    total, others = totals[place], len(totals) - 1
    exact = Decimal(total * others - (sum(totals) - total)) / others
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def odd_one_out(totals: Sequence[int]) -> int | None:
    """Return the place of the total farthest from the mean of the others, the first of several.

    None when all are equal, and for less than three sheets.
    """
    if len(totals) < FEWEST or len(set(totals)) == 1:
        return None
    return max(range(len(totals)), key=lambda place: abs(deviation(totals, place)))
