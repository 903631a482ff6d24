"""Meetings (会次): one occasion that serves many projects, with its order, its experts, its state."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, Yuan
from xtbang.models.person import Person


class Meeting(Base):
    """A meeting of one kind; without a time it is a review in writing (函评), or its time is not fixed yet."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("(status = 'planned') = (ended_at IS NULL)", name="ended_has_date"),
        Index("ix_meeting_starts", "starts_at", "id"),
        Index("ix_meeting_at", text("coalesce(starts_at, created_at)"), "id"),
        Index("ix_meeting_kind", "kind", "status"),
        Index("ix_meeting_kind_starts", "kind", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String)
    title: Mapped[str] = mapped_column(String)
    starts_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(String, default="")
    minutes: Mapped[int | None]  # for each project
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    status: Mapped[str] = mapped_column(String, default="planned")  # planned, closed, cancelled
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]  # closed or cancelled
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was cancelled

    items: Mapped[list["MeetingItem"]] = relationship(
        back_populates="meeting", order_by="(MeetingItem.position, MeetingItem.id)"
    )
    seats: Mapped[list["MeetingSeat"]] = relationship(back_populates="meeting", order_by="MeetingSeat.id")

    @property
    def subjects(self) -> tuple[str, str]:
        """Return the subjects of papers about it: the present one, and that of a roadshow of earlier days."""
        return f"meeting:{self.id}", f"roadshow:{self.id}"

    @property
    def order(self) -> list[int]:
        """Return the ids of the projects that are on it, in their order."""
        return [item.project_id for item in self.items if item.left_at is None]


class MeetingItem(Base):
    """A project's place in the order of a meeting."""

    __tablename__ = "meeting_item"
    __table_args__ = (UniqueConstraint("meeting_id", "project_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    position: Mapped[int]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship(back_populates="items")


class MeetingSeat(Base):
    """An expert's invitation to a meeting: one draw, one mail, one answer; its seats are on the panels of the projects."""

    __tablename__ = "meeting_seat"
    __table_args__ = (UniqueConstraint("meeting_id", "expert_id"), Index("ix_meeting_seat_expert", "expert_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String)  # 技术 财务 法律
    whole: Mapped[bool] = mapped_column(default=True)  # False: drawn for single projects, in place of others
    status: Mapped[str] = mapped_column(String, default="invited")  # invited, accepted, declined, recused
    invited_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer_note: Mapped[str] = mapped_column(Text, default="")
    signed_in_at: Mapped[datetime | None]
    fee: Mapped[Decimal | None] = mapped_column(Yuan)  # 专家评审费

    meeting: Mapped[Meeting] = relationship(back_populates="seats")
    expert: Mapped[Person] = relationship()
