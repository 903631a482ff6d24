"""Recovered money (已收回): what comes back of what was claimed, and beyond it (多缴)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard, prefill
from xtbang.domain.event_dates import out_of_order
from xtbang.domain.ledger_lines import enter
from xtbang.domain.payments import amount_in, date_in, ledger
from xtbang.domain.recovery import article_of_claim
from xtbang.domain.repayment import follow_plan
from xtbang.models import LedgerEntry
from xtbang.queries.ledger import standing
from xtbang.rules.money import format_wan, wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES


def _outstanding(context: Context) -> list[tuple[str, Decimal]]:
    return [(source, amount) for source, amount in ledger(context).outstanding.items() if amount > 0]


@prefill
def treasury_awaiting(context: Context) -> str:
    """Return the one treasury to which money is still to come back; blank where both wait."""
    waiting = _outstanding(context)
    return waiting[0][0] if len(waiting) == 1 else ""


@prefill
def amount_awaited(context: Context) -> str:
    """Return what is still to come back to the one treasury, in 万元; blank where both wait."""
    waiting = _outstanding(context)
    return wan(waiting[0][1]) if len(waiting) == 1 else ""


@guard
def money_claimed(context: Context) -> Iterator[Reason]:
    """Yield a reason when nothing was claimed back."""
    if not any(ledger(context).due.values()):
        yield Reason("A11.recovery", "没有须退回的财政资金。", context.cite("recovery"), nothing=True)


@form_guard
@reads("source:choice(city county) amount:money surplus:flag")
def recovery_within_due(context: Context) -> Iterator[Reason]:
    """Yield a reason when the amount exceeds what is still due to that source, unless the rest is said to be a surplus."""
    source, amount, sums = context.data["source"], amount_in(context), ledger(context)
    rest = sums.outstanding[source]
    article = article_of_claim(context)
    if amount <= 0:
        yield Reason("A11.recovery", "追回金额须大于 0。", article, field="amount")
    elif context.data.get("surplus") and amount <= rest:
        text = f"{SOURCES[source]}尚未收回 {format_wan(rest)}，填报的 {format_wan(amount)} 没有多缴。"
        yield Reason("A11.surplus", text, article, field="surplus")
    elif amount > rest and not context.data.get("surplus"):
        due, back = sums.due.get(source, Decimal(0)), sums.recovered.get(source, Decimal(0))
        text = (
            f"{SOURCES[source]}应追缴 {format_wan(due)}，已追回 {format_wan(back)}，本次最多登记 {format_wan(rest)}，"
            f"填报为 {format_wan(amount)}。确实多缴的，请勾选“多出的部分按多缴登记”。"
        )
        yield Reason("A11.recovery", text, article, field="amount")


@form_guard
@reads("source:choice(city county) dated:date")
def recovery_in_order(context: Context) -> Iterator[Reason]:
    """Yield a reason when money would have come back to a treasury before it had paid any, or in the future."""
    yield from came_after_paid(context, context.data["source"], date_in(context, "dated"))


def came_after_paid(context: Context, source: str, day: date) -> Iterator[Reason]:
    """Yield a reason when money would have come back on a day before that treasury had paid any, or in the future."""
    paid = [
        row.dated for row in standing(context.rows.of(LedgerEntry)) if (row.kind, row.source) == ("instalment", source)
    ]
    before = [(f"{SOURCES[source]}首次拨付", min(paid), article_of_claim(context))] if paid else []
    yield from out_of_order(context, day, "dated", "到账日期", "A11.order", before)


@effect
@reads("source:choice(city county) amount:money dated:date note:text file:file")
def record_recovery(context: Context) -> None:
    """Record a recovered amount for one source; what came beyond the claim is a line of its own (多缴), to be paid back."""
    data, amount = context.data, amount_in(context)
    source = data["source"]
    claimed = min(amount, ledger(context).outstanding[source])
    for kind, part in (("recovered", claimed), ("surplus", amount - claimed)):
        if part > 0:
            known = context, kind, source, part, date_in(context, "dated")
            enter(*known, note=data["note"], file_id=context.file_id("file"))
    follow_plan(context)
    rest = ledger(context).outstanding
    told = (to_parties(), to_role("county")) if source == "county" else (to_parties(),)
    if claimed > 0:
        notify(context, "record_recovery", *told, source=SOURCES[source], amount=claimed, rest=rest[source])
    if amount > claimed:
        notify(context, "record_surplus", *told, to_role("finance"), source=SOURCES[source], amount=amount - claimed)
    if not any(rest.values()) and context.acted_in == "termination":
        notify(context, "record_recovery_finance", to_role("finance"))
