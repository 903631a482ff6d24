"""Budgets of calls (批次预算) in sums: planned, proposed, fixed, paid and left. They are never stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, extract, func, or_, select
from sqlalchemy.orm import Session, joinedload

from xtbang.models import BudgetLine, Call, FundingDocument, LedgerEntry, PaymentApproval, Project
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.desk.payments import total_of
from xtbang.queries.ledger import stands
from xtbang.queries.shown import shown
from xtbang.queries.shown.money import BudgetLineShown, budget_line_shown
from xtbang.queries.shown.notices import CallShown
from xtbang.rules.budget import by_year
from xtbang.rules.money import yuan
from xtbang.rules.policy import Policy

ZERO = Decimal(0)
PAID_OUT = "closed"  # the state of a project whose subsidy was paid as a whole
CITY_PAID = LedgerEntry.kind == "instalment", LedgerEntry.source == "city"


@dataclass(frozen=True)
class BudgetSums:
    """The budget of one call, in yuan."""

    years: Mapping[int, Decimal] = field(default_factory=dict)  # what may be paid in each year
    paid_in: Mapping[int, Decimal] = field(default_factory=dict)  # what the ledger says was paid in each year
    proposed: Decimal = ZERO  # 拟立项, the funding document not recorded yet
    fixed: Decimal = ZERO  # by the funding document; of an ended project what was paid
    approved: Decimal = ZERO  # payments that are approved and not made yet

    @property
    def planned(self) -> Decimal:
        """Return the budget in all."""
        return sum(self.years.values(), ZERO)

    @property
    def committed(self) -> Decimal:
        """Return what is promised: proposed and fixed."""
        return self.proposed + self.fixed

    @property
    def left(self) -> Decimal:
        """Return what can still be proposed; below 0 where more is promised than planned."""
        return self.planned - self.committed

    @property
    def paid(self) -> Decimal:
        """Return what was paid in all years."""
        return sum(self.paid_in.values(), ZERO)

    @property
    def unpaid(self) -> Decimal:
        """Return what of the budget was not paid yet."""
        return self.planned - self.paid

    def spent_in(self, year: int, today: int) -> Decimal:
        """Return what was paid in a year; in the year ``today`` also what is approved."""
        return self.paid_in.get(year, ZERO) + (self.approved if year == today else ZERO)


def running(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that the city's subsidy of a project is granted or was paid, as a whole."""
    paid_out = and_(Project.state == PAID_OUT, Project.subsidy_city.is_not(None))
    return or_(Project.state.in_(policy.funded), paid_out)


