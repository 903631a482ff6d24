"""Prior notices (告知书) of decisions against a party: to whom they were served, and what the parties have stated (陈述申辩)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.organisation import Organisation
from xtbang.models.person import Person
from xtbang.models.project import Project

OPEN = "status = 'open'"


class PriorNotice(Base):
    """A prior notice (告知书): what the offices intend to decide, on which facts and evidence.

    A project has one at a time; without a project it is about a restriction alone, and its only addressee has one at a time.
    """

    __tablename__ = "prior_notice"
    __table_args__ = (
        Index(
            "uq_prior_notice_open",
            "project_id",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    panel_id: Mapped[int | None] = mapped_column(ForeignKey("panel.id"))  # whose conclusion the decision rests on
    restriction_id: Mapped[int | None] = mapped_column(
        ForeignKey("restriction.id")
    )  # to be made longer, or decided on it
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    restrict_from: Mapped[date | None]  # without a project
    restrict_until: Mapped[date | None]
    due: Mapped[dict[str, Any]] = mapped_column(JSON)  # treasury → what would be claimed back, 万元
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id")
    )  # without a project: another person decides
    status: Mapped[str] = mapped_column(String, default="open")  # open, used, withdrawn, superseded, overtaken
    ended_at: Mapped[datetime | None]

    addressees: Mapped[list["Addressee"]] = relationship(order_by="Addressee.id")
    project: Mapped[Project | None] = relationship()

    @property
    def after_completion(self) -> bool:
        """Return whether it was issued after its project was 办结: it is about claiming money back, not about 终止."""
        over = self.project.over_since if self.project else None
        return over is not None and self.issued_at >= over


class Addressee(Base):
    """An organisation to which a prior notice is addressed, and its service (送达)."""

    __tablename__ = "addressee"
    __table_args__ = (
        UniqueConstraint("prior_notice_id", "organisation_id"),
        CheckConstraint("(served_on IS NULL) = (answer_until IS NULL)", name="served_has_last_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    prior_notice_id: Mapped[int] = mapped_column(ForeignKey("prior_notice.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    relation: Mapped[str] = mapped_column(String)  # issuer, bidder, member; "" without a project
    restricted: Mapped[bool]  # whether the decision would restrict it
    manner: Mapped[str] = mapped_column(String, default="")  # in_person, post, electronic, announced
    dated: Mapped[date | None]  # handed over, signed for, sent, or announced on
    served_on: Mapped[date | None]  # the day on which it counts as served
    answer_until: Mapped[date | None]  # the last day of its statement
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    organisation: Mapped[Organisation] = relationship()


class PartyStatement(Base):
    """A statement of a party in its own case: before the liability panel, or on a prior notice."""

    __tablename__ = "party_statement"
    __table_args__ = (CheckConstraint("(panel_id IS NULL) <> (prior_notice_id IS NULL)", name="about_one_thing"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    prior_notice_id: Mapped[int | None] = mapped_column(ForeignKey("prior_notice.id"))
    panel_id: Mapped[int | None] = mapped_column(ForeignKey("panel.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String)  # stated, waived
    text: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    channel: Mapped[str] = mapped_column(String, default="site")  # site, letter, by_hand, email, oral
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    voided_at: Mapped[datetime | None]  # when it was taken back

    organisation: Mapped[Organisation] = relationship()
    recorded_by: Mapped[Person] = relationship()
