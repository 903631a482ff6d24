"""Imports (导入) of past projects from a county's table."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.call import Call
from xtbang.models.person import Person


class ProjectImport(Base):
    """A table of past projects: handed in by one office, signed by the others; then all of its lines come in, or none."""

    __tablename__ = "project_import"
    __table_args__ = (
        CheckConstraint("(status IN ('open', 'waiting')) = (decided_at IS NULL)", name="decided_has_date"),
        Index("ix_project_import_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    edition: Mapped[str] = mapped_column(String)  # key of the revision that its projects are bound to
    file_name: Mapped[str] = mapped_column(String)
    sha256: Mapped[str] = mapped_column(String)  # of the file
    lines: Mapped[list[Any]] = mapped_column(JSON)  # what each line says: its number, and the values of the action
    signatures: Mapped[list[Any]] = mapped_column(
        JSON, default=list
    )  # role, person_id, name, at; the first handed it in
    status: Mapped[str] = mapped_column(String, default="open")  # open, waiting, done, refused, withdrawn
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text, default="")  # why it was refused or withdrawn, or what stood against it

    call: Mapped[Call] = relationship()
    asked_by: Mapped[Person] = relationship()
