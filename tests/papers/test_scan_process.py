"""The process that opens what people upload: what stops it, several at once, how it ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from tests.papers.bombs import ALL, LONG, document, many_lines
from tests.papers.conftest import CODE, full_pdf, page_pictures
from tests.support.scans import SITES, read_codes
from xtbang.papers.scan import examine as scans
from xtbang.papers.scan.examine import TROUBLES, Scan, examine

ROOT = Path(__file__).parents[2]
HEAVY = Scan(TROUBLES["heavy"])
PDF = "application/pdf"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may take one second: a bomb would take a hundred, and is stopped sooner."""
    monkeypatch.setattr(scans, "PAGE", 1.0)


@pytest.fixture(scope="module")
def scanned() -> bytes:
    """One page of a form as a scanner saves it."""
    content = BytesIO()
    page_pictures(full_pdf("tech_demand_2024"), 150)[0].save(content, "PDF", resolution=150)
    return content.getvalue()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("what", LONG)
def test_what_takes_too_long_is_refused(what: str) -> None:
    content = LONG[what]()
    assert len(content) < 3000
    assert examine(content, PDF, SITES) == HEAVY


def test_what_takes_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MEMORY", 256 * 1024**2)
    assert examine(many_lines(), PDF, SITES) == HEAVY


def large_pictures() -> Iterator[tuple[bytes, str]]:
    """The largest that are taken, in the kinds that take most memory: 600 MB each."""
    content = BytesIO()
    Image.new("CMYK", (7070, 7070), (1, 2, 3, 200)).save(content, "JPEG", progressive=True)
    yield content.getvalue(), "image/jpeg"
    content = BytesIO()
    Image.new("RGBA", (7070, 7070), (1, 2, 3, 200)).save(content, "PNG", compress_level=1)
    yield content.getvalue(), "image/png"


def test_the_largest_pictures_open_and_one_too_large_for_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for content, mime in large_pictures():
        assert examine(content, mime, SITES) == Scan(pages=1, looked=1)
        with monkeypatch.context() as little:
            little.setattr(scans, "MEMORY", 128 * 1024**2)
            assert examine(content, mime) == HEAVY


@pytest.mark.usefixtures("hasty")
def test_what_was_read_before_a_bomb_counts(scanned: bytes) -> None:
    content = BytesIO()
    with pikepdf.open(BytesIO(scanned)) as made, pikepdf.open(BytesIO(document(ALL * 200_000))) as bomb:
        made.pages.extend(bomb.pages)
        made.save(content)
    scan = examine(content.getvalue(), PDF, SITES)
    assert scan.trouble == "" and scan.codes == {CODE}
    assert scan.doubt() == "扫描件共 2 页，系统只核对了其中 1 页"


@pytest.mark.usefixtures("hasty")
def test_many_bombs_at_once_are_opened_one_at_a_time_and_the_next_scan_is_read(
    scanned: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy: list[int] = []
    most: list[int] = []
    real = scans._Reader._answers

    def watched(reader: Any, order: bytes) -> Iterator[dict[str, Any]]:
        busy.append(1)
        most.append(len(busy))
        yield from real(reader, order)
        busy.pop()

    monkeypatch.setattr(scans._Reader, "_answers", watched)
    monkeypatch.setattr(scans, "WAITING", 600.0)
    bomb = LONG["2,000 shadings"]()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: examine(bomb, PDF), range(8)))
    assert found.count(HEAVY) >= scans.QUEUE  # the rest found too many waiting, and were let through unopened
    assert found.count(HEAVY) + found.count(Scan()) == 8
    assert max(most) == 1
    assert examine(scanned, PDF, SITES).codes == {CODE}


def test_nobody_waits_for_ever(scanned: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "WAITING", 0.01)
    with scans._READER.turn:
        scan = examine(scanned, PDF, SITES)
    assert scan == Scan() and scan.doubt() == "同时上传的文件过多，二维码未及识别"
    assert read_codes(scanned, PDF) == {CODE}


def test_a_file_that_hangs_is_stopped_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "PAGE", 600.0)
    monkeypatch.setattr(scans, "WALL", 0.5)
    assert examine(LONG["2,000 shadings"](), PDF) == HEAVY


def test_a_process_that_was_ended_is_started_again(scanned: bytes) -> None:
    assert read_codes(scanned, PDF) == {CODE}
    running = scans._READER._process
    assert running
    running.kill()
    running.wait()
    assert read_codes(scanned, PDF) == {CODE}
    assert scans._READER._process is not running


def test_it_knows_nothing_of_the_settings_and_little_of_the_program(scanned: bytes) -> None:
    assert read_codes(scanned, PDF) == {CODE}
    running = scans._READER._process
    assert running
    names = {line.split(b"=")[0] for line in Path(f"/proc/{running.pid}/environ").read_bytes().split(b"\0")}
    assert names <= {b"PATH", b"LD_LIBRARY_PATH", b"LC_CTYPE", b""}
    command = "import xtbang.papers.scan.process, sys; print({'flask', 'sqlalchemy', 'weasyprint'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", command], cwd=ROOT, text=True).strip() == "set()"


BUSY = """
import signal, sys
from xtbang.papers.scan import examine as scans
signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
scans.examine(b"%PDF", "application/pdf")
print(scans._READER._process.pid, flush=True)
scans.PAGE = scans.WALL = 6000.0
scans.examine(sys.stdin.buffer.read(), "application/pdf")
"""


def family(process: int) -> set[int]:
    """The process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children")
    return {process, *map(int, children.read_text().split())}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])  # the other ends in good order, as `serve` does
def test_it_ends_with_whoever_started_it_in_the_middle_of_a_file(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=-1, stdout=-1, cwd=ROOT) as parent:
        assert parent.stdin and parent.stdout
        reader = int(parent.stdout.readline())
        parent.stdin.write(LONG["2,000 shadings"]())
        parent.stdin.close()
        while len(both := family(reader)) < 2:
            time.sleep(0.01)
        parent.send_signal(how)
        parent.wait()
        while any(running(process) for process in both):
            time.sleep(0.01)
    assert parent.returncode == (0 if how == signal.SIGTERM else -how)


def running(process: int) -> bool:
    """Whether it has not ended: what nobody waits for stays as a zombie."""
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_file_that_fails_is_logged_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    assert scans.cut(b"%PDF-1.7 typed by somebody", [(0, 0)]) == []
    assert "the reading of a file failed: PdfiumError at " in caplog.text
    assert "typed by somebody" not in caplog.text
