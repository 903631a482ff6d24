"""The archive (zip) of case files (案卷): a folder for each project with its contents, papers and files, and all digests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from xtbang.papers.facts import case_file as facts
from xtbang.papers.pdf.issued import Order, order_from
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.papers.pdf.pdfium import page_count
from xtbang.papers.store import Damaged
from xtbang.queries.caller import Caller
from xtbang.queries.case_file import CaseFile, CaseItem
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.digests import sha256_of, sm3_of

LARGEST = 200 * 1024**2  # bytes of all files together
SUMS, SM3_SUMS = "SHA256SUMS.txt", "SM3SUMS.txt"
DIGESTS = {SUMS: sha256_of, SM3_SUMS: sm3_of}
PACKED = (".pdf", ".png", ".jpg", ".jpeg", ".zip", ".docx", ".xlsx")  # contents that are compressed already
LOST = "文件缺失"  # from the store, or damaged there
SHEETS = (("case_contents", "000 卷内目录.pdf", "卷内目录"), ("case_note", "999 卷内备考表.pdf", "卷内备考表"))


class TooLarge(Exception):
    """The files are larger than one archive may be."""


@dataclass(frozen=True)
class Makers:
    """The functions that give the archive its contents."""

    read: Callable[[CaseItem], bytes]  # of a paper, or of an upload
    pdf: Callable[[Order], bytes]
    page: Callable[[str, dict[str, Any]], str]  # the HTML of a template and its context


def archive_of(
    caller: Caller, files: Sequence[CaseFile], makers: Makers, report: Callable[[int], None], *, sm3: bool = False
) -> bytes:
    """Return the zip; ``report`` gets the number of finished projects. With ``sm3`` it lists these digests, too.

    Raise TooLarge and the errors of ``makers``.
    """
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        packer = _Packer(archive, caller.now, (SUMS, SM3_SUMS) if sm3 else (SUMS,))
        for done, file in enumerate(files, 1):
            _put_case(packer, caller, file, makers)
            report(done)
        if len(files) > 1:
            packer.put("目录.html", makers.page("downloads/case_files.html", {"files": files}).encode())
        for name, lines in [(name, "".join(lines)) for name, lines in packer.sums.items()]:
            packer.put(name, lines.encode())
    return out.getvalue()


class _Packer:
    """Writes files into an archive, counts their bytes and keeps their digests.

    ``sums``: the lines of each file of digests, in the form that ``sha256sum --check`` reads.
    """

    def __init__(self, archive: ZipFile, now: datetime, sums: Sequence[str]) -> None:
        self.archive = archive
        self.at = now.astimezone(SHANGHAI).timetuple()[:6]
        self.sums: dict[str, list[str]] = {name: [] for name in sums}
        self.size = 0

    def put(self, name: str, content: bytes) -> None:
        """Write one file. Raise TooLarge."""
        self.size += len(content)
        if self.size > LARGEST:
            raise TooLarge
        info = ZipInfo(name, self.at)
        info.external_attr = 0o644 << 16
        kind = ZIP_STORED if name.lower().endswith(PACKED) else ZIP_DEFLATED
        self.archive.writestr(info, content, kind)
        for file, lines in self.sums.items():
            lines.append(f"{DIGESTS[file](content)}  {name}\n")


def _put_case(packer: _Packer, caller: Caller, file: CaseFile, makers: Makers) -> None:
    items, pages = [], {}
    for item in file.items:
        try:
            content = makers.read(item)
        except (FileNotFoundError, Damaged):  # the rest of the file is wanted all the same
            items.append(replace(item, note=LOST))
            continue
        packer.put(f"{file.folder}/{item.file_name}", content)
        items.append(item)
        pages[item.place] = page_count(content) if item.paper_id else 0
    listed = [
        {name: getattr(item, name) for name in ("place", "number", "maker", "title", "note")}
        | {"on": item.on.isoformat(), "pages": pages.get(item.place, 0)}
        for item in items
    ]
    file = replace(file, items=tuple(items))
    head = {"number": file.number, "title": file.title, "issuer": file.issuer, "bidder": file.bidder}
    given = facts.case_file(head, listed, handled_by=caller.actor.name, dated=caller.today)
    for name, file_name, title in SHEETS:
        meta = PaperMeta(title, file.number, 0, caller.now, "", "")
        packer.put(f"{file.folder}/{file_name}", makers.pdf(order_from(name, given, meta=meta, policy=caller.policy)))
    packer.put(f"{file.folder}/目录.html", makers.page("downloads/case_files.html", {"files": [file]}).encode())
