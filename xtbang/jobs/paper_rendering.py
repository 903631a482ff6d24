"""Rendering papers: ahead of time whatever was issued and is not in the store yet, and at once what somebody asks for."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock
from time import monotonic

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Paper

LOG = logging.getLogger("xtbang.jobs")
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 6 * 3600.0  # seconds until a paper that failed is tried again: doubled every time
WAITING = 15.0  # seconds that somebody waits for a paper that another thread renders


class NotKept(Exception):
    """A paper that cannot be put into the store now; it is tried again later, not by whoever asks next."""


@dataclass(frozen=True)
class _Failure:
    times: int
    again_at: float  # by the clock


class Renderer:
    """One for the process: the worker and the pages share what has failed, so that no paper is tried again and again."""

    def __init__(
        self, keep: Callable[[Session, Paper], bytes], batch: int = 2, clock: Callable[[], float] = monotonic
    ) -> None:
        self._keep = keep  # renders a paper and stores it, in a transaction of its own; what is stored already as it is
        self._batch = batch
        self._clock = clock
        self._lock = Lock()
        self._failed: dict[int, _Failure] = {}
        self._running: dict[int, Event] = {}

    def kept(self, session: Session, paper_id: int) -> bytes:
        """The PDF of an issued paper, which is in the store when this returns.

        Raises NotKept when it fails, whatever the reason (the log has it), has failed lately, or takes too long in
        another thread. Ends the running transaction; objects read before are expired.
        """
        session.rollback()
        done = self._begin(paper_id)
        try:
            content = self._keep(session, session.get_one(Paper, paper_id))
        except Exception as error:
            session.rollback()
            self._fail(paper_id)
            LOG.exception("paper %s could not be rendered", paper_id)
            raise NotKept(f"paper {paper_id} could not be rendered") from error
        finally:
            with self._lock:
                del self._running[paper_id]
            done.set()
        with self._lock:
            self._failed.pop(paper_id, None)
        return content

    def render_waiting(self, session: Session) -> int:
        """Render at most ``batch`` papers, the newest first; how many were tried."""
        now = self._clock()
        with self._lock:
            resting = [paper_id for paper_id, failure in self._failed.items() if failure.again_at > now]
        query = select(Paper.id).where(Paper.file_id.is_(None), Paper.id.not_in(resting))
        waiting = session.scalars(query.order_by(Paper.id.desc()).limit(self._batch)).all()
        for paper_id in waiting:
            try:
                self.kept(session, paper_id)
            except NotKept:
                continue  # the log has it
        session.rollback()
        return len(waiting)

    def _begin(self, paper_id: int) -> Event:
        """What to set when it is done; waits while another thread is at it."""
        done = Event()
        for patience in (WAITING, 0.0):
            with self._lock:
                failure = self._failed.get(paper_id)
                if failure and failure.again_at > self._clock():
                    raise NotKept(f"paper {paper_id} has failed {failure.times} times")
                running = self._running.setdefault(paper_id, done)
            if running is done:
                return done
            running.wait(patience)
        raise NotKept(f"paper {paper_id} is being rendered")

    def _fail(self, paper_id: int) -> None:
        with self._lock:
            known = self._failed.get(paper_id)
            times = known.times + 1 if known else 1
            pause = min(FIRST_PAUSE * 2 ** min(times - 1, 20), LONGEST_PAUSE)
            self._failed[paper_id] = _Failure(times, self._clock() + pause)
