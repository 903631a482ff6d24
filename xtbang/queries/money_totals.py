"""The queries of the stored sums (资金合计): of everything, or of some projects; see ``actions/money_totals.py``."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Integer, Select, case, cast, exists, extract, func, select

from xtbang.models import (
    Bid,
    DealTotal,
    EntryTotal,
    ExpectedPayment,
    Finding,
    FundingDocument,
    LedgerEntry,
    LedgerTotal,
    Organisation,
    PaymentApproval,
    PlanTotal,
    Project,
)
from xtbang.queries.ledger import stands
from xtbang.rules.money import yuan

Statement = Select[*tuple[Any, ...]]
CITY_PAID = LedgerEntry.kind == "instalment", LedgerEntry.source == "city"
GRANTED = Project.total_investment, Project.subsidy_city, Project.subsidy_county


def of_ledger(*which: Any) -> Statement:
    """Return the rows of `LedgerTotal` that the projects which meet the conditions add up to."""
    by = Project.region, _year(LedgerEntry.dated), LedgerEntry.kind, LedgerEntry.source, Project.call_id
    query = select(*_named(LedgerTotal, *by, func.count(), func.sum(LedgerEntry.net)))
    return query.join(Project, Project.id == LedgerEntry.project_id).where(*which).group_by(*by)


def of_deals(*which: Any) -> Statement:
    """Return the rows of `DealTotal` that the projects which meet the conditions add up to."""
    by = Project.region, _year(Finding.dated), Project.call_id, Project.subsidy_city.is_not(None)
    turnover = func.sum(func.coalesce(Project.contract_amount, yuan(0)))
    query = select(*_named(DealTotal, *by, func.count(), turnover)).select_from(Finding)
    counts = Finding.kind == "deal", Finding.voided_at.is_(None), Project.number.is_not(None)
    return query.join(Project, Project.id == Finding.project_id).where(*counts, *which).group_by(*by)


def of_entries(*which: Any) -> Statement:
    """Return the rows of `EntryTotal` that the projects which meet the conditions add up to."""
    line = LedgerEntry.project_id == Project.id
    bidder = select(Organisation.kind).join(Bid, Bid.lead_id == Organisation.id).where(Bid.id == Project.agreed_bid_id)
    each = select(
        *(Project.region, Project.state, Project.call_id, Project.domain, Project.kind),
        func.coalesce(bidder.correlate(Project).scalar_subquery(), "").label("bidder"),
        Project.subsidy_city.is_not(None).label("subsidised"),
        exists().where(FundingDocument.project_id == Project.id).correlate(Project).label("documented"),
        *(func.coalesce(column, yuan(0)).label(column.key) for column in GRANTED),
        _sum(LedgerEntry.net, line, *CITY_PAID).label("paid"),
        approved_of_project().label("approved"),
    )
    one = each.where(Project.number.is_not(None), *which).subquery().c
    by = [one[column.name] for column in EntryTotal.__table__.primary_key]
    most = case((one.subsidy_city >= one.paid, one.subsidy_city), else_=one.paid)
    sums = one.total_investment, one.subsidy_city, one.subsidy_county, one.paid, most, one.approved
    return select(*_named(EntryTotal, *by, func.count(), *map(func.sum, sums))).group_by(*by)


def of_plan(*which: Any) -> Statement:
    """Return the rows of `PlanTotal` that the projects which meet the conditions add up to."""
    by = ExpectedPayment.region, ExpectedPayment.month
    sums = func.sum(ExpectedPayment.city), func.sum(ExpectedPayment.county)
    query = select(*_named(PlanTotal, *by, func.count(), *sums)).select_from(ExpectedPayment)
    return query.join(Project, Project.id == ExpectedPayment.project_id).where(*which).group_by(*by)


def approved_of_project() -> Any:
    """Return the payments of a project that are approved and not made yet, in yuan."""
    same = LedgerEntry.project_id == Project.id, LedgerEntry.instalment == PaymentApproval.instalment
    made = exists().where(*same, *CITY_PAID, stands()).correlate(PaymentApproval, Project)
    waits = PaymentApproval.project_id == Project.id, PaymentApproval.voided_at.is_(None)
    return _sum(PaymentApproval.amount, *waits, ~made)


EVERYTHING: Mapping[Any, Callable[..., Statement]] = {
    LedgerTotal: of_ledger,
    EntryTotal: of_entries,
    DealTotal: of_deals,
    PlanTotal: of_plan,
}


def _named(total: Any, *columns: Any) -> list[Any]:
    """Return the columns under the names of those of the stored sums."""
    return [column.label(name) for name, column in zip(total.__table__.columns.keys(), columns, strict=True)]


def _year(day: Any) -> Any:
    return cast(extract("year", day), Integer)


def _sum(amount: Any, *conditions: Any) -> Any:
    total = select(func.coalesce(func.sum(amount), yuan(0))).where(*conditions)
    return total.correlate(Project).scalar_subquery()
