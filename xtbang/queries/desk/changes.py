"""Tasks of changes of a contract (变更), to be agreed to, decided, signed, brought into force; of write-offs (核销)."""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select

from xtbang.models import Change, ChangeMember, Project, RepaymentPlan, Ruling, Signature, WriteOff
from xtbang.queries.desk.groups import OPEN, OWN, Statement, led_by, member_is, signature_open, task, waiting_entries
from xtbang.queries.prepared import MEMBER, MINE, QUOTED_MEMBER
from xtbang.rules.policy import Policy


def _of(status: str) -> Statement:
    query = waiting_entries(since=func.coalesce(Change.asked_at, Change.opened_at))
    return query.join(Change, Change.project_id == Project.id).where(Change.status == status)


def _names(column: Any, party: str) -> ColumnElement[bool]:
    """Return the condition that a column of parties has that one; a colon ends no name, a quote does."""
    return cast(column, String).contains(f'"{party}"', autoescape=True)


def _names_member(column: Any) -> ColumnElement[bool]:
    """Return the condition that a column of parties has the reader's organisation as a member of the consortium."""
    return cast(column, String).contains(QUOTED_MEMBER)


def _joins(organisation_id: Any) -> ColumnElement[bool]:
    row = exists().where(ChangeMember.change_id == Change.id, ChangeMember.organisation_id == organisation_id)
    return row.where(ChangeMember.joins).correlate(Change)


def _leaves(organisation_id: Any) -> ColumnElement[bool]:
    row = exists().where(ChangeMember.change_id == Change.id, ChangeMember.organisation_id == organisation_id)
    return row.where(~ChangeMember.joins).correlate(Change)


def _signature(party: Any) -> ColumnElement[bool]:
    row = exists().where(Signature.version_id == Change.version_id, Signature.party == party)
    return row.correlate(Change)


@task(begins=OWN)
def change_agree(policy: Policy, role: str) -> Statement:
    """Return the changes that wait for the consent of this organisation."""
    member = or_(and_(member_is(MINE), ~_leaves(MINE)), _joins(MINE))
    cases = (
        (Project.issuer_id == MINE, _names(Change.agreed, "issuer")),
        (led_by(MINE), _names(Change.agreed, "bidder")),
        (member, _names_member(Change.agreed)),
    )
    return _of("asked").where(or_(*(and_(mine_here, ~agreed) for mine_here, agreed in cases)))


@task(begins=OWN)
def change_sign(policy: Policy, role: str) -> Statement:
    """Return the supplements that this organisation has not signed."""
    cases = (
        (Project.issuer_id == MINE, "issuer"),
        (led_by(MINE), "bidder"),
        (_names_member(Change.signers), MEMBER),
    )
    return _of("signing").where(or_(*(and_(mine_here, ~_signature(party)) for mine_here, party in cases)))


@task(begins=OPEN)
def change_decide(policy: Policy, role: str) -> Statement:
    """Return the changes to which all parties have agreed and on which no office has signed."""
    return _of("deciding").where(~signature_open())


@task(begins=OPEN)
def change_sign_office(policy: Policy, role: str) -> Statement:
    """Return the supplements that this office has not signed."""
    return _of("signing").where(_names(Change.signers, role), ~_signature(role))


@task(begins=OPEN)
def change_conclude(policy: Policy, role: str) -> Statement:
    """Return the supplements that everybody has signed, every scan in order."""
    under = select(func.count(Signature.id)).where(Signature.version_id == Change.version_id).correlate(Change)
    doubtful = exists().where(
        Signature.version_id == Change.version_id, Signature.doubt != "", Signature.looked_at_by_id.is_(None)
    )
    return _of("signing").where(under.scalar_subquery() >= Change.signatures, ~doubtful.correlate(Change))


@task(begins=OPEN)
def write_offs(policy: Policy, role: str) -> Statement:
    """Return the write-offs that the finance office has asked for and on which no office has signed."""
    query = waiting_entries(since=WriteOff.proposed_at).join(WriteOff, WriteOff.project_id == Project.id)
    return query.where(WriteOff.status == "open", ~signature_open())


@task(begins=OPEN)
def plans(policy: Policy, role: str) -> Statement:
    """Return the repayment plans that the finance office has asked for and on which no office has signed."""
    query = waiting_entries(since=RepaymentPlan.proposed_at).join(RepaymentPlan, RepaymentPlan.project_id == Project.id)
    return query.where(RepaymentPlan.status == "open", ~signature_open())


@task()
def rulings(policy: Policy, role: str) -> Statement:
    """Return the rulings of reviews and courts that are to be executed and on which no office has signed."""
    query = waiting_entries(since=Ruling.recorded_at).join(Ruling, Ruling.project_id == Project.id)
    return query.where(Ruling.executed_at.is_(None), ~signature_open())
