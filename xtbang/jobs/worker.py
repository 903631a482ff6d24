"""The worker: a thread that runs tasks over and over. A failing task is logged, retried, and stops nothing else."""

import logging
from collections.abc import Callable, Mapping
from threading import Event, Thread

LOG = logging.getLogger("xtbang.jobs")

Task = Callable[[], int]  # returns how much was done; 0: nothing was waiting


class Worker:
    """A thread that runs every task in turn, then pauses: ``pause`` seconds if no task had work, or ``short_pause``."""

    def __init__(self, tasks: Mapping[str, Task], pause: float = 5.0, short_pause: float = 0.5) -> None:
        self.tasks = dict(tasks)
        self.pause = pause
        self.short_pause = short_pause  # leaves processor time for the pages
        self._stopped = Event()
        self._thread = Thread(target=self._work, name="xtbang-worker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Stop after the current task; wait for it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def run_once(self) -> int:
        """Run every task once; return how much was done."""
        done = 0
        for name, task in self.tasks.items():
            if self._stopped.is_set():
                break
            try:
                done += task()
            except Exception:
                LOG.exception("task %s failed", name)
        return done

    def _work(self) -> None:
        while not self._stopped.is_set():
            self._stopped.wait(self.short_pause if self.run_once() else self.pause)
