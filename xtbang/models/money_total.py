"""Stored sums of the ledger, of entries and of deals (资金合计), so that no page adds up all of them; see ``actions/money_totals.py``."""

from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class LedgerTotal(Base):
    """The lines of the ledger of one county or park, year, kind, source and call: how many, and what they add up to."""

    __tablename__ = "ledger_total"

    region: Mapped[str] = mapped_column(String, primary_key=True)  # of the project, as it is now
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String, primary_key=True)
    source: Mapped[str] = mapped_column(String, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True, autoincrement=False)
    lines: Mapped[int]
    amount: Mapped[Decimal]  # a reversed line takes it away again


class EntryTotal(Base):
    """The entries that were handed in and are alike in all of these: how many, and what is planned and paid for them."""

    __tablename__ = "entry_total"

    region: Mapped[str] = mapped_column(String, primary_key=True)
    state: Mapped[str] = mapped_column(String, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True, autoincrement=False)
    domain: Mapped[str] = mapped_column(String, primary_key=True)
    kind: Mapped[str] = mapped_column(String, primary_key=True)
    bidder: Mapped[str] = mapped_column(String, primary_key=True)  # the kind of the agreed bidder, "" without one
    subsidised: Mapped[bool] = mapped_column(primary_key=True)  # the city's subsidy is known
    documented: Mapped[bool] = mapped_column(primary_key=True)  # the funding document is recorded
    projects: Mapped[int]
    total_investment: Mapped[Decimal]
    subsidy_city: Mapped[Decimal]
    subsidy_county: Mapped[Decimal]
    city_paid: Mapped[Decimal]
    most: Mapped[Decimal]  # of each project the city's subsidy, or what was paid where that is more
    approved: Mapped[Decimal]  # payments that are approved and not made yet


class DealTotal(Base):
    """The registered technical contracts of one county or park, year and call: how many, and their turnover."""

    __tablename__ = "deal_total"

    region: Mapped[str] = mapped_column(String, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the registration
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True, autoincrement=False)
    subsidised: Mapped[bool] = mapped_column(primary_key=True)
    deals: Mapped[int]
    amount: Mapped[Decimal]
