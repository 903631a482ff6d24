"""Midterm checks (中期检查)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class Midterm(Base):
    """A midterm check and its outcome; one that has to be mended is followed by another one."""

    __tablename__ = "midterm"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    due_on: Mapped[date]  # the day until which it has to be asked for
    status: Mapped[str] = mapped_column(String, default="planned")  # planned, open, passed, mend
    requested_at: Mapped[datetime | None]
    text: Mapped[str] = mapped_column(Text, default="")  # progress, as the bidder tells it
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    findings: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]
