"""Approvals of payments (拨款审批): what the offices and the treasury have agreed to pay, to whom and on what ground."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base

STANDS = "voided_at IS NULL"


class PaymentApproval(Base):
    """The approval of one instalment of the city; an instalment has at most one that stands."""

    __tablename__ = "payment_approval"
    __table_args__ = (
        Index(
            "uq_payment_approval_standing",
            "project_id",
            "instalment",
            unique=True,
            sqlite_where=text(STANDS),
            postgresql_where=text(STANDS),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    instalment: Mapped[int]
    amount: Mapped[Decimal]  # yuan
    relied_on: Mapped[dict[str, Any]] = mapped_column(JSON)  # payee, documents, ids of vouchers and waivers
    approved_at: Mapped[datetime]
    finance_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who approved for the finance office
    voided_at: Mapped[datetime | None]
