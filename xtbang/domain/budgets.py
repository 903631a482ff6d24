"""Budgets of calls (批次预算): a change is asked for by one person, confirmed by another; what was promised and paid fits in."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_people, to_role
from xtbang.actions.registry import form_guard, guard
from xtbang.domain.payments import city_instalment, instalment_due
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import BudgetLine, Call, PaymentApproval
from xtbang.models.writing import writing
from xtbang.queries.budgets import BudgetSums, budget_of, confirmed_lines
from xtbang.queries.caller import Caller
from xtbang.rules.budget import CARRIED, KINDS, REDUCED, RETURNED, Change, beyond, beyond_year, by_year, left_over
from xtbang.rules.fields import Field, FieldKind, choices, one_section
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.payment_number import normalised
from xtbang.rules.reasons import Reason

PAPER = (
    Field("number", "文号", FieldKind.TEXT, limit=60, hint="下达、调整、收回预算的文件"),
    Field("dated", "发文日期", FieldKind.DATE),
    Field("reason", "事由", FieldKind.LONG, limit=300),
)
FORM = one_section(
    "budget",
    "预算",
    (
        Field("kind", "办理事项", FieldKind.CHOICE, choices=choices(KINDS)),
        Field("year", "预算年度", FieldKind.WHOLE, minimum=Decimal(2015), maximum=Decimal(2100)),
        Field("amount", "金额", FieldKind.MONEY, unit="万元", minimum=Decimal("0.01")),
        Field("source", "资金来源", FieldKind.TEXT, limit=60, hint="例如：市级科技创新专项资金"),
        *PAPER,
    ),
)
DROP_FORM = one_section(
    "drop_budget", "不予确认", (Field("reason", "不予确认或者撤回的理由", FieldKind.TEXT, limit=300),)
)
REVERSE_FORM = one_section("reverse_budget", "冲正", PAPER)


# ---------------------------------------------------------------- changes


def ask_change(caller: Caller, call_id: int, values: Mapping[str, Any]) -> BudgetLine:
    """Enter a change of a call's budget that counts once another person has confirmed it; ``values`` as in `FORM`, checked.

    Raises Forbidden, NotFound, Blocked. One transaction with its event; who can confirm it gets a mail.
    """
    with writing(caller.session):
        call = _locked(caller, call_id)
        what = {"kind": values["kind"], "year": int(values["year"]), "source": values["source"]}
        return _enter(caller, call, values, amount=yuan_from_wan(values["amount"]), **what)


def ask_reversal(caller: Caller, line_id: int, values: Mapping[str, Any]) -> BudgetLine:
    """Enter the reversal of a confirmed line, to be confirmed by another person; ``values`` as in `REVERSE_FORM`, checked.

    Raises Forbidden, NotFound, Blocked. One transaction with its event.
    """
    with writing(caller.session):
        old = caller.session.get(BudgetLine, line_id)
        if old is None or old.status != "confirmed" or old.reverses_id is not None:
            raise NotFound(f"budget line {line_id}")
        call = _locked(caller, old.call_id)
        query = select(BudgetLine.id).where(BudgetLine.reverses_id == old.id, BudgetLine.status.in_(BudgetLine.STANDS))
        if caller.session.scalar(query) is not None:
            text = "这一笔已经冲正，或者正在等待复核。"
            raise Blocked([Reason("N5.budget_reversed", text, caller.cite("approval"))])
        known = {name: getattr(old, name) for name in ("kind", "year", "amount", "source")}
        return _enter(caller, call, values, reverses_id=old.id, **known)


def confirm_change(caller: Caller, line_id: int) -> BudgetLine:
    """Confirm a change that another person has asked for. Raises Forbidden, NotFound, Blocked."""
    with writing(caller.session):
        row, call = _waiting(caller, line_id)
        if row.asked_by_id == caller.actor.person_id:
            text = "预算变动须由另一人复核，不能复核自己登记的。"
            raise Blocked([Reason("N5.two_people", text, caller.cite("approval"))])
        if against := list(_against(caller, call, row)):
            raise Blocked(against)
        row.status, row.decided_at, row.decided_by_id = "confirmed", caller.now, caller.actor.person_id
        if row.reverses_id is not None:
            caller.session.get_one(BudgetLine, row.reverses_id).key = None
        _record(caller, row, "confirm_budget")
        return row


def drop_change(caller: Caller, line_id: int, reason: str) -> BudgetLine:
    """Withdraw a change that waits (who asked for it) or refuse it (another person). Raises Forbidden, NotFound."""
    with writing(caller.session):
        row, call = _waiting(caller, line_id)
        mine = row.asked_by_id == caller.actor.person_id
        row.status, row.decision = "withdrawn" if mine else "refused", reason
        row.decided_at, row.decided_by_id = caller.now, caller.actor.person_id
        _record(caller, row, "withdraw_budget" if mine else "refuse_budget", reason)
        if not mine:
            asker = to_people([row.asked_by])
            link = f"/finance/budgets/{call.id}"
            notify(caller, "refuse_budget", asker, link=link, call=call.title, amount=row.amount, reason=reason)
        return row


def _enter(caller: Caller, call: Call, values: Mapping[str, Any], **known: Any) -> BudgetLine:
    row = BudgetLine(
        call_id=call.id,
        number=values["number"],
        dated=date.fromisoformat(values["dated"]),
        reason=values["reason"],
        status="waiting",
        asked_at=caller.now,
        asked_by_id=caller.actor.person_id,
        **known,
    )
    if row.reverses_id is None:
        row.key = f"{call.id}:{row.kind}:{row.year}:{normalised(row.number)}"
    if against := [*_against(caller, call, row), *_twice(caller, row)]:
        raise Blocked(against)
    caller.session.add(row)
    caller.session.flush()
    _record(caller, row, "ask_budget")
    finance, link = to_role("finance"), f"/finance/budgets/{call.id}"
    what = f"{'冲正' if row.reverses_id else ''}{KINDS[row.kind]}"
    notify(caller, "ask_budget", finance, to_bureaus(), link=link, call=call.title, what=what, amount=row.amount)
    return row


def _record(caller: Caller, row: BudgetLine, trigger: str, reason: str = "") -> None:
    names = ("id", "kind", "year", "source", "number", "reverses_id")
    said = {name: getattr(row, name) for name in names} | {"amount": str(row.amount), "dated": row.dated.isoformat()}
    stream, role = f"call:{row.call_id}", _role(caller)
    audit.append(caller, stream, trigger=trigger, role=role, reason=reason or row.reason, data=said)


def _role(caller: Caller) -> str:
    """Return the role in which the person changes budgets. Raise Forbidden for a person without one."""
    roles = ("finance", *caller.policy.city.roles)
    found = next((role for role in roles if role in caller.actor.roles), None)
    if found is None:
        raise Forbidden(f"批次预算由{caller.policy.city.finance.short}和{caller.policy.city.bureaus}登记、复核。")
    return found


def _locked(caller: Caller, call_id: int) -> Call:
    _role(caller)
    call = caller.session.get(Call, call_id, with_for_update=True)
    if call is None:
        raise NotFound(f"call {call_id}")
    return call


def _waiting(caller: Caller, line_id: int) -> tuple[BudgetLine, Call]:
    row = caller.session.get(BudgetLine, line_id)
    if row is None:
        raise NotFound(f"budget line {line_id}")
    call = _locked(caller, row.call_id)
    caller.session.refresh(row)
    if row.status != "waiting":
        text = "这一笔预算变动已经办理，请查看最新的记录。"
        raise Blocked([Reason("N5.budget_decided", text, caller.cite("approval"))])
    return row, call


def _against(caller: Caller, call: Call, row: BudgetLine) -> Iterator[Reason]:
    """Yield what is wrong with a change: a day in the future, or less than what is promised, paid or approved."""
    cited, year = caller.cite("approval"), caller.today.year
    if row.dated > caller.today:
        yield Reason("date.future", "发文日期不能晚于今天。", cited, field="dated")
    if row.kind in (RETURNED, CARRIED) and row.year > year:
        yield Reason("N5.budget_year", f"{row.year}年度尚未开始，没有结余可以收回或者结转。", cited, field="year")
    if row.reverses_id is not None:
        return  # it was wrong, whatever has been promised meanwhile
    lines = confirmed_lines(caller.session, [call.id]).get(call.id, [])
    if not lines and row.kind in (REDUCED, RETURNED, CARRIED):
        text = "本批次还没有登记预算，请先登记预算下达。"
        yield Reason("N5.budget", text, cited, field="kind")
        return
    before: list[Change] = [(line.kind, line.year, line.net) for line in lines]
    sums = budget_of(caller.session, caller.policy, call.id) or BudgetSums()
    now, then = by_year(before), by_year([*before, (row.kind, row.year, row.net)])
    spent = {each: sums.spent_in(each, year) for each in then}
    yield from left_over(now, then, spent, sums.committed, cited)


def _twice(caller: Caller, row: BudgetLine) -> Iterator[Reason]:
    query = select(BudgetLine.id).where(BudgetLine.key == row.key, BudgetLine.status.in_(BudgetLine.STANDS))
    if row.key and caller.session.scalar(query) is not None:
        text = f"文号 {row.number} 的{row.year}年度预算{KINDS[row.kind]}已经登记；登记有误的，先冲正。"
        yield Reason("N5.budget_twice", text, caller.cite("approval"), field="number")


# ---------------------------------------------------------------- what is promised and paid


@form_guard
@reads("subsidy_city:money")
def within_budget(context: Context) -> Iterator[Reason]:
    """Yield a reason when the subsidy is more than the budget of the call leaves; a call without a budget blocks nothing."""
    project = context.project
    found = budget_of(context.session, context.policy, project.call_id, without=project.id)
    if found is not None:
        amount = yuan_from_wan(context.data["subsidy_city"])
        yield from beyond(found.planned, found.committed, amount, context.cite("approval"), "subsidy_city")


@guard
def promised_within_budget(context: Context) -> Iterator[Reason]:
    """Yield a reason when the projects of the call have been promised more than its budget."""
    project = context.project
    found = budget_of(context.session, context.policy, project.call_id, without=project.id)
    if found is not None and project.subsidy_city is not None:
        yield from beyond(found.planned, found.committed, project.subsidy_city, context.cite("approval"))


@guard
def payment_within_budget(context: Context) -> Iterator[Reason]:
    """Yield a reason when the instalment that is due is more than the call's budget of this year leaves."""
    project, item = context.project, instalment_due(context)
    if item is None or project.subsidy_city is None:
        return
    found = budget_of(context.session, context.policy, project.call_id)
    if found is None:
        return
    year, amount = context.today.year, city_instalment(context, item.number)
    rows = (row for row in context.rows.of(PaymentApproval) if row.voided_at is None)
    mine = sum((row.amount for row in rows if row.instalment == item.number), Decimal(0))
    others = found.spent_in(year, year) - mine
    yield from beyond_year(year, found.years.get(year, Decimal(0)), others, amount, context.cite("approval"))


def hold_budget(context: Context, rule: Callable[[Context], Iterable[Reason]]) -> None:
    """Lock the call of the project and ask a guard of its budget once more: another project may have been first.

    Raises Blocked. It is asked before the effect changes any money: what all have taken is stored, and changes with the commit.
    """
    context.session.get_one(Call, context.project.call_id, with_for_update=True)
    if against := list(rule(context)):
        raise Blocked(against)
