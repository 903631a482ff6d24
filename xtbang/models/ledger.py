"""The ledger (资金台账): append-only lines; a balance is always a sum. Also vouchers and county matches."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, case, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, validates

from xtbang.models.base import Base, some_of
from xtbang.rules.payment_number import normalised


class LedgerEntry(Base):
    """A line of the ledger. Amounts are positive yuan; ``kind`` gives the direction.

    A line is never changed. One that is wrong is reversed (冲正) by another one of the same kind that points to it and takes
    its amount away again.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        Index("ix_ledger_project", "project_id", "kind", "source"),
        Index(
            "uq_ledger_instalment",
            "project_id",
            "source",
            "instalment",
            "attempt",
            unique=True,
            sqlite_where=text("kind = 'instalment' AND reverses_id IS NULL"),
            postgresql_where=text("kind = 'instalment' AND reverses_id IS NULL"),
        ),
        Index("uq_ledger_number", "number_key", unique=True),
        Index("uq_ledger_reverses", "reverses_id", unique=True),
        Index("ix_ledger_slip", "slip_id"),
        some_of("ix_ledger_surplus", "project_id", "kind", where="kind = 'surplus'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[str] = mapped_column(String)
    source: Mapped[str] = mapped_column(String)  # issuer, city, county
    instalment: Mapped[int | None]  # its number in the edition, from 1
    amount: Mapped[Decimal]
    dated: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    recorded_at: Mapped[datetime]
    number_key: Mapped[str | None] = mapped_column(String)  # owner, direction and number, see rules/payment_number.py
    attempt: Mapped[int] = mapped_column(default=1)  # one more for each reversed line of an instalment
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))  # the line that this one takes back
    reversal: Mapped[str] = mapped_column(String, default="")  # why, see enums.REVERSAL_LABELS
    slip_id: Mapped[int | None] = mapped_column(ForeignKey("collective_slip.id"))  # instead of a number of its own

    @hybrid_property
    def net(self) -> Decimal:
        """Return the amount as it counts in a sum: below 0 for a line that reverses another one; yuan."""
        return self.amount if self.reverses_id is None else -self.amount

    @net.inplace.expression
    @classmethod
    def _net(cls) -> ColumnElement[Any]:
        return case((cls.reverses_id.is_(None), cls.amount), else_=-cls.amount)


class CollectiveSlip(Base):
    """A slip (汇总凭证) that several lines share, declared with its total: together they cannot exceed it."""

    __tablename__ = "collective_slip"
    __table_args__ = (
        CheckConstraint("total > 0", name="positive"),
        Index("uq_collective_slip_key", "key", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String)  # as the number_key of a line; None once it was cancelled
    source: Mapped[str] = mapped_column(String)  # city, county
    region: Mapped[str] = mapped_column(String, default="")
    direction: Mapped[str] = mapped_column(String)  # out, back
    number: Mapped[str] = mapped_column(String)
    total: Mapped[Decimal]
    dated: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    declared_at: Mapped[datetime]
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    cancelled_at: Mapped[datetime | None]


class Voucher(Base):
    """Proof of one payment by the issuer to the bidder (资金拨付凭据); counts once an officer has checked it."""

    __tablename__ = "voucher"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("(status = 'open') = (checked_at IS NULL)", name="checked_has_date"),
        UniqueConstraint("project_id", "number"),
        some_of("ix_voucher_open", "uploaded_at", "id", where="status = 'open'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[str] = mapped_column(String)  # of the bank slip: the same slip counts once
    compared: Mapped[str] = mapped_column(String, index=True)  # the number as `rules.payment_number.normalised` has it
    amount: Mapped[Decimal]
    paid_on: Mapped[date]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), index=True)
    status: Mapped[str] = mapped_column(String, default="open")  # open, accepted, refused, withdrawn
    uploaded_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    @validates("number")
    def _compare(self, _key: str, number: str) -> str:
        self.compared = normalised(number)
        return number


class CountyMatch(Base):
    """The confirmation of a county or park that its instalment is provided for (配套, 1:1)."""

    __tablename__ = "county_match"
    __table_args__ = (
        Index(
            "uq_county_match_standing",
            "project_id",
            "instalment",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    instalment: Mapped[int]
    amount: Mapped[Decimal]
    number: Mapped[str] = mapped_column(String)
    dated: Mapped[date]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    confirmed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    voided_at: Mapped[datetime | None]  # when it was taken back