def promised(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that a project is proposed (拟立项), or running."""
    return or_(running(policy), and_(Project.state == "publicity", Project.subsidy_city.is_not(None)))


def counted(policy: Policy) -> Any:
    """Return what a project takes of the budget of its call, in yuan.

    That is its subsidy, or what was paid where it has ended or more was paid than it is by now.
    """
    paid = total_of(*CITY_PAID)
    return case((and_(promised(policy), Project.subsidy_city >= paid), Project.subsidy_city), else_=paid)


def is_fixed(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that what a project takes of the budget is fixed by the funding document, or paid."""
    return or_(exists().where(FundingDocument.project_id == Project.id), ~promised(policy))


def confirmed_lines(session: Session, call_ids: Iterable[int]) -> dict[int, list[BudgetLine]]:
    """Return the confirmed lines of these calls, oldest first; a call without a budget is not among them."""
    query = select(BudgetLine).where(BudgetLine.call_id.in_(list(call_ids)), BudgetLine.status == "confirmed")
    found: dict[int, list[BudgetLine]] = {}
    for line in session.scalars(query.order_by(BudgetLine.id).execution_options(populate_existing=True)):
        found.setdefault(line.call_id, []).append(line)
    return found


def budget_sums(
    session: Session,
    policy: Policy,
    lines: Mapping[int, Iterable[BudgetLine]],
    without: int | None = None,
) -> dict[int, BudgetSums]:
    """Return the sums of the calls of these lines, with three statements; the project ``without`` is left out."""
    mine = Project.call_id.in_(lines), Project.id != (without or 0)
    number = counted(policy)
    fixed = func.sum(case((is_fixed(policy), number), else_=yuan(0)))
    asked = select(Project.call_id, func.sum(number), fixed).where(*mine, Project.subsidy_city.is_not(None))
    shares = {call: (every - some, some) for call, every, some in session.execute(asked.group_by(Project.call_id))}
    year = extract("year", LedgerEntry.dated)
    paid = select(Project.call_id, year, func.sum(LedgerEntry.net)).join(Project).where(*mine, *CITY_PAID)
    paid_in: dict[int, dict[int, Decimal]] = {}
    for call, when, amount in session.execute(paid.group_by(Project.call_id, year)):
        paid_in.setdefault(call, {})[int(when)] = amount
    waiting = select(Project.call_id, func.sum(PaymentApproval.amount)).join(
        Project, Project.id == PaymentApproval.project_id
    )
    waiting = waiting.where(*mine, *_not_made()).group_by(Project.call_id)
    approved = {call: amount for call, amount in session.execute(waiting)}
    return {
        call: BudgetSums(
            by_year((line.kind, line.year, line.net) for line in some),
            paid_in.get(call, {}),
            *shares.get(call, (ZERO, ZERO)),
            approved.get(call) or ZERO,
        )
        for call, some in lines.items()
    }


def _not_made() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a payment is approved and not made yet."""
    same = LedgerEntry.project_id == PaymentApproval.project_id, LedgerEntry.instalment == PaymentApproval.instalment
    made = exists().where(*same, *CITY_PAID, stands()).correlate(PaymentApproval)
    return PaymentApproval.voided_at.is_(None), ~made


def budget_of(session: Session, policy: Policy, call_id: int, without: int | None = None) -> BudgetSums | None:
    """Return the sums of one call; None for a call without a budget."""
    lines = confirmed_lines(session, [call_id])
    return budget_sums(session, policy, lines, without)[call_id] if lines else None


def calls_with_budget(session: Session, policy: Policy) -> list[tuple[CallShown, BudgetSums | None]]:
    """Return every call, newest first, each with its sums; None where no budget was recorded."""
    calls = session.scalars(select(Call).order_by(Call.id.desc())).all()
    found = budget_sums(session, policy, confirmed_lines(session, [call.id for call in calls]))
    return [(shown(CallShown, call), found.get(call.id)) for call in calls]


def waiting_lines(session: Session) -> int:
    """Return how many changes of budgets wait for a second person."""
    return session.scalar(select(func.count(BudgetLine.id)).where(BudgetLine.status == "waiting")) or 0


def every_line(session: Session, call_id: int) -> list[BudgetLineShown]:
    """Return all lines of a call with who asked and who decided, newest first."""
    people = joinedload(BudgetLine.asked_by), joinedload(BudgetLine.decided_by)
    query = select(BudgetLine).where(BudgetLine.call_id == call_id).order_by(BudgetLine.id.desc())
    return list(map(budget_line_shown, session.scalars(query.options(*people))))


def takers(session: Session, policy: Policy, call_id: int) -> list[Row[Any]]:
    """Return the projects that take part of a call's budget: ``taken``, whether it is ``fixed``, what is ``paid`` and ``approved``.

    Amounts in yuan.
    """
    number, paid = counted(policy), total_of(*CITY_PAID)
    waiting = select(func.coalesce(func.sum(PaymentApproval.amount), yuan(0))).where(
        PaymentApproval.project_id == Project.id, *_not_made()
    )
    approved = waiting.correlate(Project).scalar_subquery()
    told = number.label("taken"), is_fixed(policy).label("fixed"), paid.label("paid"), approved.label("approved")
    query: Statement = select(*ENTRY, *told).join(issuer, issuer.id == Project.issuer_id)
    query = query.where(Project.call_id == call_id, Project.subsidy_city.is_not(None), number > ZERO)
    return list(session.execute(query.order_by(Project.number, Project.id)))
