"""冲正: a line of the ledger is taken back by another one that points to it, or entered again as it should be."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_county, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard, leads_back, options
from xtbang.domain.common import chosen_id
from xtbang.domain.corrections import correct, make_void, proposed_by
from xtbang.domain.ledger_lines import enter, reverse
from xtbang.domain.payment_approvals import ORDER, subject_of, void_approval
from xtbang.domain.payment_numbers import slip_number_taken
from xtbang.domain.payments import amount_in, date_in, ledger, owed_again, pays
from xtbang.domain.recovered import came_after_paid
from xtbang.domain.recovery import ENDED, claim_back, due_from, ended_by
from xtbang.domain.repayment import follow_plan
from xtbang.enums import LEDGER_LABELS, SOURCE_LABELS
from xtbang.models import Event, LedgerEntry, Paper, WriteOff
from xtbang.papers.facts.correction import Change
from xtbang.queries.ledger import standing
from xtbang.rules.dates import day_of
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import Cause
from xtbang.rules.term import in_chinese

ENTERED = ("instalment", "recovered", "surplus", "surplus_returned")  # kinds of lines, entered anew as they should be
KINDS = {"amend_line": ENTERED, "reverse_line": (*ENTERED, "written_off")}


def _correctable(context: Context) -> dict[str, LedgerEntry]:
    """Return the lines that this office may correct, each treasury its own; in a confirmation only the chosen line."""
    first, found = proposed_by(context), {}
    for line in standing(context.rows.of(LedgerEntry)):
        of_county = line.kind == "instalment" and line.source == "county"
        if first is not None:
            mine = str(line.id) == first.data["line"] and (of_county or context.role != "county")
        else:
            mine = of_county == (context.role == "county")
        if line.kind in KINDS[context.trigger] and mine:
            found[str(line.id)] = line
    return found


def _line_of(context: Context) -> LedgerEntry | None:
    return context.session.get(LedgerEntry, chosen_id(context, "line"))


def _line_name(context: Context, line: LedgerEntry) -> str:
    what = context.edition.instalments[line.instalment - 1].name if line.instalment else LEDGER_LABELS[line.kind]
    return f"{SOURCE_LABELS[line.source]}{what}"


@options
def correctable_lines(context: Context) -> dict[str, str]:
    """Return the lines of the ledger that can be reversed or entered anew: payments and recovered money."""
    return {
        key: f"{_line_name(context, line)} {format_wan(line.amount)}，{in_chinese(line.dated)}，凭证号 {line.note}"
        for key, line in _correctable(context).items()
    }


@guard
def line_correctable(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a line that this office may correct."""
    if not _correctable(context):
        yield Reason("A7.line", "资金台账里没有可以由本部门更正的登记。", context.cite("money"), nothing=True)


@form_guard
@reads("line:choice")
def line_stands(context: Context) -> Iterator[Reason]:
    """Yield a reason when the line was reversed already, or is another office's to correct."""
    if context.data["line"] not in _correctable(context):
        yield Reason("A7.line", "这笔登记已经冲正，或者不由本部门更正。", context.cite("money"), field="line")


