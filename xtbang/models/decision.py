"""Decisions: countersignatures, waivers, findings, terminations, extensions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.person import Person


class Countersignature(Base):
    """A signature, not the last, under a transition that several offices or people countersign (会签)."""

    __tablename__ = "countersignature"
    __table_args__ = (
        Index(
            "uq_countersignature_open",
            "project_id",
            "trigger",
            "role",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    trigger: Mapped[str] = mapped_column(String)
    role: Mapped[str] = mapped_column(String)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String, default="open")  # open, used, cancelled

    person: Mapped[Person] = relationship()


class Waiver(Base):
    """One person's waiver (豁免) of a 原则上 rule for one project; every office that countersigns is needed.

    It is valid only while the rule blocks the project with the same sentence, figures included.
    """

    __tablename__ = "waiver"
    __table_args__ = (
        Index(
            "uq_waiver_standing",
            "project_id",
            "rule",
            "role",
            "person_id",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    rule: Mapped[str] = mapped_column(String)
    role: Mapped[str] = mapped_column(String)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sentence: Mapped[str] = mapped_column(Text, default="")  # the sentence that blocked the project
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    voided_at: Mapped[datetime | None]  # when the sentence changed or the bid was released

    person: Mapped[Person] = relationship()


class Finding(Base):
    """A dated statement in a project's file: bureau opinion, inspection, check, resolution, audit report."""

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_project", "project_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[str] = mapped_column(
        String
    )  # opinion, inspection, check, resolution, audit, satisfaction, deal, county_unpaid, paper, in_force, accepted
    role: Mapped[str] = mapped_column(String)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    dated: Mapped[date]
    number: Mapped[str] = mapped_column(String, default="")
    favourable: Mapped[bool | None]
    text: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    at: Mapped[datetime]
    voided_at: Mapped[datetime | None]  # when it was taken back by a correction

    person: Mapped[Person] = relationship()


class Termination(Base):
    """The termination of a project (终止): its cause, its grounds, and the restriction that was proposed with it."""

    __tablename__ = "termination"
    __table_args__ = (
        CheckConstraint("cause IN ('objective', 'subjective')", name="cause"),
        Index(
            "uq_termination_standing",
            "project_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    cause: Mapped[str] = mapped_column(String)
    reason: Mapped[str] = mapped_column(Text)
    responsible: Mapped[str] = mapped_column(String, default="")  # issuer, bidder, both; subjective only
    decided_at: Mapped[datetime]
    from_state: Mapped[str] = mapped_column(String)
    audit_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    recover_by: Mapped[date] = mapped_column(index=True)
    restrict_until: Mapped[date | None]
    revoked_at: Mapped[datetime | None]


class Extension(Base):
    """A request to move the end of the term (延期)."""

    __tablename__ = "extension"
    __table_args__ = (CheckConstraint("new_end > old_end", name="later"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    cause: Mapped[str] = mapped_column(Text)
    audit_file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    old_end: Mapped[date]
    new_end: Mapped[date]
    requested_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String, default="open")  # open, granted, denied, refused, withdrawn, overtaken
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]


class Ruling(Base):
    """The ruling of a review (行政复议) or a court (行政诉讼) about a decision of the offices, with its paper."""

    __tablename__ = "ruling"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    body: Mapped[str] = mapped_column(String)  # review, court
    result: Mapped[str] = mapped_column(String)  # upheld, quashed, redo, changed
    number: Mapped[str] = mapped_column(String)  # of the paper
    dated: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    executed_at: Mapped[datetime | None] = mapped_column(index=True)  # at once where the decision is upheld
