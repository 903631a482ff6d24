"""重新核验付款凭证: a voucher that was accepted or refused wrongly is decided anew; after a payment a false one stands as such."""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, options
from xtbang.domain.corrections import correct, only_proposed
from xtbang.domain.ledger_lines import MISTAKEN, enter, reverse
from xtbang.domain.payments import ledger
from xtbang.domain.vouchers import counted_elsewhere, within_contract
from xtbang.enums import VOUCHER_LABELS
from xtbang.models import LedgerEntry, Voucher
from xtbang.papers.facts.correction import Change
from xtbang.queries.ledger import standing
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.payment_number import normalised
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason

FALSE = "false"  # found to be false after the city has paid: 弄虚作假
CHECKED = ("accepted", "refused", FALSE)


def _checked(context: Context) -> dict[str, Voucher]:
    rows = {str(row.id): row for row in context.rows.of(Voucher) if row.status in CHECKED}
    return only_proposed(context, "voucher", rows)


@options
def checked_vouchers(context: Context) -> dict[str, str]:
    """Return the vouchers that were accepted or refused, with the result of the check."""
    return {
        key: f"{row.number}：{format_wan(row.amount)}，{VOUCHER_LABELS[row.status]}"
        for key, row in _checked(context).items()
    }


@form_guard
@reads("voucher:choice outcome:choice(accepted refused)")
def voucher_decided_otherwise(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the result changes and the payment can count."""
    row = _checked(context).get(context.data["voucher"])
    if row is None:
        yield Reason("A7.voucher", "这份凭证已经重新核验。", context.cite("money"), field="voucher")
        return
    if (row.status == "accepted") == (context.data["outcome"] == "accepted"):
        text = f"这份凭证的核验结果已经是{quoted(VOUCHER_LABELS[row.status])}。"
        yield Reason("A7.voucher", text, context.cite("money"), field="outcome")
    elif context.data["outcome"] == "accepted":
        yield from within_contract(context, row)
        yield from counted_elsewhere(context, row)


@effect
@reads("voucher:choice outcome:choice(accepted refused) reason:long")
def recheck_voucher(context: Context) -> None:
    """Decide anew on a voucher; the ledger follows. After a payment of the city a false one is a matter of termination and restriction."""
    row = context.session.get_one(Voucher, int(context.data["voucher"]))
    before, outcome = VOUCHER_LABELS[row.status], context.data["outcome"]
    paid = any(source == "city" for source, _number in ledger(context).instalments)
    if outcome == "accepted":
        enter(context, "issuer_payment", "issuer", row.amount, row.paid_on, note=row.number, file_id=row.file_id)
        row.status = outcome
    else:
        line = next(
            line
            for line in standing(context.rows.of(LedgerEntry))
            if line.kind == "issuer_payment" and normalised(line.note) == normalised(row.number)
        )
        reverse(context, line, MISTAKEN, context.today)
        row.status = FALSE if paid else outcome
    row.checked_at, row.checked_by_id, row.note = context.now, context.actor.person_id, context.data["reason"][:200]
    told = to_parties(), to_bureaus(), to_role("finance")
    what = f"付款凭证 {row.number}（{format_wan(row.amount)}）"
    change = Change("核验结果", before, VOUCHER_LABELS[row.status])
    correct(context, "付款凭证重新核验单", what, [change], *told, dated=context.today)
    if row.status == FALSE:
        notify(
            context, "voucher_false", to_bureaus(), to_role("leader", "finance"), number=row.number, amount=row.amount
        )
