"""Organisations (单位), identified by their 统一社会信用代码, and their restrictions."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from xtbang.models.base import Base, some_of


class Organisation(Base):
    """A firm, university, institute or agency; its profile fills every form."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("(status = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_has_date"),
        CheckConstraint("status IN ('pending', 'confirmed', 'refused')", name="status"),
        Index("ix_organisation_name", "name", "id"),
        some_of("ix_organisation_pending", "created_at", "id", where="status = 'pending'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uscc: Mapped[str] = mapped_column(String, unique=True)  # `given_up` once a refused registration has lost it
    name: Mapped[str] = mapped_column(String)
    kind: Mapped[str] = mapped_column(String)
    region: Mapped[str] = mapped_column(String)
    address: Mapped[str] = mapped_column(String, default="")
    postcode: Mapped[str] = mapped_column(String, default="")
    legal_name: Mapped[str] = mapped_column(String, default="")
    legal_phone: Mapped[str] = mapped_column(String, default="")
    staff: Mapped[int | None]
    rd_staff: Mapped[int | None]
    revenue: Mapped[Decimal | None]
    profit_tax: Mapped[Decimal | None]
    rd_spend: Mapped[Decimal | None]
    bank_name: Mapped[str] = mapped_column(String, default="")
    bank_account: Mapped[str] = mapped_column(String, default="")
    status: Mapped[str] = mapped_column(String, default="pending")
    refusal: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", use_alter=True, name="fk_organisation_confirmed_by_id_person")
    )
    renamed_at: Mapped[datetime | None]  # when its latest new name, or what it took over from another, was recorded
    dissolved_on: Mapped[date | None]  # 注销, or gone into another organisation
    version: Mapped[int] = mapped_column(default=1)

    @property
    def code(self) -> str:
        """Return the credit code, also of a refused registration whose code another one uses now."""
        return self.uscc.partition("#")[0]

    @property
    def given_up(self) -> str:
        """Return what stands in ``uscc`` of a refused registration whose code another one uses now."""
        return f"{self.code}#{self.id}"


class OrganisationChange(Base):
    """A change (变更) of a registered organisation: asked for by itself or recorded by the office.

    Never changed afterwards, but for a merger or division that is taken back.
    """

    __tablename__ = "organisation_change"
    __table_args__ = (
        CheckConstraint("status IN ('asked', 'confirmed', 'refused', 'taken_back')", name="status"),
        CheckConstraint("(status = 'asked') = (decided_at IS NULL)", name="decided_has_date"),
        Index("ix_organisation_change_organisation", "organisation_id", "id"),
        Index("ix_organisation_change_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String)  # key of `xtbang.enums.CHANGE_LABELS`
    status: Mapped[str] = mapped_column(String)
    dated: Mapped[date]  # of the registrar's document (登记机关的核准日期)
    before: Mapped[dict[str, Any]]  # only what changes: name, uscc, kind, region
    after: Mapped[dict[str, Any]]
    former_name: Mapped[str] = mapped_column(String, default="")  # by which it is still found
    former_uscc: Mapped[str] = mapped_column(String, default="")
    reason: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), index=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    refusal: Mapped[str] = mapped_column(Text, default="")
    moved: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # `people.moved.Moved`, of a succession

    organisation: Mapped[Organisation] = relationship()


def name_at(row: Organisation, moment: datetime, project_id: int) -> str:
    """Return the name of the party of a project at that moment, as far as was recorded then.

    It is a former name of the organisation, or the name that the one had then from which it has taken the project over
    since, however often that has happened.
    """
    session = object_session(row)
    if row.renamed_at is None or row.renamed_at <= moment or session is None:
        return row.name
    later = select(OrganisationChange).where(
        OrganisationChange.organisation_id == row.id,
        OrganisationChange.former_name != "",
        OrganisationChange.kind.in_(("rename", "merger", "division")),
        OrganisationChange.decided_at > moment,
    )
    for change in session.scalars(later.order_by(OrganisationChange.id)):
        if change.kind == "rename":
            return change.former_name
        if project_id in change.after["projects"]:
            before = session.scalars(select(Organisation).where(Organisation.uscc == change.former_uscc)).first()
            return name_at(before, moment, project_id) if before else change.former_name
    return row.name


class Restriction(Base):
    """A period in which an organisation may not apply, bid or be paid, and its reason (限制申报)."""

    __tablename__ = "restriction"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="order"),
        Index("ix_restriction_organisation", "organisation_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
