"""Assignments (承办人): who in an office deals with a project."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.person import Person


class Assignment(Base):
    """The person of an office to whom a project is assigned; one for each office."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("project_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    role: Mapped[str] = mapped_column(String)  # of the office
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()
