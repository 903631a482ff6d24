"""Imports (导入): the conditions of a line of a county's table, the project that it becomes, the revocation of a wrong one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import open_document
from xtbang.actions.notify import notify, to_county, to_parties
from xtbang.actions.registry import CONSEQUENCES, effect, form_guard, guard, leads_back, options
from xtbang.domain.event_dates import record_day
from xtbang.domain.ledger_lines import MISTAKEN, enter, reverse
from xtbang.domain.payment_numbers import slip_number_taken
from xtbang.domain.payments import IN_FORCE
from xtbang.enums import KIND_LABELS, ORG_KINDS, SOURCE_LABELS
from xtbang.models import Bid, Event, LedgerEntry, Organisation, Project, ProjectImport
from xtbang.queries.caller import Caller
from xtbang.queries.ledger import standing
from xtbang.queries.organisations import known_as, organisation_with
from xtbang.rules.dates import SHANGHAI, last_moment_of
from xtbang.rules.money import format_wan, yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import is_self_managed
from xtbang.rules.term import in_chinese

RUNNING, CLOSED, ENDED = "execution", "closed", "terminated"  # the states in which a project comes in
REVOKED = "withdrawn"
COME_BACK = 0  # in the column of the instalment: money that came back
ZERO = Decimal(0)
FIRMS = "9"  # first digit of the code of an enterprise (GB 32100): registered with the market authority
LINES = "payments:rows(source instalment amount dated note)"


@options
def import_kinds(context: Context) -> dict[str, str]:
    """Return the kinds of entry of the edition."""
    return {kind: label for kind, label in KIND_LABELS.items() if kind in context.edition.forms}


@options
def import_regions(context: Context) -> dict[str, str]:
    """Return the regions of the edition, by their names."""
    return {region: region for region in context.edition.regions}


@options
def imported_entries(context: Context) -> dict[str, str]:
    """Return the import by which the project came in; nothing for a project that was handed in here."""
    project = context.project
    return {} if project.import_id is None else {str(project.import_id): f"第 {project.import_id} 号导入"}


@guard
def came_from_table(context: Context) -> Iterator[Reason]:
    """Yield a reason for a project that was handed in here."""
    if not imported_entries(context):
        yield Reason("import.origin", "没有导入的记录：本项目是在系统里申报的。", nothing=True)


# ---------------------------------------------------------------- what a line must say


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
    start, end, closed = _day(data["starts_on"]), _day(data["ends_on"]), _day(data["closed_on"])
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
    paid_on = _day(data["issuer_paid_on"])
    if bool(data["issuer_paid"]) != bool(paid_on):
        missing = "issuer_paid" if paid_on else "issuer_paid_on"
        yield Reason("import.issuer_paid", "发榜方付款的金额和日期须填齐，没有的都不填。", field=missing)
    if paid_on and paid_on > today:
        yield Reason("date.future", "发榜方最后付款日期不能晚于今天。", field="issuer_paid_on")
    for place, line in enumerate(data["payments"]):
        if (day := _day(line["dated"])) and day > today:
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
    numbers = [_instalment(line) for line in data["payments"] if line["source"] == "city" and _instalment(line)]
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
        day = _day(line["dated"])
        if day is None:
            continue
        kind = "instalment" if _instalment(line) else "recovered"
        one = replace(context, data={"note": line["note"]})
        known = one, kind, line["source"], "A7", context.cite("money"), day, yuan_from_wan(line["amount"])
        for reason in slip_number_taken(*known):
            yield replace(reason, text=f"{_named(line)}：{reason.text}", field=f"payments.{place}.note")


def _day(said: Any) -> date | None:
    return date.fromisoformat(said) if said else None


def _instalment(line: Mapping[str, Any]) -> int:
    return int(line["instalment"] or COME_BACK)


def _named(line: Mapping[str, Any]) -> str:
    number = _instalment(line)
    return f"{SOURCE_LABELS[line['source']]}{f'第{number}期拨付' if number else '追回'}"


def _sum(context: Context, source: str, *, back: bool) -> Decimal:
    data = context.data
    wanted = (line for line in data["payments"] if line["source"] == source and (not _instalment(line)) == back)
    return sum((yuan_from_wan(line["amount"]) for line in wanted), ZERO)


# ---------------------------------------------------------------- the project that it becomes


def draft_of_line(caller: Caller, row: ProjectImport, line: Mapping[str, Any]) -> Project:
    """Return the draft of a line, not stored: with what the guards ask of a project."""
    values = line["values"]
    return Project(
        call_id=row.call_id,
        edition=row.edition,
        kind=values["kind"],
        state="draft",
        version=1,
        title=values["title"],
        domain=values["domain"],
        region=values["region"],
        created_at=caller.now,
        state_since=caller.now,
        created_by_id=caller.actor.person_id,
        import_id=row.id,
        import_line=line["line"],
    )


def open_draft(caller: Caller, row: ProjectImport, line: Mapping[str, Any]) -> Project:
    """Store the draft of a line, with its parties, in the transaction in which it comes in."""
    session, project, values = caller.session, draft_of_line(caller, row, line), line["values"]
    region = values["region"]
    project.issuer_id = _organisation(caller, values["issuer_code"], values["issuer_name"], region).id
    session.add(project)
    session.flush()
    bidder = _organisation(caller, values["bidder_code"], values["bidder_name"], region)
    definition = caller.policy.edition(project.edition).documents["bid"]
    document = open_document(session, project, "bid", definition, bidder.id)
    begun = datetime.combine(date.fromisoformat(values["starts_on"]), time(), SHANGHAI)
    bid = Bid(project_id=project.id, lead_id=bidder.id, document_id=document.id, status="agreed")
    bid.created_at = bid.submitted_at = begun
    session.add(bid)
    session.flush()
    project.agreed_bid = bid
    return project


def _organisation(caller: Caller, code: str, name: str, region: str) -> Organisation:
    """Return the organisation with that code; one that is not registered is entered, and registers itself later."""
    known = organisation_with(caller.session, code)
    if known is not None:
        return known
    kind = ORG_KINDS[0] if code.startswith(FIRMS) else "事业单位"
    row = Organisation(uscc=code, name=name, kind=kind, region=region, status="confirmed", created_at=caller.now)
    row.confirmed_at, row.confirmed_by_id = caller.now, caller.actor.person_id
    caller.session.add(row)
    caller.session.flush()
    return row


@leads_back("import_project")
def state_of_line(context: Context) -> str:
    """Return the state that the line says; before it is read, the present one."""
    return str(context.data.get("state") or context.project.state)


@effect
@reads("number:text total:money subsidy_city:money subsidy_county:money contract_amount:money")
@reads("issuer_paid:money issuer_paid_on:date")
@reads(f"state:choice({RUNNING} {CLOSED} {ENDED}) starts_on:date ends_on:date closed_on:date {LINES}")
def import_project(context: Context) -> None:
    """Enter a past project with its parties, amounts and days, and its money in the ledger."""
    project, data = context.project, context.data
    start, end, closed = _day(data["starts_on"]), _day(data["ends_on"]), _day(data["closed_on"])
    if start is None or end is None:
        raise LookupError("an imported project without its term")
    project.number, project.submitted_at = data["number"], datetime.combine(start, time(), SHANGHAI)
    project.track = "funded"
    city, county = yuan_from_wan(data["subsidy_city"]), yuan_from_wan(data["subsidy_county"])
    project.planned_total = project.total_investment = yuan_from_wan(data["total"])
    project.subsidy_city, project.subsidy_county = city, county
    project.contract_amount = yuan_from_wan(data["contract_amount"]) if data["contract_amount"] else None
    project.starts_on, project.ends_on = start, end
    project.self_managed = is_self_managed(context.edition, start, end, city)
    project.closed_at = last_moment_of(closed) if closed else None
    context.session.flush()
    record_day(context, IN_FORCE, start)
    _enter_lines(context, closed)
    if data["state"] == RUNNING:
        CONSEQUENCES["begin_work"](context)
    notify(context, "import_project", to_parties(), to_county(), stage=context.life.states[project.state].name)


def _enter_lines(context: Context, ended: date | None) -> None:
    """Enter what was paid; of a terminated project also what was claimed, which is what came back."""
    project, data = context.project, context.data
    if data["issuer_paid"]:
        enter(
            context,
            "issuer_payment",
            "issuer",
            yuan_from_wan(data["issuer_paid"]),
            date.fromisoformat(data["issuer_paid_on"]),
        )
    lines = sorted(data["payments"], key=lambda line: (not _instalment(line), line["dated"]))
    for line in lines:
        number, source = _instalment(line), line["source"]
        amount, dated = yuan_from_wan(line["amount"]), date.fromisoformat(line["dated"])
        if number:
            enter(context, "instalment", source, amount, dated, instalment=number, note=line["note"])
            if source == "city":
                project.first_paid_on = min(project.first_paid_on or dated, dated)
        else:
            enter(context, "recovery_due", source, amount, ended or dated)
            enter(context, "recovered", source, amount, dated, note=line["note"])


# ---------------------------------------------------------------- a wrong import


@guard
def nothing_since_import(context: Context) -> Iterator[Reason]:
    """Yield a reason when something else was done with the project since it came in."""
    events = context.rows.of(Event)
    later = [event for event in events if event.trigger not in ("import_project", "revoke_import", "withhold")]
    if later:
        action = context.policy.actions.get(later[-1].trigger)
        name = quoted(action.name) if action else "其他事项"
        text = f"导入以后已经办理{name}，不能整项撤销；登记有误的用更正、冲正办理。"
        yield Reason("import.used", text, context.life.actions["revoke_import"].article)


@leads_back("revoke_import")
def revoked_state(_context: Context) -> str:
    """Return the state of a project whose import was wrong."""
    return REVOKED


@effect
@reads("reason:long")
def revoke_import(context: Context) -> None:
    """Take a wrong import back: its lines are reversed, its number may be used again."""
    project = context.project
    for line in standing(context.rows.of(LedgerEntry)):
        reverse(context, line, MISTAKEN, context.today)
    notify(context, "revoke_import", to_parties(), to_county(), number=project.number, reason=context.data["reason"])
    project.number = f"{project.number}（导入已撤销 {project.id}）"
