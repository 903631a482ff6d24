"""Documents that people fill in (form, bid, application, contract, report …): one draft, then frozen versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base


class Document(Base):
    """A filled-in form: its draft and the versions frozen from it.

    ``definition`` is the key of its ``FormDefinition``; ``draft_version`` grows with every save, so that two people who
    edit the same draft never overwrite each other without a warning.
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
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # stamped scan of the present draft
    scan_note: Mapped[str] = mapped_column(String, default="")  # "read", or why an officer has to check the scan
    code: Mapped[str | None] = mapped_column(String, index=True)  # check code of a form that is printed now
    printed_code: Mapped[str | None] = mapped_column(String)  # check code of a form as it was printed last
    printed_pages: Mapped[int | None]  # how many pages that print has

    versions: Mapped[list["DocumentVersion"]] = relationship(
        back_populates="document", order_by="DocumentVersion.number"
    )


class EarlierPrint(Base):
    """The check code that a complete form had before its printed content was changed: so an old print is recognised."""

    __tablename__ = "earlier_print"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    code: Mapped[str] = mapped_column(String, index=True)
    printed_at: Mapped[datetime]  # the time in its footer


class DocumentVersion(Base):
    """The content of a document when it was handed in; never changed afterwards."""

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
    """An officer's comment on a field of a returned version (退回修改)."""

    __tablename__ = "remark"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("document_version.id"), index=True)
    field: Mapped[str] = mapped_column(String, default="")
    text: Mapped[str] = mapped_column(Text)


class StoredFile(Base):
    """An upload or a rendered paper, stored under its digest."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String, index=True)
    name: Mapped[str] = mapped_column(String)
    mime: Mapped[str] = mapped_column(String)
    size: Mapped[int]
    project_id: Mapped[int | None] = mapped_column(
        ForeignKey("project.id", use_alter=True, name="fk_file_project"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    contacts: Mapped[str] = mapped_column(String, default="")  # pages with a telephone or e-mail address, "1、3"


class Paper(Base):
    """A printed paper: rendered once, stored, verified by its check code (校验码)."""

    __tablename__ = "paper"
    __table_args__ = (
        Index("ix_paper_project_name", "project_id", "name"),
        Index("ix_paper_file", "file_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String, unique=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    name: Mapped[str] = mapped_column(String)  # form, receipt, bid, contract, payment_order …
    title: Mapped[str] = mapped_column(String)
    number: Mapped[str] = mapped_column(String, default="")
    version: Mapped[int] = mapped_column(default=1)
    subject: Mapped[str] = mapped_column(
        String, default="", index=True
    )  # distinguishes papers of one name: bid:7, instalment:1
    state: Mapped[str] = mapped_column(String, default="current")  # current, superseded, cancelled
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # None until it is rendered
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))  # the bidder, for the paper of a bid
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))  # the correction that made it void

    file: Mapped[StoredFile | None] = relationship()
