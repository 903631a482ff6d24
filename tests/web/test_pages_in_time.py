"""The server notes when a request begins to arrive: half of it before a close, the rest after."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.site_projects import SiteProjectFactory
from tests.support.server import stop_server
from tests.web.visitors import count, objecting
from xtbang import reception
from xtbang.models import Objection
from xtbang.reception import Reception, started_at
from xtbang.rules.dates import last_moment_of

CLOSE = last_moment_of(date(2024, 11, 18))
GRACE, MOMENT = timedelta(minutes=10), timedelta(milliseconds=1)
SLOW = 500  # connections of each kind
BODY = urlencode({"name": "李明", "contact": "0731-55550000", "facts": "数据不实"})


@contextmanager
def served(app: Flask, proxy: str) -> Iterator[Any]:
    app.config["PROXY"] = proxy
    app.extensions["throttle"].enabled = False  # all come from one address
    server = Reception(app, "127.0.0.1", 0, threads=2)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        stop_server(server, thread)
        app.extensions["throttle"].enabled = True


def send(factory: SiteProjectFactory, server: Any, path: str, first: datetime, last: datetime, started: str) -> int:
    """The status of a form whose first byte is sent at one moment, and everything after it at another."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(BODY)}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n"
    head += f"X-Request-Start: {started}\r\n" if started else ""
    factory.now = first
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(b"P")
        while not any(channel.request for channel in list(server.server.active_channels.values())):
            time.sleep(0.01)
        factory.now = last
        connection.sendall(f"{head}\r\n{BODY}"[1:].encode("ascii"))
        answer = HTTPResponse(connection)
        answer.begin()
        return answer.status


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_counts_is_the_first_byte_and_the_proxys_word_for_it(factory: SiteProjectFactory, app: Flask) -> None:
    path = objecting(factory)
    at = f"{CLOSE.timestamp() - 1:.3f}"
    later = f"{CLOSE.timestamp() + 2:.3f}"
    cases = [
        ("", CLOSE, CLOSE, "", 302),
        ("", CLOSE, CLOSE + GRACE, "", 302),
        ("", CLOSE, CLOSE + GRACE + MOMENT, "", 422),
        ("", CLOSE + MOMENT, CLOSE + MOMENT, "", 422),
        ("", CLOSE + MOMENT, CLOSE + MOMENT, at, 422),  # from anybody
        ("127.0.0.9", CLOSE + MOMENT, CLOSE + MOMENT, at, 422),  # not from the address of the proxy
        ("127.0.0.1", CLOSE + MOMENT, CLOSE + MOMENT, f"t={at}", 302),
        ("127.0.0.1", CLOSE + MOMENT, CLOSE + MOMENT, f"{later}-3.0", 302),
        ("127.0.0.1", CLOSE + MOMENT, CLOSE + MOMENT, later, 422),
        ("127.0.0.1", CLOSE + MOMENT, CLOSE + GRACE + MOMENT, at, 422),
        ("127.0.0.1", CLOSE, CLOSE, f"{CLOSE.timestamp() + 3600:.3f}", 302),  # its clock is wrong: ours counts
        ("127.0.0.1", CLOSE + MOMENT, CLOSE + MOMENT, "yesterday", 422),
    ]
    for proxy in dict.fromkeys(case[0] for case in cases):
        with served(app, proxy) as server:
            for case in (case for case in cases if case[0] == proxy):
                assert send(factory, server, path, *case[1:4]) == case[4], case
    taken = [case for case in cases if case[4] == 302]
    assert count(factory, Objection) == len(taken)
    received = [row.received_at for row in factory.session.scalars(select(Objection).order_by(Objection.id))]
    assert received[:2] == [CLOSE, CLOSE]
    assert all(at <= CLOSE for at in received)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_whoever_sends_slowly_is_waited_for_without_a_thread_and_not_for_ever(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "LOOKED_AT", 0)
    slow = []
    with served(app, "") as server:
        for head in ("GET / HTTP/1.1\r\nHost:", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"):
            for _ in range(SLOW):
                slow.append(socket.create_connection(("127.0.0.1", server.port), timeout=60))
                slow[-1].sendall(head.encode("ascii"))
        assert page(server) == 200
        monkeypatch.setattr(reception, "HEADER_SECONDS", 0.0)
        assert [connection.recv(1) for connection in slow[:SLOW]] == [b""] * SLOW
        assert page(server) == 200
        slow[-1].sendall(b" body")
        assert slow[-1].recv(12) == b"HTTP/1.1 405"
        monkeypatch.setattr(reception, "BODY_SECONDS", 0.0)
        server.server.grace = 0.0
        assert [connection.recv(1) for connection in slow[SLOW:-1]] == [b""] * (SLOW - 1)
    for connection in slow:
        connection.close()


def page(server: Any) -> int:
    """The status of the home page."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status


def test_forms_leave_threads_to_pages_uploads_to_other_forms_and_all_keep_their_order() -> None:
    turns, large = reception.Turns(forms=3, uploads=2), reception.LARGE + 1
    for number, (command, size) in enumerate(
        [("POST", large), ("POST", large), ("POST", large), ("GET", 0), ("POST", 1), ("POST", 1), ("HEAD", 0)]
    ):
        asked = SimpleNamespace(command=command, body_bytes_received=size)
        turns.append(SimpleNamespace(requests=[asked], service=lambda: None, number=number))
    taken = [turns.popleft() for _ in range(len(turns))]
    forms = [one for one in taken if isinstance(one, reception.Sent)]
    assert [one.channel.number for one in forms] == [0, 1, 4]
    assert [one.number for one in taken if one not in forms] == [3, 6]
    assert not turns
    forms[2].service()
    assert turns.popleft().channel.number == 5, "two uploads are being answered already"
    forms[0].service()
    assert turns.popleft().channel.number == 2
    assert not turns


def test_a_start_is_read_as_proxies_write_it() -> None:
    began = datetime.fromisoformat("2024-11-18T15:59:59.500+00:00")
    for header in ("1731945599.500", "t=1731945599.5", "1731945604.000-4.500", " 1731945599.5 "):
        assert started_at(header) == began
    for header in ("", "now", "-5", "1731945599500", "1731945599.5, 1731945599.5", "1731945599.5-"):
        assert started_at(header) is None
