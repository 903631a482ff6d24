"""Overpaid money (多拨): what was paid beyond a subsidy that a change has lowered comes back."""

from collections.abc import Iterator
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.registry import form_guard, guard
from xtbang.domain.change_values import to_be_signed
from xtbang.domain.event_dates import far_ahead
from xtbang.domain.payments import date_in, instalment_due, ledger, paid_of
from xtbang.domain.recovery import claim_back
from xtbang.models import Change
from xtbang.queries.ledger import TREASURIES
from xtbang.rules.funding_facts import yuan
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES, overpaid
from xtbang.rules.subsidy import county_share, instalments_after


@reads("src_city:money", "application")
def _lowered_to(change: Change) -> Decimal | None:
    """Return the city's subsidy as the change has it, in yuan; None where the change is about something else."""
    return yuan(change.new.get("src_city")) if change.kind == "budget" else None


def _beyond(context: Context, change: Change) -> dict[str, Decimal]:
    """Return what was paid beyond the subsidy that the change lowers, by source; yuan."""
    city = _lowered_to(change)
    if city is None:
        return {}
    granted = {"city": city, "county": county_share(context.edition, city)}
    return {source: amount for source, amount in overpaid(ledger(context).paid, granted).items() if amount > 0}


@form_guard
@reads("recover_by:date")
def return_day_said(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a change after which money comes back says by which day, one to come."""
    change, typed = to_be_signed(context), context.data.get("recover_by")
    beyond = _beyond(context, change) if change else {}
    if beyond and not typed:
        owed = "、".join(f"{SOURCES[source]}多拨的 {format_wan(amount)}" for source, amount in beyond.items())
        text = f"补助减少后，{owed}须退回，请填写退回期限。"
        yield Reason("A7.paid", text, context.cite("money"), field="recover_by")
    elif typed and not beyond:
        text = "本次变更没有须退回的资金，不填退回期限。"
        yield Reason("A7.paid", text, context.cite("money"), field="recover_by")
    elif typed:
        if date_in(context, "recover_by") <= context.today:
            yield Reason("A7.paid", "退回期限须晚于今天。", context.cite("money"), field="recover_by")
        yield from far_ahead(context, date_in(context, "recover_by"), "recover_by", "退回期限")


@guard
def instalment_not_emptied(context: Context) -> Iterator[Reason]:
    """Yield a reason when the change would leave nothing of the instalment that is being paid in this state."""
    change, item = to_be_signed(context), instalment_due(context)
    city = _lowered_to(change) if change else None
    if item is None or city is None:
        return
    if instalments_after(context.edition, city, paid_of(context, "city"))[item.number - 1] <= 0:
        text = f"正在办理{item.name}拨付，补助减少后{item.name}没有可以拨付的金额：请先办结{item.name}拨付，或者由各方重新申请变更。"
        yield Reason("A7.paid", text, context.cite("money"))


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
