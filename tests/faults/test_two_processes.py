"""Two servers and two workers on one database and one folder of files: the same file, paper and mail once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from tests.faults.installation import Installation
from tests.faults.test_disk_full import scan_of_noise
from tests.jobs.test_outbox import Sink
from tests.support.serving import PATIENCE, free_port
from xtbang.models import Job, Mail, Paper, StoredFile

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(900),
    pytest.mark.parametrize("installation", ["postgresql"], indirect=True),
]
ROUNDS = 10


def test_both_do_everything_once(installation: Installation, say: Callable[[str], None]) -> None:
    sink, port = Sink(), free_port()
    smtp = Controller(sink, hostname="127.0.0.1", port=port)
    smtp.start()
    mail = {"XTBANG_SMTP_HOST": "127.0.0.1", "XTBANG_SMTP_PORT": str(port)}
    installation.settings |= mail | {"XTBANG_EMBEDDED_WORKER": "0"}
    servers = [installation.server(), installation.server()]
    workers = [installation.worker(), installation.worker()]
    pairs = [[installation.visitor(server, who) for server in servers] for who in ("rival", "issuer")]
    page, draft = installation.page("draft", "/actions/upload_scan"), installation.page("draft0", "form")
    statuses = []
    for number in range(ROUNDS):
        scan = scan_of_noise()
        forms = [one.with_file(page, "scan", scan, confirmed="1") for one in pairs[0]]
        forms += [one.filled(draft, background=f"第{number}次") for one in pairs[1]]
        with ThreadPoolExecutor(4) as pool:
            answers = pool.map(lambda one, form: one.send(form).status, [*pairs[0], *pairs[1]], forms)
            statuses += list(answers)
    assert max(statuses) < 500
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and waiting(installation):
        time.sleep(0.5)
    for process in workers:
        process.terminate()
        assert process.wait(PATIENCE) == 0
    for server in servers:
        server.stop()
    smtp.stop()
    assert waiting(installation) == 0
    with installation.session() as session:
        papers = session.execute(select(func.count(Paper.id), func.count(Paper.file_id.distinct()))).one()
        assert papers[0] == papers[1]
        mails = session.scalar(select(func.count(Mail.id)))
        assert len(sink.mails) == mails == len({mail["Message-ID"] for _to, mail in sink.mails})
        assert set(session.scalars(select(Job.tries))) == {1}
        files = session.scalar(select(func.count(StoredFile.id)))
    installation.check()
    say(
        f"{len(statuses)} forms through both; {papers[0]} papers printed, {mails} mails sent, each once; {files} files whole"
    )


def waiting(installation: Installation) -> int:
    """Mails and papers that nobody has dealt with."""
    with installation.session() as session:
        mails = session.scalar(select(func.count(Mail.id)).where(Mail.sent_at.is_(None))) or 0
        return mails + (session.scalar(select(func.count(Paper.id)).where(Paper.file_id.is_(None))) or 0)
