"""Tasks of 市财政局 and of the counties, and the conditions of a payment (第七条) in SQL."""

from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from xtbang.models import (
    Bid,
    BidMember,
    CountyMatch,
    Finding,
    FundingDocument,
    LedgerEntry,
    Project,
    Restriction,
    Termination,
    Voucher,
    Waiver,
)
from xtbang.models.base import Yuan
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement, entries, has, task
from xtbang.rules.money import format_wan, yuan

BUREAUS = ("science", "industry")
ISSUER_PAYMENT = "A7.issuer_payment"


def _city(row: Row[Any]) -> str:
    return f"市级补助共 {format_wan(row.subsidy_city)}。"


def _owed(row: Row[Any]) -> str:
    if row.owed:
        return f"尚未追回 {format_wan(row.owed)}。"
    return "等待县市区（园区）说明配套资金是否拨付。" if row.unheard else "已全部追回，可办结。"


def _match(_row: Row[Any]) -> str:
    return "市级拨付前须先确认同期配套。"


def _county(row: Row[Any]) -> str:
    return f"市级第 {row.instalment} 期已拨付，县市区（园区）同期配套尚未登记。"


# ---------------------------------------------------------------- 市财政局


@task()
def documents(caller: Caller, role: str) -> Statement:
    """Return the projects whose 立项及资金文件 is not registered."""
    return entries().where(~has(FundingDocument))


@task(note=_city)
def first(caller: Caller, role: str) -> Statement:
    """Return the projects whose first instalment can be paid."""
    return entries().where(ready_first(caller), unrestricted(caller))


@task(note=_city)
def final(caller: Caller, role: str) -> Statement:
    """Return the projects whose second instalment can be paid."""
    return entries().where(ready_final(), unrestricted(caller))


@task(note=_owed)
def recovery(caller: Caller, role: str) -> Statement:
    """Return the projects with money to be recovered."""
    owed = outstanding("city", "county").label("owed")
    unheard = and_(_county_paid_unknown(), Project.subsidy_county > yuan(0)).label("unheard")
    back = entries(owed, unheard, due=Termination.recover_by)
    return back.join(Termination, Termination.project_id == Project.id)


# ---------------------------------------------------------------- a county or park, for its own region


@task(note=_match)
def match(caller: Caller, role: str) -> Statement:
    """Return the projects of which the county has not confirmed the next instalment."""
    next_one = or_(
        and_(Project.first_paid_on.is_(None), ~matched(1)), and_(Project.first_paid_on.is_not(None), ~matched(2))
    )
    return entries().where(_in_region(caller), next_one)


@task(note=_county)
def county(caller: Caller, role: str) -> Statement:
    """Return the instalments that the county has to pay and register."""
    return county_owes().where(_in_region(caller))


def _in_region(caller: Caller) -> ColumnElement[bool]:
    return Project.region == caller.actor.region if caller.actor.region else false()


def county_owes() -> Statement:
    """Return the county's instalments that follow one of the city, a row each.

    Without those that the county has recorded or declared as unpaid.
    """
    query = entries(LedgerEntry.instalment.label("instalment"), Project.subsidy_county, since=LedgerEntry.recorded_at)
    query = query.join(LedgerEntry, LedgerEntry.project_id == Project.id)
    city = (LedgerEntry.kind == "instalment", LedgerEntry.source == "city")
    paid = select(LedgerEntry.instalment).where(
        LedgerEntry.project_id == Project.id, LedgerEntry.kind == "instalment", LedgerEntry.source == "county"
    )
    denied = exists().where(
        Finding.project_id == Project.id,
        Finding.kind == "county_unpaid",
        Finding.number == cast(LedgerEntry.instalment, String),
    )
    unpaid = and_(LedgerEntry.instalment.not_in(_alone(paid)), ~denied)
    return query.where(Project.subsidy_county > yuan(0), *city, unpaid)


def _county_paid_unknown() -> ColumnElement[bool]:
    """Return the condition that the county has neither recorded its first instalment nor declared it unpaid."""
    return and_(~instalment_paid("county", 1), ~has(Finding, Finding.kind == "county_unpaid"))


