"""Working days (工作日) by the State Council's holidays and make-up days, as far as they are published."""

from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped,unused-ignore]

_SATURDAY = 5


def is_known(day: date) -> bool:
    """Return whether the holidays of that year are published; otherwise only weekends are days off."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_workday(day: date) -> bool:
    """Return whether that day is a working day; in an unpublished year, whether it is Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


def add_workdays(day: date, days: int) -> date:
    """Return the day that is `days` working days after `day`; `day` itself does not count.

    Raise ValueError when `days` is less than 1.
    """
    if days < 1:
        raise ValueError("工作日数须为正整数")
    while days:
        day += timedelta(days=1)
        days -= is_workday(day)
    return day


def notice_period(published_on: date, days: int) -> tuple[date, date, bool]:
    """Return first and last counted day of a public notice (公示) of `days` working days, and whether it is provisional.

    The day of publication does not count. The period is provisional when it reaches into a year whose holidays are not
    published yet. Raise ValueError when `days` is less than 1.
    """
    first, last = add_workdays(published_on, 1), add_workdays(published_on, days)
    return first, last, not all(is_known(date(year, 1, 1)) for year in range(published_on.year, last.year + 1))
