"""Thirty hostile PDFs of a kilobyte within a minute, and somebody else's scan that is taken as if they were not there."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import pytest

from tests.faults.installation import Installation
from tests.faults.test_disk_full import scan_of_noise
from tests.papers.bombs import LONG
from tests.support.visitor import Visitor

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]
HOSTILE, MINUTE, DELAY = 30, 60.0, 2.0  # seconds


def test_nobody_else_waits(installation: Installation, say: Callable[[str], None]) -> None:
    server = installation.server(XTBANG_EMBEDDED_WORKER="0")
    honest, visitor = installation.visitor(server, "issuer"), Visitor(server.port)
    slip, numbers = scan_of_noise(), count(1)
    bombs = [make() for make in LONG.values()]
    assert max(map(len, bombs)) < 10_000

    def upload() -> float:
        values = {"number": f"回单{next(numbers)}", "amount": "0.01", "paid_on": "2024-11-18", "confirmed": "1"}
        form = honest.with_file(installation.page("funded", "/actions/submit_voucher"), "file", slip, **values)
        began = time.monotonic()
        answer = honest.send(form)
        assert answer.status < 400 and "/kept/" not in answer.leads_to
        return time.monotonic() - began

    upload()
    alone = sorted(upload() for _ in range(5))[2]
    over, pages, delays = Event(), list[float](), list[float]()

    def attack(number: int) -> int:
        time.sleep(number * MINUTE / HOSTILE)
        attacker = installation.visitor(server, "rival")
        page = installation.page("draft", "/actions/upload_scan")
        return attacker.send(attacker.with_file(page, "scan", bombs[number % len(bombs)], confirmed="1")).status

    with ThreadPoolExecutor(HOSTILE) as pool:
        attacks = [pool.submit(attack, number) for number in range(HOSTILE)]
        while not all(one.done() for one in attacks):
            delays.append(upload() - alone)
            began = time.monotonic()
            assert visitor.get("/board").status == 200
            pages.append(time.monotonic() - began)
            over.wait(1.0)
        statuses = [one.result() for one in attacks]
    assert max(statuses) < 500
    server.stop()
    delays.sort()
    say(
        f"an upload alone {alone:.2f} s; {len(delays)} beside {HOSTILE} hostile ones later by p50 {delays[len(delays) // 2]:.2f} s, "
        f"p95 {delays[int(0.95 * len(delays))]:.2f} s, most {delays[-1]:.2f} s; slowest page {max(pages):.2f} s"
    )
    assert delays[-1] <= DELAY
    installation.check()
