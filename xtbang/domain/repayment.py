"""Repayment (还款): by parts (分期) or by another day, as the finance office asks and the offices approve; reminders follow."""

from collections.abc import Iterator
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_county, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.event_dates import day_off, odd_repayment_day
from xtbang.domain.payments import date_in, ledger
from xtbang.domain.recovery import article_of_claim, ended_by, ground_of_claim, order, parts_of, plans
from xtbang.models import RepaymentPlan
from xtbang.queries.ledger import TREASURIES
from xtbang.rules.money import format_wan, wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES
from xtbang.rules.repayment import Part, next_day
from xtbang.rules.term import in_chinese

ROWS = "parts:rows(source due_on amount)"


def _waiting(context: Context) -> RepaymentPlan:
    found = plans(context, "open")
    if not found:
        raise LookupError("no plan is proposed")
    return found[-1]


def _reason(context: Context, text: str, field: str = "", *, nothing: bool = False) -> Reason:
    return Reason("A11.plan", text, article_of_claim(context), field=field, nothing=nothing)


@guard
def no_plan_open(context: Context) -> Iterator[Reason]:
    """Yield a reason while a plan waits for the offices, or nothing is owed any more."""
    if plans(context, "open"):
        yield _reason(context, "分期或者延期退回的申请正在审批。")
    elif not any(amount > 0 for amount in ledger(context).outstanding.values()):
        yield _reason(context, "没有尚未收回的资金，无须另定退回期限。", nothing=True)


@form_guard
@reads(f"recover_by:date {ROWS}")
def plan_sound(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the parts are what is owed to each treasury, on days to come, the last one the deadline."""
    last = date_in(context, "recover_by")
    if last <= context.today:
        yield _reason(context, "资金退回期限须晚于今天。", "recover_by")
    yield from odd_repayment_day(context, last, "资金退回期限")
    parts = parts_of(context.data.get("parts", []))
    for place, part in enumerate(parts):
        if not context.today < part.due_on <= last:
            text = f"各期的日期应晚于今天，不晚于退回期限{in_chinese(last)}。"
            yield _reason(context, text, f"parts.{place}.due_on")
        if part.due_on < last:  # of the last one the deadline says it
            yield from day_off(context, part.due_on, f"parts.{place}.due_on", "该期日期")
        if part.amount <= 0:
            yield _reason(context, "各期金额须大于 0。", f"parts.{place}.amount")
    if parts and max(part.due_on for part in parts) < last:
        yield _reason(context, f"退回期限应为最后一期的日期，填报为{in_chinese(last)}。", "recover_by")
    yield from _as_owed(context, parts) if parts else ()


def _as_owed(context: Context, parts: list[Part]) -> Iterator[Reason]:
    """Yield a reason for each treasury whose parts are not together what is still owed to it."""
    rest = ledger(context).outstanding
    for source in TREASURIES:
        planned = sum((part.amount for part in parts if part.source == source), Decimal(0))
        if planned != rest[source]:
            text = f"{SOURCES[source]}尚未收回 {format_wan(rest[source])}，各期合计 {format_wan(planned)}，应当相等。"
            yield _reason(context, text, "parts")


@effect
@reads(f"recover_by:date {ROWS} reason:long file:file")
def propose_plan(context: Context) -> None:
    """Ask the offices for repayment by parts, or for another day; without parts everything is due on that day."""
    last, rest, claimed = date_in(context, "recover_by"), ledger(context).outstanding, ground_of_claim(context)
    parts = parts_of(context.data.get("parts", [])) or [
        Part(source, last, amount) for source, amount in rest.items() if amount > 0
    ]
    stored = [
        {"source": part.source, "due_on": part.due_on.isoformat(), "amount": wan(part.amount)}
        for part in _ordered(parts)
    ]
    context.session.add(
        RepaymentPlan(
            project_id=context.project.id,
            termination_id=claimed.id if ended_by(context) else None,
            change_id=None if ended_by(context) else claimed.id,
            recover_by=last,
            parts=stored,
            reason=context.data["reason"],
            file_id=context.file_id("file"),
            proposed_at=context.now,
            proposed_by_id=context.actor.person_id,
        )
    )
    notify(context, "propose_plan", to_bureaus(), days=_in_words(parts), reason=context.data["reason"])


def _in_words(parts: list[Part]) -> list[str]:
    return [f"{SOURCES[part.source]} {in_chinese(part.due_on)}前 {format_wan(part.amount)}" for part in _ordered(parts)]


def _ordered(parts: list[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (part.due_on, part.source))


@guard
def plan_open(context: Context) -> Iterator[Reason]:
    """Yield reasons unless a plan waits that still is what is owed, its first day to come."""
    found = plans(context, "open")
    if not found:
        yield _reason(context, "没有待审批的分期或者延期退回申请。", nothing=True)
        return
    parts, again = parts_of(found[-1].parts), "请不予同意，由财政部门重新申请。"
    if min(part.due_on for part in parts) <= context.today:
        yield _reason(context, f"申请的第一个期限已到。{again}")
    for reason in _as_owed(context, parts):
        yield _reason(context, f"申请后追缴情况有变动：{reason.text}{again}")


@guard
def plan_waits(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a plan waits."""
    if not plans(context, "open"):
        yield _reason(context, "没有待审批的分期或者延期退回申请。", nothing=True)


@effect
def approve_plan(context: Context) -> None:
    """Let the plan hold: new recovery notices name its days, the parties are asked by these, reminders follow."""
    plan = _waiting(context)
    plan.status, plan.decided_at = "approved", context.now
    follow_plan(context)
    parts = parts_of(plan.parts)
    for source in dict.fromkeys(part.source for part in parts):
        order(context, source)
    told = to_parties(), to_role("finance"), to_county()
    notify(context, "approve_plan", *told, days=_in_words(parts), ended=ended_by(context) is not None)


@effect
@reads("reason:long")
def refuse_plan(context: Context) -> None:
    """Refuse the plan: what was to be back by when stays as it is."""
    plan = _waiting(context)
    plan.status, plan.decided_at = "refused", context.now
    notify(
        context, "refuse_plan", to_role("finance"), days=_in_words(parts_of(plan.parts)), reason=context.data["reason"]
    )


def follow_plan(context: Context) -> None:
    """Set the day by which the next money is to be back, after what is owed has changed, or the ground of the claim.

    A plan that waits and is of a former ground is overtaken.
    """
    waiting = {row.id for row in plans(context, "open")}
    for row in context.rows.of(RepaymentPlan):
        if row.status == "open" and row.id not in waiting:
            row.status, row.decided_at = "overtaken", context.now
            notify(context, "overtake_plan", to_role("finance"), days=_in_words(parts_of(row.parts)))
    if approved := plans(context, "approved"):
        plan = approved[-1]
        claimed = ground_of_claim(context)
        claimed.recover_by = next_day(parts_of(plan.parts), ledger(context).outstanding, plan.recover_by)
