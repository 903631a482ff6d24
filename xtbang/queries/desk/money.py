"""Tasks of the finance office and of the counties, and what they share in SQL."""

from typing import Any

from sqlalchemy import ColumnElement, Row, String, and_, cast, exists, literal, or_, type_coerce
from sqlalchemy.orm import aliased

from xtbang.models import (
    Bid,
    BidMember,
    Change,
    CountyMatch,
    Finding,
    FundingDocument,
    LedgerEntry,
    PaymentApproval,
    Project,
    Restriction,
    Termination,
)
from xtbang.models.base import Yuan
from xtbang.queries.desk.groups import (
    EACH,
    OPEN,
    Statement,
    has,
    in_order_of,
    of_rows,
    signature_open,
    task,
    waiting_entries,
)
from xtbang.queries.desk.payments import (
    is_next,
    last_to_lower,
    matched,
    next_number,
    outstanding,
    payment_approved,
    ready,
    total_of,
)
from xtbang.queries.ledger import stands
from xtbang.queries.prepared import ME, NOW, REGION, TODAY
from xtbang.rules.money import format_wan, yuan
from xtbang.rules.policy import Policy


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


# ---------------------------------------------------------------- finance 财政


@task()
def documents(policy: Policy, role: str) -> Statement:
    """Return the projects whose 立项及资金文件 is not registered."""
    return waiting_entries().where(~has(FundingDocument))


@task(note=_city, begins=EACH)
def approve(policy: Policy, role: str) -> Statement:
    """Return the projects of which an instalment can be paid once the offices and the treasury have signed its order."""
    missing = ready(policy), unrestricted(), ~payment_approved(policy), ~signature_open()
    return waiting_entries().where(*missing)


def _payable(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that the caller can pay the next instalment: approved, and for the treasury by another person."""
    mine = has(
        PaymentApproval,
        PaymentApproval.instalment == next_number(policy),
        PaymentApproval.voided_at.is_(None),
        PaymentApproval.finance_id == ME,
    )
    return and_(payment_approved(policy), ~mine, ready(policy), unrestricted())  # few are approved: that is asked first


@task(note=_city)
def first(policy: Policy, role: str) -> Statement:
    """Return the projects of which an instalment after the contract can be paid."""
    return waiting_entries().where(_payable(policy))


@task(note=_city)
def midterm_pay(policy: Policy, role: str) -> Statement:
    """Return the projects of which an instalment after the midterm check can be paid."""
    return waiting_entries().where(_payable(policy))


@task(note=_city)
def final(policy: Policy, role: str) -> Statement:
    """Return the projects of which an instalment after the acceptance can be paid."""
    return waiting_entries().where(_payable(policy))


@task(note=_owed)
def recovery(policy: Policy, role: str) -> Statement:
    """Return the projects with money to be recovered."""
    owed = outstanding("city", "county").label("owed")
    unheard = _county_paid_unknown().label("unheard")
    back = waiting_entries(owed, unheard, due=Termination.recover_by)
    back = in_order_of(back, Project.state_since)  # which is the order of their days, too
    return back.join(Termination, and_(Termination.project_id == Project.id, Termination.revoked_at.is_(None)))


@task(note=_owed, begins=OPEN)
def overpaid(policy: Policy, role: str) -> Statement:
    """Return the projects with money to come back after a change that has lowered the subsidy."""
    owed = outstanding("city", "county")
    back = waiting_entries(owed.label("owed"), literal(False).label("unheard"), due=Change.recover_by)
    return back.join(Change, last_to_lower()).where(owed > yuan(0))


@task(begins=OPEN)
def surplus(policy: Policy, role: str) -> Statement:
    """Return the projects of which more money came back than was claimed and that is not paid back."""
    held = total_of(LedgerEntry.kind == "surplus") - total_of(LedgerEntry.kind == "surplus_returned")
    some = of_rows(LedgerEntry, LedgerEntry.kind == "surplus")
    return waiting_entries().where(some, type_coerce(held, Yuan()) > yuan(0))


# ---------------------------------------------------------------- a county or park, for its own region


@task(note=_match)
def match(policy: Policy, role: str) -> Statement:
    """Return the projects of which the county has not confirmed the next instalment."""
    return waiting_entries().where(Project.region == REGION, is_next(policy, lambda item: ~matched(item.number)))


@task(note=_county)
def county(policy: Policy, role: str) -> Statement:
    """Return the instalments that the county has to pay and register."""
    return county_owes().where(Project.region == REGION)


def county_owes() -> Statement:
    """Return the county's instalments that follow one of the city, a row each.

    Without those that the county has recorded or declared as unpaid.
    """
    query = waiting_entries(
        LedgerEntry.instalment.label("instalment"), Project.subsidy_county, since=LedgerEntry.recorded_at
    )
    query = query.join(LedgerEntry, LedgerEntry.project_id == Project.id)
    city = (LedgerEntry.kind == "instalment", LedgerEntry.source == "city", stands())
    return query.where(Project.subsidy_county > yuan(0), *city, _unanswered(LedgerEntry))


def _county_paid_unknown() -> ColumnElement[bool]:
    """Return the condition that the county has neither recorded nor denied an instalment that it may have paid.

    These are the ones that the city has paid, and later ones that the county has confirmed.
    """
    city = (LedgerEntry.kind == "instalment", LedgerEntry.source == "city", stands(), _unanswered(LedgerEntry))
    confirmed = has(CountyMatch, CountyMatch.instalment > 1, CountyMatch.voided_at.is_(None), _unanswered(CountyMatch))
    return and_(or_(has(LedgerEntry, *city), confirmed), Project.subsidy_county > yuan(0))


def _unanswered(line: Any) -> ColumnElement[bool]:
    """Return the condition that the county has neither recorded nor denied its part of the instalment of a row."""
    own = aliased(LedgerEntry)
    same = (own.project_id == line.project_id, own.instalment == line.instalment)
    paid = exists().where(*same, own.kind == "instalment", own.source == "county", stands(own))
    denied = exists().where(
        Finding.project_id == line.project_id,
        Finding.kind == "county_unpaid",
        Finding.voided_at.is_(None),
        Finding.number == cast(line.instalment, String),
    )
    return and_(~paid.correlate(line), ~denied.correlate(line))


def unrestricted() -> ColumnElement[bool]:
    """Return the condition that no restriction is in force on issuer, bidder or a member."""
    in_force = (
        Restriction.starts_on <= TODAY,
        Restriction.ends_on >= TODAY,
        or_(Restriction.lifted_at.is_(None), Restriction.lifted_at > NOW),
    )
    parties = (  # one by one: each is looked up by its organisation
        (Restriction.organisation_id == Project.issuer_id,),
        (Bid.id == Project.agreed_bid_id, Restriction.organisation_id == Bid.lead_id),
        (BidMember.bid_id == Project.agreed_bid_id, Restriction.organisation_id == BidMember.organisation_id),
    )
    return and_(*(~exists().where(*party, *in_force).correlate(Project) for party in parties))
