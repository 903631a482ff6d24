"""The county's or park's money: its confirmation that an instalment is provided for, and the payment itself."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.findings import add_finding
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard, options, prefill
from xtbang.domain.change_values import in_force
from xtbang.domain.event_dates import not_before
from xtbang.domain.ledger_lines import enter
from xtbang.domain.payments import (
    amount_in,
    city_instalment,
    county_instalment,
    county_match,
    date_in,
    due_now,
    ledger,
    not_exactly,
    too_long,
)
from xtbang.domain.recovery import claim_back, decision_of
from xtbang.models import CountyMatch, Finding
from xtbang.rules.funding_facts import yuan
from xtbang.rules.money import format_wan, wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.subsidy import county_proportion, county_share, instalments
from xtbang.rules.term import in_chinese

UNPAID = "county_unpaid"  # a kind of finding (办理情况)


@guard
def match_unconfirmed(context: Context) -> Iterator[Reason]:
    """Yield a reason when the county has already confirmed the instalment or owes none."""
    item = due_now(context)
    found = county_match(context, item.number)
    if found:
        text = f"{item.name}配套资金 {format_wan(found.amount)}已确认（{found.number}）。"
        yield Reason("A7.county_match", text, context.cite("money"))
    elif not county_instalment(context, item.number):
        yield Reason("A7.county_match", f"{item.name}无须配套。", context.cite("money"))


@form_guard
@reads("amount:money number:text")
def match_equals_share(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the county matches exactly what the city pays, 1 : 1."""
    item = due_now(context)
    city = format_wan(city_instalment(context, item.number))
    what = f"{item.name}配套资金与市级{item.name} {city}按 {county_proportion(context.edition)} 安排，"
    yield from not_exactly(context, "A7.county", what, county_instalment(context, item.number))
    yield from too_long(context.data, number=60)


@form_guard
@reads("dated:date")
def match_in_order(context: Context) -> Iterator[Reason]:
    """Yield a reason when the match is dated before the party group granted the subsidy, or in the future."""
    yield from not_before(
        context, "resolution", date_in(context, "dated"), "配套文件日期", "党组会审议", context.cite("money")
    )


@effect
@reads("amount:money number:text dated:date file:file")
def confirm_county_match(context: Context) -> None:
    """Record the county's confirmation (配套) that its instalment is provided for."""
    item, amount = due_now(context), amount_in(context)
    context.session.add(
        CountyMatch(
            project_id=context.project.id,
            instalment=item.number,
            amount=amount,
            number=context.data["number"],
            dated=date_in(context, "dated"),
            file_id=context.file_id("file"),
            confirmed_at=context.now,
            confirmed_by_id=context.actor.person_id,
        )
    )
    notify(context, "confirm_county_match_parties", to_parties(), instalment=item.name, amount=amount)


@prefill
def county_payment_due(context: Context) -> str:
    """Return the one instalment that the county owes, in 万元; blank where it owes several."""
    owed = [int(number) for number in county_instalments(context)]
    return wan(county_instalment(context, owed[0])) if len(owed) == 1 else ""


@options
def county_instalments(context: Context) -> dict[str, str]:
    """Return the instalments the county owes: the first after the city's own, a later one once it is confirmed.

    In 终止 these are the ones that it may have paid before the decision.
    """
    found: dict[str, str] = {}
    if context.project.subsidy_city is None:  # matched by the market: no public money
        return found
    paid = ledger(context).instalments
    for item in context.edition.instalments:
        number = item.number
        due = county_instalment(context, number)
        ready = ("city", 1) in paid if number == 1 else county_match(context, number) is not None
        if due and ready and ("county", number) not in paid:
            found[str(number)] = f"{item.name} {format_wan(due)}"
    return found


