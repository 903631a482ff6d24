"""Repayment by parts (分期): what is paid counts for the earliest part first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Part:
    """One part of a plan: so much (yuan) is to be back at a treasury by that day."""

    source: str
    due_on: date
    amount: Decimal


def next_day(parts: Sequence[Part], outstanding: Mapping[str, Decimal], last: date) -> date:
    """Return the day of the first part that is not covered, over all treasuries; ``last`` when all of them are.

    ``outstanding`` is what each treasury has still to get back, in yuan; whatever of the plan is not outstanding has come
    back, and counts for the earliest parts.
    """
    open_days = []
    for source in dict.fromkeys(part.source for part in parts):
        mine = sorted((part for part in parts if part.source == source), key=lambda part: part.due_on)
        covered = sum((part.amount for part in mine), Decimal(0)) - outstanding.get(source, Decimal(0))
        for part in mine:
            covered -= part.amount
            if covered < 0:
                open_days.append(part.due_on)
                break
    return min(open_days, default=last)
