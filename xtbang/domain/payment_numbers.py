"""Voucher numbers (凭证号): the number of a payment counts once per treasury and direction, over all projects."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.registry import form_guard
from xtbang.domain.ledger_lines import holders, key_of, reversed_line
from xtbang.domain.payments import amount_in, date_in, too_long
from xtbang.domain.recovery import article_of_claim
from xtbang.domain.slip_sums import beyond_slip, slip_of
from xtbang.models import LedgerEntry, Project
from xtbang.queries.rights.visibility import find
from xtbang.rules.dates import day_of
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.payment_number import normalised
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES
from xtbang.rules.term import in_chinese

DEEDS = {"instalment": "拨付", "recovered": "追回", "surplus": "多缴", "surplus_returned": "退还"}


@form_guard
@reads("note:text paid_on:date amount:money")
def city_number_unused(context: Context) -> Iterator[Reason]:
    """Yield a reason when the city has already paid under that number."""
    yield from slip_number_taken(
        context, "instalment", "city", "A7", context.cite("money"), date_in(context, "paid_on"), amount_in(context)
    )


@form_guard
@reads("note:text dated:date amount:money")
def county_number_unused(context: Context) -> Iterator[Reason]:
    """Yield a reason when the county or park has already paid under that number."""
    yield from slip_number_taken(
        context, "instalment", "county", "A7", context.cite("money"), date_in(context, "dated"), amount_in(context)
    )


@form_guard
@reads("source:choice(city county) note:text dated:date amount:money")
def recovery_number_unused(context: Context) -> Iterator[Reason]:
    """Yield a reason when that treasury has already recovered money under that number."""
    article = article_of_claim(context)
    yield from slip_number_taken(
        context, "recovered", context.data["source"], "A11", article, date_in(context, "dated"), amount_in(context)
    )


def slip_number_taken(
    context: Context,
    kind: str,
    source: str,
    rules: str,
    article: str,
    dated: date,
    amount: Decimal,
    but: int | None = None,
) -> Iterator[Reason]:
    """Yield a reason when that treasury has a line of that kind with the number in ``note``, other than ``but``.

    A number that was declared as a collective slip (汇总凭证) may have several lines, together at most its total.
    """
    number = context.data["note"]
    yield from too_long(context.data, note=60)
    if not normalised(number):
        yield Reason(f"{rules}.number", "凭证号须含有数字或字母。", article, field="note")
        return
    key = key_of(context.project, kind, source, number)
    if slip := slip_of(context.session, key):
        yield from beyond_slip(context.session, slip, amount, article)
        return
    again = reversed_line(context, number, dated)
    for line in holders(context.session, key):
        if line.id in (but, again.id if again else None):
            continue
        text = f"凭证号 {number} {_recorded(context, line)}，同一凭证号只登记一次。"
        yield Reason(f"{rules}.number_twice", text, article, field="note")


def _recorded(context: Context, line: LedgerEntry) -> str:
    """Return where and when the line was recorded; the other project only for an actor who may know of it."""
    day = in_chinese(day_of(line.recorded_at))
    deed = f"登记为{SOURCES[line.source]}{DEEDS[line.kind]}"
    if line.project_id == context.project.id:
        return f"已于{day}在本项目{deed}（{format_wan(line.amount)}）"
    if project := _visible(context, line.project_id):
        return f"已于{day}在项目 {project.number}{quoted(project.title)}{deed}（{format_wan(line.amount)}）"
    return f"已于{day}在另一项目{deed}"


def _visible(context: Context, project_id: int) -> Project | None:
    who = context.actor
    return find(context.session, project_id, who.roles, who.person_id, who.organisation_id, who.region)
