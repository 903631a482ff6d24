from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.config import ROOT
from xtbang.rules.festivals import is_festival
from xtbang.rules.workdays import Arrangement, add_workdays, is_known, is_workday, notice_period
from xtbang.workflow.definition import load_policy

WORKFLOWS = ROOT / "workflows"


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


def test_in_a_year_not_yet_announced_the_holidays_of_the_law_are_holidays() -> None:
    assert not is_known(day("2040-01-01"))
    off = "01-01 02-11 02-12 02-13 02-14 04-04 05-01 05-02 06-14 09-20 10-01 10-02 10-03"
    found = [at for at in (date(2040, 1, 1) + timedelta(days=number) for number in range(366)) if is_festival(at)]
    assert " ".join(f"{at:%m-%d}" for at in found) == off
    assert notice_period(day("2040-09-28"), 5) == (day("2040-10-04"), day("2040-10-10"), True)
    assert notice_period(day("2039-12-30"), 1) == (day("2040-01-02"), day("2040-01-02"), True)


def test_what_the_office_enters_comes_before_everything_else() -> None:
    entered = Arrangement(2040, frozenset({day("2040-10-05")}), frozenset({day("2040-10-06")}))
    assert notice_period(day("2040-10-03"), 2, [entered]) == (day("2040-10-04"), day("2040-10-06"), False)
    assert notice_period(day("2039-12-30"), 1, [entered])[2]  # it leaves from a year that nobody has entered


def test_a_city_enters_the_very_days_that_the_package_knows() -> None:
    (entered,) = load_policy(WORKFLOWS).city.holidays
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [at for at in days if is_workday(at, [entered]) != is_workday(at)] == []


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
