"""Calls (批次): one round of collecting entries under one edition."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class Call(Base):
    """One round; outside its window it takes no submission (2024 一)."""

    __tablename__ = "call"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="window"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String, unique=True)  # 2024-01: part of every project number
    title: Mapped[str] = mapped_column(String)
    edition: Mapped[str] = mapped_column(String)
    kinds: Mapped[list[Any]] = mapped_column(JSON)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]  # the last moment that still counts
    papers_due_on: Mapped[date | None]
    guide: Mapped[str] = mapped_column(Text, default="")
    notice_days: Mapped[int | None]  # working days; None: the edition's
    bid_days: Mapped[int] = mapped_column(default=30)  # calendar days a bid window lasts unless set
    roadshow_scores: Mapped[int | None]  # None: the edition's
    published_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    last_number: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
