"""Figures in free text: whether a value that was reached falls short of its target."""

import re
from decimal import Decimal

_NUMBER = re.compile(r"-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
_AT_MOST = re.compile(r"[≤<＜]|不大于|不超过|不高于|小于|低于|以下|以内|降至")
_AT_LEAST = re.compile(r"不低于|不小于|不少于")


def falls_short(target: str, reached: str) -> bool | None:
    """Return whether the value falls short of the target; None when either is not exactly one number.

    A target is a minimum unless its words say that it is a maximum.
    """
    wanted, found = _only_number(target), _only_number(reached)
    if wanted is None or found is None:
        return None
    at_most = _AT_MOST.search(target) and not _AT_LEAST.search(target)
    return found > wanted if at_most else found < wanted


def _only_number(text: str) -> Decimal | None:
    numbers = _NUMBER.findall(text)
    return Decimal(numbers[0].replace(",", "")) if len(numbers) == 1 else None
