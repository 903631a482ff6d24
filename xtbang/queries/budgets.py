"""Budgets of calls (批次预算) in sums: planned, proposed, fixed, paid and left."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from xtbang.models import BudgetLine, Call, EntryTotal, FundingDocument, LedgerTotal, Project
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.desk.payments import total_of
from xtbang.queries.money_totals import CITY_PAID, approved_of_project, of_entries, of_ledger
from xtbang.queries.shown import shown
from xtbang.queries.shown.money import BudgetLineShown, budget_line_shown
from xtbang.queries.shown.notices import CallShown
from xtbang.rules.budget import by_year
from xtbang.rules.policy import Policy

ZERO = Decimal(0)
PAID_OUT = "closed"  # the state of a project whose subsidy was paid as a whole


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


def running(policy: Policy, of: Any = Project) -> ColumnElement[bool]:
    """Return the condition that the city's subsidy of a project, or of stored entries, is granted or was paid, as a whole."""
    return or_(of.state.in_(policy.funded), and_(of.state == PAID_OUT, _subsidised(of)))


def promised(policy: Policy, of: Any = Project) -> ColumnElement[bool]:
    """Return the condition that a project is proposed (拟立项), or running; or that stored entries are."""
    return or_(running(policy, of), and_(of.state == "publicity", _subsidised(of)))


def _subsidised(of: Any) -> Any:
    return of.subsidy_city.is_not(None) if of is Project else of.subsidised


def counted(policy: Policy) -> Any:
    """Return what a project takes of the budget of its call, in yuan.

    That is its subsidy, or what was paid where it has ended or more was paid than it is by now.
    """
    paid = total_of(*CITY_PAID)
    return case((and_(promised(policy), Project.subsidy_city >= paid), Project.subsidy_city), else_=paid)


def counted_together(policy: Policy, of: Any = EntryTotal) -> Any:
    """Return the same of stored entries."""
    return case((promised(policy, of), of.most), else_=of.city_paid)


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
    """Return the sums of the calls of these lines; the project ``without`` is left out. What all have taken is stored."""
    taken: dict[tuple[int, bool], Decimal] = defaultdict(Decimal)
    approved: dict[int, Decimal] = defaultdict(Decimal)
    paid_in: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for sign, entries, ledger in _added_up(without):
        fixed = or_(entries.documented, ~promised(policy, entries))
        amounts = func.sum(counted_together(policy, entries)), func.sum(entries.approved)
        shares = select(entries.call_id, fixed, *amounts).where(entries.call_id.in_(lines), entries.subsidised)
        for call, is_final, amount, waiting in session.execute(shares.group_by(entries.call_id, fixed)):
            taken[call, bool(is_final)] += sign * amount
            approved[call] += sign * waiting
        paid = select(ledger.call_id, ledger.year, func.sum(ledger.amount)).where(ledger.call_id.in_(lines))
        paid = paid.where(ledger.kind == "instalment", ledger.source == "city", ledger.lines > 0)
        for call, year, amount in session.execute(paid.group_by(ledger.call_id, ledger.year)):
            paid_in[call][year] += sign * amount
    return {
        call: BudgetSums(
            by_year((line.kind, line.year, line.net) for line in some),
            paid_in[call],
            taken[call, False],
            taken[call, True],
            approved[call],
        )
        for call, some in lines.items()
    }


def _added_up(without: int | None) -> Iterator[tuple[int, Any, Any]]:
    """Yield the stored sums, with the sign 1, and those of the project that is left out, with -1."""
    yield 1, EntryTotal, LedgerTotal
    if without:
        one = Project.id == without
        yield -1, of_entries(one).subquery().c, of_ledger(one).subquery().c


def budget_of(session: Session, policy: Policy, call_id: int, without: int | None = None) -> BudgetSums | None:
    """Return the sums of one call; None for a call without a budget."""
    lines = confirmed_lines(session, [call_id])
    return budget_sums(session, policy, lines, without)[call_id] if lines else None


def calls_with_budget(
    session: Session, policy: Policy, only: Collection[int] = ()
) -> list[tuple[CallShown, BudgetSums | None]]:
    """Return every call, or ``only`` these, newest first, each with its sums; None where no budget was recorded."""
    query = select(Call).order_by(Call.id.desc())
    calls = session.scalars(query.where(Call.id.in_(only)) if only else query).all()
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


def takers(
    session: Session, policy: Policy, call_id: int, part: str = "", after: str = "", most: int = 100
) -> list[Row[Any]]:
    """Return the projects that take part of a call's budget: ``taken``, whether it is ``fixed``, what is ``paid`` and ``approved``.

    Amounts in yuan. Those after a number, in the order of their numbers; ``most + 1`` rows when there are more. ``part`` is
    ``proposed``, ``fixed``, ``paid``, ``approved`` or all.
    """
    number, paid, approved, fixed = counted(policy), total_of(*CITY_PAID), approved_of_project(), is_fixed(policy)
    told = number.label("taken"), fixed.label("fixed"), paid.label("paid"), approved.label("approved")
    query: Statement = select(*ENTRY, *told).join(issuer, issuer.id == Project.issuer_id)
    query = query.where(Project.call_id == call_id, Project.subsidy_city.is_not(None), number > ZERO)
    of = {"proposed": ~fixed, "fixed": fixed, "paid": paid > ZERO, "approved": approved > ZERO}
    query = query.where(Project.number > after, of.get(part, true())).order_by(Project.number)
    return list(session.execute(query.limit(most + 1)))
