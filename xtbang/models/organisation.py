"""Organisations (单位), identified by their 统一社会信用代码, and their restrictions."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base


class Organisation(Base):
    """A firm, university, institute or agency; its profile fills every form."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("(status = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_has_date"),
        CheckConstraint("status IN ('pending', 'confirmed', 'refused')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uscc: Mapped[str] = mapped_column(String, unique=True)
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
    version: Mapped[int] = mapped_column(default=1)


class Restriction(Base):
    """A period in which an organisation may not apply, bid or be paid, and its reason (限制申报, 第十三条)."""

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
