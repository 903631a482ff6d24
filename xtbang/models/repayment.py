"""Repayment plans (还款计划): another day, or several (分期), on which claimed money is to be back."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base

OPEN = "status = 'open'"


class RepaymentPlan(Base):
    """A plan that the finance office asks for and the offices approve; the newest approved one of a claim holds.

    Its claim follows from a termination, or from the change that has lowered the subsidy below what was paid.
    """

    __tablename__ = "repayment_plan"
    __table_args__ = (
        Index(
            "uq_repayment_plan_open",
            "project_id",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    termination_id: Mapped[int | None] = mapped_column(ForeignKey("termination.id"))
    change_id: Mapped[int | None] = mapped_column(ForeignKey("contract_change.id"))
    recover_by: Mapped[date]  # the last day
    parts: Mapped[list[Any]] = mapped_column(JSON)  # source, due_on, amount (万元) of each part, by day
    reason: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    status: Mapped[str] = mapped_column(String, default="open")  # open, approved, refused, overtaken
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
