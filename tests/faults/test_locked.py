"""SQLite is locked by somebody else for twenty seconds: who reads goes on, who writes is told or gets through."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.installation import Installation
from tests.support.visitor import Visitor

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]
LOCKED, WRITERS, SLOWEST = 20.0, 8, 2.0  # seconds; writers at once; seconds for a page meanwhile


def test_readers_go_on(installation: Installation, say: Callable[[str], None]) -> None:
    server = installation.server(threads=8)
    page = f"/projects/{installation.projects['draft']}/documents/{installation.forms['draft']}"
    applicant, officer, stranger = (
        installation.visitor(server, "rival"),
        installation.visitor(server, "science"),
        Visitor(server.port),
    )
    forms = [applicant.filled(page, background=f"第{number}次") for number in range(WRITERS)]
    for visitor, path in ((officer, "/desk"), (stranger, "/"), (stranger, "/board")):
        assert visitor.get(path).status == 200
    other = sqlite3.connect(installation.folder / "xtbang.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began, took = time.monotonic(), []
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [Visitor(server.port, dict(applicant.cookies)) for _ in forms]
        sent = [pool.submit(writer.send, form) for writer, form in zip(writers, forms, strict=True)]
        while time.monotonic() - began < LOCKED:
            for visitor, path in ((officer, "/desk"), (stranger, "/"), (stranger, "/board")):
                asked = time.monotonic()
                assert visitor.get(path).status == 200
                took.append(time.monotonic() - asked)
        other.execute("ROLLBACK")
        other.close()
        answers = [one.result() for one in sent]
    statuses = sorted(answer.status for answer in answers)
    assert set(statuses) <= {302, 303, 503}
    assert all("数据库正忙" in answer.text for answer in answers if answer.status == 503)
    again = time.monotonic()
    assert applicant.send(applicant.filled(page, background="以后")).status == 302
    server.stop()
    took.sort()
    say(
        f"{len(took)} pages meanwhile, p95 {took[int(0.95 * len(took))]:.2f} s, slowest {took[-1]:.2f} s; "
        f"writers answered {statuses}; saved {time.monotonic() - again:.1f} s after it was free"
    )
    assert took[int(0.95 * len(took))] <= SLOWEST
    installation.check()
