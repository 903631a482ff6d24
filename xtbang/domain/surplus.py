"""多缴: money that came back beyond what was claimed; the finance office pays it back, two people under it."""

from collections.abc import Iterator
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.notify import to_bureaus, to_county, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard, options, prefill
from xtbang.domain.corrections import correct, only_proposed
from xtbang.domain.ledger_lines import enter
from xtbang.domain.payment_numbers import slip_number_taken
from xtbang.domain.payments import amount_in, date_in, ledger
from xtbang.models import LedgerEntry
from xtbang.papers.facts.correction import Change
from xtbang.queries.ledger import standing
from xtbang.rules.money import format_wan, wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES
from xtbang.rules.term import in_chinese


def _held(context: Context) -> dict[str, Decimal]:
    """Return what is to be paid back, by treasury; yuan."""
    return {source: amount for source, amount in ledger(context).surplus_held.items() if amount > 0}


@prefill
def surplus_to_return(context: Context) -> str:
    """Return what the one treasury with a surplus holds, in 万元; blank where both do."""
    held = list(_held(context).values())
    return wan(held[0]) if len(held) == 1 else ""


@options
def surplus_sources(context: Context) -> dict[str, str]:
    """Return the treasuries that hold more than they had claimed, each with the amount."""
    found = only_proposed(context, "source", _held(context))
    return {source: f"{SOURCES[source]}，多缴 {format_wan(amount)}" for source, amount in found.items()}


@guard
def surplus_paid_back(context: Context) -> Iterator[Reason]:
    """Yield a reason for each treasury that still holds more than it had claimed."""
    for source, amount in _held(context).items():
        text = f"{SOURCES[source]}多缴的 {format_wan(amount)} 尚未退还。"
        yield Reason("A11.surplus", text, context.cite("recovery"))


@form_guard
@reads("source:choice amount:money dated:date note:text")
def surplus_return_exact(context: Context) -> Iterator[Reason]:
    """Yield reasons unless exactly what is held goes back, after it came, under a number of its own."""
    source, dated, article = context.data["source"], date_in(context, "dated"), context.cite("recovery")
    held = _held(context).get(source, Decimal(0))
    if amount_in(context) != held:
        text = (
            f"{SOURCES[source]}多缴 {format_wan(held)}，退还金额应与之相等，填报为 {format_wan(amount_in(context))}。"
        )
        yield Reason("A11.surplus", text, article, field="amount")
    lines = standing(context.rows.of(LedgerEntry))
    came = max((row.dated for row in lines if (row.kind, row.source) == ("surplus", source)), default=dated)
    if dated < came:
        text = f"退还日期{in_chinese(dated)}早于多缴款项到账的日期{in_chinese(came)}。"
        yield Reason("date.early", text, article, field="dated")
    yield from slip_number_taken(context, "surplus_returned", source, "A11", article, dated, amount_in(context))


@effect
@reads("source:choice amount:money dated:date note:text reason:long file:file")
def return_surplus(context: Context) -> None:
    """Enter what is paid back of a surplus, and issue its paper with both people."""
    source, amount, dated = context.data["source"], amount_in(context), date_in(context, "dated")
    number = context.data["note"]
    known = context, "surplus_returned", source, amount, dated
    enter(*known, note=number, file_id=context.file_id("file"))
    change = Change(
        SOURCES[source], f"多缴 {format_wan(amount)}", f"{in_chinese(dated)}退还 {format_wan(amount)}，凭证号 {number}"
    )
    told = to_parties(), to_bureaus(), to_role("finance"), to_county()
    correct(context, "多缴资金退还单", "多缴的资金", [change], *told, dated=dated)
