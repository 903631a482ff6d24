"""The instalments that are expected (预计拨付) of running projects, as they follow from subsidy, term, state and payments."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

from sqlalchemy import BigInteger, Select, select, type_coerce
from sqlalchemy.orm import Session

from xtbang.models import Project
from xtbang.queries.budgets import running
from xtbang.queries.finance import paid_columns
from xtbang.queries.ledger import TREASURIES, ZERO
from xtbang.queries.prepared import PROJECTS, prepared
from xtbang.rules.dates import day_of
from xtbang.rules.edition import Edition
from xtbang.rules.money import yuan
from xtbang.rules.payment_plan import month_expected
from xtbang.rules.policy import Policy
from xtbang.rules.subsidy import instalments_after

FACTS = Project.state, Project.edition, Project.starts_on, Project.ends_on, Project.state_since
Amounts = tuple[int, date, Decimal, Decimal]  # number of the instalment, month, city, county in yuan


def reckoned(session: Session, policy: Policy, ids: Collection[int] | None = None) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of `ExpectedPayment` for every instalment that is not paid of running projects, or of those with these ids."""
    which, values = ((), {}) if ids is None else ((Project.id.in_(PROJECTS),), {"projects": list(ids)})
    query = prepared(policy, ("expected payments", bool(which)), partial(_running, policy, *which))
    unpaid = cache(partial(_unpaid, policy))  # many projects are like others
    for project_id, region, *facts in session.connection().execute(query, values):
        for number, month, city, county in unpaid(*facts):
            yield project_id, number, region, month, city, county


def _running(policy: Policy, *which: Any) -> Select[*tuple[Any, ...]]:
    """Return the statement of the running projects that meet the conditions, with what `_unpaid` asks of each."""
    subsidies = Project.subsidy_city, Project.subsidy_county
    amounts = [type_coerce(column, BigInteger) for column in (*subsidies, *paid_columns(policy))]
    query: Select[*tuple[Any, ...]] = select(Project.id, Project.region, *FACTS, *amounts)
    return query.where(Project.subsidy_city.is_not(None), running(policy), *which).order_by(Project.id)


def _unpaid(
    policy: Policy,
    state: str,
    edition_key: str,
    starts_on: date | None,
    ends_on: date | None,
    state_since: datetime,
    *amounts: int | None,
) -> tuple[Amounts, ...]:
    """Return the instalments of a project that are not paid.

    ``amounts`` in 分: the subsidies of city and county, then what the one and the other have paid of each instalment.
    """
    edition, pays = policy.edition(edition_key), policy.states[state].pays
    most = len(amounts) // 2 - 1
    of = {
        source: dict(_left(edition, amounts[place], amounts[2 + most * place :]))
        for place, source in enumerate(TREASURIES)
    }
    expected = partial(month_expected, edition, starts_on=starts_on, ends_on=ends_on, since=day_of(state_since))
    found = []
    for item in edition.instalments:
        city, county = (of[source].get(item.number, ZERO) for source in TREASURIES)
        if city or county:
            found.append((item.number, expected(item, due=bool(pays) and pays == item.after), city, county))
    return tuple(found)


def _left(edition: Edition, subsidy: int | None, payments: tuple[int | None, ...]) -> Iterator[tuple[int, Decimal]]:
    """Yield number and amount (yuan) of every instalment that a treasury has not paid."""
    if subsidy is None:
        return
    numbers = [item.number for item in edition.instalments]
    paid = {number: yuan(int(amount)) for number, amount in zip(numbers, payments, strict=False) if amount}
    for number, amount in zip(numbers, instalments_after(edition, yuan(int(subsidy)), paid), strict=True):
        if number not in paid:
            yield number, amount
