"""Money of projects in lists: what is planned and paid, and what has to be recovered."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import ColumnElement, Row, SQLColumnExpression, and_, extract, func, literal, select
from sqlalchemy.orm import Session, aliased

from xtbang.models import Bid, Change, EntryTotal, LedgerEntry, Organisation, Project, Termination
from xtbang.queries.budgets import running
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, has, issuer
from xtbang.queries.desk.payments import last_to_lower, outstanding, total_of
from xtbang.queries.ledger import TREASURIES, ZERO, totals
from xtbang.queries.paging import paged
from xtbang.queries.prepared import MOST, bound, prepared
from xtbang.queries.search import found_by, place_of, seen_with
from xtbang.rules.asked import Asked
from xtbang.rules.money import yuan
from xtbang.rules.policy import Policy

bidder = aliased(Organisation, name="bidder")
MONEY = (
    Project.total_investment,
    Project.subsidy_county,
    total_of(LedgerEntry.kind == "issuer_payment").label("issuer_paid"),
    total_of(LedgerEntry.kind == "instalment", LedgerEntry.source == "city").label("city_paid"),
    total_of(LedgerEntry.kind == "instalment", LedgerEntry.source == "county").label("county_paid"),
    total_of(LedgerEntry.kind == "recovery_due").label("due_back"),
    total_of(LedgerEntry.kind == "recovered").label("back"),
)


def most_instalments(policy: Policy) -> int:
    """Return the number of instalments of the edition that has most."""
    return max(len(edition.instalments) for edition in policy.editions.values())


def instalment_names(policy: Policy) -> list[str]:
    """Return what the columns of the instalments are called: by name where all editions agree, else by number."""
    names = []
    for number in range(1, most_instalments(policy) + 1):
        every = [edition.instalments for edition in policy.editions.values()]
        called = {items[number - 1].name for items in every if len(items) >= number}
        names.append(called.pop() if len(called) == 1 else f"第{number}期")
    return names


def paid_columns(policy: Policy) -> list[Any]:
    """Return what was paid of each instalment, in yuan, as the columns city1, city2, …, county1, county2, …"""
    return [
        total_of(
            LedgerEntry.kind == "instalment", LedgerEntry.source == source, LedgerEntry.instalment == number
        ).label(f"{source}{number}")
        for source in TREASURIES
        for number in range(1, most_instalments(policy) + 1)
    ]


CLAIMED = (
    *(
        total_of(LedgerEntry.kind == "recovery_due", LedgerEntry.source == source).label(f"{source}_due")
        for source in TREASURIES
    ),
    *(outstanding(source).label(f"{source}_left") for source in TREASURIES),
)
CAUSES = {"objective": "客观原因", "subjective": "主观原因", "": "变更调减"}  # why money comes back
OVERPAID: Statement = (  # after a change that has lowered the subsidy, until it is back
    select(*ENTRY, Change.recover_by.label("due"), literal("").label("cause"), *CLAIMED)
    .join(issuer, issuer.id == Project.issuer_id)
    .join(Change, last_to_lower())
    .where(Project.state != "termination", outstanding(*TREASURIES) > yuan(0))
    .order_by(Change.recover_by, Project.id)
)
RECOVERIES: Statement = (
    select(*ENTRY, Termination.recover_by.label("due"), Termination.cause, *CLAIMED)
    .join(issuer, issuer.id == Project.issuer_id)
    .join(Termination, and_(Termination.project_id == Project.id, Termination.revoked_at.is_(None)))
    .where(Project.state == "termination")
    .order_by(Termination.recover_by, Project.id)
)


@dataclass(frozen=True)
class Filters:
    """The projects whose money is shown; an empty filter matches everything."""

    region: str = ""
    year: int | None = None  # with a line of the ledger in that year
    search: str = ""
    running: bool = False  # or paid out: whose subsidy was granted as a whole

    @classmethod
    def of(cls, asked: Asked) -> Self:
        """Return the filters in an address."""
        return cls(asked.text("region"), asked.number("year"), asked.words(), bool(asked.text("running")))

    def conditions(self, policy: Policy) -> Iterator[ColumnElement[bool]]:
        """Yield the filters other than the words as conditions on ``Project``."""
        if self.running:
            yield running(policy)
        if self.region:
            yield Project.region == self.region
        if self.year is not None:
            yield has(LedgerEntry, extract("year", LedgerEntry.dated) == self.year)


def recoveries(
    caller: Caller, seen: ColumnElement[bool], most: int = 100, only: Collection[int] = ()
) -> list[Row[Any]]:
    """Return the projects with money to be recovered, by due date; ``only`` of these projects."""
    connection, policy = caller.session.connection(), caller.policy
    if only:
        queries = [query.where(seen, Project.id.in_(only)).limit(MOST) for query in (RECOVERIES, OVERPAID)]
    else:
        ended = prepared(policy, ("recoveries", seen), lambda: RECOVERIES.where(seen).limit(MOST))
        queries = [ended, prepared(policy, ("overpaid", seen), lambda: OVERPAID.where(seen).limit(MOST))]
    found = [row for query in queries for row in connection.execute(query, bound(caller, most=most))]
    return sorted(found, key=lambda row: (row.due, row.id))[:most]


def projects(
    caller: Caller,
    seen: ColumnElement[bool],
    filters: Filters,
    before: int | None = None,
    most: int = 20,
    only: Collection[int] | None = None,
) -> list[Row[Any]]:
    """Return funded projects (those with these ids) with their money, newest first; ``most + 1`` rows when there are more."""
    columns = (*ENTRY, *MONEY, *paid_columns(caller.policy), bidder.name.label("bidder"))
    query: Statement = select(*columns)
    place: SQLColumnExpression[int] = Project.id
    if filters.search:
        marks = {"granted": True, "region": filters.region}
        query, place = seen_with(caller, filters.search, *columns, marks=marks)
        before = place_of(before) if before is not None else None
    query = query.join(issuer, issuer.id == Project.issuer_id)
    query = query.outerjoin(Bid, Bid.id == Project.agreed_bid_id).outerjoin(bidder, bidder.id == Bid.lead_id)
    query = query.where(Project.subsidy_city.is_not(None), seen, *filters.conditions(caller.policy))
    if only is not None:
        query = query.where(Project.id.in_(only))
    return list(caller.session.execute(paged(query.order_by(place.desc()), place, before, most)))


def every_project(caller: Caller, seen: ColumnElement[bool], filters: Filters, page: int = 500) -> Iterator[Row[Any]]:
    """Yield all funded projects with their money, newest first, read in pages."""
    before = None
    while rows := projects(caller, seen, filters, before, page):
        yield from rows[:page]
        if len(rows) <= page:
            return
        before = rows[page - 1].id


@dataclass(frozen=True)
class Sums:
    """The sums planned and paid for some projects together, in yuan."""

    number: int
    subsidy_city: Decimal = ZERO
    total_investment: Decimal = ZERO
    subsidy_county: Decimal = ZERO
    issuer_paid: Decimal = ZERO
    city_paid: Decimal = ZERO
    county_paid: Decimal = ZERO
    due_back: Decimal = ZERO
    back: Decimal = ZERO


def sums(caller: Caller, seen: ColumnElement[bool], filters: Filters, region: str | None) -> Sums:
    """Return the number of these projects, and the sums of what `projects` says of them; ``region`` is the only one that is seen.

    Those of all projects, or of one region, are stored.
    """
    if filters == Filters(region=filters.region) and (not filters.region or region in (None, filters.region)):
        return _stored(caller.session, filters.region or region)
    amounts = [func.coalesce(func.sum(column), yuan(0)).label(column.key) for column in (Project.subsidy_city, *MONEY)]
    query: Statement = select(func.count(Project.id).label("number"), *amounts)
    query = query.where(Project.subsidy_city.is_not(None), seen, *filters.conditions(caller.policy))
    if filters.search:
        query = query.where(found_by(caller.session, filters.search, granted=True, region=filters.region))
    return Sums(**caller.session.execute(query).one()._mapping)


def _stored(session: Session, region: str | None) -> Sums:
    """Return the stored sums, of all regions or of one."""
    columns = EntryTotal.projects, EntryTotal.subsidy_city, EntryTotal.total_investment, EntryTotal.subsidy_county
    number, city, invested, county = _granted(session, region, *columns)
    total, _counties, _years = totals(session, region)
    paid = total.issuer_paid, total.city, total.county, total.due, total.recovered
    return Sums(int(number), city, invested, county, *paid)


def planned(caller: Caller, region: str | None) -> tuple[Decimal, Decimal, int]:
    """Return what city and county have planned for running and finished projects (yuan), and their number; of all or of one region."""
    columns = EntryTotal.subsidy_city, EntryTotal.subsidy_county, EntryTotal.projects
    city, county, number = _granted(caller.session, region, *columns, which=running(caller.policy, EntryTotal))
    return city, county, int(number)


def _granted(session: Session, region: str | None, *columns: Any, which: Any = None) -> list[Decimal]:
    """Return the stored sums of entries with a subsidy in these columns, of those that meet a condition where it is given."""
    query = select(*(func.sum(column) for column in columns)).where(EntryTotal.subsidised)
    query = query if which is None else query.where(which)
    query = query if region is None else query.where(EntryTotal.region == region)
    return [amount or ZERO for amount in session.execute(query).one()]
