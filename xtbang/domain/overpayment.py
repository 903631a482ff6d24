"""Overpaid money (多拨): what was paid beyond a subsidy that a change has lowered comes back."""

from collections.abc import Iterator
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.registry import CONSEQUENCES, form_guard, guard, leads_back
from xtbang.domain.change_values import to_be_signed
from xtbang.domain.event_dates import odd_repayment_day
from xtbang.domain.payments import date_in, end_detour, instalment_due, ledger, state_when_lowered
from xtbang.domain.recovery import claim_back
from xtbang.models import Change
from xtbang.queries.ledger import TREASURIES
from xtbang.rules.funding_facts import yuan
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.recovery import SOURCES, overpaid
from xtbang.rules.subsidy import county_share


@reads("src_city:money", "application")
def _lowered_to(change: Change) -> Decimal | None:
    """Return the city's subsidy as the change has it, in yuan; None where the change is about something else."""
    return yuan(change.new.get("src_city")) if change.kind == "budget" else None


def _added_by(context: Context, change: Change) -> dict[str, Decimal]:
    """Return what the change adds to what is claimed of the money that was paid, by source; yuan."""
    city = _lowered_to(change)
    return beyond(context, city) if city is not None else {}


def beyond(context: Context, city: Decimal) -> dict[str, Decimal]:
    """Return what was paid beyond a subsidy of ``city`` (yuan) and is not claimed yet, by source; only what is above 0."""
    sums, granted = ledger(context), {"city": city, "county": county_share(context.edition, city)}
    more = {
        source: amount - sums.due.get(source, Decimal(0)) for source, amount in overpaid(sums.paid, granted).items()
    }
    return {source: amount for source, amount in more.items() if amount > 0}


@form_guard
@reads("recover_by:date")
def return_day_said(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a change after which money comes back says by which day, one to come."""
    change, typed = to_be_signed(context), context.data.get("recover_by")
    added = _added_by(context, change) if change else {}
    if added and not typed:
        owed = "、".join(f"{SOURCES[source]}多拨的 {format_wan(amount)}" for source, amount in added.items())
        text = f"补助减少后，{owed}须退回，请填写退回期限。"
        yield Reason("A7.paid", text, context.cite("money"), field="recover_by")
    elif typed and not added:
        text = "本次变更没有须退回的资金，不填退回期限。"
        yield Reason("A7.paid", text, context.cite("money"), field="recover_by")
    elif typed:
        if date_in(context, "recover_by") <= context.today:
            yield Reason("A7.paid", "退回期限须晚于今天。", context.cite("money"), field="recover_by")
        yield from odd_repayment_day(context, date_in(context, "recover_by"), "退回期限")


@leads_back("conclude_change")
def passed_over(context: Context) -> str:
    """Return the state after the change: where it leaves nothing of what is paid in this state, the one after the payment."""
    change, state = to_be_signed(context), context.life.states[context.project.state]
    city = _lowered_to(change) if change else None
    if city is None or not state.pays:
        return state.id
    return state_when_lowered(context, city, context.life.actions[state.paid_by].to)


@guard
def instalment_emptied(context: Context) -> Iterator[Reason]:
    """Yield as advice that the change leaves nothing of the instalment that is being paid: it is passed over."""
    states, to = context.life.states, passed_over(context)
    if to != context.project.state:
        here, item = states[context.project.state], instalment_due(context)
        name = item.name if item else here.name
        text = (
            f"补助减少后，{name}没有可以拨付的金额：{name}不再拨付，已作出的拨款审批作废，项目转入{states[to].name}。"
        )
        yield Reason("A7.paid", text, context.cite("money"), Force.ADVICE)


def pass_over(context: Context) -> None:
    """Begin or close the work as the payment would, where the change has left nothing to be paid."""
    state = context.life.states[context.acted_in]
    if context.project.state == context.acted_in:
        return
    if context.project.state in context.policy.final:
        CONSEQUENCES["close_project"](context)
    elif not context.project.resumes and state.pays == "contract":
        CONSEQUENCES["begin_work"](context)
    end_detour(context)


def claim_overpaid(context: Context) -> None:
    """Claim from each source's payee what was paid beyond the subsidy as it is now."""
    for source in TREASURIES:
        claim_back(context, source)


@guard
def overpaid_back(context: Context) -> Iterator[Reason]:
    """Yield a reason for each source of which money that was paid beyond the subsidy has not come back."""
    for source, left in ledger(context).outstanding.items():
        if left > 0:
            text = f"变更后多拨的{SOURCES[source]}补助尚有 {format_wan(left)}没有退回，退清后方可通过验收。"
            yield Reason("A7.paid", text, context.cite("money"))
