"""Stored sums of the ledger and of grants (资金合计), so that no page adds up all of them; see ``actions/money_totals.py``."""

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class LedgerTotal(Base):
    """The lines of the ledger of one county or park, year, kind and source: how many, and what they add up to."""

    __tablename__ = "ledger_total"

    region: Mapped[str] = mapped_column(String, primary_key=True)  # of the project, as it is now
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String, primary_key=True)
    source: Mapped[str] = mapped_column(String, primary_key=True)
    lines: Mapped[int]
    amount: Mapped[Decimal]  # a reversed line takes it away again


class GrantTotal(Base):
    """The projects with a subsidy of one county or park in one state: how many, and what is planned for them."""

    __tablename__ = "grant_total"

    region: Mapped[str] = mapped_column(String, primary_key=True)
    state: Mapped[str] = mapped_column(String, primary_key=True)
    projects: Mapped[int]
    total_investment: Mapped[Decimal]
    subsidy_city: Mapped[Decimal]
    subsidy_county: Mapped[Decimal]
