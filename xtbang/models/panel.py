"""Panels of experts (专家组) with seats and scores; each belongs to a meeting (会次)."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, some_of
from xtbang.models.meeting import Meeting
from xtbang.models.person import Person


class Panel(Base):
    """A panel convened for one project and one question."""

    STANDS: ClassVar = ("open", "concluded")  # the statuses of a panel that counts

    __tablename__ = "panel"
    __table_args__ = (
        CheckConstraint("(status = 'concluded') = (concluded_at IS NOT NULL)", name="concluded_has_date"),
        Index("ix_panel_project", "project_id", "kind"),
        some_of("ix_panel_open", "convened_at", "id", where="status = 'open'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    kind: Mapped[str] = mapped_column(String)
    status: Mapped[str] = mapped_column(String, default="open")  # open, concluded, cancelled, set_aside
    convened_at: Mapped[datetime]
    convened_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    concluded_at: Mapped[datetime | None]
    blind: Mapped[bool] = mapped_column(default=False)  # 盲审: its experts read no names, as the edition said that day
    opinion: Mapped[str] = mapped_column(Text, default="")
    favourable: Mapped[bool | None]
    result: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    responsible: Mapped[str] = mapped_column(String, default="")  # liability only: issuer, bidder, both
    organiser: Mapped[str] = mapped_column(String, default="")  # liability only: the third party that organises it
    allegation: Mapped[str] = mapped_column(Text, default="")  # liability only: what the offices hold against a party
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # of the allegation

    meeting: Mapped[Meeting] = relationship()
    seats: Mapped[list["Seat"]] = relationship(back_populates="panel", order_by="Seat.id")


class Seat(Base):
    """An expert's place on a panel."""

    AWAITED: ClassVar = ("invited", "accepted")  # the statuses of a seat whose scores may still come
    TAKES_PART: ClassVar = (*AWAITED, "locked")

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("panel_id", "expert_id"),
        CheckConstraint("(status = 'locked') = (locked_at IS NOT NULL)", name="locked_has_date"),
        Index("ix_seat_expert", "expert_id", "status"),
        Index("ix_seat_unanswered", "answered_at", "invited_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String)  # 技术 财务 法律
    status: Mapped[str] = mapped_column(String, default="invited")
    invited_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer_note: Mapped[str] = mapped_column(Text, default="")
    scores: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    comment: Mapped[str] = mapped_column(Text, default="")
    locked_at: Mapped[datetime | None]

    panel: Mapped[Panel] = relationship(back_populates="seats")
    expert: Mapped[Person] = relationship()
