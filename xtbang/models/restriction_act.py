"""Acts on restrictions outside a prior notice, which take two people."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, some_of
from xtbang.models.organisation import Organisation
from xtbang.models.person import Person


class RestrictionAct(Base):
    """An act on a restriction (登记、解除、恢复、更正): asked for by one person, confirmed or refused by another."""

    __tablename__ = "restriction_act"
    __table_args__ = (
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided_has_date"),
        some_of("ix_restriction_act_waiting", "id", where="status = 'waiting'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    restriction_id: Mapped[int | None] = mapped_column(ForeignKey("restriction.id"), index=True)  # None until recorded
    kind: Mapped[str] = mapped_column(String)  # restrict, lift_restriction, restore_restriction, correct_restriction
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    document: Mapped[str] = mapped_column(String, default="")  # in which another authority has decided
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String, default="waiting")  # waiting, confirmed, refused, withdrawn
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(Text, default="")  # why it was refused or withdrawn

    organisation: Mapped[Organisation] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)
