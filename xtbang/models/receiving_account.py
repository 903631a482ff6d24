"""Receiving accounts (收款账户) for recovered money, per source of money."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class ReceivingAccount(Base):
    """An account of the city, or of a county or park, for recovered money.

    Rows are never changed; the newest whose ``since`` has come counts.
    """

    __tablename__ = "receiving_account"
    __table_args__ = (
        CheckConstraint("source IN ('city', 'county')", name="source"),
        CheckConstraint("(source = 'county') = (region <> '')", name="region"),
        Index("ix_receiving_account_of", "source", "region", "since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String)
    region: Mapped[str] = mapped_column(String, default="")  # of a county or park; blank for the city
    name: Mapped[str] = mapped_column(String)  # 户名
    bank_name: Mapped[str] = mapped_column(String)
    bank_account: Mapped[str] = mapped_column(String)
    since: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
