"""Rendering of issued papers: in the background, or at once when a person asks for one."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom
from threading import Event, Lock
from time import monotonic

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Paper

LOG = logging.getLogger("xtbang.jobs")
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 6 * 3600.0  # seconds until a failed paper is retried: doubled every time
AMONG = 16  # times as many papers as a worker takes at once are those that it takes them from
WAITING = 15.0  # seconds to wait for a paper that another thread renders


class NotStored(Exception):
    """A paper could not be rendered and stored now. It is retried in the background, not by the next request."""


@dataclass(frozen=True)
class _Failure:
    times: int
    retry_at: float  # by the clock of the renderer


class Renderer:
    """The renderer of the process: worker and pages share its failures, so that no paper is retried in a loop."""

    def __init__(
        self, store: Callable[[Session, Paper], bytes], batch: int = 2, clock: Callable[[], float] = monotonic
    ) -> None:
        self._store = store  # renders and stores a paper in its own transaction; returns a stored paper as it is
        self._batch = batch
        self._clock = clock
        self._lock = Lock()
        self._failed: dict[int, _Failure] = {}
        self._running: dict[int, Event] = {}

    def stored_pdf(self, session: Session, paper_id: int) -> bytes:
        """Return the PDF of an issued paper, after rendering and storing it if necessary.

        Raise NotStored when rendering fails (the log has the cause), has failed lately, or takes too long in another
        thread. End the current transaction; objects loaded before are expired.
        """
        session.rollback()
        done = self._begin(paper_id)
        try:
            content = self._store(session, session.get_one(Paper, paper_id))
        except Exception as error:
            session.rollback()
            self._fail(paper_id)
            LOG.exception("paper %s could not be rendered", paper_id)
            raise NotStored(f"paper {paper_id} could not be rendered") from error
        finally:
            with self._lock:
                del self._running[paper_id]
            done.set()
        with self._lock:
            self._failed.pop(paper_id, None)
        return content

    def render_waiting(self, session: Session) -> int:
        """Render at most ``batch`` of the newest papers, others than another worker if possible; return how many were tried."""
        now = self._clock()
        with self._lock:
            resting = [paper_id for paper_id, failure in self._failed.items() if failure.retry_at > now]
        query = select(Paper.id).where(Paper.file_id.is_(None), Paper.id.not_in(resting))
        newest = session.scalars(query.order_by(Paper.id.desc()).limit(self._batch * AMONG)).all()
        waiting = SystemRandom().sample(newest, min(self._batch, len(newest)))
        for paper_id in waiting:
            try:
                self.stored_pdf(session, paper_id)
            except NotStored:
                continue  # it is logged
        session.rollback()
        return len(waiting)

    def _begin(self, paper_id: int) -> Event:
        """Return the event to set at the end, after waiting for another thread that renders the same paper."""
        done = Event()
        for patience in (WAITING, 0.0):
            with self._lock:
                failure = self._failed.get(paper_id)
                if failure and failure.retry_at > self._clock():
                    raise NotStored(f"paper {paper_id} has failed {failure.times} times")
                running = self._running.setdefault(paper_id, done)
            if running is done:
                return done
            running.wait(patience)
        raise NotStored(f"paper {paper_id} is being rendered")

    def _fail(self, paper_id: int) -> None:
        with self._lock:
            known = self._failed.get(paper_id)
            times = known.times + 1 if known else 1
            pause = min(FIRST_PAUSE * 2 ** min(times - 1, 20), LONGEST_PAUSE)
            self._failed[paper_id] = _Failure(times, self._clock() + pause)
