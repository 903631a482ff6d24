"""Changes of a contract (变更): what is asked, what stood before, and the version of the contract that comes of it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, some_of
from xtbang.models.organisation import Organisation

UNDER_WAY = ("asked", "deciding", "signing")
WAITING = f"status IN {UNDER_WAY}"


class Change(Base):
    """A change of the contract that a party asks for; it holds once its supplement (补充合同) is signed and in force.

    The version of the contract is frozen when the supplement is issued, and counts from the day on which it is in force.
    """

    __tablename__ = "contract_change"
    __table_args__ = (
        Index(
            "uq_contract_change_waiting",
            "project_id",
            unique=True,
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
        Index("ix_contract_change_status", "status", "project_id"),
        some_of("ix_contract_change_back", "recover_by", "project_id", where="recover_by IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String)  # rules/changes.py
    side: Mapped[str] = mapped_column(String)  # who asks: issuer, bidder
    # draft, asked, deciding, signing, in_force; withdrawn, declined, denied, overtaken
    status: Mapped[str] = mapped_column(String, default="draft")
    old: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    new: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    decided_by: Mapped[str] = mapped_column(String, default="")  # offices, notice
    opened_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    agreed: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # key of the party → moment of its consent
    decision: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None]  # in force, or not to be any more
    version_id: Mapped[int | None] = mapped_column(ForeignKey("document_version.id"), index=True)
    number: Mapped[int | None]  # of the supplement, from 1
    signers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # of the supplement: key of the party → name
    signatures: Mapped[int] = mapped_column(default=0)  # how many sign it
    in_force_on: Mapped[date | None]
    recover_by: Mapped[date | None] = mapped_column(index=True)  # the day by which what was paid too much is to be back

    members: Mapped[list["ChangeMember"]] = relationship(order_by="ChangeMember.id")


class ChangeMember(Base):
    """A member that joins the consortium by a change, or leaves it."""

    __tablename__ = "contract_change_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("contract_change.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    joins: Mapped[bool]

    organisation: Mapped[Organisation] = relationship()
