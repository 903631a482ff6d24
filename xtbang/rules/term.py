"""Terms by the calendar: a term of two years from 2024-11-20 ends on 2026-11-19."""

import calendar
from datetime import date, timedelta
from decimal import Decimal

_MONTHS = 12


def last_day(start: date, years: Decimal | int) -> date:
    """Return the last day of a term of that many years: the day before the anniversary.

    Where the anniversary does not exist (29 February) the last day is the end of that month (民法典 art. 202). Raise
    ValueError when the years are not whole months or not positive.
    """
    months = years * _MONTHS
    if months <= 0 or months != int(months):
        raise ValueError(f"{years} 年不是整月的期限")
    return _end_of(start, int(months))


def latest_end(planned: date, years: Decimal | int) -> date:
    """Return the last day to which a term that was planned to end then is extended: by one term of that many years in all.

    Raise ValueError as `last_day`.
    """
    return last_day(planned + timedelta(days=1), years)


def within_years(start: date, end: date, years: Decimal | int) -> bool:
    """Return whether a term from `start` to `end`, both included, is no longer than the years.

    Return False when it ends before it starts.
    """
    return start <= end <= last_day(start, years)


def report_dues(start: date, end: date, months: int) -> tuple[date, ...]:
    """Return the due dates of the periodic reports (执行情况报告).

    A report is due on the last day of every full period of `months` within the term. Raise ValueError when `months` is
    not positive.
    """
    if months < 1:
        raise ValueError("报告周期须为正整数个月")
    dues: list[date] = []
    while (due := _end_of(start, months * (len(dues) + 1))) <= end:
        dues.append(due)
    return tuple(dues)


def in_chinese(day: date) -> str:
    """Return a date as ``2026年11月19日``, without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def _end_of(start: date, months: int) -> date:
    year, month = divmod(start.year * _MONTHS + start.month - 1 + months, _MONTHS)
    length = calendar.monthrange(year, month + 1)[1]
    if start.day > length:
        return date(year, month + 1, length)
    return date(year, month + 1, start.day) - timedelta(days=1)
