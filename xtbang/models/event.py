"""The audit trail: one event for every change, chained by digest, never rewritten."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class Event(Base):
    """A recorded action: who did what, when, in which role, from and to which state, with which data."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("stream", "sequence"),
        Index("ix_event_project", "project_id", "id"),
        Index("ix_event_actor", "actor_id", "id"),
        Index("ix_event_actor_name", "actor_name", "id"),
        Index("ix_event_trigger", "trigger", "id"),
        Index("ix_event_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(String)  # project:7, organisation:3, call:1
    sequence: Mapped[int]
    project_version: Mapped[int | None]  # after the event: an outdated page finds the events that it missed
    project_id: Mapped[int | None]  # no foreign key: the trail outlives a deleted draft
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String)
    role: Mapped[str] = mapped_column(String)
    organisation_id: Mapped[int | None]
    organisation_name: Mapped[str] = mapped_column(String, default="")
    trigger: Mapped[str] = mapped_column(String)
    outcome: Mapped[str] = mapped_column(String)  # moved, signed, refused, done
    from_state: Mapped[str] = mapped_column(String, default="")
    to_state: Mapped[str] = mapped_column(String, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    files: Mapped[list[Any]] = mapped_column(JSON, default=list)
    address: Mapped[str] = mapped_column(String, default="")
    request_key: Mapped[str | None] = mapped_column(String, unique=True)
    previous: Mapped[str] = mapped_column(String, default="")
    digest: Mapped[str] = mapped_column(String)
