"""The rows of the plan of payments (用款计划) and their sums, kept in the transaction that changes what they follow from."""

from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class ExpectedPayment(Base):
    """An instalment (期次) of a running project that city or county has not paid, in yuan (预计拨付); see ``actions/expected_payments.py``."""

    __tablename__ = "expected_payment"
    __table_args__ = (
        Index("ix_expected_payment_month", "month", "project_id", "number"),
        Index("ix_expected_payment_region", "region", "month", "project_id", "number"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # in the edition, from 1
    region: Mapped[str] = mapped_column(String)  # of the project, as it is now
    month: Mapped[date]  # from which on it is expected, its first day; whatever day it is today
    city: Mapped[Decimal]
    county: Mapped[Decimal]


class PlanTotal(Base):
    """The expected payments of one county or park and month: how many, and what they add up to."""

    __tablename__ = "plan_total"

    region: Mapped[str] = mapped_column(String, primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    payments: Mapped[int]
    city: Mapped[Decimal]
    county: Mapped[Decimal]
