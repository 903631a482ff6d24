"""A thousand connections that send next to nothing, and pages that answer as if they were not there."""

import socket
import time
from collections.abc import Callable

import pytest

from tests.faults.installation import Installation
from tests.support.visitor import Visitor

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]
CONNECTIONS, PAGES, SLOWEST = 1000, 100, 2.0  # seconds


def test_pages_answer(installation: Installation, say: Callable[[str], None]) -> None:
    server = installation.server(XTBANG_EMBEDDED_WORKER="0")
    visitor, officer = Visitor(server.port), installation.visitor(server, "science")
    slow = []
    for number in range(CONNECTIONS):
        slow.append(socket.create_connection(("127.0.0.1", server.port), timeout=60))
        body = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\nhalf"
        slow[-1].sendall((body if number % 2 else "GET / HTTP/1.1\r\nHost:").encode())
    took = []
    for number in range(PAGES):
        slow[number].sendall(b"x")
        began = time.monotonic()
        assert visitor.get("/board").status == officer.get("/desk").status == 200
        took.append((time.monotonic() - began) / 2)
    for connection in slow:
        connection.close()
    server.stop()
    took.sort()
    say(f"with {CONNECTIONS} slow connections a page p50 {took[PAGES // 2]:.2f} s, slowest {took[-1]:.2f} s")
    assert took[int(0.95 * PAGES)] <= SLOWEST
