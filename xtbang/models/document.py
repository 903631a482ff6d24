"""Documents people fill in (form, bid, application, contract, report …): one draft, then frozen versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base


class Document(Base):
    """A filled-in form: its running draft and the versions frozen from it.

    ``definition`` is the key of its ``FormDefinition``; ``draft_version`` grows with every save, so that two people in
    the same draft never overwrite each other unseen.
    """

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_project_kind", "project_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", use_alter=True, name="fk_document_project"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # who fills it; None: bureau
    kind: Mapped[str] = mapped_column(String)  # form, bid, application, contract, report, acceptance
    definition: Mapped[str] = mapped_column(String)
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    draft_version: Mapped[int] = mapped_column(default=0)
    draft_at: Mapped[datetime | None]
    draft_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # stamped scan of this very draft
    scan_note: Mapped[str] = mapped_column(String, default="")  # "read", or why somebody has to look at it
    code: Mapped[str | None] = mapped_column(String, index=True)  # that a form bears when it is printed now

    versions: Mapped[list["DocumentVersion"]] = relationship(
        back_populates="document", order_by="DocumentVersion.number"
    )


class DocumentVersion(Base):
    """What a document said when it was handed in; never changed afterwards."""

    __tablename__ = "document_version"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    number: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String)  # of the canonical JSON
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    document: Mapped[Document] = relationship(back_populates="versions")


class Remark(Base):
    """What an officer wrote beside a field when returning a version (退回修改)."""

    __tablename__ = "remark"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("document_version.id"), index=True)
    field: Mapped[str] = mapped_column(String, default="")
    text: Mapped[str] = mapped_column(Text)


class StoredFile(Base):
    """An upload or a rendered paper, kept by its digest."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String, index=True)
    name: Mapped[str] = mapped_column(String)
    mime: Mapped[str] = mapped_column(String)
    size: Mapped[int]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", use_alter=True, name="fk_file_project"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]


class Paper(Base):
    """A printed paper: rendered once, kept, verified by its check code."""

    __tablename__ = "paper"
    __table_args__ = (Index("ix_paper_project_name", "project_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String, unique=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    name: Mapped[str] = mapped_column(String)  # form, receipt, bid, contract, payment_order …
    title: Mapped[str] = mapped_column(String)
    number: Mapped[str] = mapped_column(String, default="")
    version: Mapped[int] = mapped_column(default=1)
    subject: Mapped[str] = mapped_column(String, default="")  # what sets equal names apart: bid:7, instalment:1
    state: Mapped[str] = mapped_column(String, default="current")  # current, superseded, cancelled
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # None until first asked for
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # a bid's paper is its bidder's

    file: Mapped[StoredFile | None] = relationship()
