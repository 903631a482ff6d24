"""Nothing may be written: pages go on, who saves is told so, and all is well once it may be again."""

from collections.abc import Callable

import pytest

from tests.faults.installation import Installation
from tests.support.postgres import PostgresServer
from tests.support.visitor import Visitor

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("installation", ["postgresql"], indirect=True),
]


def test_pages_go_on(installation: Installation, postgres_server: PostgresServer, say: Callable[[str], None]) -> None:
    server = installation.server()
    applicant, officer = (installation.visitor(server, who) for who in ("rival", "science"))
    form = applicant.filled(installation.page("draft", "form"), background="写了很久的背景")
    write_only_if(installation, postgres_server, "on")
    refused = applicant.send(form)
    assert refused.status == 503 and "只能查看" in refused.text and "写了很久的背景" in refused.text, refused
    paths = ("/", "/board", "/desk", "/projects", installation.page("funded"))
    assert [officer.get(path).status for path in paths] == [200] * len(paths)
    assert Visitor(server.port).get("/board").status == 200
    write_only_if(installation, postgres_server, "off")
    assert applicant.send(form).status == 302
    server.stop()
    installation.check()
    say(f"{len(paths) + 1} pages read while nothing could be saved; saved at once afterwards")


def write_only_if(installation: Installation, server: PostgresServer, read_only: str) -> None:
    """Make the database read-only or writable again, for connections that are opened from now on; close the others."""
    name = installation.url.partition("@/")[2].partition("?")[0]
    with server.connect() as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {read_only}")
        connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])
