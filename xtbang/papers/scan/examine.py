"""The examination of uploaded scans: whether a file opens, and its check codes.

The web process opens no PDF or picture that people upload: a page of one kilobyte can cost PDFium hours and gigabytes.
A process of its own does it within limits, see `papers.scan.process`.
"""

import atexit
import json
import logging
import os
import sys
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from signal import SIGKILL
from subprocess import PIPE, Popen
from threading import BoundedSemaphore, Lock
from typing import Any

from xtbang.config import ROOT

LOG = logging.getLogger("xtbang.papers")
QUICK = 12.0  # seconds of processor time for one file: 35 pages at 300 dpi take 5
THOROUGH = 4.0  # more seconds for a file on which no code was found
PAGE = 5.0  # seconds of processor time to open a page, then the kernel stops it: a JPEG 2000 at 600 dpi takes 0.6
WALL = 60.0  # seconds by the clock for one file, more than the above for a busy machine
MEMORY = 1024**3  # bytes of address space: a picture of 50 million pixels with 16 bits per colour takes 600 MB
WAITING = 1.5  # seconds that a person waits for other files; then the upload is accepted unread
PATIENT = 15.0  # seconds that a job waits, which reads such a scan afterwards
PAGES = 80  # most pages of a paper that are read: the longest contract has 35
MERGED = 5  # times as long, and as many pages, for a file that has several papers
QUEUE = 4  # most files at a time, including the one being read: leaves threads for other requests
UNREAD = "二维码未能识别"
UNOPENED = "同时上传的文件过多，二维码未及识别"
TROUBLES = {
    "empty": "文件是空的，请重新上传。",
    "large": "图片太大（超过 5000 万像素），请以 300 dpi 重新扫描后上传。",
    "password": "PDF 设有打开密码，无法查看，请去掉密码后上传。",
    "pdf": "PDF 已损坏，无法打开，请重新生成后上传。",
    "picture": "图片已损坏，无法打开，请重新扫描或拍照后上传。",
    "active": "PDF 里含有脚本、程序或动态表单，请用“打印为 PDF”另存一份，或者扫描后上传。",
    "double": "文件里还夹带着别的文件（压缩包、程序或网页），请重新生成后上传。",
    "heavy": "文件过于复杂，打开第一页就超出了系统允许的时间或内存，请以 300 dpi 重新扫描后上传。",
}


@dataclass(frozen=True)
class Scan:
    """The findings about an uploaded file."""

    trouble: str = ""  # the sentence that says why it cannot be opened; "" when it opens
    codes: frozenset[str] = frozenset()  # the check codes on it, in their standard spelling
    elsewhere: str = ""  # content of a QR code that resembles ours with another address
    pages: int = 0  # number of pages; 0: it was not opened
    looked: int = 0  # pages that were searched for codes

    ours: bool = False  # it is not a scan: this program made the file
    drawn: bool = False  # a page with a code is not an image, as the pages of a scan are
    cropped: bool = False  # an image shows little more than the code
    places: tuple[tuple[int, str], ...] = ()  # page, from 0, and code on it
    contacts: tuple[int, ...] = ()  # pages, from 1, of a PDF whose text has a telephone or an e-mail address

    @property
    def contact_pages(self) -> str:
        """Return the pages with a telephone or an e-mail address, "1、3"."""
        return "、".join(map(str, self.contacts))

    def doubt(self, pages: int | None = 0) -> str:
        """Return why an officer has to check the scan of a paper with that many pages; "" when there is no doubt.

        ``pages`` is 0 when there is no paper to compare with, None when its number of pages could not be determined.
        """
        if not self.pages and not self.codes:
            return UNOPENED
        found = [] if self.codes else [UNREAD]
        if self.looked < self.pages:
            found.append(f"扫描件共 {self.pages} 页，系统只核对了其中 {self.looked} 页")
        if pages is None:
            found.append("未及与原件核对页数")
        elif self.pages < pages:
            found.append(f"扫描件只有 {self.pages} 页，原件共 {pages} 页")
        if self.drawn:
            found.append("有的页不是扫描或拍摄的图像")
        if self.cropped:
            found.append("有的图中几乎只有二维码")
        return "；".join(found)


