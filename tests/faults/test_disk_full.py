"""The disk of the installation, or of PostgreSQL, is full: people are told so, what is there can be read, a backup elsewhere is made."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.faults.installation import Installation, fill
from tests.support.postgres import PostgresServer, running_postgres
from tests.support.serving import PATIENCE
from tests.support.visitor import Visitor

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
MEGABYTES = 64
OF_POSTGRES = 160
SAVES = 400
TEXT = "写了很久的背景" * 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[None]:
    """A disk of its own for the installation's folder."""
    if os.getuid() != 0:
        pytest.skip("only root mounts a small disk")
    folder = tmp_path / "instance"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "xtbang", folder], check=True)
    yield
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_is_called_so(installation: Installation, tmp_path: Path, say: Callable[[str], None]) -> None:
    server = installation.server()
    applicant, officer = (installation.visitor(server, who) for who in ("rival", "science"))
    project = f"/projects/{installation.projects['draft']}"
    page = f"{project}/documents/{installation.forms['draft']}"
    saved = applicant.filled(page, background=TEXT)
    scan = applicant.with_file(f"{project}/actions/upload_scan", "scan", scan_of_noise(), confirmed="1")
    ballast = installation.folder / "ballast"
    fill_up(ballast)
    refused = [applicant.send(scan)]
    if "sqlite" in installation.url:
        refused.append(applicant.send(saved))
    for answer in refused:
        assert answer.status == 503 and "磁盘已满" in answer.text, answer
    assert TEXT in refused[-1].text or "postgresql" in installation.url
    pages = ("/", "/board", "/notices", page)
    assert [applicant.get(path).status for path in pages] == [200] * 4
    assert officer.get("/desk").status == Visitor(server.port).get("/guide").status == 200
    copied = installation.command("backup", str(tmp_path / "elsewhere"))
    assert copied.returncode == 0, copied.stderr
    assert "核验通过" in copied.stdout and "备份已经做好" in copied.stderr
    doctor = installation.command("doctor")
    assert "磁盘" in doctor.stdout and "只剩 0.0 GB" in doctor.stdout
    ballast.unlink()
    assert applicant.send(scan).status < 400
    assert applicant.send(saved).status == 302
    server.stop()
    installation.check()
    say(f"{len(refused)} refused and told so; pages went on; backup made elsewhere; well again at once")


@pytest.fixture
def small_postgres() -> Iterator[PostgresServer]:
    """A cluster with a disk of its own."""
    if os.getuid() != 0:
        pytest.skip("only root mounts a small disk")
    with running_postgres(OF_POSTGRES) as server:
        yield server


def test_a_full_disk_of_the_database_is_called_so(
    small_postgres: PostgresServer, tmp_path: Path, say: Callable[[str], None]
) -> None:
    (folder := tmp_path / "instance").mkdir()
    made = fill(Installation(folder, small_postgres.create_database("full")))
    try:
        server = made.server(XTBANG_EMBEDDED_WORKER="0")
        applicant, stranger = made.visitor(server, "rival"), Visitor(server.port)
        page = made.page("draft", "form")
        (ballast := small_postgres.folder / "ballast").touch()
        fill_up(ballast)
        for number in range(SAVES):
            typed = f"{TEXT}{os.urandom(4000).hex()}{number}"
            answer = applicant.send(applicant.filled(page, background=typed))
            if answer.status != 302:
                break
        assert answer.status == 503 and "磁盘已满" in answer.text and typed in answer.text
        assert [stranger.get(path).status for path in ("/", "/board", "/notices")] == [200] * 3
        assert applicant.get(page).status == 200
        ballast.unlink()
        began = time.monotonic()
        while applicant.send(applicant.filled(page, background=TEXT)).status != 302:
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.5)
        server.stop()
        made.check()
        say(
            f"refused and told so after {number} saves; pages went on; well again after {time.monotonic() - began:.1f} s"
        )
    finally:
        made.end()


def fill_up(path: Path) -> None:
    """Write until there is no room."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def scan_of_noise() -> bytes:
    """A scan of half a megabyte."""
    Image.frombytes("L", (800, 1100), os.urandom(800 * 1100)).save(made := BytesIO(), "PDF", resolution=100)
    return made.getvalue()
