"""Notices (公告) and the objections (异议) against a public notice (公示)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, some_of

NUMBER_INDEX = "ix_notice_number"  # no two current notices have the same 文号


class Notice(Base):
    """A notice; once published it is never changed, only superseded."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("(status = 'draft') = (published_at IS NULL)", name="published_has_date"),
        CheckConstraint("last_day IS NULL OR first_day <= last_day", name="days"),
        Index("ix_notice_published", "published_at", "id", "kind", "status"),
        Index("ix_notice_call", "call_id", "kind", "id"),
        some_of("ix_notice_last_day", "last_day", "id", where="status = 'published'"),
        Index(
            NUMBER_INDEX,
            "number",
            unique=True,
            sqlite_where=text("status = 'published' AND number <> ''"),
            postgresql_where=text("status = 'published' AND number <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    number: Mapped[str] = mapped_column(String, default="")  # 发文字号, where the bureau has given one
    title: Mapped[str] = mapped_column(String)
    body: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String, default="draft")  # draft, published, superseded
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    provisional: Mapped[bool] = mapped_column(default=False)  # holidays not published yet: only weekends are days off
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))  # whose projects share it

    items: Mapped[list["NoticeItem"]] = relationship(back_populates="notice", order_by="NoticeItem.id")


class NoticeItem(Base):
    """A project named in a notice, with the figures printed in it."""

    __tablename__ = "notice_item"
    __table_args__ = (UniqueConstraint("notice_id", "project_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    notice: Mapped[Notice] = relationship(back_populates="items")


class Objection(Base):
    """An objection (异议) to a public notice, by anyone; the receipt code gives access to its state."""

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_has_date"),
        CheckConstraint("status IN ('open', 'upheld', 'dismissed', 'withdrawn')", name="status"),
        Index("ix_objection_project", "project_id", "status"),
        some_of("ix_objection_open", "received_at", "id", where="status = 'open'"),
        some_of("ix_objection_upheld", "project_id", "status", where="status = 'upheld'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String, unique=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(String)
    contact: Mapped[str] = mapped_column(String)
    facts: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    received_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String, default="open")
    finding: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # one on paper; None: sent on the site
