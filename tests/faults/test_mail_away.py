"""The mail server is away, or takes the call and says nothing: papers are printed all the same, and the server stops in time."""

import time
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from sqlalchemy import func, select

from tests.faults.installation import Installation
from tests.faults.test_store_away import silence
from tests.support.serving import PATIENCE, free_port
from xtbang.models import Mail, Paper

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
LONGEST = 45.0  # seconds for a clean stop, while a mail waits for an answer


@pytest.mark.parametrize("silent", [False, True], ids=["away", "silent"])
def test_papers_and_a_clean_stop_go_on(installation: Installation, say: Callable[[str], None], silent: bool) -> None:
    port = free_port()
    installation.settings |= {"XTBANG_SMTP_HOST": "127.0.0.1", "XTBANG_SMTP_PORT": str(port)}
    with silence(port) if silent else nullcontext():
        with installation.session() as session:
            waiting = session.scalar(select(func.count(Paper.id)).where(Paper.file_id.is_(None))) or 0
        assert waiting
        began = time.monotonic()
        server = installation.server()
        applicant, officer = (installation.visitor(server, who) for who in ("issuer", "science"))
        assert (
            applicant.send(applicant.filled(installation.page("entry", "/actions/submit"), confirmed="1")).status == 302
        )
        while count(installation, Paper.file_id.is_(None)):
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.2)
        printed = time.monotonic() - began
        assert officer.get("/desk").status == 200
        assert "连接不上" in installation.command("doctor").stdout
        began = time.monotonic()
        server.stop()
        stopped = time.monotonic() - began
    assert stopped < LONGEST
    with installation.session() as session:
        assert session.scalars(select(Mail.id).where(Mail.sent_at.is_not(None))).all() == []
        mails = session.scalar(select(func.count(Mail.id))) or 0
    installation.check()
    say(f"{waiting} papers and more printed after {printed:.0f} s; clean stop in {stopped:.1f} s; {mails} mails wait")


def count(installation: Installation, *which: object) -> int:
    with installation.session() as session:
        return session.scalar(select(func.count(Paper.id)).where(*which)) or 0  # type: ignore[arg-type]
