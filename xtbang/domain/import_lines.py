"""The lines of a county's table of past projects (导入): the conditions of each."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.registry import form_guard, options
from xtbang.domain.payment_numbers import slip_number_taken
from xtbang.enums import KIND_LABELS, SOURCE_LABELS
from xtbang.models import Project
from xtbang.queries.organisations import known_as, organisation_with
from xtbang.rules.import_table import COME_BACK
from xtbang.rules.money import format_wan, yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

RUNNING, CLOSED, ENDED = "execution", "closed", "terminated"  # the states in which a project comes in
ZERO = Decimal(0)
LINES = "payments:rows(source instalment amount dated note)"


@options
def import_kinds(context: Context) -> dict[str, str]:
    """Return the kinds of entry of the edition."""
    return {kind: label for kind, label in KIND_LABELS.items() if kind in context.edition.forms}


@options
def import_regions(context: Context) -> dict[str, str]:
    """Return the regions of the edition, by their names."""
    return {region: region for region in context.edition.regions}


@form_guard
@reads("number:text")
def number_free(context: Context) -> Iterator[Reason]:
    """Yield a reason when another project has that number."""
    number = context.data["number"]
    known = context.session.scalars(select(Project).where(Project.number == number)).first()
    if known is not None and known is not context.project:
        yield Reason("import.number", f"项目编号 {number} 已用于{quoted(known.title)}。", field="number")


@form_guard
@reads("issuer_name:text issuer_code:uscc bidder_name:text bidder_code:uscc")
def parties_as_registered(context: Context) -> Iterator[Reason]:
    """Yield reasons when a code is registered under another name, or both parties are one."""
    data = context.data
    issuer, bidder = (data["issuer_code"], data["issuer_name"]), (data["bidder_code"], data["bidder_name"])
    for party, label, (code, name) in (("issuer", "发榜方", issuer), ("bidder", "揭榜方", bidder)):
        row = organisation_with(context.session, code)
        if row is not None and name not in known_as(context.session, [row.id]):
            text = f"{label}的代码 {code} 登记的单位是{quoted(row.name)}，表中为{quoted(name)}，请核对。"
            yield Reason("import.party", text, field=f"{party}_name")
    if data["issuer_code"] == data["bidder_code"]:
        yield Reason("A6.issuer", "发榜方和揭榜方是同一个单位。", context.cite("partners"), field="bidder_code")


@form_guard
@reads(f"state:choice({RUNNING} {CLOSED} {ENDED}) starts_on:date ends_on:date closed_on:date {LINES}")
@reads("issuer_paid:money issuer_paid_on:date")
def import_days_in_order(context: Context) -> Iterator[Reason]:
    """Yield reasons for days in the future, and for those that cannot follow each other."""
    data, today = context.data, context.today
    start, end, closed = day_said(data["starts_on"]), day_said(data["ends_on"]), day_said(data["closed_on"])
    if start and end and end <= start:
        yield Reason("import.term", "实施结束日期须晚于开始日期。", field="ends_on")
    if start and start > today:
        yield Reason("date.future", "实施开始日期不能晚于今天：还没有开始的项目在系统里办理。", field="starts_on")
    over = data["state"] in (CLOSED, ENDED)
    if over and closed is None:
        yield Reason("import.closed_on", "办结或者已终止的项目须填写办结或终止日期。", field="closed_on")
    if not over and closed is not None:
        yield Reason("import.closed_on", "实施中的项目没有办结或终止日期，请核对项目状态。", field="closed_on")
    if closed and closed > today:
        yield Reason("date.future", "办结或终止日期不能晚于今天。", field="closed_on")
    if closed and start and closed < start:
        yield Reason("import.closed_on", "办结或终止日期早于实施开始日期。", field="closed_on")
    yield from _payment_days(context)


def _payment_days(context: Context) -> Iterator[Reason]:
    """Yield reasons for payments without a day, or with one that is to come."""
    data, today = context.data, context.today
    paid_on = day_said(data["issuer_paid_on"])
    if bool(data["issuer_paid"]) != bool(paid_on):
        missing = "issuer_paid" if paid_on else "issuer_paid_on"
        yield Reason("import.issuer_paid", "发榜方付款的金额和日期须填齐，没有的都不填。", field=missing)
    if paid_on and paid_on > today:
        yield Reason("date.future", "发榜方最后付款日期不能晚于今天。", field="issuer_paid_on")
    for place, line in enumerate(data["payments"]):
        if (day := day_said(line["dated"])) and day > today:
            text = f"{_named(line)}的日期{in_chinese(day)}晚于今天。"
            yield Reason("date.future", text, field=f"payments.{place}.dated")


@form_guard
@reads(f"state:choice({RUNNING} {CLOSED} {ENDED}) total:money subsidy_city:money subsidy_county:money {LINES}")
def import_money_adds_up(context: Context) -> Iterator[Reason]:
    """Yield reasons when what was paid and came back does not fit the subsidy and the state of the project."""
    data, cited = context.data, context.cite("money")
    granted = {"city": yuan_from_wan(data["subsidy_city"]), "county": yuan_from_wan(data["subsidy_county"])}
    if not granted["city"]:
        yield Reason(
            "import.subsidy", "市级补助资金须大于 0：没有财政补助的项目不在台账，不用导入。", field="subsidy_city"
        )
    if sum(granted.values()) > yuan_from_wan(data["total"]):
        yield Reason("import.total", "市县补助合计超过科研投入总额。", cited, field="total")
    paid = {source: _sum(context, source, back=False) for source in granted}
    back = {source: _sum(context, source, back=True) for source in granted}
    for source, label in ((each, SOURCE_LABELS[each]) for each in granted):
        if paid[source] > granted[source]:
            text = f"{label}已拨 {format_wan(paid[source])}，超过补助 {format_wan(granted[source])}。"
            yield Reason("import.paid", text, cited, field=f"subsidy_{source}")
        if back[source] > paid[source]:
            text = f"{label}追回 {format_wan(back[source])}，超过已拨 {format_wan(paid[source])}。"
            yield Reason("import.back", text, cited, field="payments")
    if any(back.values()) and data["state"] != ENDED:
        yield Reason("import.back", "有追回的资金，项目状态须为“已终止”。", cited, field="state")
    yield from _instalments_in_order(context)
    if data["state"] == CLOSED and paid["city"] < granted["city"]:
        text = (
            f"办结的项目，市级补助应已全部拨付：补助 {format_wan(granted['city'])}，已拨 {format_wan(paid['city'])}。"
        )
        yield Reason("import.closed", text, cited, field="state")


def _instalments_in_order(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the instalments of the city are those that the state asks for, one after the other."""
    data, edition, cited = context.data, context.edition, context.cite("money")
    numbers = [instalment_of(line) for line in data["payments"] if line["source"] == "city" and instalment_of(line)]
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        yield Reason("import.instalments", "市级拨付须从第 1 期起逐期填写。", cited, field="payments")
    first = len(edition.paid_after("contract"))
    before_end = len(edition.instalments) - len(edition.paid_after("acceptance"))
    if data["state"] == RUNNING and not first <= len(numbers) <= before_end:
        text = (
            f"实施中的项目，市级应已拨付第 1 至 {first} 期，验收以后的各期尚未拨付；表中填了 {len(numbers)} 期。"
            "还没有首拨的项目在系统里办理。"
        )
        yield Reason("import.running", text, cited, field="state")


