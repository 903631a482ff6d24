"""Mails as pages show them."""

from dataclasses import dataclass
from datetime import datetime

from xtbang.models import Mail
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class MailRead:
    """A mail in the inbox of its reader."""

    id: int
    subject: str
    body: str
    leads_on: bool  # whether it has a link
    created_at: datetime
    read_at: datetime | None


def mail_read(row: Mail) -> MailRead:
    """Return a mail for its reader."""
    return shown(MailRead, row, leads_on=bool(row.link))


@dataclass(frozen=True)
class MailSent:
    """A mail in the outbox, without its text."""

    id: int
    to: str  # an e-mail address
    subject: str
    created_at: datetime
    sent_at: datetime | None
    tries: int
    next_try_at: datetime | None
    error: str


def mail_sent(row: Mail) -> MailSent:
    """Return a mail of the outbox without its text."""
    return shown(MailSent, row, to=row.address)
