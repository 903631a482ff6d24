"""Budgets of calls (批次预算): dated lines that add up to what a call may grant and pay of the city's money."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.call import Call
from xtbang.models.person import Person

COUNTS = "status IN ('waiting', 'confirmed')"


class BudgetLine(Base):
    """A change of a call's budget: asked for by one person, confirmed by another; only then does it count.

    A confirmed line is never changed. One that is wrong is reversed (冲正) by another line of the same kind that points to it.
    """

    __tablename__ = "budget_line"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided_has_date"),
        Index("ix_budget_line_call", "call_id", "status"),
        Index("uq_budget_line_key", "key", unique=True, sqlite_where=text(COUNTS), postgresql_where=text(COUNTS)),
        Index(
            "uq_budget_line_reverses",
            "reverses_id",
            unique=True,
            sqlite_where=text(COUNTS),
            postgresql_where=text(COUNTS),
        ),
    )

    STANDS = ("waiting", "confirmed")

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    kind: Mapped[str] = mapped_column(String)  # granted, added, reduced, returned, carried
    year: Mapped[int]  # of the budget; what is carried over counts in the next one
    amount: Mapped[Decimal]  # yuan
    source: Mapped[str] = mapped_column(String)  # 资金来源
    number: Mapped[str] = mapped_column(String)  # of the paper (文号)
    dated: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(String)  # call, kind, year and number; None once it is reversed
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("budget_line.id"))
    status: Mapped[str] = mapped_column(String, default="waiting")  # waiting, confirmed, refused, withdrawn
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(Text, default="")  # why it was refused or withdrawn

    call: Mapped[Call] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)

    @property
    def net(self) -> Decimal:
        """Return the amount, below 0 for a line that reverses another one; yuan."""
        return self.amount if self.reverses_id is None else -self.amount
