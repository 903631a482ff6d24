"""The table of background jobs: a job is claimed by one worker, extended while it runs, and retried after a failure.

The queue of `jobs.engine` only wakes workers. What has to be done stands in this table, written in the transaction that
asks for it, so that neither a crash nor a lost message loses a job or does it twice at the same time.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from xtbang.errors import Collision
from xtbang.jobs.processes import has_ended, this_process
from xtbang.models import Job
from xtbang.models.writing import writing

CLAIM = timedelta(minutes=5)  # how long a job without a sign of life is believed to be running
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))

# the last try has failed, and it was not cancelled
GIVEN_UP: tuple[ColumnElement[bool], ...] = (Job.finished_at.is_not(None), Job.error != "", Job.cancelled_at.is_(None))


class Cancelled(Exception):
    """The job was asked to stop."""


class Impossible(Exception):
    """The job cannot be done, and another try would not help; the sentence says why."""


def enqueue(session: Session, kind: str, now: datetime, *, key: str = "", **values: Any) -> Job:
    """Add a job within the current transaction; return the unfinished one of that kind and key if there is one."""
    known = session.scalars(select(Job).where(Job.kind == kind, Job.key == key, Job.finished_at.is_(None))).first()
    if known is not None:
        return known
    job = Job(kind=kind, key=key, created_at=now, **({"next_try_at": now} | values))
    session.add(job)
    return job


def enqueue_once(session: Session, kind: str, now: datetime, key: str) -> None:
    """Add the job of that kind and key unless there has ever been one. A transaction of its own."""
    ever = select(Job.id).where(Job.kind == kind, Job.key == key).limit(1)
    known = session.scalar(ever) is not None
    session.rollback()
    if not known:
        with suppress(Collision), writing(session):  # another worker has added it in the same moment
            if session.scalar(ever) is None:
                enqueue(session, kind, now, key=key)


def claim(session: Session, now: datetime) -> Job | None:
    """Reserve the most urgent job that is due, for this worker alone; return it detached. A transaction of its own."""
    due = select(Job).where(Job.finished_at.is_(None), Job.next_try_at <= now)
    waiting = session.scalar(due.limit(1)) is not None
    session.rollback()
    if not waiting:
        return None
    with writing(session):
        first = due.order_by(Job.priority.desc(), Job.next_try_at, Job.id).limit(1).with_for_update(skip_locked=True)
        job = session.scalars(first).first()
        if job is None:
            return None
        job.next_try_at, job.started_at, job.tries = now + CLAIM, job.started_at or now, job.tries + 1
        job.worker = this_process()
        session.flush()
        session.refresh(job)
        session.expunge(job)
    return job


def take_back(session: Session, now: datetime) -> int:
    """Make due what a process that has ended was running; return how many jobs. A transaction of its own.

    Each once: what ends its process again is due after `CLAIM`, and does not end it at every start.
    """
    lost = Job.finished_at.is_(None), Job.next_try_at > now, Job.tries == 1, Job.error == ""
    claimed = session.scalars(select(Job.worker).where(*lost, Job.worker.is_not(None)).distinct()).all()
    session.rollback()
    ended = [name for name in claimed if name and has_ended(name)]
    if not ended:
        return 0
    with writing(session):
        taken = update(Job).where(*lost, Job.worker.in_(ended)).values(next_try_at=now, worker=None)
        return len(session.scalars(taken.returning(Job.id)).all())


def finish(session: Session, job_id: int, now: datetime, result: str = "", error: str = "") -> None:
    """Record that the job is done, or, with an error, that it is given up. A transaction of its own."""
    with writing(session):
        job = session.get_one(Job, job_id)
        job.finished_at, job.result, job.error = now, result, error


def stop(job: Job, now: datetime) -> bool:
    """Stop a job that is not finished, within the current transaction; return whether it was one.

    One that waits is finished by it, one that runs stops at its next report of progress.
    """
    if job.finished_at is not None:
        return False
    job.cancelled_at = now
    if job.started_at is None or job.next_try_at <= now or job.error:  # it waits
        job.finished_at, job.error = now, "已取消。"
    return True


def fail(session: Session, job: Job, now: datetime, error: str) -> None:
    """Record a failure: the job is tried again after ever longer pauses, and given up after the last one."""
    if job.tries > len(DELAYS):
        finish(session, job.id, now, error=error)
        return
    with writing(session):
        row = session.get_one(Job, job.id)
        row.next_try_at, row.error = now + DELAYS[job.tries - 1], error


class Progress:
    """The progress of a running job, written in transactions of its own session."""

    def __init__(self, session: Session, job: Job, clock: Callable[[], datetime]) -> None:
        self.session = session
        self.job = job
        self.clock = clock

    def note(self, **values: Any) -> None:
        """Record what the job has found, as values next to its sentence."""
        with writing(self.session):
            row = self.session.get_one(Job, self.job.id, with_for_update=True)
            row.data = row.data | values

    def report(self, done: int, total: int = 0) -> None:
        """Record how far the job is, and that its worker is alive. Raise Cancelled when it was asked to stop."""
        with writing(self.session):
            row = self.session.get_one(Job, self.job.id, with_for_update=True)
            row.done, row.total, row.next_try_at = done, total, self.clock() + CLAIM
            cancelled = row.cancelled_at is not None
        if cancelled:
            raise Cancelled
