"""The plan of payments (用款计划): what city and counties have still to pay of running projects, by the month in which it is expected."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row

from xtbang.queries.caller import Caller
from xtbang.queries.finance import Filters, every_project
from xtbang.queries.ledger import TREASURIES, ZERO
from xtbang.rules.edition import Edition
from xtbang.rules.payment_plan import month_expected
from xtbang.rules.subsidy import instalments_after

NUMBERS = 100  # more than the instalments of a project


@dataclass(frozen=True)
class Expected:
    """One instalment of one project that is not paid yet, in yuan."""

    row: Row[Any]  # of `every_project`
    number: int  # of the instalment
    name: str
    month: date  # its first day
    city: Decimal
    county: Decimal

    @property
    def id(self) -> int:
        """Return a number that no other expected payment has: of a project several may be ticked one by one."""
        return int(self.row.id) * NUMBERS + self.number


@dataclass(frozen=True)
class Month:
    """The payments that are expected in one month, in yuan."""

    month: date
    count: int
    city: Decimal
    county: Decimal


def expected_payments(caller: Caller, seen: ColumnElement[bool], region: str = "") -> list[Expected]:
    """Return every instalment that city or county has still to pay of running projects, by month and project."""
    rows = every_project(caller, seen, Filters(region=region, running=True))
    found = [item for row in rows for item in _of(caller, row)]
    return sorted(found, key=lambda item: (item.month, item.row.number or "", item.name))


def by_month(expected: Iterable[Expected]) -> list[Month]:
    """Return the sums of each month, the next one first."""
    found: dict[date, list[Expected]] = {}
    for item in expected:
        found.setdefault(item.month, []).append(item)
    return [
        Month(month, len(some), sum((one.city for one in some), ZERO), sum((one.county for one in some), ZERO))
        for month, some in sorted(found.items())
    ]


def _of(caller: Caller, row: Row[Any]) -> Iterator[Expected]:
    edition = caller.policy.edition(row.edition)
    plans = {source: dict(_unpaid(edition, row, source)) for source in TREASURIES}
    pays = caller.policy.states[row.state].pays
    for item in edition.instalments:
        city, county = (plans[source].get(item.number, ZERO) for source in TREASURIES)
        if city or county:
            known = {"starts_on": row.starts_on, "ends_on": row.ends_on, "today": caller.today}
            month = month_expected(edition, item, due=bool(pays) and pays == item.after, **known)
            yield Expected(row, item.number, item.name, month, city, county)


def _unpaid(edition: Edition, row: Row[Any], source: str) -> Iterator[tuple[int, Decimal]]:
    subsidy = getattr(row, f"subsidy_{source}")
    if subsidy is None:
        return
    numbers = [item.number for item in edition.instalments]
    paid = {number: amount for number in numbers if (amount := getattr(row, f"{source}{number}"))}
    for number, amount in zip(numbers, instalments_after(edition, subsidy, paid), strict=True):
        if number not in paid:
            yield number, amount
