"""Repayment by parts (分期): what is paid counts for the earliest part first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Part:
    """One part of a plan: so much (yuan) is to be back at a treasury by that day."""

    source: str
    due_on: date
    amount: Decimal


def still_open(parts: Sequence[Part], outstanding: Mapping[str, Decimal]) -> list[Part]:
    """Return the parts that are not covered, by day, each with what of it is left.

    ``outstanding`` is what each treasury has still to get back, in yuan; whatever of the plan is not outstanding has come
    back, and counts for the earliest parts.
    """
    left = []
    for source in dict.fromkeys(part.source for part in parts):
        mine = sorted((part for part in parts if part.source == source), key=lambda part: part.due_on)
        covered = sum((part.amount for part in mine), Decimal(0)) - outstanding.get(source, Decimal(0))
        for part in mine:
            rest = min(part.amount, part.amount - covered)
            covered = max(covered - part.amount, Decimal(0))
            if rest > 0:
                left.append(replace(part, amount=rest))
    return sorted(left, key=lambda part: (part.due_on, part.source))


def next_day(parts: Sequence[Part], outstanding: Mapping[str, Decimal], last: date) -> date:
    """Return the day of the first part that is not covered, over all treasuries; ``last`` when all of them are."""
    return min((part.due_on for part in still_open(parts, outstanding)), default=last)
