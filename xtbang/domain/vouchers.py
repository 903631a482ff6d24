"""Vouchers (付款凭证): the issuer's payments to the bidder, checked by an officer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, select, union

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen, written
from xtbang.actions.notify import notify, to_bureaus, to_issuer
from xtbang.actions.registry import effect, form_guard, guard, options
from xtbang.domain.consents import to_side
from xtbang.domain.event_dates import accepted_on
from xtbang.domain.ledger_lines import enter
from xtbang.domain.payments import amount_in, date_in, ledger, too_long
from xtbang.domain.receipts import give_receipt_of_file
from xtbang.enums import VOUCHER_LABELS
from xtbang.models import LedgerEntry, Project, StoredFile, Voucher
from xtbang.queries.ledger import balances_of, standing
from xtbang.rules.funding_facts import day, yuan
from xtbang.rules.money import format_sum, format_wan
from xtbang.rules.needs import reads
from xtbang.rules.payment import no_voucher
from xtbang.rules.payment_number import normalised
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.subsidy import check_issuer_payment
from xtbang.rules.term import in_chinese

VOID = ("refused", "withdrawn")


@form_guard
@reads("number:text amount:money paid_on:date")
def voucher_plausible(context: Context) -> Iterator[Reason]:
    """Yield reasons when the number was used in any of the issuer's projects or the payment is in the future."""
    number = context.data["number"]
    yield from too_long(context.data, number=60)
    if not normalised(number):
        yield Reason("A7.voucher_number", "凭证号须含有数字或字母。", context.cite("money"), field="number")
        return
    for known in _handed_in(context, number):
        yield Reason("A7.voucher_twice", _twice(context, number, known), context.cite("money"), field="number")
    if date_in(context, "paid_on") > context.today:
        yield Reason("date.future", "付款日期不能晚于今天。", field="paid_on")
    waiting = sum((row.amount for row in context.rows.of(Voucher) if row.status == "open"), Decimal(0))
    yield from _against_contract(context, amount_in(context), date_in(context, "paid_on"), waiting)


@reads("contract_amount:money contract_signed_on:date", "application")
def _against_contract(context: Context, amount: Decimal, paid_on: date, waiting: Decimal) -> Iterator[Reason]:
    """Yield reasons when the payment is dated before the technical contract or is beyond what the contract leaves.

    ``waiting`` is the sum of other vouchers in the check, in yuan. Before 申报立项 the contract is known from the
    application as it is typed: what differs from it is asked back (advice).
    """
    project, force = context.project, Force.MUST
    values, whole = frozen(context, project.application), project.contract_amount
    if whole is None:
        values, force = written(context, project.application), Force.ADVICE
        whole = yuan(values.get("contract_amount"))
    signed_on, counted = day(values.get("contract_signed_on")), ledger(context).issuer_paid
    if signed_on and paid_on < signed_on:
        text = f"付款日期{in_chinese(paid_on)}早于技术合同签订日期{in_chinese(signed_on)}。"
        yield Reason("A7.voucher_early", text, context.cite("money"), force, field="paid_on")
    elif (taken_in := accepted_on(project)) and paid_on < taken_in:
        text = f"付款日期{in_chinese(paid_on)}早于项目受理日期{in_chinese(taken_in)}。"
        yield Reason("A7.voucher_early", text, context.cite("money"), Force.ADVICE, field="paid_on")
    if whole is not None and counted + waiting + amount > whole:
        known = [f"已认定付款 {format_wan(counted)}"] + [f"待核验 {format_wan(waiting)}"] * bool(waiting)
        text = (
            f"{'、'.join(known)}，加上本凭证 {format_wan(amount)}共 {format_sum(counted + waiting + amount)}，"
            f"超过技术合同金额 {format_wan(whole)}。"
        )
        yield Reason("A7.contract_amount", text, context.cite("money"), force, field="amount")