def examine(
    content: bytes, mime: str, sites: Sequence[str] = (), waiting: float | None = None, *, merged: bool = False
) -> Scan:
    """Return whether a PDF, JPG or PNG opens, and every readable check code of the sites on it.

    Each site is an address without a slash at its end: ours and our former ones. Without sites no code is read. A file
    that stops the process before its first page is open gets a ``trouble``. One that stops it later has the codes read
    by then, and fewer pages in ``looked`` than in ``pages``. When too many files wait, or others for longer than
    ``waiting`` seconds (`WAITING`), nothing is found out, neither codes nor trouble. A ``merged`` file may have the pages
    of several papers and takes longer.
    """
    if not content:
        return Scan(TROUBLES["empty"])
    order = {"mime": mime, "size": len(content), "sites": list(sites)}
    times = MERGED if merged else 1
    order |= {"quick": times * QUICK, "thorough": THOROUGH, "page": PAGE, "memory": MEMORY}
    order |= {"wall": times * WALL, "most": times * PAGES}
    found = _READER.ask(order, content, WAITING if waiting is None else waiting)
    if not found:
        return Scan()
    end = found[-1]["end"]
    if end:
        LOG.warning("the reading of a file was stopped (%s): %s, %s bytes", end, mime, len(content))
    flags = {name: any(answer.get(name) for answer in found) for name in ("ours", "drawn", "cropped")}
    last = {name: value for answer in found for name, value in answer.items()}
    trouble = last.get("trouble", "heavy" if end and "pages" not in last else "")
    return Scan(
        trouble=TROUBLES.get(trouble, ""),
        codes=frozenset(code for answer in found for code in answer.get("codes", ())),
        elsewhere=next((text for answer in found for text in answer.get("elsewhere", ())), ""),
        pages=last.get("pages", 0),
        looked=last.get("looked", 0),
        contacts=tuple(answer["contacts"] for answer in found if "contacts" in answer),
        places=tuple((answer["page"], code) for answer in found for code in answer.get("codes", ())),
        **flags,
    )


def cut(content: bytes, runs: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return a PDF of each run of pages (first, last, from 0) of a PDF that was examined; [] when that fails."""
    found = _pieces(content, {"runs": list(runs)})
    return found if len(found) == len(runs) else []


def join(parts: Sequence[tuple[bytes, str]]) -> bytes:
    """Return one PDF of files that were examined, content and media type of each, a picture as a page; b"" when that fails."""
    sizes = [(len(content), mime) for content, mime in parts]
    found = _pieces(b"".join(content for content, _mime in parts), {"parts": sizes})
    return found[0] if found else b""


def _pieces(content: bytes, order: dict[str, Any]) -> list[bytes]:
    order |= {"size": len(content), "page": PAGE, "wall": WALL, "memory": MEMORY}
    return [b64decode(answer["piece"]) for answer in _READER.ask(order, content, PATIENT) if "piece" in answer]


class _Reader:
    """The reading process: started when it is first needed and restarted when it has ended."""

    def __init__(self) -> None:
        self.turn = Lock()  # one file at a time
        self._places = BoundedSemaphore(QUEUE)
        self._process: Popen[bytes] | None = None

    def ask(self, order: dict[str, Any], content: bytes, waiting: float) -> list[dict[str, Any]]:
        """Return the answers to an order; [] when too many wait, the wait was too long, or the process ended."""
        if not self._places.acquire(blocking=False):
            return []
        try:
            if not self.turn.acquire(timeout=waiting):
                return []
            try:
                return self._exchange(json.dumps(order).encode() + b"\n" + content)
            finally:
                self.turn.release()
        finally:
            self._places.release()

    def end(self) -> None:
        """End the process and, with its group, its busy child."""
        process, self._process = self._process, None
        if process:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGKILL)
            process.communicate()

    def _exchange(self, order: bytes) -> list[dict[str, Any]]:
        try:
            return list(self._answers(order))
        except (BrokenPipeError, EOFError):  # the process was ended
            self.end()
        except BaseException:
            self.end()  # the next order must not get these answers
            raise
        try:
            return list(self._answers(order))
        except (BrokenPipeError, EOFError):
            LOG.exception("the process that reads scans does not answer")
            self.end()
            return []

    def _answers(self, order: bytes) -> Iterator[dict[str, Any]]:
        process = self._process = self._process or _start_process()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(order)
        process.stdin.flush()
        answer: dict[str, Any] = {}
        while "end" not in answer:
            line = process.stdout.readline()
            if not line:
                raise EOFError
            answer = json.loads(line)
            if "failed" in answer:
                LOG.error("the reading of a file failed: %s", answer["failed"])
            yield answer


def _start_process() -> Popen[bytes]:
    """Return a new process.

    It does not get our settings, has no terminal, and ends when our end of its input is closed.
    """
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")}
    command = [sys.executable, "-m", "xtbang.papers.scan.process"]
    return Popen(command, stdin=PIPE, stdout=PIPE, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603


_READER = _Reader()
atexit.register(_READER.end)
