from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.workdays import add_workdays, is_known, is_workday, notice_period


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("published", "days", "first", "last"),
    [
        ("2024-11-18", 5, "2024-11-19", "2024-11-25"),  # an ordinary week
        ("2024-11-22", 5, "2024-11-25", "2024-11-29"),  # on a Friday
        ("2024-11-23", 5, "2024-11-25", "2024-11-29"),  # on a Saturday
        ("2024-09-27", 5, "2024-09-29", "2024-10-10"),  # 国庆: works on Sunday 29, off from 1 to 7
        ("2024-02-08", 5, "2024-02-09", "2024-02-21"),  # 春节: off from 10 to 17, works on Sunday 18
    ],
)
def test_notice_period(published: str, days: int, first: str, last: str) -> None:
    assert notice_period(day(published), days) == (day(first), day(last), False)


def test_a_year_that_is_not_known_is_counted_by_weekends_and_provisional() -> None:
    unknown = next(year for year in range(2027, 2100) if not is_known(date(year, 1, 1)))
    friday = next(date(unknown, 3, number) for number in range(1, 8) if date(unknown, 3, number).weekday() == 4)
    monday = friday + timedelta(days=3)
    assert notice_period(friday, 5) == (monday, monday + timedelta(days=4), True)
    assert notice_period(date(unknown - 1, 12, 31), 1)[2]
    assert not notice_period(date(unknown - 1, 12, 1), 5)[2]


def test_holidays_and_make_up_days() -> None:
    assert not is_workday(day("2024-10-01"))
    assert is_workday(day("2024-10-12"))
    assert not is_workday(day("2024-10-13"))
    with pytest.raises(ValueError, match="正整数"):
        add_workdays(day("2024-10-01"), 0)


@given(st.dates(date(2004, 1, 1), date(2030, 1, 1)), st.integers(1, 30))
def test_exactly_that_many_working_days_are_counted(published: date, days: int) -> None:
    first, last, _ = notice_period(published, days)
    span = [published + timedelta(days=number) for number in range(1, (last - published).days + 1)]
    working = [one for one in span if is_workday(one)]
    assert (len(working), working[0], working[-1]) == (days, first, last)