@guard
def county_instalment_due(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the county owes an instalment."""
    if not county_instalments(context):
        yield Reason("A7.county_paid", "没有待登记的县市区（园区）拨款。", context.cite("money"), nothing=True)


@form_guard
@reads("instalment:choice amount:money dated:date")
def county_amount_right(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the amount is exactly the county's instalment and not paid too early."""
    key = context.data["instalment"]
    if key not in county_instalments(context):
        return
    number, dated = int(key), date_in(context, "dated")
    what = f"县市区（园区）{_name(context, number)}拨款"
    yield from not_exactly(context, "A7.county", what, _instalment_on(context, number, dated))
    since, event = _payable_since(context, number)
    if since and dated < since:
        text = f"拨付日期{in_chinese(dated)}早于{event}的日期{in_chinese(since)}。"
        yield Reason("date.early", text, context.cite("money"), field="dated")


def _instalment_on(context: Context, number: int, dated: date) -> Decimal:
    """Return the county's instalment as it was on that day, in yuan: a subsidy that has fallen since was higher then."""
    lower = [row for row in in_force(context) if row.kind == "budget" and row.in_force_on and row.in_force_on > dated]
    city = yuan(lower[0].old.get("src_city")) if lower else None
    if city is None:
        return county_instalment(context, number)
    return instalments(context.edition, county_share(context.edition, city))[number - 1]


def _name(context: Context, number: int) -> str:
    return context.edition.instalments[number - 1].name


def _payable_since(context: Context, number: int) -> tuple[date | None, str]:
    if number == 1:
        return context.project.first_paid_on, f"市级{_name(context, number)}拨付"
    found = county_match(context, number)
    return (found.dated if found else None), "配套文件"


@effect
@reads("instalment:choice amount:money dated:date note:text")
def record_county_instalment(context: Context) -> None:
    """Enter the instalment that the county has paid; what of it is not due any more is claimed back at once."""
    number, amount = int(context.data["instalment"]), amount_in(context)
    dated, note = date_in(context, "dated"), context.data["note"]
    enter(context, "instalment", "county", amount, dated, instalment=number, note=note)
    receivers = to_parties(), to_role("finance")
    name = _name(context, number)
    notify(context, "record_county_instalment", *receivers, instalment=name, amount=amount, dated=dated)
    claim_back(context, "county")


# ---------------------------------------------------------------- 终止: the county's money is paid back to it


@options
def county_unsaid(context: Context) -> dict[str, str]:
    """Return the instalments that the county has neither recorded as paid nor declared as unpaid."""
    said = {
        finding.number for finding in context.rows.of(Finding) if finding.kind == UNPAID and finding.voided_at is None
    }
    return {key: label for key, label in county_instalments(context).items() if key not in said}


@guard
def county_word_missing(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is an instalment that the county has to declare."""
    if not county_unsaid(context):
        yield Reason("A11.county", "没有待说明的县市区（园区）配套资金。", context.cite("recovery"), nothing=True)


@guard
def county_had_its_time(context: Context) -> Iterator[Reason]:
    """Yield a reason when the finance office speaks for a county that still has time: until the money is to be back."""
    until = decision_of(context).recover_by
    if context.role == "finance" and context.today <= until:
        text = f"{context.project.region}在{in_chinese(until)}以前自行说明；逾期不说明的，由{context.policy.city.finance.short}核实后代为说明。"
        yield Reason("A11.county", text, context.cite("recovery"))


@guard
def county_unrecorded(context: Context) -> Iterator[Reason]:
    """Yield advice before the decision: instalments that are not recorded are claimed back separately."""
    for label in county_instalments(context).values():
        text = f"{context.project.region}尚未登记配套资金（{label}）的拨付；终止后登记的，按同一比例另行下达追缴通知。"
        yield Reason("A11.county", text, context.cite("recovery"), Force.ADVICE)


@guard
def county_has_spoken(context: Context) -> Iterator[Reason]:
    """Yield a reason until the county has recorded or declared each instalment."""
    for label in county_unsaid(context).values():
        text = (
            f"{context.project.region}尚未说明配套资金（{label}）是否已经拨付：已拨付的须登记并追回，未拨付的须作说明。"
        )
        yield Reason("A11.county", text, context.cite("recovery"))


@effect
@reads("instalment:choice reason:long")
def declare_county_unpaid(context: Context) -> None:
    """Record that the county has not paid; it may still record a payment later."""
    number, why = context.data["instalment"], context.data["reason"]
    add_finding(context, UNPAID, number=number, text=why)
    name = _name(context, int(number))
    notify(context, "declare_county_unpaid", to_role("finance"), instalment=name, reason=why)
