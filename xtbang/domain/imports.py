"""Imports (导入): the project that a line of a county's table becomes, and the revocation of a wrong one."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from xtbang.actions.context import Context
from xtbang.actions.documents import open_document
from xtbang.actions.notify import notify, to_county, to_parties
from xtbang.actions.registry import CONSEQUENCES, effect, guard, leads_back, options
from xtbang.domain.event_dates import record_day
from xtbang.domain.import_lines import CLOSED, ENDED, LINES, RUNNING, day_said, instalment_of
from xtbang.domain.ledger_lines import MISTAKEN, enter, reverse
from xtbang.domain.payments import IN_FORCE
from xtbang.enums import ORG_KINDS
from xtbang.models import Bid, Event, LedgerEntry, Organisation, Project, ProjectImport
from xtbang.queries.caller import Caller
from xtbang.queries.ledger import standing
from xtbang.queries.organisations import organisation_with
from xtbang.rules.dates import SHANGHAI, last_moment_of
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import is_self_managed

REVOKED = "withdrawn"
FIRMS = "9"  # first digit of the code of an enterprise (GB 32100): registered with the market authority


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
    start, end, closed = day_said(data["starts_on"]), day_said(data["ends_on"]), day_said(data["closed_on"])
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
    lines = sorted(data["payments"], key=lambda line: (not instalment_of(line), line["dated"]))
    for line in lines:
        number, source = instalment_of(line), line["source"]
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
