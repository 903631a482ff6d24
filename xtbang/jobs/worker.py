"""One thread that runs tasks over and over; a task that fails is logged and tried again, and stops nothing else."""

import logging
from collections.abc import Callable, Mapping
from threading import Event, Thread

LOG = logging.getLogger("xtbang.jobs")

Task = Callable[[], int]  # how much was done; 0: nothing was waiting


class Worker:
    """Runs every task in turn; when none found anything to do, rests for ``pause`` seconds; else for a breath."""

    def __init__(self, tasks: Mapping[str, Task], pause: float = 5.0, breath: float = 0.5) -> None:
        self.tasks = dict(tasks)
        self.pause = pause
        self.breath = breath  # between rounds of work: the pages come first
        self._stopped = Event()
        self._thread = Thread(target=self._work, name="xtbang-worker", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """End after the running task; waits for it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def once(self) -> int:
        """Run every task once; how much was done."""
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
            self._stopped.wait(self.breath if self.once() else self.pause)
