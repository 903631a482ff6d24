"""Figures in free text: whether a value that was reached falls short of its target."""

import re
from decimal import Decimal
from unicodedata import normalize

_NUMBER = re.compile(r"(?:(?<![0-9A-Za-z])-)?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
_AT_MOST = re.compile(r"[≤<＜]|不大于|不超过|不高于|小于|低于|以下|以内|降至")
_NONE = re.compile(r"[-—–―－/／\\]*|无|无单位|不适用|无量纲")  # how people write that there is nothing to fill in
_AT_LEAST = re.compile(r"不低于|不小于|不少于")


def falls_short(target: str, reached: str) -> bool | None:
    """Return whether the value falls short of the target; None when it is not exactly one number, or the target has none.

    A target is a minimum unless its words say that it is a maximum; of several numbers it asks for the least demanding.
    """
    wanted, found = _numbers(target), _only_number(reached)
    if not wanted or found is None:
        return None
    return found > max(wanted) if _is_maximum(target) else found < min(wanted)


def same_measure(one: str, other: str, unit: str) -> bool:
    """Return whether two texts state the same measure: apart from spaces, widths and the unit, which may follow it.

    A dash, a stroke or 无 is the same as a blank.
    """
    first, second, ending = (_said(text) for text in (one, other, unit))
    return first.removesuffix(ending) == second.removesuffix(ending)


def moves_away(target: str, before: str, now: str) -> bool | None:
    """Return whether a value is farther from its target than the one before; None when that cannot be compared."""
    earlier, found = _only_number(before), _only_number(now)
    if earlier is None or found is None or not falls_short(target, now):
        return None
    return found > earlier if _is_maximum(target) else found < earlier


def is_nothing(target: str, reached: str) -> bool:
    """Return whether a value is 0 although the target asks for more, or allows more: a 0 is rarely what was measured."""
    if _only_number(reached) != 0:
        return False
    return bool(falls_short(target, reached)) or (_is_maximum(target) and max(_numbers(target), default=0) > 0)


def lacks_figure(target: str, reached: str) -> bool:
    """Return whether a value is words alone although the target asks for a number."""
    return bool(_numbers(target)) and not _numbers(reached)


def _said(text: str) -> str:
    plain = "".join(normalize("NFKC", text).split())
    return "" if _NONE.fullmatch(plain) else plain


def _is_maximum(target: str) -> bool:
    return bool(_AT_MOST.search(target) and not _AT_LEAST.search(target))


def _numbers(text: str) -> list[Decimal]:
    return [Decimal(number.replace(",", "")) for number in _NUMBER.findall(normalize("NFKC", text))]


def _only_number(text: str) -> Decimal | None:
    numbers = _numbers(text)
    return numbers[0] if len(numbers) == 1 else None
