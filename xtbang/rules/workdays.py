"""Working days (工作日) with the State Council's holidays and make-up days, as far as they are known."""

from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped,unused-ignore]

_SATURDAY = 5


def is_known(day: date) -> bool:
    """Whether the holidays of that year are known; otherwise weekends alone decide."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_workday(day: date) -> bool:
    """Whether people work on that day; of a year that is not known, whether it is Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


def add_workdays(day: date, days: int) -> date:
    """The working day that is `days` working days after `day`, which itself does not count. ValueError below 1."""
    if days < 1:
        raise ValueError("工作日数须为正整数")
    while days:
        day += timedelta(days=1)
        days -= is_workday(day)
    return day


def notice_period(published_on: date, days: int) -> tuple[date, date, bool]:
    """First and last counted day of a notice (公示) of that many working days, and whether they are provisional.

    The day of publication does not count. Provisional: the notice reaches into a year whose holidays are not
    known yet. ValueError for fewer than one day.
    """
    first, last = add_workdays(published_on, 1), add_workdays(published_on, days)
    return first, last, not all(is_known(date(year, 1, 1)) for year in range(published_on.year, last.year + 1))
