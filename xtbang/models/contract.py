"""The signatures of the contract (合同书) and the joint funding document (立项及资金文件)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, some_of
from xtbang.models.organisation import Organisation


class Signature(Base):
    """A party's stamped scan of one version of the contract."""

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("version_id", "party"),
        some_of("ix_signature_doubtful", "project_id", where="doubt <> '' AND looked_at_by_id IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("document_version.id"))
    party: Mapped[str] = mapped_column(String)  # issuer, bidder, member:<id>, science, industry
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    doubt: Mapped[str] = mapped_column(String, default="")  # why an officer has to check the scan; "": none
    looked_at_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # the officer who checked it
    signed_on: Mapped[date]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    organisation: Mapped[Organisation | None] = relationship()


class FundingDocument(Base):
    """The document by which the finance office and the lead office jointly grant the money (立项及资金文件)."""

    __tablename__ = "funding_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), unique=True)
    number: Mapped[str] = mapped_column(String)
    dated: Mapped[date]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
