"""Frozen editions: what an edition (版本) meant when it was first used."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class FrozenEdition(Base):
    """A revision of an edition, kept at its first use: its projects are bound to this, whatever becomes of the files."""

    __tablename__ = "frozen_edition"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String, unique=True)  # as project.edition has it: 2024, 2024.2
    format: Mapped[int]  # of the content, see `rules.frozen`
    digest: Mapped[str] = mapped_column(String)  # SHA-256 of the canonical JSON of the content
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    frozen_at: Mapped[datetime]