@effect
@reads("number:text amount:money paid_on:date file:file")
def submit_voucher(context: Context) -> None:
    """Store the voucher for the check; one that was refused or taken back may be submitted again, corrected."""
    file_id = context.file_id("file")
    if file_id is None:
        raise LookupError("a voucher without its file")
    number, amount = context.data["number"], amount_in(context)
    row = _void(context, number) or Voucher(project_id=context.project.id)
    row.number = number
    row.amount, row.paid_on, row.file_id = amount, date_in(context, "paid_on"), file_id
    row.status, row.uploaded_at = "open", context.now
    row.checked_at, row.checked_by_id, row.note = None, None, ""
    context.session.add(row)
    context.session.flush()
    form = f"付款凭证 {number}（{format_wan(amount)}，{in_chinese(row.paid_on)}付款）"
    receipt = give_receipt_of_file(context, file_id, form, f"voucher:{row.id}")
    notify(context, "submit_voucher_issuer", to_issuer(), number=number, receipt=receipt)
    notify(context, "submit_voucher", to_bureaus(), number=number, amount=amount)
    bidder = to_side(context.project, "bidder")
    notify(context, "submit_voucher_bidder", bidder, number=number, amount=amount, paid_on=row.paid_on)


@options
def open_vouchers(context: Context) -> dict[str, str]:
    """Return the vouchers that wait for the check."""
    return {
        str(row.id): f"{row.number}：{format_wan(row.amount)}，{in_chinese(row.paid_on)}付款"
        for row in context.rows.of(Voucher)
        if row.status == "open"
    }


