"""A backup while eight people write; one command puts it into an empty machine, where everything is as it was."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from tests.cli.test_restore import rows
from tests.faults.installation import Installation
from tests.support.postgres import PostgresServer
from tests.support.visitor import Visitor
from xtbang.models import Document

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
WRITERS, SECONDS = 8, 5.0  # of writing before the first backup


@pytest.fixture
def empty(
    installation: Installation, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Installation]]:
    """``empty("a")``: a machine of that name without a database of its own, and with the same settings."""
    made: list[str] = []

    def machine(name: str) -> Installation:
        folder = tmp_path / name
        url = f"sqlite:///{folder / 'xtbang.db'}"
        if "postgresql" in installation.url:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = server.create_database(f"empty_{name}")
            made.append(f"empty_{name}")
        return replace(installation, folder=folder, url=url, running=[])

    yield machine
    for name in made:
        request.getfixturevalue("postgres_server").drop_database(name)


def test_it_is_restored_by_one_command(
    installation: Installation, empty: Callable[[str], Installation], tmp_path: Path, say: Callable[[str], None]
) -> None:
    server, over = installation.server(threads=WRITERS, XTBANG_EMBEDDED_WORKER="0"), Event()
    visitors = [installation.visitor(server, "issuer") for _ in range(WRITERS)]
    saved = [0] * WRITERS

    def write(number: int, visitor: Visitor) -> None:
        page = installation.page(f"draft{number}", "form")
        while not over.is_set():
            form = visitor.filled(page, basis=f"第{saved[number] + 1}次")
            assert visitor.send(form).status in (302, 303)
            saved[number] += 1

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, number, visitor) for number, visitor in enumerate(visitors)]
        time.sleep(SECONDS)
        before, began = list(saved), time.monotonic()
        copied = installation.command("backup", str(tmp_path / "busy"))
        took = time.monotonic() - began
        after = [number + 1 for number in saved]
        over.set()
        for one in writing:
            one.result()
    assert copied.returncode == 0, copied.stderr
    server.stop()
    restored = empty("busy_machine")
    answer = restored.command("restore", str(tmp_path / "busy"))
    assert answer.returncode == 0 and "核验通过" in answer.stdout, answer.stdout + answer.stderr
    restored.check()
    with restored.session() as session:
        for number in range(WRITERS):
            text = session.get_one(Document, restored.forms[f"draft{number}"]).draft["basis"]
            reached = int((re.search(r"\d+", text) or ["0"])[0])
            assert before[number] <= reached <= after[number], (before, reached, after)
    quiet = installation.command("backup", str(tmp_path / "quiet"))
    assert quiet.returncode == 0, quiet.stderr
    equal = empty("quiet_machine")
    assert equal.command("restore", str(tmp_path / "quiet")).returncode == 0
    assert rows(equal.url) == rows(installation.url)
    names = [sorted(path.name for path in each.folder.glob("files/??/??/*")) for each in (installation, equal)]
    assert names[0] == names[1] and names[0]
    second = equal.server(XTBANG_EMBEDDED_WORKER="0")
    assert equal.visitor(second, "science").get("/desk").status == 200
    second.stop()
    say(
        f"{sum(saved)} saves by {WRITERS}; a backup among them in {took:.1f} s; restored: nothing lost, rows and files equal"
    )
