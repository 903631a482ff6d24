"""Requests of a party that a person, or the people of an organisation, do not judge a project (回避申请)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base, some_of
from xtbang.models.organisation import Organisation


class Recusal(Base):
    """A party's request: whom it names, why, and what the lead office has decided."""

    __tablename__ = "recusal"
    __table_args__ = (
        CheckConstraint("person <> '' OR employer <> ''", name="names_somebody"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_has_date"),
        some_of("ix_recusal_open", "named_at", "id", where="status = 'open'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))  # of the party that asks
    person: Mapped[str] = mapped_column(String, default="")  # the name of the expert
    employer: Mapped[str] = mapped_column(
        String, default=""
    )  # name or code; without a person: everybody employed there
    reason: Mapped[str] = mapped_column(Text)
    named_at: Mapped[datetime]
    named_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(String, default="open")  # open, granted, refused, withdrawn
    finding: Mapped[str] = mapped_column(Text, default="")  # the office's reason
    decided_at: Mapped[datetime | None]  # or withdrawn
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    organisation: Mapped[Organisation] = relationship()

    @property
    def named(self) -> str:
        """Return whom it names, in words: “张三（某大学）”, “某大学的人员”."""
        if not self.person:
            return f"{self.employer}的人员"
        return f"{self.person}（{self.employer}）" if self.employer else self.person
