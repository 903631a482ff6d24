"""Hold what all payments share: instalments (期次), exact amounts, payments made again."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen
from xtbang.actions.notify import notify, to_county, to_parties
from xtbang.actions.registry import CONSEQUENCES, GUARDS, form_guard, guard, prefill
from xtbang.domain.event_dates import recorded_day
from xtbang.domain.ledger_lines import enter, reversed_line
from xtbang.models import CountyMatch, FundingDocument, LedgerEntry, Project
from xtbang.papers.facts import common as facts
from xtbang.queries.ledger import Balances, balances_of
from xtbang.rules.edition import Instalment
from xtbang.rules.money import format_wan, wan, yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.payment import county_not_matched, county_not_paid
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.subsidy import county_share, instalments_after
from xtbang.rules.term import in_chinese

IN_FORCE, ACCEPTED = "in_force", "accepted"  # kinds of findings: dates of events
BEGUN_BY = {"contract": IN_FORCE, "midterm": "", "acceptance": ACCEPTED}
EVENT_NAMES = {"contract": "合同生效", "midterm": "通过中期检查", "acceptance": "通过验收"}


def ledger(context: Context) -> Balances:
    """Return the project's balances (余额)."""
    return balances_of(context.rows.of(LedgerEntry))


def amount_in(context: Context, key: str = "amount") -> Decimal:
    """Return the amount in a money field, in yuan."""
    return yuan_from_wan(context.data[key])


def date_in(context: Context, key: str) -> date:
    """Return the date in a date field."""
    return date.fromisoformat(context.data[key])


def subsidy_of(project: Project) -> Decimal:
    """Return the municipal subsidy in yuan; 0 before 拟立项 and on the market track."""
    return project.subsidy_city or Decimal(0)


def city_instalment(context: Context, number: int) -> Decimal:
    """Return the city's instalment of that number, from 1, in yuan."""
    return instalments_after(context.edition, subsidy_of(context.project), paid_of(context, "city"))[number - 1]


def paid_of(context: Context, source: str) -> dict[int, Decimal]:
    """Return what that treasury has paid of each instalment."""
    return {number: amount for (payer, number), amount in ledger(context).instalments.items() if payer == source}


def county_instalment(context: Context, number: int) -> Decimal:
    """Return the county's instalment of that number, from 1, in yuan: 1 : 1 with the city's."""
    project = context.project
    whole = project.subsidy_county
    if whole is None:
        whole = county_share(context.edition, subsidy_of(project))
    return instalments_after(context.edition, whole, paid_of(context, "county"))[number - 1]


def unpaid(context: Context, lowered_to: Decimal | None = None) -> list[Instalment]:
    """Return the instalments that the city has still to pay, in order; one of nothing, after a reduction, is none.

    ``lowered_to``: the subsidy that a change is about to fix, in yuan; without it that of the project.
    """
    paid = paid_of(context, "city")
    subsidy = context.project.subsidy_city if lowered_to is None else lowered_to
    amounts = instalments_after(context.edition, subsidy or Decimal(0), paid)
    planned = zip(context.edition.instalments, amounts, strict=True)
    return [item for item, amount in planned if item.number not in paid and (amount > 0 or subsidy is None)]


def unpaid_after(context: Context, event: str) -> list[Instalment]:
    """Return the instalments after that event which the city has still to pay, in order."""
    return [item for item in unpaid(context) if item.after == event] if context.edition.paid_after(event) else []


def instalments_left(context: Context) -> list[Instalment]:
    """Return the instalments that the city has still to pay in this state, in order."""
    return unpaid_after(context, context.life.states[context.acted_in].pays)


def instalment_due(context: Context) -> Instalment | None:
    """Return the instalment that the city pays next in this state; None when there is none."""
    return next(iter(instalments_left(context)), None)


def due_now(context: Context) -> Instalment:
    """Return the instalment that the city pays next in this state. Raise LookupError when there is none."""
    item = instalment_due(context)
    if item is None:
        raise LookupError(f"no instalment is due in {context.acted_in}")
    return item


def awaited(context: Context, item: Instalment) -> str:
    """Return what an instalment waits for, in a word: 凭证和配套."""
    county = context.edition.county_ratio.value
    parts = {
        "凭证": {"voucher_present", "issuer_has_paid"} & {*item.needs},
        "配套": {"county_match_confirmed", "county_earlier_recorded"} & {*item.needs} if county else set(),
    }
    return "和".join(word for word, needs in parts.items() if needs) or "条件"


