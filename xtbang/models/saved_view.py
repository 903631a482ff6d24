"""Saved views (视图): the filters and the order of a list, under a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.person import Person


class SavedView(Base):
    """A view of one list, kept by one person, for that person alone or for the office."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "page", "name"), Index("ix_saved_view_page", "page", "role"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String)  # the name of the list's page
    name: Mapped[str] = mapped_column(String)
    query: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what stands in the address
    role: Mapped[str] = mapped_column(String, default="")  # of the office that shares it; "" without one
    saved_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
