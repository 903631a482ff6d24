"""The process that lays papers out: one order after another, each within bounds of time and memory.

``python -m xtbang.papers.pdf.print_process`` takes orders from its standard input (a pickle of its own parent) and answers on
its standard output with a line of JSON and the PDF behind it. The kernel ends it when an order needs more processor time
than one may; `papers.pdf.printer` starts another one. When its input is closed, since whoever started it has ended, it ends too.
"""

import gc
import json
import os
import pickle
import select
import sys
import traceback
from math import ceil
from resource import RLIM_INFINITY, RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RUSAGE_SELF, getrlimit, getrusage, setrlimit
from threading import Thread
from time import process_time
from typing import Any

from xtbang.papers.errors import PaperError, Unprintable
from xtbang.papers.pdf.issued import Order
from xtbang.papers.pdf.typesetting import typeset

_INPUT, _OUTPUT, _ERRORS = 0, 1, 2
_NICE = 5  # pages come first
_FULL = 0.5  # of the memory allowed: what has held so much starts afresh, since little of it is given back


def serve() -> None:
    """Answer orders until the input ends."""
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(_OUTPUT), "wb")
    os.dup2(_ERRORS, _OUTPUT)  # nobody else writes between the answers
    Thread(target=_end_with_the_parent, daemon=True).start()
    os.nice(_NICE)
    _limit(RLIMIT_CORE, 0)
    gc.freeze()
    answers.write(b"ready\n")
    answers.flush()
    while True:
        try:
            order, seconds, memory = pickle.load(orders)  # noqa: S301  # what our own parent wrote
        except EOFError:
            return
        _limit(RLIMIT_AS, memory)
        _limit(RLIMIT_CPU, ceil(process_time() + seconds))
        answer, content = _answer(order)
        answer["last"] = answer.get("trouble") == "memory" or getrusage(RUSAGE_SELF).ru_maxrss * 1024 > memory * _FULL
        answers.write(json.dumps(answer | {"size": len(content)}).encode() + b"\n" + content)
        answers.flush()


def _answer(order: Order) -> tuple[dict[str, Any], bytes]:
    try:
        return {}, typeset(order)
    except Unprintable as error:
        return {"trouble": "characters", "text": error.characters}, b""
    except PaperError as error:
        return {"trouble": "paper", "text": str(error)}, b""
    except MemoryError:
        return {"trouble": "memory"}, b""
    except Exception:
        return {"trouble": "failure", "text": traceback.format_exc()}, b""


def _limit(kind: int, most: int) -> None:
    hard = getrlimit(kind)[1]
    setrlimit(kind, (most if hard == RLIM_INFINITY else min(most, hard), hard))


def _end_with_the_parent() -> None:
    """Do not finish a paper that nobody waits for."""
    closed = select.poll()
    closed.register(_INPUT, 0)  # tells only that the other end was closed
    closed.poll()
    os._exit(0)


if __name__ == "__main__":
    serve()
