"""Collective slips (汇总凭证) with what was entered under each of them."""

from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from xtbang.models import CollectiveSlip, LedgerEntry
from xtbang.queries.ledger import stands
from xtbang.rules.money import yuan


def slips_of(session: Session, source: str, region: str, most: int = 100) -> list[Row[Any]]:
    """Return the slips of that treasury, newest first, as ``CollectiveSlip``, ``used`` (yuan) and ``lines``."""
    entered = LedgerEntry.slip_id == CollectiveSlip.id
    used = select(func.coalesce(func.sum(LedgerEntry.amount), yuan(0))).where(entered, stands())
    lines = select(func.count(LedgerEntry.id)).where(entered, stands())
    query = select(CollectiveSlip, used.scalar_subquery().label("used"), lines.scalar_subquery().label("lines"))
    query = query.where(CollectiveSlip.source == source, CollectiveSlip.region == region)
    found: list[Row[Any]] = list(session.execute(query.order_by(CollectiveSlip.id.desc()).limit(most)))
    return found
