"""The backlog of the worker: jobs, mails and papers that wait, how many and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from xtbang.models import Job, Mail, Paper

RECENT = timedelta(days=7)  # jobs that were given up before are no news
COUNTED = 10_000  # mails and papers that wait: more are not counted


@dataclass(frozen=True)
class Waiting:
    """So many things, of which the first has been due for so long; none of them for no time."""

    count: int  # at most COUNTED
    oldest: timedelta


@dataclass(frozen=True)
class Backlog:
    """Everything that waits for a worker, and what it has given up lately."""

    jobs: Mapping[str, Waiting]  # by kind
    mails: Waiting
    papers: Waiting
    given_up: int  # jobs, within a week
    undeliverable: int  # mails that are not tried any more


def backlog(session: Session, now: datetime, tries: int) -> Backlog:
    """Return the backlog at a moment; a mail is tried so many times."""
    due = select(Job.kind, func.count(), func.min(Job.next_try_at))
    due = due.where(Job.finished_at.is_(None), Job.next_try_at <= now).group_by(Job.kind)
    since = func.coalesce(Mail.next_try_at, Mail.created_at).label("since")
    unsent = Mail.sent_at.is_(None), Mail.tries <= tries, or_(Mail.next_try_at.is_(None), Mail.next_try_at <= now)
    lost = Job.finished_at >= now - RECENT, Job.error != "", Job.cancelled_at.is_(None)
    return Backlog(
        {kind: Waiting(count, now - first) for kind, count, first in session.execute(due)},
        _waiting(session, select(since).where(*unsent).order_by(Mail.id), now),
        _waiting(session, select(Paper.made_at.label("since")).where(Paper.file_id.is_(None)).order_by(Paper.id), now),
        session.scalar(select(func.count(Job.id)).where(*lost)) or 0,
        session.scalar(select(func.count(Mail.id)).where(Mail.sent_at.is_(None), Mail.tries > tries)) or 0,
    )


def _waiting(session: Session, query: Select[Any], now: datetime) -> Waiting:
    """Return how many rows there are of that statement, which has since when each of them waits, the oldest first."""
    some = query.limit(COUNTED).subquery()
    count, first = session.execute(select(func.count(), func.min(some.c.since))).one()
    return Waiting(count, now - first if first else timedelta(0))
