from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.term import in_chinese, last_day, report_dues, within_years

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("start", "years", "last"),
    [
        ("2024-11-20", 2, "2026-11-19"), ("2024-01-01", 3, "2026-12-31"), ("2024-02-29", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-28"), ("2023-02-28", 1, "2024-02-27"), ("2023-03-01", 1, "2024-02-29"),
        ("2024-03-01", 1, "2025-02-28"), ("2024-08-31", Decimal("0.5"), "2025-02-28"),
        ("2024-12-01", Decimal("1.5"), "2026-05-31"),
    ],
)  # fmt: skip
def test_last_day(start: str, years: Decimal | int, last: str) -> None:
    assert last_day(date.fromisoformat(start), years) == date.fromisoformat(last)


@pytest.mark.parametrize("years", [0, -1, Decimal("0.3")])
def test_terms_are_whole_months(years: Decimal | int) -> None:
    with pytest.raises(ValueError, match="期限"):
        last_day(date(2024, 1, 1), years)


def test_within_years() -> None:
    start = date(2024, 11, 20)
    assert within_years(start, date(2026, 11, 19), 2)
    assert not within_years(start, date(2026, 11, 20), 2)
    assert not within_years(start, date(2024, 11, 19), 2)
    assert within_years(start, start, 2)


@given(DAYS, st.integers(1, 5))
def test_a_term_never_reaches_the_anniversary(start: date, years: int) -> None:
    last = last_day(start, years)
    assert (start.year + years, start.month, start.day) > (last.year, last.month, last.day)
    assert 365 * years <= (last - start).days + 1 <= 366 * years
    assert last <= last_day(start + timedelta(days=1), years)


def test_report_dues() -> None:
    start = date(2024, 11, 20)
    half_yearly = ("2025-05-19", "2025-11-19", "2026-05-19", "2026-11-19")
    assert [str(due) for due in report_dues(start, date(2026, 11, 19), 6)] == list(half_yearly)
    assert [str(due) for due in report_dues(start, date(2026, 11, 18), 6)] == list(half_yearly[:3])
    assert report_dues(start, date(2025, 5, 18), 6) == ()
    assert report_dues(start, date(2024, 1, 1), 6) == ()
    assert [str(due) for due in report_dues(date(2024, 8, 31), date(2026, 8, 30), 6)] == [
        "2025-02-28", "2025-08-30", "2026-02-28", "2026-08-30",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="周期"):
        report_dues(start, start, 0)


def test_in_chinese() -> None:
    assert in_chinese(date(2026, 1, 9)) == "2026年1月9日"
