"""Mails: waiting in the outbox, or sent; also the site's inbox of their readers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base, some_of


class Mail(Base):
    """One message to one person."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_person", "person_id", "id"),
        some_of("ix_mail_unsent", "id", where="sent_at IS NULL"),
        Index("ix_mail_project", "project_id"),
        some_of("ix_mail_failed", "tries", "id", where="sent_at IS NULL"),
        Index(
            "uq_mail_key",
            "person_id",
            "key",
            unique=True,
            sqlite_where=text("key IS NOT NULL"),
            postgresql_where=text("key IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String, default="")  # its template in templates/mails; "" for older ones
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    relation: Mapped[str] = mapped_column(String, default="")  # of the reader to the project: issuer, bidder, county …
    key: Mapped[str | None] = mapped_column(String)  # a person gets one mail per key
    address: Mapped[str] = mapped_column(String)
    subject: Mapped[str] = mapped_column(String)
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    read_at: Mapped[datetime | None]
