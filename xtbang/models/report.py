"""Reports on the work (执行情况报告) and requests for acceptance (验收申请)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, some_of
from xtbang.models.document import Document


class Report(Base):
    """A report due on a day: every half year when the bureaus track the project, yearly when self-managed."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("project_id", "due_on"),
        some_of("ix_report_missing", "due_on", "id", where="submitted_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    due_on: Mapped[date] = mapped_column(index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    submitted_at: Mapped[datetime | None]

    document: Mapped[Document] = relationship()


class Acceptance(Base):
    """A request for acceptance (验收申请) and its outcome."""

    __tablename__ = "acceptance"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    status: Mapped[str] = mapped_column(String, default="draft")  # draft, open, passed, rectify, ended
    requested_at: Mapped[datetime | None]
    findings: Mapped[str] = mapped_column(Text, default="")
    rectify_by: Mapped[date | None] = mapped_column(index=True)
    decided_at: Mapped[datetime | None]

    document: Mapped[Document] = relationship()
