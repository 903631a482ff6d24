"""首拨: the issuer's payments to the bidder, proved by vouchers that an officer has checked."""

from collections.abc import Iterator

from sqlalchemy import select

from xtbang.models import Voucher
from xtbang.queries.ledger import issuer_paid_before
from xtbang.rules.money import format_wan
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import check_issuer_payment
from xtbang.rules.term import in_chinese
from xtbang.stages.context import Context
from xtbang.stages.mailing import tell_organisation, tell_role
from xtbang.stages.money import ARTICLE, amount_in, date_in, enter, ledger, too_long
from xtbang.stages.registry import effect, form_guard, guard, options

ACCEPTED = "真实有效，予以认定"


@form_guard
def voucher_plausible(context: Context) -> Iterator[Reason]:
    """The bank's slip counts once, and the money has been paid."""
    number = context.data["number"]
    yield from too_long(context.data, number=60)
    known = _voucher(context, number)
    if known and known.status != "refused":
        state = "已认定" if known.status == "accepted" else "待核验"
        text = f"凭证号 {number} 已提交过（{format_wan(known.amount)}，{state}），同一凭证只计一次。"
        yield Reason("A7.voucher_twice", text, ARTICLE, field="number")
    if date_in(context, "paid_on") > context.today:
        yield Reason("date.future", "付款日期不能晚于今天。", field="paid_on")


@effect
def submit_voucher(context: Context) -> None:
    """Keep the voucher to be checked; one that was refused may be handed in again, corrected."""
    file_id = context.file_id("file")
    if file_id is None:
        raise LookupError("a voucher without its file")
    number, amount = context.data["number"], amount_in(context)
    row = _voucher(context, number) or Voucher(project_id=context.project.id, number=number)
    row.amount, row.paid_on, row.file_id = amount, date_in(context, "paid_on"), file_id
    row.status, row.uploaded_at = "open", context.now
    row.checked_at, row.checked_by_id, row.note = None, None, ""
    context.session.add(row)
    title = context.project.title
    body = f"发榜方提交付款凭证 {number}，{format_wan(amount)}，请核验。"
    tell_role(context, "science", f"请核验付款凭证：{title}", body)
    tell_role(context, "industry", f"请核验付款凭证：{title}", body)


@options
def open_vouchers(context: Context) -> dict[str, str]:
    """Vouchers that wait to be checked."""
    query = select(Voucher).where(Voucher.project_id == context.project.id, Voucher.status == "open")
    return {
        str(row.id): f"{row.number}：{format_wan(row.amount)}，{in_chinese(row.paid_on)}付款"
        for row in context.session.scalars(query.order_by(Voucher.id))
    }


@guard
def voucher_open(context: Context) -> Iterator[Reason]:
    """There is one to check."""
    if not open_vouchers(context):
        yield Reason("A7.voucher", "没有待核验的付款凭证。", ARTICLE)


@form_guard
def voucher_within_contract(context: Context) -> Iterator[Reason]:
    """Payments count up to the technical contract's amount, which is known once the issuer has applied."""
    project, key = context.project, context.data["voucher"]
    if context.data["outcome"] != ACCEPTED or key not in open_vouchers(context):
        return
    if project.contract_amount is None:
        yield Reason("A7.contract_amount", "技术合同金额在申报立项时确定，申报立项后方可认定付款凭证。", ARTICLE)
        return
    amount = context.session.get_one(Voucher, int(key)).amount
    counted = ledger(context).issuer_paid
    if counted + amount > project.contract_amount:
        text = (
            f"已认定付款 {format_wan(counted)}，加上本凭证 {format_wan(amount)}共 {format_wan(counted + amount)}，"
            f"超过技术合同金额 {format_wan(project.contract_amount)}。"
        )
        yield Reason("A7.contract_amount", text, ARTICLE, field="voucher")


@effect
def check_voucher(context: Context) -> None:
    """认定: it counts, and stands in the ledger from now on; 不予认定: the issuer is told why."""
    row = context.session.get_one(Voucher, int(context.data["voucher"]))
    accepted = context.data["outcome"] == ACCEPTED
    row.status = "accepted" if accepted else "refused"
    row.checked_at = context.now
    row.checked_by_id = context.actor.person_id
    row.note = context.data.get("note", "")
    text = f"付款凭证 {row.number}（{format_wan(row.amount)}）"
    if accepted:
        enter(context, "issuer_payment", "issuer", row.amount, row.paid_on, note=row.number, file_id=row.file_id)
        subject, body = "付款凭证已认定", f"{text}已认定，累计认定 {format_wan(ledger(context).issuer_paid)}。"
    else:
        subject, body = "请补正付款凭证", f"{text}不予认定。{row.note}"
    tell_organisation(context, context.project.issuer_id, f"{subject}：{context.project.title}", body)


def _voucher(context: Context, number: str) -> Voucher | None:
    query = select(Voucher).where(Voucher.project_id == context.project.id, Voucher.number == number)
    return context.session.scalars(query).first()


@guard
def issuer_has_paid(context: Context) -> Iterator[Reason]:
    """The issuer paid the bidder 40 % of the total before the day of the first instalment (原则上)."""
    total = context.project.total_investment
    if total is None:
        return
    paid_on = date_in(context, "paid_on") if context.data.get("paid_on") else context.today
    before, every = issuer_paid_before(context.session, context.project.id, paid_on), ledger(context).issuer_paid
    for reason in check_issuer_payment(context.edition, total, before):
        text = reason.text
        if every > before:
            later = f"另有 {format_wan(every - before)}的付款日期不早于拨付日期{in_chinese(paid_on)}，不计入"
            text = f"{text.removesuffix('。')}（{later}）。"
        yield Reason(reason.rule, text, reason.article, reason.force)


@guard
def voucher_present(context: Context) -> Iterator[Reason]:
    """资金拨付凭据 are what the treasury pays against: there is at least one that was checked."""
    query = select(Voucher.id).where(Voucher.project_id == context.project.id, Voucher.status == "accepted")
    if context.session.scalars(query.limit(1)).first() is None:
        yield Reason("A7.voucher", "尚无经核验认定的资金拨付凭据，财政补助资金凭此拨付。", ARTICLE)
