"""Sign-ins (登录): which devices a person is signed in on."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base


class SignIn(Base):
    """One device of a person, from signing in until it is ended; the device's cookies contain its key."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_person", "person_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String, unique=True)
    sessions: Mapped[str] = mapped_column(String)  # the person's key of sessions: the sign-in is over when it changes
    device: Mapped[str] = mapped_column(String)  # browser and system, in words
    address: Mapped[str] = mapped_column(String)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # when a form was last sent; reading a page writes nothing
    ended_at: Mapped[datetime | None]
