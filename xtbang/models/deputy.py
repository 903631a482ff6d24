"""Deputies (代办): people who act in the roles of another one who is away."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.person import Person


class Deputy(Base):
    """One person who acts in some roles of another from one day until another, both included."""

    __tablename__ = "deputy"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)  # who is away
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    roles: Mapped[list[Any]] = mapped_column(JSON)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]  # before its last day

    person: Mapped[Person] = relationship(foreign_keys=[person_id], back_populates="deputies")
    deputy: Mapped[Person] = relationship(foreign_keys=[deputy_id], back_populates="deputising")
