"""PostgreSQL goes away and comes back: everybody is told so meanwhile, and nothing has to be restarted."""

import time
from collections.abc import Callable

import pytest

from tests.faults.installation import Installation
from tests.support.postgres import PostgresServer, stopped
from tests.support.serving import PATIENCE
from tests.support.visitor import Visitor

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("installation", ["postgresql"], indirect=True),
]


def test_pages_say_so_and_are_well_again(
    installation: Installation, postgres_server: PostgresServer, say: Callable[[str], None]
) -> None:
    server = installation.server()
    officer, stranger = installation.visitor(server, "science"), Visitor(server.port)
    page = f"/projects/{installation.projects['draft']}/documents/{installation.forms['draft']}"
    applicant = installation.visitor(server, "rival")
    typed = applicant.filled(page, background="写了很久的背景")
    assert officer.get("/desk").status == 200
    with stopped(postgres_server):
        began = time.monotonic()
        for answer in (officer.get("/desk"), stranger.get("/"), stranger.get("/board"), applicant.send(typed)):
            assert answer.status == 503, answer
            assert "数据库" in answer.text and "编号" in answer.text
        assert "写了很久的背景" in applicant.send(typed).text
        assert stranger.get("/healthz").status == 200 and stranger.get("/readyz").status == 503
        slowest = time.monotonic() - began
    began = time.monotonic()
    while stranger.get("/board").status != 200:
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.1)
    well = time.monotonic() - began
    assert officer.get("/desk").status == 200
    assert applicant.send(typed).status == 302
    server.stop()
    say(f"8 answers while it was away took {slowest:.1f} s; well again {well:.1f} s after it was back")
    installation.check()
