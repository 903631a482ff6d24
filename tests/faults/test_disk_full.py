"""The disk of the installation is full: people are told so, what is there can be read, a backup elsewhere is made."""

import os
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.faults.installation import Installation
from tests.support.visitor import Visitor

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600), pytest.mark.usefixtures("small_disk")]
MEGABYTES = 64
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
