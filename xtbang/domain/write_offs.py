"""Write-offs (核销): what cannot come back, by a paper of the court or the council, is a line of the ledger of its own."""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_bureaus, to_county, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.ledger_lines import enter
from xtbang.domain.payments import amount_in, date_in, ledger, too_long
from xtbang.domain.recovery import article_of_claim
from xtbang.domain.repayment import follow_plan
from xtbang.models import WriteOff
from xtbang.papers.facts import common as facts
from xtbang.papers.facts.write_off import write_off
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.payment_number import normalised
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES


def proposed(context: Context) -> WriteOff | None:
    """Return the proposal that waits for the offices."""
    return next((row for row in context.rows.of(WriteOff) if row.status == "open"), None)


def _waiting(context: Context) -> WriteOff:
    row = proposed(context)
    if row is None:
        raise LookupError("no write-off is proposed")
    return row


@guard
def no_write_off_open(context: Context) -> Iterator[Reason]:
    """Yield a reason while a proposal waits for the offices."""
    row = proposed(context)
    if row:
        text = f"{SOURCES[row.source]}核销 {format_wan(row.amount)}的申请正在审批。"
        yield Reason("A11.write_off", text, context.cite("recovery"))


@form_guard
@reads("source:choice(city county) amount:money document:text")
def write_off_within_due(context: Context) -> Iterator[Reason]:
    """Yield a reason when more is to be written off than is still due to that treasury."""
    source, amount = context.data["source"], amount_in(context)
    rest = ledger(context).outstanding[source]
    yield from too_long(context.data, document=120)
    if amount <= 0:
        yield Reason("A11.write_off", "核销金额须大于 0。", article_of_claim(context), field="amount")
    elif amount > rest:
        text = f"{SOURCES[source]}尚未收回 {format_wan(rest)}，填报核销 {format_wan(amount)}。"
        yield Reason("A11.write_off", text, article_of_claim(context), field="amount")
    paper = normalised(context.data["document"])
    for row in context.rows.of(WriteOff):
        if row.status == "approved" and row.source == source and normalised(row.document) == paper:
            done = f"{quoted(row.document)}已经据以核销{SOURCES[source]} {format_wan(row.amount)}"
            text = f"{done}，同一文书只核销一次；核销有误的，先冲正。"
            yield Reason("A11.write_off_twice", text, article_of_claim(context), field="document")


@effect
@reads("source:choice(city county) amount:money document:text dated:date file:file reason:long")
def propose_write_off(context: Context) -> None:
    """Ask the offices to write off what cannot come back."""
    data, file_id = context.data, context.file_id("file")
    if file_id is None:
        raise LookupError("a write-off without its paper")
    context.session.add(
        WriteOff(
            project_id=context.project.id,
            source=data["source"],
            amount=amount_in(context),
            document=data["document"],
            dated=date_in(context, "dated"),
            file_id=file_id,
            reason=data["reason"],
            proposed_at=context.now,
            proposed_by_id=context.actor.person_id,
        )
    )
    source = SOURCES[data["source"]]
    notify(context, "propose_write_off", to_bureaus(), source=source, amount=amount_in(context), reason=data["reason"])


@guard
def write_off_open(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a proposal waits, for no more than is still due."""
    row = proposed(context)
    if row is None:
        yield Reason("A11.write_off", "没有待审批的核销申请。", context.cite("recovery"), nothing=True)
        return
    rest = ledger(context).outstanding[row.source]
    if row.amount > rest:
        text = f"申请核销 {format_wan(row.amount)}，现在尚未收回的只有 {format_wan(rest)}，请不予核销，由财政部门重新申请。"
        yield Reason("A11.write_off", text, article_of_claim(context))


@guard
def write_off_waits(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a proposal waits."""
    if proposed(context) is None:
        yield Reason("A11.write_off", "没有待审批的核销申请。", context.cite("recovery"), nothing=True)


@effect
def approve_write_off(context: Context) -> None:
    """Enter the line of the ledger and issue its paper; a restriction that was decided stays."""
    row, project = _waiting(context), context.project
    row.status, row.decided_at = "approved", context.now
    enter(context, "written_off", row.source, row.amount, context.today, note=row.document, file_id=row.file_id)
    follow_plan(context)
    sums = ledger(context)
    now = context.trigger, context.role, context.actor.name, context.now
    printed = write_off(
        project,
        context.edition,
        row,
        due=sums.due[row.source],
        recovered=sums.recovered.get(row.source, facts.NOTHING),
        signed=facts.signers(context.session, context.policy.city, project.id, *now),
        finance=context.policy.city.finance.name,
    )
    issue(context, "write_off", "财政资金核销审批单", printed, subject=f"write_off:{row.id}")
    told = to_role("finance"), to_parties(), to_county()
    notify(context, "approve_write_off", *told, source=SOURCES[row.source], amount=row.amount)


@effect
@reads("reason:long")
def refuse_write_off(context: Context) -> None:
    """Refuse the proposal: the money is still claimed."""
    row = _waiting(context)
    row.status, row.decided_at = "refused", context.now
    reason = context.data["reason"]
    notify(
        context, "refuse_write_off", to_role("finance"), source=SOURCES[row.source], amount=row.amount, reason=reason
    )
