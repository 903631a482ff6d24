"""The queue that wakes the workers: huey, in memory for one process, in PostgreSQL for several processes and machines.

Why huey, and what was compared with it, stands in docs/decisions.md. Its messages only say that there is something to
do; they carry nothing that could be lost (see `jobs.job_table`, `jobs.outbox`, `jobs.paper_rendering`).
"""

import signal
from collections.abc import Callable, Mapping
from threading import Event, Lock
from typing import Any

import psycopg
from huey import Huey, MemoryHuey, PostgresHuey, crontab
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from sqlalchemy import URL, event

Work = Callable[[], int]  # returns how much was done; 0: nothing was waiting
NAME = "xtbang"
THREADS = 3  # so that a silent mail server stops neither papers nor jobs
PAUSE = 0.5  # seconds between two rounds of the same work: leaves processor time for the pages
SIGNALS = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP"))


def queue_for(url: URL, secret: str) -> Huey:
    """Return the queue for a database: it is in PostgreSQL itself; with SQLite it is in the memory of the process.

    Messages are signed with the secret key, because huey pickles them: no other message is read.
    """
    if url.get_backend_name() != "postgresql":
        return MemoryHuey(NAME, results=False)
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as connection:  # huey makes its tables, which two processes cannot do at the same time
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [NAME])
        return PostgresHuey(NAME, results=False, dsn=dsn, serializer=SignedSerializer(secret=secret, salt=NAME))


class Worker:
    """The works of a queue by name, each of which is done by one thread at a time: when it is woken and every minute.

    ``plan`` asks for what is due by the clock; it is called every minute.
    """

    def __init__(
        self, queue: Huey, works: Mapping[str, Work], plan: Callable[[], None] = lambda: None, threads: int = THREADS
    ) -> None:
        self.works = dict(works)
        self.plan = plan
        self._woken = {name: Event() for name in works}
        self._busy = {name: Lock() for name in works}
        self._tasks = {name: queue.task(name=name)(self._doer(name)) for name in works}
        self.wake = queue.task(name="wake")(self._wake_all)
        self.tick = queue.task(name="tick")(self._tick)
        queue.periodic_task(crontab(), name="every_minute")(self._tick)
        self.consumer = Consumer(
            queue, workers=threads, max_delay=1.0, scheduler_interval=1, shutdown_timeout=30, graceful_signal="TERM"
        )

    def start(self) -> None:
        """Start the threads. The process keeps its own signal handlers."""
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        self.consumer.start()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        self.tick()

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; what is being done is finished first."""
        self.tick()
        self.consumer.run()

    def stop(self) -> None:
        """Stop after what is being done; wait for it, half a minute at most."""
        self.consumer.stop(graceful=True)

    def _tick(self) -> None:
        try:
            self.plan()
        finally:
            self._wake_all()

    def _wake_all(self) -> None:
        for task in self._tasks.values():
            task()

    def _doer(self, name: str) -> Callable[[], None]:
        woken, busy = self._woken[name], self._busy[name]

        def do() -> None:
            woken.set()
            while woken.is_set() and busy.acquire(blocking=False):  # a thread that is busy with it looks once more
                try:
                    woken.clear()
                    more = self.works[name]() > 0
                finally:
                    busy.release()
                if more:
                    self._tasks[name].schedule(delay=PAUSE)

        return do


def wake_after_commits(session: Any, wake: Callable[[], None]) -> Callable[[], None]:
    """Start calling ``wake`` after every commit of a session that wrote rows; return the function that ends this."""

    def wrote(target: Any, _context: Any) -> None:
        target.info["wrote"] = True

    def committed(target: Any) -> None:
        if target.info.pop("wrote", False):
            wake()

    event.listen(session, "after_flush", wrote)
    event.listen(session, "after_commit", committed)

    def end() -> None:
        event.remove(session, "after_flush", wrote)
        event.remove(session, "after_commit", committed)

    return end
