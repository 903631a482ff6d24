"""Hold refused forms and their files for a day, for the person or, without an account, for the browser that sent them."""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class KeptRequest(Base):
    """A refused form as it was sent, without passwords; its files are pending uploads."""

    __tablename__ = "kept_request"
    __table_args__ = (
        Index("ix_kept_request_person", "person_id", "id"),
        Index("ix_kept_request_device", "device", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String, unique=True)  # in the address of its page
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    device: Mapped[str] = mapped_column(String, default="")  # the browser of a person without an account
    path: Mapped[str] = mapped_column(String)  # with the query
    content: Mapped[bytes] = mapped_column(LargeBinary)  # zlib of JSON: (name, value) pairs, and the page that answered
    status: Mapped[int]  # of the answer that refused it
    reason: Mapped[str] = mapped_column(String, default="")
    at: Mapped[datetime]


class SentForm(Base):
    """A form that was sent and done: the same one with the same content is not done again."""

    __tablename__ = "sent_form"

    key: Mapped[str] = mapped_column(String, primary_key=True)  # digest of the mark of the form and what was sent
    led_to: Mapped[str] = mapped_column(String, default="")  # address, if it is not that of the form
    at: Mapped[datetime] = mapped_column(index=True)


class AttemptCount(Base):
    """The number of attempts (passwords, registrations …) of one account or address, until it ends; not used with SQLite."""

    __tablename__ = "attempt_count"

    key: Mapped[str] = mapped_column(String, primary_key=True)  # the limit, and by whom or from where
    amount: Mapped[int]
    ends_at: Mapped[float] = mapped_column(Double, index=True)  # seconds since 1970


class PendingUpload(Base):
    """A file of a refused form: it becomes a file of a project when the form is accepted, and is deleted after a day."""

    __tablename__ = "pending_upload"
    __table_args__ = (
        Index("ix_pending_upload_person", "person_id", "sha256"),
        Index("ix_pending_upload_device", "device", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String, unique=True)  # in the folder of pending files
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    device: Mapped[str] = mapped_column(String, default="")
    sha256: Mapped[str] = mapped_column(String)
    name: Mapped[str] = mapped_column(String)
    mime: Mapped[str] = mapped_column(String)
    size: Mapped[int]
    at: Mapped[datetime]
