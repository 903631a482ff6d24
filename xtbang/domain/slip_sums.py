"""The rest of a collective slip (汇总凭证): its total without the lines that stand under it."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.models import CollectiveSlip, LedgerEntry
from xtbang.queries.ledger import stands
from xtbang.rules.money import format_wan
from xtbang.rules.reasons import Reason


def slip_of(session: Session, key: str | None, lock: bool = False) -> CollectiveSlip | None:
    """Return the declared slip with that number; None when it was not declared."""
    query = select(CollectiveSlip).where(CollectiveSlip.key == key)
    return session.scalars(query.with_for_update() if lock else query).first() if key else None


def used_of(session: Session, slip_id: int) -> Decimal:
    """Return the sum of the lines that stand under a slip, in yuan."""
    total = select(func.sum(LedgerEntry.amount)).where(LedgerEntry.slip_id == slip_id, stands())
    return session.scalar(total) or Decimal(0)


def beyond_slip(session: Session, slip: CollectiveSlip, amount: Decimal, article: str) -> Iterator[Reason]:
    """Yield a reason when the amount (yuan) is more than what is left of the slip."""
    used = used_of(session, slip.id)
    if used + amount > slip.total:
        text = (
            f"汇总凭证 {slip.number} 共 {format_wan(slip.total)}，已登记 {format_wan(used)}，"
            f"本次 {format_wan(amount)}，超过余额 {format_wan(slip.total - used)}。"
        )
        yield Reason("A7.slip", text, article, field="note")
