"""征集 (solicitation): officers check completeness and eligibility; the entry is accepted, returned or refused."""

from collections.abc import Iterator
from datetime import date

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_issuer
from xtbang.actions.registry import KNOWN, effect, form_guard, known, options, prefill
from xtbang.domain.event_dates import far_ahead
from xtbang.domain.printed_forms import store_code
from xtbang.models import Remark
from xtbang.queries.documents import latest_of
from xtbang.rules.dates import day_of
from xtbang.rules.forms import check
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese
from xtbang.rules.values import readable_value
from xtbang.stages.draft import draft_of, form_of


@options
def form_fields(context: Context) -> dict[str, str]:
    """Return every field of the entry's form: key → label."""
    return {field.key: field.label for field in form_of(context).fields}


@options
def checklist(context: Context) -> dict[str, str]:
    """Return the lines that an officer ticks to accept an entry (受理)."""
    return {line: line for line in context.edition.checklist}


@prefill
def known_lines(context: Context) -> list[str]:
    """Return the lines of the checklist that the program has found true; the officer confirms the others."""
    facts = context.policy.known_lines
    checked = {line: facts.get(line) or facts.get(line.partition("（")[0]) for line in context.edition.checklist}
    return [line for line, fact in checked.items() if fact and KNOWN[fact](context)]


@known
def registered_alike(context: Context) -> bool:
    """Return whether the form names the issuer and its credit code as they are registered and confirmed."""
    issuer, draft = context.project.issuer, draft_of(context).draft
    asked = [field for field in form_of(context).fields if field.profile in ("name", "uscc")]
    return issuer.status == "confirmed" and all(
        readable_value(field, draft.get(field.key)) == getattr(issuer, field.profile) for field in asked
    )


@known
def filled_completely(context: Context) -> bool:
    """Return whether every field is complete and within its limit."""
    return not check(form_of(context), draft_of(context).draft, complete=True)


@known
def scan_of_this_version(context: Context) -> bool:
    """Return whether the code on the stamped scan is that of the form as it was submitted."""
    return draft_of(context).scan_note == "read"


@form_guard
@reads("reason:long remarks:rows(field text) correct_by:date")
def remark_written(context: Context) -> Iterator[Reason]:
    """Yield reasons unless a returned entry has a comment and a future correction deadline."""
    if not context.data.get("reason") and not context.data.get("remarks"):
        yield Reason("return.reason", "退回须写明总体意见或至少一条逐项意见。", context.cite("entries"), field="reason")
    until = date.fromisoformat(context.data["correct_by"])
    if until <= context.today:
        yield Reason("return.deadline", "修改截止日期须晚于今天。", context.cite("entries"), field="correct_by")
    yield from far_ahead(context, until, "correct_by", "修改截止日期")


@form_guard
@reads("checklist:choices")
def checklist_ticked(context: Context) -> Iterator[Reason]:
    """Yield a reason for every line of the checklist that is not ticked."""
    for line in context.edition.checklist:
        if line not in context.data.get("checklist", []):
            yield Reason("A4.checklist", f"尚未核对：{line}。", context.cite("entries"), field="checklist")


@form_guard
@reads("scan_looked_at:flag")
def scan_looked_at(context: Context) -> Iterator[Reason]:
    """Yield a reason while a stamped scan that the program could not fully read is unchecked by an officer."""
    note = draft_of(context).scan_note
    if note not in ("", "read") and not context.data.get("scan_looked_at"):
        text = f"盖章扫描件须由经办人打开核对并勾选确认：{note}。"
        yield Reason("N.scan_unread", text, context.edition.articles["papers"], field="scan_looked_at")


@form_guard
@reads("received_on:date late_reason:long")
def papers_received(context: Context) -> Iterator[Reason]:
    """Yield reasons when the papers came before the entry was begun or after today, or late and without a reason to accept."""
    begun = day_of(context.project.created_at)
    typed, until = context.data.get("received_on"), context.project.call.papers_due_on
    received = date.fromisoformat(typed) if typed else None
    if received and received > context.today:
        yield Reason("date.future", "纸质材料收到日期不能晚于今天。", field="received_on")
    elif received and received < begun:
        text = f"纸质材料收到日期{in_chinese(received)}早于本项目开始填报的日期{in_chinese(begun)}。"
        yield Reason("date.early", text, field="received_on")
    elif received and until and received > until and not context.data.get("late_reason"):
        text = f"纸质材料{in_chinese(received)}收到，晚于截止日期{in_chinese(until)}，逾期仍予受理的须写明理由。"
        yield Reason("N1.papers", text, context.cite("entries"), field="late_reason")


@effect
@reads("reason:long remarks:rows(field text) correct_by:date")
def send_back(context: Context) -> None:
    """Send the entry back with comments on its fields and a correction deadline (退回修改)."""
    project = context.project
    project.correct_by = date.fromisoformat(context.data["correct_by"])
    version = latest_of(context.session, project.form_id)
    if version is None:
        raise LookupError("a submitted entry without a version")
    remarks = [(row["field"], row["text"]) for row in context.data.get("remarks", [])]
    if context.data.get("reason"):
        remarks.insert(0, ("", context.data["reason"]))
    context.session.add_all(Remark(version_id=version.id, field=field, text=text) for field, text in remarks)
    store_code(context, project)
    texts = [text for _, text in remarks]
    notify(context, "send_back", to_issuer(), correct_by=project.correct_by, remarks=texts)


@effect
def accept(context: Context) -> None:
    """Put the entry on its list (清单)."""
    project = context.project
    project.listed_at = project.listed_at or context.now
    notify(context, "accept", to_issuer())
    notify(context, "accept_industry", to_bureaus(lead=False), stage=context.life.states[project.state].name)


@effect
@reads("rule:text reason:long")
def refuse(context: Context) -> None:
    """Close the entry, with the rule that excludes it."""
    context.project.closed_at = context.now
    notify(context, "refuse", to_issuer(), rule=context.data["rule"], reason=context.data["reason"])
