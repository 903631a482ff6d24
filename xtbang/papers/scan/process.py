"""The reading process: it opens uploaded files one after another, each in a child process, within limits.

``python -m xtbang.papers.scan.process`` reads orders from its standard input (a line of JSON, then the file) and
answers on its standard output: a line of JSON for each finding, finally ``{"end": …}``, 0 unless the child was stopped.
It never parses a file itself: it forks a child that does, which knows nothing of earlier files and which the kernel
stops at its limits of memory and time. When the input ends, because the parent has ended, it exits together with its
child.
"""

import json
import os
import select
import signal
import sys
from base64 import b64encode
from collections.abc import Iterator
from math import ceil
from resource import RLIM_INFINITY, RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_FSIZE, getrlimit, setrlimit
from time import process_time
from typing import Any, NoReturn

from xtbang.errors import places_of
from xtbang.papers.scan.codes import find_codes
from xtbang.papers.scan.contacts import pages_with_contacts
from xtbang.papers.scan.content import harm
from xtbang.papers.scan.pages import Allow, cut, join

_INPUT, _OUTPUT = 0, 1


def serve() -> None:
    """Answer orders until the input ends."""
    orders = sys.stdin.buffer
    while line := orders.readline():
        order = json.loads(line)
        content = orders.read(order["size"])
        if len(content) < order["size"]:
            return
        child = os.fork()
        if child == 0:
            _work(order, content)
        status = _watch(child, order["wall"])
        if status is None:
            return
        _report({"end": status})


def _work(order: dict[str, Any], content: bytes) -> NoReturn:
    """Examine the file in the child and exit: with 0 when all findings were reported."""

    def allow(seconds: float) -> None:
        most, hard = ceil(process_time() + order["page"] + seconds), getrlimit(RLIMIT_CPU)[1]
        setrlimit(RLIMIT_CPU, (most if hard == RLIM_INFINITY else min(most, hard), hard))

    status = 1
    try:
        for kind, most in ((RLIMIT_AS, order["memory"]), (RLIMIT_CORE, 0), (RLIMIT_FSIZE, 0)):  # a pipe is not a file
            hard = getrlimit(kind)[1]
            most = most if hard == RLIM_INFINITY else min(most, hard)
            setrlimit(kind, (most, most))
        if "runs" in order:
            allow(0)
            for piece in cut(content, order["runs"]):
                _report({"piece": b64encode(piece).decode()})
            os._exit(0)
        if "parts" in order:
            _report({"piece": b64encode(join(_parts(content, order["parts"]), allow)).decode()})
            os._exit(0)
        allow(0)
        if trouble := harm(content, order["mime"]):
            _report({"trouble": trouble})
            os._exit(0)
        for found in _findings(content, order, allow):
            _report(found)
        status = 0
    except MemoryError:
        status = 2
    except Exception as error:
        _report({"failed": f"{type(error).__name__} at {' > '.join(places_of(error))}"})
    finally:
        os._exit(status)


def _findings(content: bytes, order: dict[str, Any], allow: Allow) -> Iterator[dict[str, Any]]:
    """Yield what is found about the file, its codes first."""
    options = {name: order[name] for name in ("sites", "quick", "thorough", "most")}
    yield from find_codes(content, order["mime"], **options, allow=allow)
    for page in pages_with_contacts(content, order["mime"], most=order["most"], allow=allow):
        yield {"contacts": page}


def _parts(content: bytes, parts: list[tuple[int, str]]) -> Iterator[tuple[bytes, str]]:
    """Yield content and media type of files that were sent one behind the other."""
    begin = 0
    for size, mime in parts:
        yield content[begin : begin + size], mime
        begin += size


def _watch(child: int, seconds: float) -> int | None:
    """Wait for the child, at most so many seconds; return its exit code, or None when the parent has ended."""
    ended, events = os.pidfd_open(child), select.poll()
    events.register(ended, select.POLLIN)
    events.register(_INPUT, 0)  # no event but the closing of the other end
    happened = dict(events.poll(seconds * 1000))
    if ended not in happened:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(ended)
    return None if _INPUT in happened else os.waitstatus_to_exitcode(status)


def _report(found: dict[str, Any]) -> None:
    os.write(_OUTPUT, json.dumps(found).encode() + b"\n")


if __name__ == "__main__":
    serve()
