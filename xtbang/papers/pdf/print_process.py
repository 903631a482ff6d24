"""The printing process: it lays out one order after another, within limits of time and memory.

``python -m xtbang.papers.pdf.print_process`` reads orders from its standard input (a pickle of its parent) and answers
on its standard output with a line of JSON followed by the PDF. The kernel kills it when an order needs more processor
time than allowed; `papers.pdf.printer` then starts another one. It exits when its input is closed, which happens when
its parent has ended.
"""

import gc
import json
import os
import pickle
import select
import sys
from math import ceil
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, getrlimit, setrlimit
from threading import Thread
from time import process_time
from typing import Any

from xtbang.errors import places_of
from xtbang.papers.errors import PaperError, Unprintable
from xtbang.papers.pdf.issued import Order
from xtbang.papers.pdf.typesetting import typeset

_INPUT, _OUTPUT, _ERRORS = 0, 1, 2
_NICE = 5  # lower priority than the web process
_FULL = 0.5  # of the allowed memory: a process that used more is replaced, since it returns little of it


def serve() -> None:
    """Answer orders until the input ends."""
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(_OUTPUT), "wb")
    os.dup2(_ERRORS, _OUTPUT)  # nothing else may write between the answers
    Thread(target=_exit_with_parent, daemon=True).start()
    os.nice(_NICE)
    _limit(RLIMIT_CORE, 0)
    gc.freeze()
    gc.disable()  # nothing of a paper is garbage before it is printed: the collector runs between two papers
    answers.write(b"ready\n")
    answers.flush()
    while True:
        try:
            order, seconds, memory = pickle.load(orders)  # noqa: S301  # written by our own parent
        except EOFError:
            return
        _limit(RLIMIT_AS, memory)
        _limit(RLIMIT_CPU, ceil(process_time() + seconds))
        answer, content = _answer(order)
        answer["last"] = answer.get("trouble") == "memory" or _resident() > memory * _FULL
        answers.write(json.dumps(answer | {"size": len(content)}).encode() + b"\n" + content)
        answers.flush()
        gc.collect()


def _resident() -> int:
    """Return the bytes of memory in use now. (The peak of `getrusage` is also that of the process that started us.)"""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _answer(order: Order) -> tuple[dict[str, Any], bytes]:
    try:
        return {}, typeset(order)
    except Unprintable as error:
        return {"trouble": "characters", "text": error.characters}, b""
    except PaperError as error:
        return {"trouble": "paper", "text": str(error)}, b""
    except MemoryError:
        return {"trouble": "memory"}, b""
    except Exception as error:
        return {"trouble": "failure", "text": f"{type(error).__name__} at {' > '.join(places_of(error))}"}, b""


def _limit(kind: int, limit: int) -> None:
    hard = getrlimit(kind)[1]
    setrlimit(kind, (limit if hard == RLIM_INFINITY else min(limit, hard), hard))


def _exit_with_parent() -> None:
    """Exit as soon as the parent has ended, even in the middle of a paper."""
    closed = select.poll()
    closed.register(_INPUT, 0)  # no event but the closing of the other end
    closed.poll()
    os._exit(0)


if __name__ == "__main__":
    serve()