@form_guard
@reads("line:choice dated:date")
def reversal_sane(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the day is possible and no more has come back than would still be claimed."""
    line, dated = _line_of(context), date_in(context, "dated")
    if line is None:
        return
    if not line.dated <= dated <= context.today:
        text = f"退回或者冲正的日期应在{in_chinese(line.dated)}至今天之间。"
        yield Reason("date.early", text, context.cite("money"), field="dated")
    sums = ledger(context)
    if line.kind == "surplus" and sums.surplus_held[line.source] < line.amount:
        text = "这笔多缴的资金已经退还，先冲正退还，再冲正多缴。"
        yield Reason("A11.surplus", text, context.cite("recovery"), field="line")
    if line.kind == "instalment" and line.source in sums.due:
        decision, paid = ended_by(context), {line.source: sums.paid[line.source] - line.amount}
        due = due_from(context, paid, Cause(decision.cause) if decision else None)[line.source]
        back = sums.recovered.get(line.source)
        if back and back > due:
            text = f"冲正后应追缴 {format_wan(due)}，已登记追回 {format_wan(back)}：先冲正多登记的追回资金，再冲正这笔拨款。"
            yield Reason("A11.recovery", text, context.cite("recovery"), field="line")


@leads_back("reverse_line")
def reopened(context: Context) -> str:
    """Return the state in which the city pays again what is reversed; 终止 where recovered money turns out not to be there."""
    line, state = _line_of(context), context.project.state
    if line is None:
        return state
    if line.kind in ("recovered", "written_off"):
        return "termination" if state == "terminated" else state
    if line.source != "city" or state in ENDED:
        return state
    again = {item.number: item for item in owed_again(context)}
    again[line.instalment or 0] = context.edition.instalments[(line.instalment or 1) - 1]
    return pays(context, again[min(again)])


@effect
@reads("line:choice cause:choice(returned mistaken ruled) dated:date reason:long file:file")
def reverse_line(context: Context) -> None:
    """Take a line back; the city's instalment is to be paid again, what is claimed follows what was paid."""
    line, project, before = _line_of(context), context.project, context.acted_in
    if line is None:
        raise LookupError("no line to reverse")
    cause, dated, name = context.data["cause"], date_in(context, "dated"), _line_name(context, line)
    reverse(context, line, cause, dated, context.file_id("file"))
    old = f"{format_wan(line.amount)}，{in_chinese(line.dated)}，凭证号 {line.note}"
    changes = [Change(name, old, "冲正，不再计入")]
    if project.state != before:
        states = context.life.states
        changes.append(Change("项目环节", states[before].name, states[project.state].name))
    told = to_parties(), to_county(), to_role("finance"), to_bureaus()
    paper = correct(context, "资金冲正单", name, changes, *told, dated=dated, cause=context.label("cause"))
    if line.kind == "instalment" and line.source == "county":
        item = context.edition.instalments[(line.instalment or 1) - 1].name
        notify(context, "pay_again_county", to_county(), instalment=item)
    if line.kind == "instalment" and line.source == "city":
        _reopen(context, line, before)
        void_approval(context, line.instalment or 0)
        make_void(context, paper, ORDER, subject_of(line.instalment or 0))
        if project.state != before:
            make_void(context, paper, "certificate")
    if line.kind == "written_off":
        _reverse_proposal(context, line, paper)
    if project.state != before:
        project.closed_at = None
    if line.kind == "instalment":
        claim_back(context, line.source)
    follow_plan(context)


def _reverse_proposal(context: Context, line: LedgerEntry, by: Paper) -> None:
    """Mark the write-off of that line as reversed, and its paper as void."""
    known = ("approved", line.source, line.amount, line.note)
    rows = (row for row in context.rows.of(WriteOff) if (row.status, row.source, row.amount, row.document) == known)
    if row := next(rows, None):
        row.status = "reversed"
        make_void(context, by, "write_off", f"write_off:{row.id}")


def _reopen(context: Context, line: LedgerEntry, before: str) -> None:
    project = context.project
    days = [row.dated for row in _paid_by_city(context)]
    project.first_paid_on = min(days, default=None)
    if project.state != before and project.resumes is None:
        project.resumes = before


def _paid_by_city(context: Context) -> list[LedgerEntry]:
    lines = standing(context.rows.of(LedgerEntry))
    return [line for line in lines if (line.kind, line.source) == ("instalment", "city")]


@form_guard
@reads("line:choice note:text dated:date amount:money")
def amendment_sane(context: Context) -> Iterator[Reason]:
    """Yield reasons unless something is amended, the number is free, the day possible and the amount one that may stand."""
    line, dated = _line_of(context), date_in(context, "dated")
    if line is None:
        return
    amount = _amended_amount(context, line)
    if (amount, dated, context.data["note"]) == (line.amount, line.dated, line.note):
        yield Reason("A7.line", "与原登记相同，没有需要更正的内容。", context.cite("money"))
    yield from slip_number_taken(
        context, line.kind, line.source, "A7", context.cite("money"), dated, Decimal(0), but=line.id
    )
    if dated > context.today and line.kind not in ("recovered", "surplus"):
        yield Reason("date.future", "日期不能晚于今天。", field="dated")
    since = _entered_state(context, line)
    if line.kind == "instalment" and since and dated < since:
        text = f"拨付日期{in_chinese(dated)}早于具备拨付条件的日期{in_chinese(since)}。"
        yield Reason("date.early", text, context.cite("money"), field="dated")
    if line.kind in ("recovered", "surplus"):
        yield from came_after_paid(context, line.source, dated)
    if amount == line.amount:
        return
    if line.kind in ("surplus", "surplus_returned"):
        text = f"多缴和退还的金额不能更正（{format_wan(line.amount)}）；登记有误的，办理冲正后重新登记。"
        yield Reason("A11.surplus", text, context.cite("recovery"), field="amount")
    elif line.kind == "instalment":
        text = f"每期拨款的金额是确定的（{format_wan(line.amount)}）；实际没有足额到账的，办理冲正后按应拨数重新登记。"
        yield Reason("A7.instalment", text, context.cite("money"), field="amount")
    else:
        most = ledger(context).outstanding[line.source] + line.amount
        if not 0 < amount <= most:
            text = f"追回金额应大于 0，最多 {format_wan(most)}。"
            yield Reason("A11.recovery", text, context.cite("recovery"), field="amount")


def _amended_amount(context: Context, line: LedgerEntry) -> Decimal:
    return amount_in(context) if context.data.get("amount") else line.amount


def _entered_state(context: Context, line: LedgerEntry) -> date | None:
    """Return the day on which the project came to the state in which a payment of the city was recorded."""
    if line.source != "city":
        return context.project.first_paid_on if line.kind == "instalment" else None
    entered = select(Event.at).where(
        Event.project_id == context.project.id,
        Event.id < line.event_id,
        Event.outcome == "moved",
        Event.to_state == pays(context, context.edition.instalments[(line.instalment or 1) - 1]),
    )
    at = context.session.scalars(entered.order_by(Event.id).limit(1)).first()
    return day_of(at) if at else None


@leads_back("amend_line")
def unsettled(context: Context) -> str:
    """Return 终止 where less has come back than was said; otherwise the present state."""
    line, state = _line_of(context), context.project.state
    less = line is not None and line.kind == "recovered" and _amended_amount(context, line) < line.amount
    return "termination" if less and state == "terminated" else state


@effect
@reads("line:choice note:text dated:date amount:money reason:long")
def amend_line(context: Context) -> None:
    """Take a line back that was entered wrongly, and enter it again as it should be: nothing else changes."""
    line, project, before = _line_of(context), context.project, context.acted_in
    if line is None:
        raise LookupError("no line to amend")
    amount, dated, number, name = (
        _amended_amount(context, line),
        date_in(context, "dated"),
        context.data["note"],
        _line_name(context, line),
    )
    reverse(context, line, "mistaken", context.today)
    enter(context, line.kind, line.source, amount, dated, instalment=line.instalment, note=number, file_id=line.file_id)
    changes = [
        Change(label, old, new)
        for label, old, new in (
            ("金额", format_wan(line.amount), format_wan(amount)),
            ("日期", in_chinese(line.dated), in_chinese(dated)),
            ("凭证号", line.note, number),
        )
        if old != new
    ]
    told = to_parties(), to_county(), to_role("finance"), to_bureaus()
    correct(context, "台账更正单", name, changes, *told, dated=context.today)
    if line.kind == "instalment" and line.source == "city":
        project.first_paid_on = min(row.dated for row in _paid_by_city(context))
    follow_plan(context)
    if project.state != before:
        project.closed_at = None