def _alone(query: Statement) -> Statement:
    """Return the query correlated only to the project, so that it has its own rows of the ledger."""
    return query.correlate(Project)


def ready_first(caller: Caller) -> ColumnElement[bool]:
    """Return the condition that the first instalment can be paid (第七条).

    The issuer has paid enough or it was waived, a voucher was accepted, the county has confirmed its first instalment.
    """
    return and_(or_(paid_enough(caller), waived()), has(Voucher, Voucher.status == "accepted"), matched(1))


def waived() -> ColumnElement[bool]:
    """Return the condition that both bureaus have waived the issuer's payment (原则上).

    The sentence of the waiver is not compared: it does not change while the bid is agreed.
    """
    given = (Waiver.rule == ISSUER_PAYMENT, Waiver.voided_at.is_(None))
    return and_(*(has(Waiver, *given, Waiver.role == role) for role in BUREAUS))


def ready_final() -> ColumnElement[bool]:
    """Return the condition that the county's first instalment is recorded and its second confirmed (第七条)."""
    return and_(instalment_paid("county", 1), matched(2))


def paid_enough(caller: Caller) -> ColumnElement[bool]:
    """Return the condition that the issuer's payments reach the edition's share of the total, exact to the 分."""
    shares = {
        edition.key: Fraction(edition.issuer_payment_ratio.value).as_integer_ratio()
        for edition in caller.policy.editions.values()
    }
    over = {edition: part for edition, (part, _whole) in shares.items()}
    under = {edition: whole for edition, (_part, whole) in shares.items()}
    paid = type_coerce(paid_by_issuer(caller.today), BigInteger) * case(under, value=Project.edition, else_=1)
    return paid >= type_coerce(Project.total_investment, BigInteger) * case(over, value=Project.edition, else_=1)


def paid_by_issuer(before: date) -> Any:
    """Return the checked payments of the issuer to the bidder before that day, in yuan."""
    return total_of(LedgerEntry.kind == "issuer_payment", LedgerEntry.dated < before)


def instalment_paid(source: str, number: int) -> ColumnElement[bool]:
    """Return the condition that the ledger has that instalment of the city or county."""
    same = (LedgerEntry.kind == "instalment", LedgerEntry.source == source, LedgerEntry.instalment == number)
    return has(LedgerEntry, *same)


def matched(number: int) -> ColumnElement[bool]:
    """Return the condition that the county or park has confirmed that instalment, or owes none."""
    return or_(has(CountyMatch, CountyMatch.instalment == number), Project.subsidy_county == yuan(0))


def outstanding(*sources: str) -> Any:
    """Return what is still to be recovered for these sources, in yuan."""
    due = total_of(LedgerEntry.kind == "recovery_due", LedgerEntry.source.in_(sources))
    back = total_of(LedgerEntry.kind == "recovered", LedgerEntry.source.in_(sources))
    return type_coerce(due - back, Yuan())


def unrestricted(caller: Caller) -> ColumnElement[bool]:
    """Return the condition that no restriction is in force on issuer, bidder or a member (第十三条)."""
    lead = select(Bid.lead_id).where(Bid.id == Project.agreed_bid_id).correlate(Project)
    members = select(BidMember.organisation_id).where(BidMember.bid_id == Project.agreed_bid_id).correlate(Project)
    party = or_(
        Restriction.organisation_id == Project.issuer_id,
        Restriction.organisation_id.in_(lead),
        Restriction.organisation_id.in_(members),
    )
    in_force = and_(
        Restriction.starts_on <= caller.today,
        Restriction.ends_on >= caller.today,
        or_(Restriction.lifted_at.is_(None), Restriction.lifted_at > caller.now),
    )
    return ~exists().where(party, in_force).correlate(Project)


def total_of(*conditions: ColumnElement[bool]) -> Any:
    """Return the sum of such lines of the project's ledger, in yuan."""
    total = func.coalesce(func.sum(LedgerEntry.amount), yuan(0))
    query = select(total).where(LedgerEntry.project_id == Project.id, *conditions)
    return query.correlate(Project).scalar_subquery()