@prefill
def city_payment_due(context: Context) -> str:
    """Return the instalment that the city pays in this state, in 万元; blank before the subsidy is fixed."""
    item = instalment_due(context)
    return wan(city_instalment(context, item.number)) if item and context.project.subsidy_city is not None else ""


@prefill
def county_match_due(context: Context) -> str:
    """Return the share of this instalment that the county confirms, in 万元; blank before the subsidy is fixed."""
    item = instalment_due(context)
    return wan(county_instalment(context, item.number)) if item and context.project.subsidy_city is not None else ""


def county_match(context: Context, number: int) -> CountyMatch | None:
    """Return the county's confirmation of that instalment."""
    return next(
        (row for row in context.rows.of(CountyMatch) if row.instalment == number and row.voided_at is None), None
    )


def too_long(values: Mapping[str, Any], **most: int) -> Iterator[Reason]:
    """Yield reasons against texts with more characters than a ledger line can hold.

    Limits of a form are in 字 and count a whole word as one.
    """
    for key, limit in most.items():
        length = len(values.get(key) or "")
        if length > limit:
            yield Reason("F.limit", f"共 {length} 个字符，最多 {limit} 个。", field=key)


def not_exactly(context: Context, rule: str, what: str, due: Decimal) -> Iterator[Reason]:
    """Yield a reason unless the ``amount`` filled in is exactly what is due; yuan."""
    given = amount_in(context)
    if given != due:
        text = f"{what}应为 {format_wan(due)}，填报为 {format_wan(given)}。"
        yield Reason(rule, text, context.cite("money"), field="amount")


@guard
def instalment_conditions(context: Context) -> Iterator[Reason]:
    """Yield every reason of the conditions (needs) that the edition sets to the instalment that is due."""
    item = instalment_due(context)
    for name in item.needs if item else ():
        yield from GUARDS[name](context)


@guard
def county_match_confirmed(context: Context) -> Iterator[Reason]:
    """Yield a reason while the county or park has not confirmed its part of the instalment that is due."""
    item = due_now(context)
    due = county_instalment(context, item.number)
    if due and county_match(context, item.number) is None:
        yield county_not_matched(context.edition, context.project.region, item, due)


@guard
def county_earlier_recorded(context: Context) -> Iterator[Reason]:
    """Yield a reason for every earlier instalment whose part the county or park has not recorded as paid."""
    paid, number = ledger(context).instalments, due_now(context).number
    for item in context.edition.instalments[: number - 1]:
        due = county_instalment(context, item.number)
        if due and ("county", item.number) not in paid:
            yield county_not_paid(context.edition, context.project.region, item, due)


