"""Find what projects still wait for (``[[state.wait]]``): facts in SQL, asked of many projects by one statement."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from xtbang.enums import BUREAU_ROLES
from xtbang.models import BidMember, Extension, Finding, FundingDocument, Project, Signature, Voucher
from xtbang.models.base import Yuan
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement, contract_version, has, signed
from xtbang.queries.desk.money import unrestricted
from xtbang.queries.desk.own_share import own_share_open
from xtbang.queries.desk.payments import CONDITIONS, enough, is_next, paid_by_issuer, payment_approved, ready, waived
from xtbang.queries.desk.reading import waits_for_reader
from xtbang.queries.prepared import PROJECTS, bound, prepared_text
from xtbang.rules.edition import Instalment
from xtbang.rules.lives import State, Wait
from xtbang.rules.money import yuan
from xtbang.rules.policy import Policy

Fact = Callable[[Policy], ColumnElement[bool]]


def _unsigned(party: str) -> Fact:
    return lambda _policy: and_(contract_version().is_not(None), ~signed(Signature.party == party))


def _unsigned_office(role: str) -> Fact:
    """Return the fact that this office has not signed; it never holds in a city without such an office."""
    return lambda policy: _unsigned(role)(policy) if role in policy.city.roles else false()


def _unsigned_member(_policy: Policy) -> ColumnElement[bool]:
    party = "member:" + cast(BidMember.organisation_id, String)
    member = exists().where(BidMember.bid_id == Project.agreed_bid_id, ~signed(Signature.party == party))
    return and_(contract_version().is_not(None), member.correlate(Project))


def _doubtful(_policy: Policy) -> ColumnElement[bool]:
    return signed(Signature.doubt != "", Signature.looked_at_by_id.is_(None))


def _in_force_next(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that nothing is left before the contract is in force."""
    before = ("own_", "contract_", "unsigned_", "funding_", "restricted")
    left = [WAITS[name](policy) for name in WAITS if name.startswith(before)]
    return not_(or_(*left))


def _vouchers_short(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that the issuer has to hand in vouchers: those handed in do not reach its share."""
    amounts = select(func.coalesce(func.sum(Voucher.amount), yuan(0)))
    amounts = amounts.where(Voucher.project_id == Project.id, Voucher.status == "open").correlate(Project)
    given = type_coerce(paid_by_issuer(), BigInteger) + type_coerce(amounts.scalar_subquery(), BigInteger)
    some = has(Voucher, Voucher.status.in_(("open", "accepted")))
    short = {
        "voucher_present": ~some,
        "issuer_has_paid": and_(~enough(policy, type_coerce(given, Yuan())), ~waived(policy)),
    }
    return is_next(policy, lambda item: or_(false(), *(short[name] for name in item.needs if name in short)))


def _vouchers_unchecked(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that vouchers wait to be checked and the next instalment needs what the issuer has paid."""

    def waiting(item: Instalment) -> ColumnElement[bool]:
        needed = {"voucher_present", "issuer_has_paid"} & {*item.needs}
        return has(Voucher, Voucher.status == "open") if needed else false()

    return is_next(policy, waiting)


def _lacking(name: str) -> Fact:
    """Return the fact that the next instalment needs this condition and it does not hold."""

    def fact(policy: Policy) -> ColumnElement[bool]:
        def missing(item: Instalment) -> ColumnElement[bool]:
            return ~CONDITIONS[name](policy, item) if name in item.needs else false()

        return is_next(policy, missing)

    return fact


def _unjoined(party: str) -> Fact:
    """Return the fact that this party has not agreed to the other one's request for an extension."""

    def fact(_policy: Policy) -> ColumnElement[bool]:
        mine, theirs = aliased(Finding), aliased(Finding)
        subject = "extension:" + cast(Extension.id, String)
        given = exists().where(mine.project_id == Project.id, mine.number == subject, mine.role == party)
        other = exists().where(theirs.project_id == Project.id, theirs.number == subject, theirs.role != party)
        request = has(
            Extension,
            Extension.status == "open",
            ~given.correlate(Extension, Project),
            other.correlate(Extension, Project),
        )
        return request

    return fact


def office_wait(name: str, role: str) -> str:
    """Return the name of what one office is waited for."""
    return f"{name}_{role}"


OFFICE_WAITS = ("unsigned_office",)  # facts about each office that countersigns
WAITS: dict[str, Fact] = {  # name of a fact → its condition
    "reading_bidder": lambda _policy: waits_for_reader("issuer"),
    "reading_issuer": lambda _policy: waits_for_reader("bidder"),
    "own_share": lambda _policy: own_share_open(),
    "contract_missing": lambda _policy: and_(contract_version().is_(None), ~own_share_open()),
    "unsigned_issuer": _unsigned("issuer"),
    "unsigned_bidder": _unsigned("bidder"),
    "unsigned_member": _unsigned_member,
    **{office_wait("unsigned_office", role): _unsigned_office(role) for role in BUREAU_ROLES},
    "contract_doubtful": _doubtful,
    "funding_missing": lambda _policy: ~has(FundingDocument),
    "restricted": lambda _policy: not_(unrestricted()),
    "conclusion": _in_force_next,
    "vouchers_short": _vouchers_short,
    "vouchers_unchecked": _vouchers_unchecked,
    "county_earlier": _lacking("county_earlier_recorded"),
    "match_missing": _lacking("county_match_confirmed"),
    "reports_missing": _lacking("reports_handed_in"),
    "approval_missing": lambda policy: and_(ready(policy), unrestricted(), ~payment_approved(policy)),
    "payment_ready": lambda policy: and_(ready(policy), unrestricted(), payment_approved(policy)),
    "joining_issuer": _unjoined("issuer"),
    "joining_bidder": _unjoined("bidder"),
}


def waits_of(
    caller: Caller, project_ids: Collection[int], among: Collection[str] | None = None
) -> dict[int, tuple[Wait, ...]]:
    """Return what each project still waits for, in the order of the file; one statement, none without a wait.

    ``among`` are the states in which the projects are; None when they are not known.
    """
    policy = caller.policy
    states = [s for s in policy.states.values() if s.waits and (among is None or s.id in among)]
    if not project_ids or not states:
        return {}
    key = ("waits", *(state.id for state in states))
    query = prepared_text(caller, key, lambda: _waits_in(policy, states))
    return {
        row.id: tuple(wait for wait in policy.states[row.state].waits if row._mapping[wait.fact])
        for row in caller.session.execute(query, bound(caller, projects=[*project_ids]))
    }


def _waits_in(policy: Policy, states: Iterable[State]) -> Statement:
    states = list(states)
    names = dict.fromkeys(wait.fact for state in states for wait in state.waits)
    columns: list[Any] = [case((WAITS[name](policy), 1), else_=0).label(name) for name in names]
    query: Statement = select(Project.id, Project.state, *columns).where(Project.id.in_(PROJECTS))
    return query.where(Project.state.in_([state.id for state in states]))
