"""Batches (批量办理): one action for many projects or rows of a register, with the outcome of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.person import Person
from xtbang.models.project import Project


class Batch(Base):
    """One action that one person takes on many projects or rows of a register, each in a transaction of its own."""

    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_role", "role", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trigger: Mapped[str] = mapped_column(String)
    role: Mapped[str] = mapped_column(String)  # acted as: colleagues with that role read the result
    region: Mapped[str | None]  # of a county
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    address: Mapped[str] = mapped_column(String, default="")  # from which it was asked for
    created_at: Mapped[datetime]
    request_key: Mapped[str] = mapped_column(String, unique=True)  # the same form sent twice is one batch
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what holds for every project
    files: Mapped[list[Any]] = mapped_column(JSON, default=list)  # uploads that all of them share; the store has them
    again_of_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))  # the batch whose rest this one repeats
    cancelled_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    items: Mapped[list["BatchItem"]] = relationship(back_populates="batch", order_by="BatchItem.place")


class BatchItem(Base):
    """One project or row of a batch: what is filled in for it alone, the version that was seen, and what became of it."""

    __tablename__ = "batch_item"
    __table_args__ = (
        UniqueConstraint("batch_id", "project_id"),
        UniqueConstraint("batch_id", "subject_id", name="uq_batch_item_subject"),
        CheckConstraint("(project_id IS NULL) != (subject_id IS NULL)", name="of_one_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    subject_id: Mapped[int | None]  # row of the register that the action is about
    place: Mapped[int]
    seen_version: Mapped[int]  # of a project
    seen: Mapped[str] = mapped_column(String, default="")  # mark of a row of a register as it was shown
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String, default="waiting")  # waiting, done, refused, again
    outcome: Mapped[str] = mapped_column(String, default="")  # of the engine: moved, signed, done, repeated
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)  # sentences: why it was refused or is to be repeated
    at: Mapped[datetime | None]

    batch: Mapped[Batch] = relationship(back_populates="items")
    project: Mapped[Project | None] = relationship()
