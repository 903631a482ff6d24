"""The last second of a window: what began to arrive before the close is in, what came after is told so and keeps its draft."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPResponse

import pytest
from sqlalchemy import select

from tests.faults.installation import DRAFTS, Installation
from tests.support.visitor import Form, Visitor
from xtbang.models import Call, Project
from xtbang.models.writing import begin_write

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
AHEAD, STEP, NEAR = 5.0, 0.1, 0.05  # seconds to the close, between two forms, within which it may be judged either way
SLOW = 3  # of those before the close send half of the form then, and the rest a second after it


def test_the_close_is_where_it_is(installation: Installation, say: Callable[[str], None]) -> None:
    server = installation.server(XTBANG_EMBEDDED_WORKER="0")
    applicant = installation.visitor(server, "issuer")
    names = [f"draft{number}" for number in range(DRAFTS)]
    forms = [applicant.filled(installation.page(name, "/actions/submit"), confirmed="1") for name in names]
    close = close_in(installation, AHEAD)
    offsets = [STEP * (number - DRAFTS / 2 + 0.5) for number in range(DRAFTS)]
    with ThreadPoolExecutor(DRAFTS) as pool:
        sent = [
            pool.submit(hand_in, applicant, form, close + timedelta(seconds=offset), number < SLOW, installation)
            for number, (form, offset) in enumerate(zip(forms, offsets, strict=True))
        ]
        statuses = [one.result() for one in sent]
    with installation.session() as session:
        handed_in = {row.id for row in session.scalars(select(Project).where(Project.submitted_at.is_not(None)))}
    got_in = [installation.projects[name] in handed_in for name in names]
    for offset, inside, status in zip(offsets, got_in, statuses, strict=True):
        assert status < 500
        assert abs(offset) < NEAR or inside == (offset < 0), (offset, inside, status)
    late = applicant.get(installation.page(names[-1], "form"))
    assert late.status == 200 and "高温合金涂层关键技术" in late.text
    server.stop()
    installation.check()
    say(f"{sum(got_in)} of {DRAFTS} in, those that began before the close; {SLOW} of them ended after it")


def close_in(installation: Installation, seconds: float) -> datetime:
    """Set the close of the calls; return it."""
    with installation.session() as session:
        begin_write(session)
        close = installation.clock() + timedelta(seconds=seconds)
        for call in session.scalars(select(Call)):
            call.closes_at = close
        session.commit()
    return close


def hand_in(visitor: Visitor, form: Form, at: datetime, slowly: bool, installation: Installation) -> int:
    """Send the form at that moment; slowly: half of it then, the rest two seconds later. The status."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    head = f"POST {form.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {cookies}\r\n"
    head += f"Content-Type: {form.kind}\r\nContent-Length: {len(form.body)}\r\n\r\n"
    whole = head.encode() + form.body
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=120) as connection:
        time.sleep(max(0.0, (at - installation.clock()).total_seconds()))
        connection.sendall(whole[:100] if slowly else whole)
        if slowly:
            time.sleep(2)
            connection.sendall(whole[100:])
        answer = HTTPResponse(connection)
        answer.begin()
        return answer.status
