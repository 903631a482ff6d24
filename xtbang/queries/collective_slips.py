"""Collective slips (汇总凭证) with what was entered under each of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from xtbang.models import CollectiveSlip, LedgerEntry
from xtbang.queries.ledger import stands
from xtbang.queries.paging import paged
from xtbang.queries.shown import shown
from xtbang.rules.money import yuan


@dataclass(frozen=True)
class SlipShown:
    """A collective slip; amounts in yuan."""

    id: int
    number: str
    direction: str
    dated: date
    total: Decimal
    used: Decimal  # by the lines that stand
    lines: int
    note: str
    cancelled_at: datetime | None


def slips_of(
    session: Session,
    source: str,
    region: str,
    before: int | None = None,
    most: int = 100,
    only: Collection[int] | None = None,
) -> list[SlipShown]:
    """Return the slips of that treasury (those with these ids), newest first.

    ``most + 1`` rows when there are more.
    """
    entered = LedgerEntry.slip_id == CollectiveSlip.id
    used = select(func.coalesce(func.sum(LedgerEntry.amount), yuan(0))).where(entered, stands())
    lines = select(func.count(LedgerEntry.id)).where(entered, stands())
    query = select(CollectiveSlip, used.scalar_subquery().label("used"), lines.scalar_subquery().label("lines"))
    query = query.where(CollectiveSlip.source == source, CollectiveSlip.region == region)
    found = session.execute(paged(query.order_by(CollectiveSlip.id.desc()), CollectiveSlip.id, before, most, only))
    return [shown(SlipShown, row.CollectiveSlip, used=row.used, lines=row.lines) for row in found]


def of_own_treasury(roles: Collection[str], region: Any) -> ColumnElement[bool]:
    """Return the condition for the slips of the own treasury of a person with these roles, of that region."""
    county = and_(CollectiveSlip.source == "county", CollectiveSlip.region == region)
    ways = {"finance": CollectiveSlip.source == "city", "county": county}
    return or_(false(), *(way for role, way in ways.items() if role in roles))
