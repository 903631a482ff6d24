"""Working days (工作日) by the State Council's holidays and make-up days, as far as they are known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped,unused-ignore]

from xtbang.rules.festivals import is_festival

SATURDAY = 5


@dataclass(frozen=True)
class Arrangement:
    """The State Council's arrangement (放假安排) of one year, as the office has entered it."""

    year: int
    off: frozenset[date]  # every day off that is announced, weekends among them too
    worked: frozenset[date]  # Saturdays and Sundays that are worked (调休上班)


Arrangements = Sequence[Arrangement]  # those of the city; they come before what the package knows


def _entered(day: date, arrangements: Arrangements) -> Arrangement | None:
    return next((each for each in arrangements if each.year == day.year), None)


def is_known(day: date, arrangements: Arrangements = ()) -> bool:
    """Return whether the holidays of that year are published; otherwise only what the law fixes is known."""
    if _entered(day, arrangements):
        return True
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """Return days as spans, the first and the last day of each, in order."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def is_workday(day: date, arrangements: Arrangements = ()) -> bool:
    """Return whether that day is a working day.

    In an unpublished year: whether it is Monday to Friday and no holiday that the law fixes.
    """
    if entered := _entered(day, arrangements):
        return day in entered.worked or (day.weekday() < SATURDAY and day not in entered.off)
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY and not is_festival(day)


def add_workdays(day: date, days: int, arrangements: Arrangements = ()) -> date:
    """Return the day that is `days` working days after `day`; `day` itself does not count.

    Raise ValueError when `days` is less than 1.
    """
    if days < 1:
        raise ValueError("工作日数须为正整数")
    while days:
        day += timedelta(days=1)
        days -= is_workday(day, arrangements)
    return day


def notice_period(published_on: date, days: int, arrangements: Arrangements = ()) -> tuple[date, date, bool]:
    """Return first and last counted day of a public notice (公示) of `days` working days, and whether it is provisional.

    The day of publication does not count. The period is provisional when it reaches into a year whose holidays are not
    published yet. Raise ValueError when `days` is less than 1.
    """
    first, last = add_workdays(published_on, 1, arrangements), add_workdays(published_on, days, arrangements)
    years = range(published_on.year, last.year + 1)
    return first, last, not all(is_known(date(year, 1, 1), arrangements) for year in years)
