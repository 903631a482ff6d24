"""Money (资金): what is to be paid and what blocks it, what was paid per project, what has to be recovered."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, extract, func, or_, select
from sqlalchemy.orm import Session, aliased

from xtbang.models import Bid, LedgerEntry, Organisation, Project, Termination, Voucher
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, has, issuer
from xtbang.queries.desk.money import (
    instalment_paid,
    matched,
    outstanding,
    paid_by_issuer,
    ready_final,
    ready_first,
    total_of,
    unrestricted,
    waived,
)
from xtbang.rules.edition import Edition
from xtbang.rules.payment import county_not_matched, county_not_paid, no_voucher
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import check_issuer_payment, instalments

QUEUE = {"first_payment": 1, "final_payment": 2}
bidder = aliased(Organisation, name="bidder")
MONEY = (
    Project.total_investment,
    Project.subsidy_county,
    total_of(LedgerEntry.kind == "issuer_payment").label("issuer_paid"),
    *(
        total_of(
            LedgerEntry.kind == "instalment", LedgerEntry.source == source, LedgerEntry.instalment == number
        ).label(f"{source}{number}")
        for source in ("city", "county")
        for number in (1, 2)
    ),
    total_of(LedgerEntry.kind == "recovery_due").label("due_back"),
    total_of(LedgerEntry.kind == "recovered").label("back"),
)


@dataclass(frozen=True)
class Filters:
    """The projects whose money is shown; an empty filter matches everything."""

    region: str = ""
    year: int | None = None  # with a line of the ledger in that year
    search: str = ""

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the filters as conditions on ``Project``."""
        if self.region:
            yield Project.region == self.region
        if self.year is not None:
            yield has(LedgerEntry, extract("year", LedgerEntry.dated) == self.year)
        if self.search:
            contains = [column.contains(self.search, autoescape=True) for column in (Project.number, Project.title)]
            yield or_(*contains, issuer.name.contains(self.search, autoescape=True))


@dataclass(frozen=True)
class Payment:
    """An instalment that the city has to pay."""

    row: Row[Any]
    number: int  # 1 or 2
    amount: Decimal  # yuan
    ready: bool


def queue(caller: Caller, seen: ColumnElement[bool], most: int = 100) -> list[Payment]:
    """Return the instalments to be paid: those whose conditions are met first, then the longest waiting."""
    ready = or_(
        and_(Project.state == "first_payment", ready_first(caller)),
        and_(Project.state == "final_payment", ready_final()),
    )
    ready = and_(ready, unrestricted(caller))
    facts = (
        Project.edition,
        Project.total_investment,
        Project.subsidy_county,
        paid_by_issuer(caller.today).label("paid"),
        waived().label("waived"),
        has(Voucher, Voucher.status == "accepted").label("proved"),
        has(Voucher, Voucher.status == "open").label("unchecked"),
        matched(1).label("matched1"),
        matched(2).label("matched2"),
        instalment_paid("county", 1).label("county1"),
        unrestricted(caller).label("free"),
        ready.label("ready"),
    )
    query: Statement = select(*ENTRY, *facts).join(issuer, issuer.id == Project.issuer_id)
    query = query.where(Project.state.in_(QUEUE), seen).order_by(ready.desc(), Project.state_since, Project.id)
    rows = caller.session.execute(query.limit(most))
    return [_payment(row, caller.policy.edition(row.edition)) for row in rows]


def _payment(row: Row[Any], edition: Edition) -> Payment:
    number = QUEUE[row.state]
    return Payment(row, number, instalments(edition, row.subsidy_city)[number - 1], bool(row.ready))


def reasons(payment: Payment, edition: Edition) -> list[Reason]:
    """Return every reason that blocks the payment now, in the words of the guards; empty when it is ready."""
    row, number = payment.row, payment.number
    found = []
    if number == 1:
        if not row.waived and row.total_investment is not None:
            found += check_issuer_payment(edition, row.total_investment, row.paid)
        if not row.proved:
            found.append(no_voucher())
    county = instalments(edition, row.subsidy_county or Decimal(0))
    if number == 2 and county[0] and not row.county1:
        found.append(county_not_paid(row.region, county[0]))
    if not (row.matched1 if number == 1 else row.matched2):
        found.append(county_not_matched(edition, row.region, number, county[number - 1]))
    if not row.free:
        text = "发榜方、揭榜方或联合体成员在限制期内，暂停拨付。"
        found.append(Reason("A13", text, "《办法》第十三条"))
    return found


def recoveries(session: Session, seen: ColumnElement[bool], most: int = 100) -> list[Row[Any]]:
    """Return the projects with money to be recovered, by due date."""
    due = {source: _recovery("recovery_due", source).label(f"{source}_due") for source in ("city", "county")}
    left = {source: outstanding(source).label(f"{source}_left") for source in ("city", "county")}
    query: Statement = select(
        *ENTRY, Termination.recover_by.label("due"), Termination.cause, *due.values(), *left.values()
    )
    query = query.join(issuer, issuer.id == Project.issuer_id).join(Termination, Termination.project_id == Project.id)
    query = query.where(Project.state == "termination", seen)
    return list(session.execute(query.order_by(Termination.recover_by, Project.id).limit(most)))


def _recovery(kind: str, source: str) -> Any:
    return total_of(LedgerEntry.kind == kind, LedgerEntry.source == source)


def projects(
    session: Session, seen: ColumnElement[bool], filters: Filters, before: int | None = None, most: int = 20
) -> list[Row[Any]]:
    """Return funded projects with their money, newest first; ``most + 1`` rows when there are more."""
    query: Statement = select(*ENTRY, *MONEY, bidder.name.label("bidder"))
    query = query.join(issuer, issuer.id == Project.issuer_id)
    query = query.outerjoin(Bid, Bid.id == Project.agreed_bid_id).outerjoin(bidder, bidder.id == Bid.lead_id)
    query = query.where(Project.subsidy_city.is_not(None), seen, *filters.conditions())
    if before is not None:
        query = query.where(Project.id < before)
    return list(session.execute(query.order_by(Project.id.desc()).limit(most + 1)))


def every_project(session: Session, seen: ColumnElement[bool], filters: Filters, page: int = 500) -> Iterator[Row[Any]]:
    """Yield all funded projects with their money, newest first, read in pages."""
    before = None
    while rows := projects(session, seen, filters, before, page):
        yield from rows[:page]
        if len(rows) <= page:
            return
        before = rows[page - 1].id


def planned(caller: Caller, seen: ColumnElement[bool]) -> tuple[Decimal, Decimal, int]:
    """Return what city and county have planned for running and finished projects (yuan), and the number of projects."""
    paid_out = and_(Project.state == "closed", Project.subsidy_city.is_not(None))
    running = or_(Project.state.in_(caller.policy.funded), paid_out)
    query = select(func.sum(Project.subsidy_city), func.sum(Project.subsidy_county), func.count()).where(running, seen)
    city, county, number = caller.session.execute(query).one()
    return city or Decimal(0), county or Decimal(0), number
