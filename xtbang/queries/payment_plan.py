"""The plan of payments (用款计划): what city and counties have still to pay of running projects, by the month in which it is expected."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Row, select, type_coerce

from xtbang.models import Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement, issuer
from xtbang.queries.finance import Filters, paid_columns
from xtbang.queries.ledger import TREASURIES, ZERO
from xtbang.rules.edition import Edition
from xtbang.rules.money import yuan
from xtbang.rules.payment_plan import month_expected
from xtbang.rules.subsidy import instalments_after

NUMBERS = 100  # more than the instalments of a project: what the id of one is multiplied by
ABOUT = (  # what a line says of its project
    Project.title,
    Project.region,
    select(issuer.name).where(issuer.id == Project.issuer_id).scalar_subquery().label("issuer"),
)


@dataclass(frozen=True)
class Unpaid:
    """An instalment that is not paid yet, in yuan; projects with the same subsidy, term and payments have the same."""

    number: int
    name: str
    month: date  # in which it is expected, its first day
    city: Decimal
    county: Decimal


class Expected(NamedTuple):
    """One instalment of one project that is not paid yet."""

    row: Row[Any]  # id, number and state of the project, and what else was asked for
    unpaid: Unpaid

    @property
    def id(self) -> int:
        """Return a number that no other expected payment has: of a project several may be ticked one by one."""
        return int(self.row.id) * NUMBERS + self.unpaid.number


@dataclass(frozen=True)
class Month:
    """The payments that are expected in one month, by the number of the project, and their sums in yuan."""

    month: date
    payments: list[Expected]
    city: Decimal
    county: Decimal

    @property
    def count(self) -> int:
        """Return how many they are."""
        return len(self.payments)


def expected_payments(caller: Caller, seen: ColumnElement[bool], region: str = "", about: Any = ()) -> list[Month]:
    """Return every instalment that city or county has still to pay of running projects, the next month first.

    ``about`` are more columns of the projects; without any there are id, number and state.
    """
    subsidies = Project.subsidy_city, Project.subsidy_county
    amounts = [type_coerce(column, BigInteger) for column in (*subsidies, *paid_columns(caller.policy))]
    facts = Project.state, Project.edition, Project.starts_on, Project.ends_on, *amounts
    query: Statement = select(Project.id, Project.number, *facts, *about)
    which = Filters(region=region, running=True).conditions(caller.policy)
    query = query.where(Project.subsidy_city.is_not(None), seen, *which)
    rows = caller.session.connection().execute(query).all()
    unpaid = cache(partial(_unpaid, caller))  # most projects are like others
    months: dict[date, list[Expected]] = {}
    for row in sorted(rows, key=lambda row: row.number or ""):
        for item in unpaid(*row[2 : 2 + len(facts)]):
            months.setdefault(item.month, []).append(Expected(row, item))
    return [_month(month, found) for month, found in sorted(months.items())]


def in_full(caller: Caller, payments: Iterable[Expected]) -> list[Expected]:
    """Return some payments with all that a line says of its project."""
    found = list(payments)
    query: Statement = select(Project.id, Project.number, Project.state, *ABOUT)
    query = query.where(Project.id.in_({item.row.id for item in found}))
    rows = {row.id: row for row in caller.session.connection().execute(query)}
    return [Expected(rows[item.row.id], item.unpaid) for item in found]


def _month(month: date, found: list[Expected]) -> Month:
    city, county = (sum((getattr(item.unpaid, source) for item in found), ZERO) for source in TREASURIES)
    return Month(month, found, city, county)


def _unpaid(
    caller: Caller,
    state: str,
    edition_key: str,
    starts_on: date | None,
    ends_on: date | None,
    *amounts: int | None,
) -> tuple[Unpaid, ...]:
    """Return the instalments of a project that are not paid, in the order of their names.

    ``amounts`` in 分: the subsidies of city and county, then what the one and the other have paid of each instalment.
    """
    edition, pays = caller.policy.edition(edition_key), caller.policy.states[state].pays
    most = len(amounts) // 2 - 1
    of = {
        source: dict(_left(edition, amounts[place], amounts[2 + most * place :]))
        for place, source in enumerate(TREASURIES)
    }
    expected = partial(month_expected, edition, starts_on=starts_on, ends_on=ends_on, today=caller.today)
    found = []
    for item in edition.instalments:
        city, county = (of[source].get(item.number, ZERO) for source in TREASURIES)
        if city or county:
            month = expected(item, due=bool(pays) and pays == item.after)
            found.append(Unpaid(item.number, item.name, month, city, county))
    return tuple(sorted(found, key=lambda item: item.name))


def _left(edition: Edition, subsidy: int | None, payments: tuple[int | None, ...]) -> Iterator[tuple[int, Decimal]]:
    """Yield number and amount (yuan) of every instalment that a treasury has not paid."""
    if subsidy is None:
        return
    numbers = [item.number for item in edition.instalments]
    paid = {number: yuan(int(amount)) for number, amount in zip(numbers, payments, strict=False) if amount}
    for number, amount in zip(numbers, instalments_after(edition, yuan(int(subsidy)), paid), strict=True):
        if number not in paid:
            yield number, amount
