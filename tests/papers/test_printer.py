"""Papers laid out by processes of their own: the same bytes, within bounds, so many at a time."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.papers.conftest import META, definition, filled
from xtbang.papers.errors import TooHeavy, Unprintable
from xtbang.papers.pdf import printer
from xtbang.papers.pdf.issued import Order
from xtbang.papers.pdf.printer import Bounds, pdf_of_order
from xtbang.papers.pdf.typesetting import typeset

FORM = "tech_demand_2021"


def order(text: str = "示例内容。") -> Order:
    """附件1 with that text in it."""
    return Order("form", {"values": filled(FORM) | {long(): text}}, META, definition(FORM))


def long() -> str:
    """The key of a field that takes several lines."""
    return next(field.key for field in definition(FORM).fields if field.kind == "long")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Processes of the test's own."""
    made = printer._Printer()
    monkeypatch.setattr(printer, "_PRINTER", made)
    yield made
    made.end()


def test_the_bytes_are_those_of_this_process(fresh: Any) -> None:
    for text in ("示例内容。", "另一段。\n第二行。"):
        assert pdf_of_order(order(text), Bounds()) == typeset(order(text))
    assert len(fresh._all) == 1  # it stays


def test_a_large_parent_makes_no_process_large(fresh: Any) -> None:
    ours = bytearray(700 * 1024**2)  # more than a printing process may use before it is replaced
    pdf_of_order(order(), Bounds())
    assert len(fresh._all) == 1 and ours


BEYOND = {
    "processor time": Bounds(seconds=1),
    "time by the clock": Bounds(wall=0.5),
    "memory": Bounds(memory=256 * 1024**2),
}


@pytest.mark.parametrize("what", BEYOND)
def test_what_goes_beyond_a_bound_is_stopped_and_the_next_paper_is_printed(fresh: Any, what: str) -> None:
    heavy = order("湘潭揭榜挂帅，" * 100_000)
    with pytest.raises(TooHeavy):
        pdf_of_order(heavy, BEYOND[what])
    assert pdf_of_order(order(), Bounds()) == typeset(order())


def test_what_cannot_be_printed_is_told_as_in_this_process(fresh: Any, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unprintable) as caught:
        pdf_of_order(order("生僻字\U00030edd。"), Bounds())
    assert caught.value.characters == "\U00030edd"
    with pytest.raises(RuntimeError):
        pdf_of_order(Order("no_such_paper", {}, META), Bounds())
    assert "TemplateNotFound at " in caplog.text and "no_such_paper" not in caplog.text
    assert len(fresh._all) == 1


def test_a_process_that_somebody_ended_is_replaced(fresh: Any) -> None:
    first = pdf_of_order(order(), Bounds())
    [process] = fresh._all
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    assert pdf_of_order(order(), Bounds()) == first


def test_no_more_are_printed_at_a_time_than_allowed(fresh: Any) -> None:
    """Five ask at once: where one is printed at a time, one process does it all; where two are, two."""
    for at_once in (1, 2):
        threads = [Thread(target=pdf_of_order, args=(order(), Bounds(at_once=at_once))) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert len(fresh._all) <= at_once
        assert fresh._busy == 0


ENDING = """
import sys
from threading import Thread
from tests.papers.test_printer import order
from xtbang.papers.pdf import printer
Thread(target=printer.pdf_of_order, args=(order(), printer.Bounds()), daemon=True).start()
while not printer._PRINTER._all:
    pass
print(next(iter(printer._PRINTER._all)).pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_whoever_started_it(number: signal.Signals) -> None:
    """Also when that is killed and cannot say so."""
    root = Path(__file__).resolve().parents[2]
    server = subprocess.Popen([sys.executable, "-c", ENDING], cwd=root, stdin=-1, stdout=-1)
    assert server.stdin and server.stdout
    child = os.pidfd_open(int(server.stdout.readline()))
    server.send_signal(number)
    server.wait(30)
    server.stdin.close()
    server.stdout.close()
    waiting = select.poll()
    waiting.register(child, select.POLLIN)
    assert waiting.poll(30_000)
    os.close(child)
