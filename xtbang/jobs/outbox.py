"""Sending the outbox: each mail is claimed, sent outside of any transaction, and then marked.

A mail is sent at least once: when the process dies between sending and marking, it goes out again after `CLAIM`, with
the same Message-ID.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from xtbang.models import Mail
from xtbang.models.writing import writing

LOG = logging.getLogger("xtbang.jobs")

BATCH = 20
CLAIM = timedelta(minutes=10)  # how long a process may take for one mail before another one tries
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
SHOWN_ONLY = "demo"
GIVEN_UP = "不再重试："
TIMEOUT = 30.0  # seconds for each answer of the server


@dataclass(frozen=True)
class Server:
    """Where mails go."""

    host: str  # "" when there is none
    port: int = 25
    tls: bool = False
    user: str = ""
    password: str = ""
    sender: str = "xtbang@localhost"
    trust: ssl.SSLContext | None = None  # None: the system's certificates

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Server":
        """As the settings say."""
        return cls(
            config["SMTP_HOST"],
            config["SMTP_PORT"],
            config["SMTP_TLS"],
            config["SMTP_USER"],
            config["SMTP_PASSWORD"],
            config["MAIL_FROM"],
        )


def send_waiting(
    session: Session, server: Server, text: Callable[[Mail], str], clock: Callable[[], datetime], demo: bool = False
) -> int:
    """Send what is due, at most `BATCH` mails; how many were sent. ``text`` makes the body.

    Without a server a demo marks them as shown in the site's inbox only; elsewhere they wait.
    """
    if not server.host:
        return _show_only(session, clock()) if demo else 0
    mails = _claim(session, clock())
    sent = 0
    connection: smtplib.SMTP | None = None
    try:
        for mail in mails:
            error, permanent = "", False
            try:
                connection = connection or _connect(server)
                _send(connection, server, mail, text(mail))
            except smtplib.SMTPRecipientsRefused as refused:
                code, words = next(iter(refused.recipients.values()))
                error, permanent = f"{code} {words.decode(errors='replace')}", code >= 500
                _reset(connection)
            except (OSError, smtplib.SMTPException, ValueError) as failure:
                error, permanent = f"{type(failure).__name__}: {failure}", isinstance(failure, ValueError)
                _close(connection)
                connection = None
            _mark(session, mail.id, clock(), error, permanent)
            sent += not error
    finally:
        _close(connection)
    return sent


def waiting(now: datetime) -> Any:
    """The mails that are due."""
    due = or_(Mail.next_try_at.is_(None), Mail.next_try_at <= now)
    return select(Mail).where(Mail.sent_at.is_(None), Mail.tries <= len(DELAYS), due).order_by(Mail.id).limit(BATCH)


def _show_only(session: Session, now: datetime) -> int:
    waiting_now = select(Mail.id).where(Mail.sent_at.is_(None)).limit(1)
    if session.scalars(waiting_now).first() is None:
        session.rollback()
        return 0
    with writing(session):
        shown = update(Mail).where(Mail.sent_at.is_(None)).values(sent_at=now, error=SHOWN_ONLY)
        return len(session.execute(shown.returning(Mail.id)).all())


def _claim(session: Session, now: datetime) -> list[Mail]:
    """Take what is due, so that no other process sends it meanwhile."""
    if session.scalars(waiting(now)).first() is None:
        session.rollback()
        return []
    with writing(session):
        mails = list(session.scalars(waiting(now).with_for_update(skip_locked=True)))
        for mail in mails:
            mail.next_try_at = now + CLAIM
        session.flush()
        for mail in mails:
            session.refresh(mail)
            session.expunge(mail)
    return mails


def _connect(server: Server) -> smtplib.SMTP:
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        if server.tls:
            connection.starttls(context=server.trust or ssl.create_default_context())
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _send(connection: smtplib.SMTP, server: Server, mail: Mail, text: str) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = server.sender
    message["To"] = mail.address
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<mail-{mail.id}-{int(mail.created_at.timestamp())}@{_domain(server.sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    connection.send_message(message)


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _mark(session: Session, mail_id: int, now: datetime, error: str, permanent: bool) -> None:
    with writing(session):
        mail = session.get_one(Mail, mail_id)
        mail.tries += 1
        if not error:
            mail.sent_at, mail.next_try_at, mail.error = now, None, ""
        elif permanent or mail.tries > len(DELAYS):
            mail.tries = len(DELAYS) + 1
            mail.next_try_at, mail.error = None, f"{GIVEN_UP}{error}"
        else:
            mail.next_try_at, mail.error = now + DELAYS[mail.tries - 1], error
    if error:
        LOG.warning("mail %s not sent: %s", mail_id, error)


def _reset(connection: smtplib.SMTP | None) -> None:
    if connection is not None:
        connection.rset()


def _close(connection: smtplib.SMTP | None) -> None:
    if connection is not None:
        connection.close()