@guard
def voucher_open(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a voucher to check."""
    if not open_vouchers(context):
        yield Reason("A7.voucher", "没有待核验的付款凭证。", context.cite("money"), nothing=True)


@form_guard
@reads("voucher:choice outcome:choice(accepted refused)")
def voucher_within_contract(context: Context) -> Iterator[Reason]:
    """Yield reasons when the payment does not agree with the technical contract, or it is not known yet."""
    key = context.data["voucher"]
    if context.data["outcome"] == "accepted" and key in open_vouchers(context):
        yield from within_contract(context, context.session.get_one(Voucher, int(key)))


def within_contract(context: Context, row: Voucher) -> Iterator[Reason]:
    """Yield reasons when that payment does not agree with the technical contract, or it is not known yet."""
    if context.project.contract_amount is None:
        yield Reason(
            "A7.contract_amount", "技术合同金额在申报立项时确定，申报立项后方可认定付款凭证。", context.cite("money")
        )
        return
    for reason in _against_contract(context, row.amount, row.paid_on, Decimal(0)):
        yield replace(reason, field="voucher")


@effect
@reads("voucher:choice")
def withdraw_voucher(context: Context) -> None:
    """Take back a voucher that no officer has checked yet; the bureaus are notified."""
    row = context.session.get_one(Voucher, int(context.data["voucher"]))
    row.status, row.note = "withdrawn", ""
    row.checked_at, row.checked_by_id = context.now, context.actor.person_id
    notify(context, "withdraw_voucher", to_bureaus(), number=row.number, amount=row.amount)


@effect
@reads("voucher:choice outcome:choice(accepted refused) note:text")
def check_voucher(context: Context) -> None:
    """Accept (认定) the voucher and enter it in the ledger, or refuse it; the issuer is notified."""
    row = context.session.get_one(Voucher, int(context.data["voucher"]))
    row.status = context.data["outcome"]
    row.checked_at = context.now
    row.checked_by_id = context.actor.person_id
    row.note = context.data.get("note", "")
    number, amount = row.number, row.amount
    if row.status == "accepted":
        enter(context, "issuer_payment", "issuer", row.amount, row.paid_on, note=row.number, file_id=row.file_id)
        notify(context, "check_voucher", to_issuer(), number=number, amount=amount, total=ledger(context).issuer_paid)
    else:
        notify(context, "check_voucher_refused", to_issuer(), number=number, amount=amount, note=row.note)


def _same(context: Context, number: str, *which: ColumnElement[bool]) -> list[Voucher]:
    """Return the vouchers of that number, however it is written, oldest first."""
    query = select(Voucher).join(Project, Project.id == Voucher.project_id)
    query = query.where(Voucher.compared == normalised(number), *which)
    return list(context.session.scalars(query.order_by(Voucher.id)))


def _handed_in(context: Context, number: str) -> list[Voucher]:
    """Return the issuer's vouchers of that number in all of its projects, except those that are void."""
    return _same(context, number, Project.issuer_id == context.project.issuer_id, Voucher.status.not_in(VOID))


def _void(context: Context, number: str) -> Voucher | None:
    """Return the voucher of that number that was refused or taken back: it may be submitted again, corrected."""
    rows = _same(context, number, Voucher.project_id == context.project.id, Voucher.status.in_(VOID))
    return rows[0] if rows else None


def _twice(context: Context, number: str, known: Voucher) -> str:
    state = VOUCHER_LABELS[known.status]
    written = " " if known.number == number else f"（原填 {known.number}）"
    where = ""
    if known.project_id != context.project.id:
        other = context.session.get_one(Project, known.project_id)
        where = f"在项目 {other.number}{quoted(other.title)}"
    return f"凭证号 {number}{written}已{where}提交过（{format_wan(known.amount)}，{state}），同一凭证只计一次。"


@form_guard
@reads("voucher:choice outcome:choice(accepted refused)")
def voucher_not_counted_elsewhere(context: Context) -> Iterator[Reason]:
    """Yield a reason when the same voucher was accepted for another project: the first one counts."""
    key = context.data["voucher"]
    if context.data["outcome"] == "accepted" and key in open_vouchers(context):
        yield from counted_elsewhere(context, context.session.get_one(Voucher, int(key)))


def counted_elsewhere(context: Context, row: Voucher) -> Iterator[Reason]:
    """Yield a reason when another accepted voucher has the number of that one."""
    for known in _handed_in(context, row.number):
        if known.id != row.id and known.status == "accepted":
            yield Reason("A7.voucher_twice", _twice(context, row.number, known), context.cite("money"), field="voucher")


@guard
def voucher_seen_before(context: Context) -> Iterator[Reason]:
    """Yield advice when an open voucher has the file or the number of another one, of any issuer."""
    session = context.session
    waiting = [row for row in context.rows.of(Voucher) if row.status == "open"]
    if not waiting:
        return
    files = {file.id: file.sha256 for file in context.rows.of(StoredFile)}
    digests = [files[row.file_id] for row in waiting]
    same_file = select(Voucher.id).join(StoredFile, StoredFile.id == Voucher.file_id)
    same_file = same_file.where(StoredFile.sha256.in_(digests))
    numbered = select(Voucher.id).where(Voucher.compared.in_([row.compared for row in waiting]))
    facts = select(Voucher, StoredFile.sha256, Project).join(StoredFile, StoredFile.id == Voucher.file_id)
    facts = facts.join(Project, Project.id == Voucher.project_id).order_by(Voucher.id)
    known = session.execute(facts.where(Voucher.id.in_(union(same_file, numbered)))).all()
    for row in waiting:
        digest = files[row.file_id]
        for other, its_digest, project in known:
            same_number = other.compared == row.compared
            what = [name for name, same in (("凭证号", same_number), ("文件", its_digest == digest)) if same]
            if other.id == row.id or not what:
                continue
            state = VOUCHER_LABELS[other.status]
            text = (
                f"凭证 {row.number} 与项目 {project.number}{quoted(project.title)}的凭证 {other.number}"
                f"（{format_wan(other.amount)}，{state}）{'、'.join(what)}相同，请核对是否为同一笔付款。"
            )
            yield Reason("A7.voucher_seen", text, context.cite("money"), Force.ADVICE)


@guard
def issuer_has_paid(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the issuer has paid the edition's share of the total before the instalment (原则上)."""
    total = context.project.total_investment
    if total is None:
        return
    paid_on = date_in(context, "paid_on") if context.data.get("paid_on") else context.today
    earlier = (line for line in standing(context.rows.of(LedgerEntry)) if line.dated < paid_on)
    before, every = balances_of(earlier).issuer_paid, ledger(context).issuer_paid
    waiting = sum((row.amount for row in context.rows.of(Voucher) if row.status == "open"), Decimal(0))
    for reason in check_issuer_payment(context.edition, total, before):
        text = reason.text
        if every > before:
            later = f"另有 {format_wan(every - before)}的付款日期不早于拨付日期{in_chinese(paid_on)}，不计入"
            text = f"{text.removesuffix('。')}（{later}）。"
        if waiting:
            text = f"{text.removesuffix('。')}（另有 {format_wan(waiting)}的付款凭证待核验，认定后计入）。"
        yield replace(reason, text=text)


@guard
def voucher_present(context: Context) -> Iterator[Reason]:
    """Yield a reason unless an accepted voucher (资金拨付凭据) is there for the treasury to pay against."""
    if not any(row.status == "accepted" for row in context.rows.of(Voucher)):
        yield no_voucher(context.edition)
