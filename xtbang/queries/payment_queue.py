"""The queue of the finance office: the instalments to be paid next, and what blocks each of them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, Select, and_, func, literal, literal_column, select, union_all

from xtbang.models import Project, Report, Voucher
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, has, issuer
from xtbang.queries.desk.money import unrestricted
from xtbang.queries.desk.payments import (
    matched,
    next_number,
    paid_by_issuer,
    payment_approved,
    ready,
    waived,
)
from xtbang.queries.finance import most_instalments, paid_columns
from xtbang.queries.prepared import MOST, TODAY, bound, prepared_text
from xtbang.rules.dates import day_of
from xtbang.rules.edition import ISSUER_PAYS_FIRST, Edition, Instalment
from xtbang.rules.payment import county_not_matched, county_not_paid, late_reports, no_voucher, not_approved
from xtbang.rules.policy import Policy
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import check_issuer_payment, instalments_after

LISTED = 500  # payments of one page: as many as can be done at once


@dataclass(frozen=True)
class Payment:
    """An instalment that the city has to pay."""

    row: Row[Any]
    instalment: Instalment
    amount: Decimal  # yuan
    ready: bool  # to be paid now

    def waited(self, today: date) -> int:
        """Return how many days the project has been in the state in which it is paid."""
        return (today - day_of(self.row.state_since)).days

    @property
    def unchecked(self) -> bool:
        """Return whether vouchers wait to be checked on which this payment depends."""
        return bool(self.row.unchecked) and self._waits_for_issuer

    @property
    def waived(self) -> bool:
        """Return whether this payment does not have to wait for the issuer's own."""
        return bool(self.row.waived) and self._waits_for_issuer

    @property
    def _waits_for_issuer(self) -> bool:
        return ISSUER_PAYS_FIRST in self.instalment.needs


def queue(caller: Caller, seen: ColumnElement[bool], most: int = LISTED, only: Collection[int] = ()) -> list[Payment]:
    """Return the instalments to be paid: those whose conditions are met first, then the longest waiting; ``only`` of these projects."""
    query: Executable
    if only:
        query = _payments(caller.policy, and_(seen, Project.id.in_(only)))
    else:
        query = prepared_text(caller, ("payments", seen), lambda: _payments(caller.policy, seen))
    rows = caller.session.connection().execute(query, bound(caller, most=most))
    return [_payment(row, caller.policy.edition(row.edition)) for row in rows]


def _payments(policy: Policy, seen: ColumnElement[bool]) -> Statement:
    met, signed = and_(ready(policy), unrestricted()), payment_approved(policy)
    payable, number = and_(signed, met), next_number(policy)  # few are signed: that is asked first
    numbers = range(1, most_instalments(policy) + 1)
    late = select(func.count(Report.id)).where(
        Report.project_id == Project.id, Report.due_on <= TODAY, Report.submitted_at.is_(None)
    )
    facts = (
        Project.total_investment,
        Project.subsidy_county,
        paid_by_issuer().label("paid"),
        waived(policy).label("waived"),
        has(Voucher, Voucher.status == "accepted").label("proved"),
        has(Voucher, Voucher.status == "open").label("unchecked"),
        *(matched(one).label(f"matched{one}") for one in numbers),
        *paid_columns(policy),
        late.correlate(Project).scalar_subquery().label("late"),
        unrestricted().label("free"),
        signed.label("approved"),
        met.label("met"),
        number.label("instalment"),
    )
    first = _first(policy, payable, and_(number.is_not(None), seen)).subquery()
    query: Statement = select(*ENTRY, *facts, first.c.now.label("ready")).join(issuer, issuer.id == Project.issuer_id)
    return query.join(first, first.c.id == Project.id).order_by(*_order(first.c))


def _first(policy: Policy, payable: ColumnElement[bool], seen: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the payments that come first, of which alone the facts are asked; ``now`` where they can be paid.

    What can be paid is found among the few that are approved; the others of each state are read in their order until enough are found.
    """
    paying, since = [state.id for state in policy.states.values() if state.pays], (Project.state_since, Project.id)
    parts: list[tuple[int, tuple[Any, ...]]] = [(1, (Project.state.in_(paying), payable))]
    parts += [(0, (Project.state == state, payable.is_not(literal_column("TRUE")))) for state in paying]
    each = union_all(
        *(
            select(
                select(*since, literal(place).label("now")).where(*which, seen).order_by(*since).limit(MOST).subquery()
            )
            for place, which in parts
        )
    ).subquery()
    return select(each).order_by(*_order(each.c)).limit(MOST)


def _order(rows: Any) -> tuple[Any, ...]:
    return rows.now.desc(), rows.state_since, rows.id


def _payment(row: Row[Any], edition: Edition) -> Payment:
    place = row.instalment - 1
    due = instalments_after(edition, row.subsidy_city, _paid(row, edition, "city"))[place]
    return Payment(row, edition.instalments[place], due, bool(row.ready))


def _paid(row: Row[Any], edition: Edition, source: str) -> dict[int, Decimal]:
    """Return what the treasury has paid of each instalment, in yuan."""
    amounts = {item.number: getattr(row, f"{source}{item.number}") for item in edition.instalments}
    return {number: amount for number, amount in amounts.items() if amount}


def reasons(payment: Payment, edition: Edition) -> list[Reason]:
    """Return every reason that blocks the payment now, in the words of the guards; empty when it is ready."""
    found = [reason for name in payment.instalment.needs for reason in AGAINST[name](payment, edition)]
    if not payment.row.approved:
        found.append(not_approved(edition, payment.instalment))
    if not payment.row.free:
        text = "发榜方、揭榜方或联合体成员在限制期内，暂停拨付。"
        found.append(Reason("A13", text, edition.cite("integrity")))
    return found


def _issuer(payment: Payment, edition: Edition) -> Iterable[Reason]:
    row = payment.row
    if not row.waived and row.total_investment is not None:
        yield from check_issuer_payment(edition, row.total_investment, row.paid)


def _voucher(payment: Payment, edition: Edition) -> Iterable[Reason]:
    if not payment.row.proved:
        yield no_voucher(edition)


def _match(payment: Payment, edition: Edition) -> Iterable[Reason]:
    row, item = payment.row, payment.instalment
    if not getattr(row, f"matched{item.number}"):
        yield county_not_matched(edition, row.region, item, _county(payment, edition)[item.number - 1])


def _earlier(payment: Payment, edition: Edition) -> Iterable[Reason]:
    amounts = zip(edition.instalments, _county(payment, edition), strict=True)
    for item, due in amounts:
        if item.number < payment.instalment.number and due and not getattr(payment.row, f"county{item.number}"):
            yield county_not_paid(edition, payment.row.region, item, due)


def _reports(payment: Payment, edition: Edition) -> Iterable[Reason]:
    if payment.row.late:
        yield late_reports(edition, payment.row.late)


def _county(payment: Payment, edition: Edition) -> tuple[Decimal, ...]:
    whole, paid = payment.row.subsidy_county or Decimal(0), _paid(payment.row, edition, "county")
    return instalments_after(edition, whole, paid)


# the reasons for each of queries/desk/payments.py::CONDITIONS
AGAINST: Mapping[str, Callable[[Payment, Edition], Iterable[Reason]]] = {
    ISSUER_PAYS_FIRST: _issuer,
    "voucher_present": _voucher,
    "county_match_confirmed": _match,
    "county_earlier_recorded": _earlier,
    "reports_handed_in": _reports,
}
