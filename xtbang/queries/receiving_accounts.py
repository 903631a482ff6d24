"""收款账户: the one that recovered money goes to."""

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from xtbang.models import ReceivingAccount


def account_of(session: Session, source: str, region: str, on: date) -> ReceivingAccount | None:
    """The account of the city (``source`` city, whatever the region), or of that county or park, on that day."""
    query = select(ReceivingAccount).where(*_of(source, region), ReceivingAccount.since <= on)
    newest = query.order_by(ReceivingAccount.since.desc(), ReceivingAccount.id.desc())
    return session.scalars(newest.limit(1)).first()


def accounts_of(session: Session, source: str, region: str, most: int = 20) -> list[ReceivingAccount]:
    """Every account on record of that treasury, the newest first."""
    query = select(ReceivingAccount).where(*_of(source, region))
    return list(session.scalars(query.order_by(ReceivingAccount.since.desc(), ReceivingAccount.id.desc()).limit(most)))


def _of(source: str, region: str) -> tuple[ColumnElement[bool], ...]:
    return ReceivingAccount.source == source, ReceivingAccount.region == (region if source == "county" else "")
