"""Write-offs (核销) of money that cannot come back: proposed by the finance office, approved by the offices."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base

OPEN = "status = 'open'"


class WriteOff(Base):
    """A proposal to write off what a treasury is owed, with the paper of the court or of the council that it rests on."""

    __tablename__ = "write_off"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        Index("uq_write_off_open", "project_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    source: Mapped[str] = mapped_column(String)  # city, county
    amount: Mapped[Decimal]
    document: Mapped[str] = mapped_column(String)  # title and number of the paper
    dated: Mapped[date]  # of the paper
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String, default="open")  # open, approved, refused, reversed
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
