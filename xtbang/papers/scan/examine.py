"""The check codes on a stamped scan, and whether a file opens at all: asked of a process of its own, within bounds.

No PDF and no picture that people upload is opened in the process that serves pages: a page of a kilobyte can take PDFium
hours and gigabytes. See `papers.scan.process`.
"""

import atexit
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from signal import SIGKILL
from subprocess import PIPE, Popen
from threading import BoundedSemaphore, Lock
from typing import Any

from xtbang.config import ROOT

LOG = logging.getLogger("xtbang.papers")
QUICK = 12.0  # seconds of work for one file: 35 pages at 300 dpi take 5
THOROUGH = 4.0  # seconds of work more for a file on which no code was seen
PAGE = 5.0  # seconds of work for one page to open: a JPEG 2000 at 600 dpi takes 0.6; the kernel stops what takes longer
WALL = 60.0  # seconds for one file by the clock, on a machine that is busy with other things
MEMORY = 1024**3  # bytes of addresses: a picture of 50 million points with 16 bits for each colour takes 600 MB
WAITING = 15.0  # seconds for the files of others; then the file is let through, and an officer looks at the scan
QUEUE = 4  # files at a time, the one that is read included: the other threads answer pages meanwhile
UNREAD = "二维码未能识别"
UNOPENED = "同时上传的文件过多，二维码未及识别"
TROUBLES = {
    "empty": "文件是空的，请重新上传。",
    "large": "图片太大（超过 5000 万像素），请以 300 dpi 重新扫描后上传。",
    "password": "PDF 设有打开密码，无法查看，请去掉密码后上传。",
    "pdf": "PDF 已损坏，无法打开，请重新生成后上传。",
    "picture": "图片已损坏，无法打开，请重新扫描或拍照后上传。",
    "heavy": "文件过于复杂，打开第一页就超出了系统允许的时间或内存，请以 300 dpi 重新扫描后上传。",
}


@dataclass(frozen=True)
class Scan:
    """What could be found out about a file."""

    trouble: str = ""  # the sentence that tells a person why nobody can open it; "" when it opens
    codes: frozenset[str] = frozenset()  # the check codes on it, in their one spelling
    elsewhere: str = ""  # what a QR code says that is written like one of ours and leads elsewhere
    pages: int = 0  # 0: it was not opened
    looked: int = 0  # pages that were looked at for codes

    ours: bool = False  # it is no scan: this program made the file
    drawn: bool = False  # a page with a code is no picture, as that of every scan is
    cropped: bool = False  # a picture shows little more than the code

    def doubt(self, pages: int | None = 0) -> str:
        """Why an officer has to look at the scan of a paper of so many pages; "" when nothing is in doubt.

        0 pages are no paper at all, None a number that could not be found out.
        """
        if not self.codes:
            return UNREAD if self.pages else UNOPENED
        found = []
        if self.looked < self.pages:
            found.append(f"扫描件共 {self.pages} 页，系统只核对了其中 {self.looked} 页")
        if pages is None:
            found.append("系统繁忙，未及与原件核对页数")
        elif self.pages < pages:
            found.append(f"扫描件只有 {self.pages} 页，原件共 {pages} 页")
        if self.drawn:
            found.append("有的页不是扫描或拍摄的图像")
        if self.cropped:
            found.append("有的图中几乎只有二维码")
        return "；".join(found)


def examine(content: bytes, mime: str, sites: Sequence[str] = ()) -> Scan:
    """Whether a PDF, JPG or PNG opens and every check code on it that can be read and belongs to one of the sites.

    Each site is an address without a slash at its end: ours, and those that we had before. Of none, no code is read.
    A file that stops the process before its first page was opened is trouble. One that stops it later has the codes
    that were read by then, and not all of its pages were looked at. Where too many files wait already nothing is found out, neither codes nor trouble.
    """
    if not content:
        return Scan(TROUBLES["empty"])
    order = {"mime": mime, "size": len(content), "sites": list(sites)}
    order |= {"quick": QUICK, "thorough": THOROUGH, "page": PAGE, "wall": WALL, "memory": MEMORY}
    found = _READER.ask(order, content)
    if not found:
        return Scan()
    end = found[-1]["end"]
    if end:
        LOG.warning("the reading of a file was stopped (%s): %s, %s bytes", end, mime, len(content))
    flags = {name: any(answer.get(name) for answer in found) for name in ("ours", "drawn", "cropped")}
    told = {name: value for answer in found for name, value in answer.items()}
    trouble = told.get("trouble", "heavy" if end and "pages" not in told else "")
    return Scan(
        trouble=TROUBLES.get(trouble, ""),
        codes=frozenset(code for answer in found for code in answer.get("codes", ())),
        elsewhere=next((text for answer in found for text in answer.get("elsewhere", ())), ""),
        pages=told.get("pages", 0),
        looked=told.get("looked", 0),
        **flags,
    )


class _Reader:
    """The reading process: started when it is first needed and, should it have ended, again."""

    def __init__(self) -> None:
        self.turn = Lock()  # one file at a time
        self._places = BoundedSemaphore(QUEUE)
        self._process: Popen[bytes] | None = None

    def ask(self, order: dict[str, Any], content: bytes) -> list[dict[str, Any]]:
        """Its answers to an order; empty when too many wait, the wait was too long, or the process ended."""
        if not self._places.acquire(blocking=False):
            return []
        try:
            if not self.turn.acquire(timeout=WAITING):
                return []
            try:
                return self._asked(json.dumps(order).encode() + b"\n" + content)
            finally:
                self.turn.release()
        finally:
            self._places.release()

    def end(self) -> None:
        """End the process and, with its group, the child that is at work."""
        process, self._process = self._process, None
        if process:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGKILL)
            process.communicate()

    def _asked(self, order: bytes) -> list[dict[str, Any]]:
        try:
            return list(self._answers(order))
        except (BrokenPipeError, EOFError):  # somebody ended it
            self.end()
        except BaseException:
            self.end()  # whoever comes next must not get these answers
            raise
        try:
            return list(self._answers(order))
        except (BrokenPipeError, EOFError):
            LOG.exception("the process that reads scans does not answer")
            self.end()
            return []

    def _answers(self, order: bytes) -> Iterator[dict[str, Any]]:
        process = self._process = self._process or _started()
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
            yield answer


def _started() -> Popen[bytes]:
    """A new process. It knows nothing of our settings, has no terminal, and ends with our end of its input."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")}
    command = [sys.executable, "-m", "xtbang.papers.scan.process"]
    return Popen(command, stdin=PIPE, stdout=PIPE, cwd=ROOT, env=kept, start_new_session=True)  # noqa: S603


_READER = _Reader()
atexit.register(_READER.end)
