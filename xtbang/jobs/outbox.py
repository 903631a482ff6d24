"""Sending the outbox: each mail is claimed, delivered outside of any transaction, and then marked.

A mail is delivered at least once: when the process dies between delivering and marking, it goes out again after `CLAIM`,
as an e-mail with the same Message-ID.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from xtbang.jobs.channels import Channel, InboxChannel, NotDelivered
from xtbang.models import Mail
from xtbang.models.writing import writing

LOG = logging.getLogger("xtbang.jobs")

BATCH = 20
CLAIM = timedelta(minutes=10)  # how long a mail is reserved for the process that sends it
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
SHOWN_ONLY = "demo"  # error mark of a mail that was not sent, only shown in the inbox
GIVEN_UP = "不再重试："


def send_waiting(session: Session, channels: Sequence[Channel], clock: Callable[[], datetime]) -> int:
    """Send what is due by every channel, at most `BATCH` mails; return how many were sent.

    Without a channel mails wait. Where the site's inbox is the only one they are marked as shown there, all at once.
    """
    if all(isinstance(channel, InboxChannel) for channel in channels):
        return _show_only(session, clock()) if channels else 0
    sent = 0
    try:
        for mail in _claim(session, clock()):
            failure: NotDelivered | None = None
            try:
                for channel in channels:
                    channel.deliver(mail)
            except NotDelivered as raised:
                failure = raised
            _mark(session, mail.id, clock(), failure)
            sent += failure is None
    finally:
        for channel in channels:
            channel.close()
    return sent


def waiting(now: datetime) -> Any:
    """Return the query for the mails that are due."""
    due = or_(Mail.next_try_at.is_(None), Mail.next_try_at <= now)
    return select(Mail).where(Mail.sent_at.is_(None), Mail.tries <= len(DELAYS), due).order_by(Mail.id).limit(BATCH)


def mail_state(mail: Mail) -> tuple[str, str]:
    """Return the state of a mail in words, and its tone."""
    if mail.sent_at:
        return ("仅站内显示", "muted") if mail.error == SHOWN_ONLY else ("已发送", "done")
    if mail.tries > len(DELAYS):
        return "发送失败", "stop"
    return ("等待重试", "wait") if mail.tries else ("待发送", "info")


def _show_only(session: Session, now: datetime) -> int:
    waiting_now = select(Mail.id).where(Mail.sent_at.is_(None)).limit(1)
    if session.scalars(waiting_now).first() is None:
        session.rollback()
        return 0
    with writing(session):
        shown = update(Mail).where(Mail.sent_at.is_(None)).values(sent_at=now, error=SHOWN_ONLY)
        return len(session.execute(shown.returning(Mail.id)).all())


def _claim(session: Session, now: datetime) -> list[Mail]:
    """Reserve the mails that are due, so that no other process sends them at the same time."""
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


def _mark(session: Session, mail_id: int, now: datetime, failure: NotDelivered | None) -> None:
    with writing(session):
        mail = session.get_one(Mail, mail_id)
        mail.tries += 1
        if failure is None:
            mail.sent_at, mail.next_try_at, mail.error = now, None, ""
        elif failure.permanent or mail.tries > len(DELAYS):
            mail.tries = len(DELAYS) + 1
            mail.next_try_at, mail.error = None, f"{GIVEN_UP}{failure}"
        else:
            mail.next_try_at, mail.error = now + DELAYS[mail.tries - 1], str(failure)
    if failure:
        LOG.warning("mail %s not sent: %s", mail_id, failure)
