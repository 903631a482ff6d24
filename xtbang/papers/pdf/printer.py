"""Printing of papers by processes of their own, within bounds, so many at a time.

WeasyPrint holds the interpreter as long as it lays out a page. So nothing is laid out in the process that serves pages:
an order goes to one of a few processes that stay (`print_process`), which the kernel or we stop at their bounds.

They stay because a start takes 0.6 s of processor time and a paper 0.1 s; each holds 90 MB, 120 MB after a paper of 100,000
characters. They are started like any other program, not forked from one that has WeasyPrint (as multiprocessing's forkserver
would with a module preloaded): Pango asks Fontconfig in a thread, and a fork has no threads.
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
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Condition, Timer
from typing import Any

from xtbang.config import ROOT
from xtbang.papers.errors import PaperError, TooHeavy, Unprintable
from xtbang.papers.pdf.issued import Order

LOG = logging.getLogger("xtbang.papers")
ENDING = 5.0  # seconds for a process that says nothing any more to be gone, so that it is known why
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "HOME", "XDG_CACHE_HOME")  # the last two: where Fontconfig keeps what it knows


@dataclass(frozen=True)
class Bounds:
    """What one paper may take, and how many are printed at a time."""

    seconds: int = 20  # of processor time
    wall: float = 60.0  # seconds by the clock, on a machine that is busy with other things
    memory: int = 1024**3  # bytes of addresses, those of the program and its fonts included (360 MB)
    at_once: int = 2

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Bounds":
        """As the settings say."""
        return cls(config["PRINT_SECONDS"], config["PRINT_WALL"], config["PRINT_MEMORY"], config["PRINT_AT_ONCE"])


class _Printer:
    """The processes that print: each started when it is first needed, and another in the place of one that ended."""

    def __init__(self) -> None:
        self._turn = Condition()
        self._at_work = 0
        self._idle: list[Popen[bytes]] = []
        self._every: set[Popen[bytes]] = set()

    def pdf(self, order: Order, bounds: Bounds) -> bytes:
        """See `pdf_of_order`."""
        message = pickle.dumps((order, bounds.seconds, bounds.memory))
        with self._place(bounds.at_once):
            try:
                return self._asked(self._process(), message, bounds)
            except BrokenPipeError:  # it ended while it had nothing to do
                return self._asked(self._process(), message, bounds)

    def end(self) -> None:
        """End all of them, also those at work."""
        for process in tuple(self._every):
            self._drop(process)

    @contextmanager
    def _place(self, at_once: int) -> Iterator[None]:
        with self._turn:
            self._turn.wait_for(lambda: self._at_work < at_once)
            self._at_work += 1
        try:
            yield
        finally:
            with self._turn:
                self._at_work -= 1
                self._turn.notify()

    def _process(self) -> Popen[bytes]:
        with self._turn:
            while self._idle:
                process = self._idle.pop()
                if process.poll() is None:
                    return process
                self._drop(process)
        process = _new()
        self._every.add(process)
        try:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the process that prints does not start")
        except BaseException:
            self._drop(process)
            raise
        return process

    def _asked(self, process: Popen[bytes], message: bytes, bounds: Bounds) -> bytes:
        stop = Timer(bounds.wall, process.kill)
        stop.start()
        try:
            answer, content = _answer(process, message)
        except BaseException:
            self._drop(process)  # whoever comes next must not get this answer
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
            raise TooHeavy("the process that printed it was stopped")
        if answer["last"]:
            self._drop(process)
        else:
            with self._turn:
                self._idle.append(process)
        return _content(answer, content)

    def _drop(self, process: Popen[bytes]) -> None:
        self._every.discard(process)
        with suppress(ProcessLookupError):
            process.kill()
        with suppress(BrokenPipeError, ValueError):
            process.communicate()


def pdf_of_order(order: Order, bounds: Bounds) -> bytes:
    """The PDF of an order, printed by another process as soon as one is free; equal orders give equal bytes.

    Raises TooHeavy at its bounds, and otherwise Unprintable and PaperError as `papers.pdf.render.render_pdf`.
    """
    return _PRINTER.pdf(order, bounds)


def _answer(process: Popen[bytes], message: bytes) -> tuple[dict[str, Any] | None, bytes]:
    """What the process says to an order; None when it ended over it."""
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
        raise RuntimeError(answer["text"])
    return content


def _new() -> Popen[bytes]:
    """A new process, which says a line when it is ready. It knows nothing of our settings, has no terminal, and ends with our end of its input."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    command = [sys.executable, "-m", "xtbang.papers.pdf.print_process"]
    return Popen(command, stdin=PIPE, stdout=PIPE, cwd=ROOT, env=kept, start_new_session=True)  # noqa: S603


_PRINTER = _Printer()
atexit.register(_PRINTER.end)
