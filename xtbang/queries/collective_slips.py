"""Collective slips (汇总凭证) with what was entered under each of them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from xtbang.models import CollectiveSlip, LedgerEntry
from xtbang.queries.ledger import stands
from xtbang.rules.money import yuan


def slips_of(
    session: Session,
    source: str,
    region: str,
    before: int | None = None,
    most: int = 100,
    only: Collection[int] | None = None,
) -> list[Row[Any]]:
    """Return the slips of that treasury (those with these ids), newest first, as ``CollectiveSlip``, ``used`` (yuan) and ``lines``.

    ``most + 1`` rows when there are more.
    """
    entered = LedgerEntry.slip_id == CollectiveSlip.id
    used = select(func.coalesce(func.sum(LedgerEntry.amount), yuan(0))).where(entered, stands())
    lines = select(func.count(LedgerEntry.id)).where(entered, stands())
    query = select(CollectiveSlip, used.scalar_subquery().label("used"), lines.scalar_subquery().label("lines"))
    query = query.where(CollectiveSlip.source == source, CollectiveSlip.region == region)
    if only is not None:
        query = query.where(CollectiveSlip.id.in_(only))
    if before is not None:
        query = query.where(CollectiveSlip.id < before)
    found: list[Row[Any]] = list(session.execute(query.order_by(CollectiveSlip.id.desc()).limit(most + 1)))
    return found
