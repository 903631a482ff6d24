"""Projects (项目) and bids (揭榜申请)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SQLColumnExpression,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, some_of
from xtbang.models.call import Call
from xtbang.models.document import Document
from xtbang.models.organisation import Organisation

FUNDED_STATES = (  # the city has promised money and has not yet paid, or got back, all of it
    "('contracting','first_payment','execution','extension','midterm','midterm_payment','acceptance','final_payment',"
    "'termination')"
)


class Project(Base):
    """An entry from its first draft to its last payment. Only ``workflow.engine.perform`` changes ``state``."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("state = 'draft' OR number IS NOT NULL", name="submitted_has_number"),
        CheckConstraint("(number IS NULL) = (submitted_at IS NULL)", name="number_has_date"),
        CheckConstraint(f"state NOT IN {FUNDED_STATES} OR subsidy_city IS NOT NULL", name="funded_has_subsidy"),
        CheckConstraint(f"state NOT IN {FUNDED_STATES} OR agreed_bid_id IS NOT NULL", name="funded_has_bidder"),
        CheckConstraint("state <> 'listing' OR track IS NOT NULL", name="listed_has_track"),
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on > starts_on", name="term_order"),
        Index("ix_project_state_id", "state", "id"),
        Index("ix_project_state_since", "state", "state_since", "id"),
        Index("ix_project_state_ends", "state", "ends_on", "id"),
        Index("ix_project_kind_id", "kind", "id"),
        Index("ix_project_issuer", "issuer_id", "id"),
        Index("ix_project_call", "call_id", "id"),
        some_of("ix_project_call_number", "call_id", "number", where="subsidy_city IS NOT NULL"),
        # the order of the public lists, with what they are filtered by
        Index("ix_project_listed", "listed_at", "id", "state", "domain", "region", "track"),
        Index("ix_project_kind_listed", "kind", "listed_at", "id", "state", "domain", "region"),
        Index("ix_project_state_listed", "state", "listed_at", "id", "domain", "region", "track", "kind"),
        Index("ix_project_import", "import_id", "import_line"),
        # the orders in which officers sort their list, with what they see and filter
        Index("ix_project_title", "title", "id", "number", "state"),
        Index("ix_project_region", "region", "id", "number", "state"),
        Index("ix_project_amount", text("coalesce(subsidy_city, planned_total, -1)"), "id", "number", "state"),
        Index("ix_project_since", "state_since", "id", "number", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String, unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    edition: Mapped[str] = mapped_column(String, index=True)
    kind: Mapped[str] = mapped_column(String)
    state: Mapped[str] = mapped_column(String, default="draft")
    version: Mapped[int] = mapped_column(default=1)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    form_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    created_at: Mapped[datetime]
    state_since: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    correct_by: Mapped[date | None] = mapped_column(index=True)  # deadline after 退回修改

    # columns of the lists, copied from the current frozen version
    title: Mapped[str] = mapped_column(String, default="")
    domain: Mapped[str] = mapped_column(String, default="")
    region: Mapped[str] = mapped_column(String, default="")
    planned_total: Mapped[Decimal | None]
    listed_at: Mapped[datetime | None]  # 受理后列入清单
    track: Mapped[str | None] = mapped_column(String)  # market (常态化对接) or funded (重大项目)
    bids_from: Mapped[datetime | None]
    bids_until: Mapped[datetime | None] = mapped_column(index=True)
    provincial: Mapped[bool] = mapped_column(default=False)  # 推荐申报省级

    # the agreed bid, the documents and amounts that follow from it
    agreed_bid_id: Mapped[int | None] = mapped_column(
        ForeignKey("bid.id", use_alter=True, name="fk_project_agreed_bid_id_bid"), index=True
    )
    application_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    total_investment: Mapped[Decimal | None]
    subsidy_city: Mapped[Decimal | None]
    subsidy_county: Mapped[Decimal | None]
    contract_amount: Mapped[Decimal | None]  # of the technical contract (技术合同成交额)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None] = mapped_column(index=True)
    self_managed: Mapped[bool | None]
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    first_paid_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]  # 办结, of a project whose money is claimed back afterwards
    resumes: Mapped[str | None] = mapped_column(String)  # the state to which a payment leads back that is made again
    import_id: Mapped[int | None] = mapped_column(ForeignKey("project_import.id"))  # by which it came in (导入)
    import_line: Mapped[int | None]  # of that table, as the spreadsheet counts

    call: Mapped[Call] = relationship()
    issuer: Mapped[Organisation] = relationship(foreign_keys=[issuer_id])
    agency: Mapped[Organisation | None] = relationship(foreign_keys=[agency_id])
    form: Mapped[Document | None] = relationship(foreign_keys=[form_id])
    application: Mapped[Document | None] = relationship(foreign_keys=[application_id])
    contract: Mapped[Document | None] = relationship(foreign_keys=[contract_id])
    agreed_bid: Mapped["Bid | None"] = relationship(foreign_keys=[agreed_bid_id], post_update=True)

    @property
    def over_since(self) -> datetime | None:
        """Return when the project was over: 办结, also where its money is claimed back since, or ended otherwise."""
        return self.completed_at or self.closed_at

    @hybrid_property
    def listed_amount(self) -> Decimal | None:
        """Return the amount that lists show, in yuan: the city's subsidy once it is fixed, the planned total before."""
        return self.planned_total if self.subsidy_city is None else self.subsidy_city

    @listed_amount.inplace.expression
    @classmethod
    def _listed_amount(cls) -> SQLColumnExpression[Decimal | None]:
        """Return the same as an expression."""
        return func.coalesce(cls.subsidy_city, cls.planned_total)


class Bid(Base):
    """A bid (揭榜申请) of one organisation, or of a consortium that it leads."""

    __tablename__ = "bid"
    __table_args__ = (
        UniqueConstraint("project_id", "lead_id"),
        CheckConstraint("status = 'draft' OR submitted_at IS NOT NULL", name="submitted_has_date"),
        Index("ix_bid_lead", "lead_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    status: Mapped[str] = mapped_column(String, default="draft")
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    closed_reason: Mapped[str] = mapped_column(Text, default="")

    project: Mapped[Project] = relationship(foreign_keys=[project_id])
    lead: Mapped[Organisation] = relationship()
    document: Mapped[Document] = relationship(foreign_keys=[document_id])
    members: Mapped[list["BidMember"]] = relationship(
        back_populates="bid",
        order_by="BidMember.id",
        primaryjoin="and_(Bid.id == BidMember.bid_id, BidMember.left_on.is_(None))",
    )


class BidMember(Base):
    """A consortium member; it confirms the bid from its own account, for the draft that it has read."""

    __tablename__ = "bid_member"
    __table_args__ = (UniqueConstraint("bid_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bid_id: Mapped[int] = mapped_column(ForeignKey("bid.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_draft: Mapped[int | None]  # draft_version of the document when it was confirmed
    left_on: Mapped[date | None]  # by a change of the contract (变更): it has been a member until that day

    bid: Mapped[Bid] = relationship(back_populates="members")
    organisation: Mapped[Organisation] = relationship()
