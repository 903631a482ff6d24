"""Calls (批次): a call collects entries under one edition, in its window."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class Call(Base):
    """A call; outside its window it takes no submission (2024 一)."""

    __tablename__ = "call"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="window"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String, unique=True)  # 2024-01: part of every project number
    title: Mapped[str] = mapped_column(String)
    edition: Mapped[str] = mapped_column(String)  # key of the edition (版本)
    kinds: Mapped[list[Any]] = mapped_column(JSON)  # kinds of entry that it collects
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]  # the last moment of the window
    papers_due_on: Mapped[date | None]  # for the printed and stamped form
    guide: Mapped[str] = mapped_column(Text, default="")
    notice_days: Mapped[int | None]  # working days of a public notice (公示); None: as the edition says
    bid_days: Mapped[int] = mapped_column(default=30)  # default length of a bid window, calendar days
    roadshow_scores: Mapped[int | None]  # scores that a roadshow needs; None: as the edition says
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    last_number: Mapped[int] = mapped_column(default=0)  # of the entry that was submitted last
    version: Mapped[int] = mapped_column(default=1)