@form_guard
@reads("amount:money")
def amount_is_instalment(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the amount is exactly the instalment that is due."""
    item = due_now(context)
    yield from not_exactly(context, "A7.instalment", f"{item.name}拨付金额", city_instalment(context, item.number))


@form_guard
@reads("paid_on:date note:text")
def payment_date_sane(context: Context) -> Iterator[Reason]:
    """Yield a reason when the payment is dated in the future or before the state that allows it began."""
    paid_on = date_in(context, "paid_on")
    since = recorded_day(context, BEGUN_BY[due_now(context).after], context.project.state_since)
    if paid_on > context.today:
        yield Reason("date.future", "拨付日期不能晚于今天。", field="paid_on")
    if paid_on < since and reversed_line(context, context.data.get("note", ""), paid_on) is None:
        event = EVENT_NAMES[due_now(context).after]
        text = f"拨付日期{in_chinese(paid_on)}早于{event}的日期{in_chinese(since)}。"
        yield Reason("date.early", text, context.cite("money"), field="paid_on")


def pay_city(context: Context) -> Instalment:
    """Enter the city's instalment that is due, as it was approved. Return the instalment."""
    project, data, item = context.project, context.data, due_now(context)
    number = item.number
    amount, paid_on = amount_in(context), date_in(context, "paid_on")
    enter(context, "instalment", "city", amount, paid_on, instalment=number, note=data["note"])
    project.first_paid_on = project.first_paid_on or paid_on
    end_detour(context)
    return item


def end_detour(context: Context) -> None:
    """Delete where a payment that is made again leads back to, once the project is there."""
    project = context.project
    if project.state == project.resumes:
        project.resumes = None


def pay_instalment(context: Context) -> Instalment | None:
    """Pay the city's instalment that is due; return it if it is the last one in this state.

    After any other one the parties and the county get a mail, and the state goes on. One that is paid again after it was
    reversed (冲正) begins nothing anew: the project goes on where it was.
    """
    item = pay_city(context)
    following = instalment_due(context)
    again = _paid_before(context, item)
    if following is None and not again:
        return item
    notify(context, "instalment_paid", to_parties(), instalment=item.name, amount=amount_in(context))
    if following is not None:
        notify(context, "instalment_paid_county", to_county(), instalment=item.name, following=following.name)
    elif context.project.state in context.policy.final:
        CONSEQUENCES["close_project"](context)
    return None


def _paid_before(context: Context, item: Instalment) -> bool:
    lines = (line for line in context.rows.of(LedgerEntry) if line.reverses_id is None)
    return sum((line.source, line.instalment) == ("city", item.number) for line in lines) > 1


def owed_again(context: Context) -> list[Instalment]:
    """Return the city's instalments that were paid, reversed (冲正) and not paid again, in order."""
    lines = context.rows.of(LedgerEntry)
    paid = balances_of(lines).instalments
    once = {line.instalment for line in lines if line.kind == "instalment" and line.source == "city"}
    return [item for item in context.edition.instalments if item.number in once and ("city", item.number) not in paid]


def pays(context: Context, item: Instalment) -> str:
    """Return the state in which the city pays that instalment."""
    return next(state.id for state in context.life.states.values() if state.pays == item.after)


def state_after_payment(context: Context, after: str) -> str:
    """Return the state after the instalment that is due is paid; ``after`` when nothing else is to be paid or resumed."""
    left, project = instalments_left(context), context.project
    if len(left) > 1:
        return project.state
    return _next_to_pay(context, after, [item for item in unpaid(context) if item not in left])


def state_when_lowered(context: Context, city: Decimal, after: str) -> str:
    """Return the state once the subsidy is lowered to ``city`` (yuan): the present one as long as anything is paid in it."""
    here = context.life.states[context.project.state].pays
    left = unpaid(context, city)
    if not here or any(item.after == here for item in left):
        return context.project.state
    return _next_to_pay(context, after, left)


def _next_to_pay(context: Context, after: str, left: list[Instalment]) -> str:
    """Return where one of these unpaid instalments is paid again, or is paid at all before the end; otherwise ``after``."""
    to, again = context.project.resumes or after, owed_again(context)
    others = [item for item in left if item in again or to in context.policy.final]
    return pays(context, others[0]) if others else to


@reads("payee_name:text payee_bank:text payee_account:text", "contract")
def payee(context: Context) -> dict[str, Any]:
    """Return name, bank and account of the payee (收款单位): as in the contract; before there is one, the issuer."""
    values = frozen(context, context.project.contract)
    issuer = context.project.issuer
    return {
        "name": values.get("payee_name") or issuer.name,
        "bank_name": values.get("payee_bank") or issuer.bank_name,
        "bank_account": values.get("payee_account") or issuer.bank_account,
    }


def other_payee(context: Context, name: str) -> Iterator[Reason]:
    """Yield as advice that the payee is called otherwise than the issuer, who receives the subsidy."""
    issuer = context.project.issuer.name
    if name and name != issuer:
        text = f"补助资金收款单位填写的是{quoted(name)}，不是发榜方{quoted(issuer)}；补助资金拨付给发榜方，请核对。"
        yield Reason("A7.payee", text, context.cite("money"), Force.ADVICE, field="payee_name")


def funding_of(context: Context) -> dict[str, Any] | None:
    """Return number and day of the joint document (立项及资金文件); None before there is one."""
    found = next(iter(context.rows.of(FundingDocument)), None)
    return {"number": found.number, "dated": found.dated.isoformat()} if found else None


def match_of(context: Context, number: int) -> dict[str, Any] | None:
    """Return number, day and amount of the county's confirmation of that instalment, or None."""
    found = county_match(context, number)
    if found is None:
        return None
    return {"number": found.number, "dated": found.dated.isoformat(), "amount": facts.money(found.amount)}
