"""Receiving accounts (收款账户): where recovered money goes."""

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from xtbang.models import ReceivingAccount


def account_of(session: Session, source: str, region: str, on: date) -> ReceivingAccount | None:
    """Return the account of the city (for any region), or of that county or park, on that day."""
    query = select(ReceivingAccount).where(*_of(source, region), ReceivingAccount.since <= on)
    newest = query.order_by(ReceivingAccount.since.desc(), ReceivingAccount.id.desc())
    return session.scalars(newest.limit(1)).first()


def accounts_of(session: Session, source: str, region: str, most: int = 20) -> list[ReceivingAccount]:
    """Return every recorded account of that treasury, newest first."""
    query = select(ReceivingAccount).where(*_of(source, region))
    return list(session.scalars(query.order_by(ReceivingAccount.since.desc(), ReceivingAccount.id.desc()).limit(most)))


def _of(source: str, region: str) -> tuple[ColumnElement[bool], ...]:
    return ReceivingAccount.source == source, ReceivingAccount.region == (region if source == "county" else "")