@form_guard
@reads(LINES)
def import_numbers_unused(context: Context) -> Iterator[Reason]:
    """Yield reasons for numbers of payments under which a treasury has paid or got back already."""
    for place, line in enumerate(context.data["payments"]):
        day = day_said(line["dated"])
        if day is None:
            continue
        kind = "instalment" if instalment_of(line) else "recovered"
        one = replace(context, data={"note": line["note"]})
        known = one, kind, line["source"], "A7", context.cite("money"), day, yuan_from_wan(line["amount"])
        for reason in slip_number_taken(*known):
            yield replace(reason, text=f"{_named(line)}：{reason.text}", field=f"payments.{place}.note")


def day_said(said: Any) -> date | None:
    """Return the day of a date field; None where nothing was filled in."""
    return date.fromisoformat(said) if said else None


def instalment_of(line: Mapping[str, Any]) -> int:
    """Return the number of the instalment of a payment; 0 for money that came back."""
    return int(line["instalment"] or COME_BACK)


def _named(line: Mapping[str, Any]) -> str:
    number = instalment_of(line)
    return f"{SOURCE_LABELS[line['source']]}{f'第{number}期拨付' if number else '追回'}"


def _sum(context: Context, source: str, *, back: bool) -> Decimal:
    data = context.data
    wanted = (line for line in data["payments"] if line["source"] == source and (not instalment_of(line)) == back)
    return sum((yuan_from_wan(line["amount"]) for line in wanted), ZERO)
