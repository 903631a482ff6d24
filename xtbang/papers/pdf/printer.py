"""The printer: papers are laid out by processes of their own, within limits, a few at a time.

WeasyPrint holds the interpreter lock while it lays out a page. So the web process lays out nothing: an order goes to
one of a few permanent processes (`print_process`), which the kernel or we stop at their limits.

They are permanent because a start takes 0.6 s of processor time and a paper 0.1 s; each takes 90 MB, and 120 MB after a
paper of 100,000 characters. They are started like any other program, not forked from a process with WeasyPrint (as a
preloaded forkserver of multiprocessing would do): Pango calls Fontconfig in a thread, and a fork has no threads.
"""

import atexit
import json
import logging
import os
import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from signal import SIGKILL, SIGTERM
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Condition, Event, Timer
from typing import Any

from xtbang.config import ROOT
from xtbang.papers.errors import PaperError, TooHeavy, Unprintable
from xtbang.papers.pdf.issued import Order

LOG = logging.getLogger("xtbang.papers")
ENDING = 5.0  # seconds to wait for the exit code of a process that has stopped answering
STARTING = 120.0  # seconds that a process may take to start
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "HOME", "XDG_CACHE_HOME")  # the last two: for the cache of Fontconfig


@dataclass(frozen=True)
class Bounds:
    """The limits of one paper, and how many are printed at a time."""

    seconds: int = 20  # of processor time
    wall: float = 60.0  # seconds by the clock, more than `seconds` for a busy machine
    memory: int = 1024**3  # bytes of address space, including program and fonts (360 MB)
    at_once: int = 2

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Bounds":
        """Return the bounds of the settings."""
        return cls(config["PRINT_SECONDS"], config["PRINT_WALL"], config["PRINT_MEMORY"], config["PRINT_AT_ONCE"])


class _Printer:
    """The printing processes: each is started when it is first needed and replaced when it has ended."""

    def __init__(self) -> None:
        self._lock = Condition()
        self._busy = 0
        self._idle: list[Popen[bytes]] = []
        self._all: set[Popen[bytes]] = set()

    def pdf(self, order: Order, bounds: Bounds) -> bytes:
        """Return the PDF of an order; see `pdf_of_order`."""
        message = pickle.dumps((order, bounds.seconds, bounds.memory))
        with self._slot(bounds.at_once):
            try:
                return self._exchange(self._process(), message, bounds)
            except BrokenPipeError:  # it ended while it was idle, or was ended from outside
                return self._exchange(self._process(), message, bounds)

    def end(self) -> None:
        """End all processes, including the busy ones."""
        for process in tuple(self._all):
            self._drop(process)

    @contextmanager
    def _slot(self, at_once: int) -> Iterator[None]:
        with self._lock:
            self._lock.wait_for(lambda: self._busy < at_once)
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                self._lock.notify()

    def _process(self) -> Popen[bytes]:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.poll() is None:
                    return process
                self._drop(process)
        process = _start_process()
        self._all.add(process)
        stop = Timer(STARTING, process.kill)
        stop.start()
        try:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the process that prints does not start")
        except BaseException:
            self._drop(process)
            raise
        finally:
            stop.cancel()
        return process

    def _exchange(self, process: Popen[bytes], message: bytes, bounds: Bounds) -> bytes:
        late = Event()

        def end() -> None:
            late.set()
            process.kill()

        stop = Timer(bounds.wall, end)
        stop.start()
        try:
            answer, content = _answer(process, message)
        except BaseException:
            self._drop(process)  # the next order must not get this answer
            raise
        finally:
            stop.cancel()
        if answer is None:
            with suppress(TimeoutExpired):
                process.wait(ENDING)
            self._drop(process)
            if process.returncode > 0:
                raise RuntimeError(f"the process that prints ended with {process.returncode}")
            LOG.warning("the printing of a paper was stopped (%s)", process.returncode)
            if not late.is_set() and -process.returncode in (SIGKILL, SIGTERM):
                raise BrokenPipeError("the process that prints was ended from outside")
            raise TooHeavy("the process that printed it was stopped")
        if answer["last"]:
            self._drop(process)
        else:
            with self._lock:
                self._idle.append(process)
        return _content(answer, content)

    def _drop(self, process: Popen[bytes]) -> None:
        self._all.discard(process)
        with suppress(ProcessLookupError):
            process.kill()
        with suppress(BrokenPipeError, ValueError):
            process.communicate()


def pdf_of_order(order: Order, bounds: Bounds) -> bytes:
    """Return the PDF of an order, printed by another process as soon as one is free.

    Equal orders give equal bytes. Raise TooHeavy at the limits, and otherwise Unprintable and PaperError as
    `papers.pdf.render.render_pdf`.
    """
    return _PRINTER.pdf(order, bounds)


def _answer(process: Popen[bytes], message: bytes) -> tuple[dict[str, Any] | None, bytes]:
    """Return the answer of the process to an order; None when the process ended before it answered."""
    if process.stdin is None or process.stdout is None:
        raise BrokenPipeError
    process.stdin.write(message)
    process.stdin.flush()
    line = process.stdout.readline()
    answer = json.loads(line) if line else None
    content = process.stdout.read(answer["size"]) if answer else b""
    return (answer, content) if answer and len(content) == answer["size"] else (None, b"")


def _content(answer: dict[str, Any], content: bytes) -> bytes:
    trouble = answer.get("trouble")
    if trouble == "characters":
        raise Unprintable(answer["text"])
    if trouble == "paper":
        raise PaperError(answer["text"])
    if trouble == "memory":
        raise TooHeavy("it takes more memory than it may")
    if trouble:
        LOG.error("the printing of a paper failed: %s", answer["text"])
        raise RuntimeError("the printing of a paper failed")
    return content


def _start_process() -> Popen[bytes]:
    """Return a new process, which writes a line when it is ready.

    It does not get our settings, has no terminal, and ends when our end of its input is closed.
    """
    environment = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    command = [sys.executable, "-m", "xtbang.papers.pdf.print_process"]
    return Popen(command, stdin=PIPE, stdout=PIPE, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603


_PRINTER = _Printer()
atexit.register(_PRINTER.end)
