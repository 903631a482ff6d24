"""The State Council's arrangements of holidays (放假安排), one record for each that an office has entered."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.person import Person


def _one(name: str, status: str) -> Index:
    where = text(f"status = '{status}'")
    return Index(name, "year", unique=True, sqlite_where=where, postgresql_where=where)


class HolidayYear(Base):
    """The arrangement of one year: entered by one person, confirmed by another; a later one of the same year takes its place."""

    __tablename__ = "holiday_year"
    __table_args__ = (
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided_has_date"),
        _one("uq_holiday_year_waiting", "waiting"),
        _one("uq_holiday_year_confirmed", "confirmed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    off: Mapped[list[str]] = mapped_column(JSON)  # ISO dates, every day off
    worked: Mapped[list[str]] = mapped_column(JSON)  # ISO dates, weekends that are worked
    number: Mapped[str] = mapped_column(String)  # of the announcement (文号)
    dated: Mapped[date]
    status: Mapped[str] = mapped_column(String, default="waiting")  # waiting, confirmed, refused, withdrawn, superseded
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(Text, default="")  # why it was refused or withdrawn

    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)
