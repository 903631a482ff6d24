"""Repayment by parts: what has come back counts for the earliest part, of each treasury on its own."""

from datetime import date
from decimal import Decimal

import pytest

from xtbang.rules.repayment import Part, next_day

JAN, FEB, MAR = date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)
PARTS = [
    Part("city", JAN, Decimal("50000")),
    Part("city", FEB, Decimal("50000.01")),
    Part("county", MAR, Decimal("20000")),
]


@pytest.mark.parametrize(
    ("city", "county", "day"),
    [
        ("100000.01", "20000", JAN),
        ("50000.02", "20000", JAN),  # a cent of the first part is missing
        ("50000.01", "20000", FEB),
        ("0.01", "20000", FEB),
        ("0", "20000", MAR),
        ("0", "0", MAR),  # nothing is owed: the last day stays
        ("200000", "0", JAN),  # more is claimed than the plan knew
    ],
)
def test_the_first_part_that_is_not_covered_is_next(city: str, county: str, day: date) -> None:
    assert next_day(PARTS, {"city": Decimal(city), "county": Decimal(county)}, MAR) == day
