"""Stamped scans of several papers (盖章扫描件) sent at once: single files, a zip of them, or one PDF with all of them; each is assigned to its project.

The findings about a file travel with the page, signed; its content stays a pending upload for a day.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import groupby
from lzma import LZMAError
from struct import error as StructError
from time import monotonic
from typing import Any
from zipfile import BadZipFile, ZipFile
from zlib import error as DeflateError

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from xtbang.actions.context import Upload
from xtbang.extensions import db
from xtbang.models import Paper, Project
from xtbang.papers.scan.examine import PATIENT, Scan, cut, examine
from xtbang.papers.store import Arrival
from xtbang.people.kept import Arrived, keep_files, pending_files
from xtbang.queries.rights.visibility import visible
from xtbang.rules.site import Site
from xtbang.web.frame.access import actor
from xtbang.web.frame.inputs import clean_name, content_kind
from xtbang.web.frame.owners import folder, own
from xtbang.web.frame.scanning import against_file
from xtbang.web.frame.shell import caller
from xtbang.web.project.page_counts import printed_pages

MOST = 100  # files of one zip, or sent at once
LONGEST = 300.0  # seconds by the clock for all of them: a hundred contracts of ten pages take half of it
ENTRY, PART = b"PK\x01\x02", 2**20  # how each entry begins in the list of a zip; bytes that are looked through at once
LISTED = 10_000  # entries of one zip, folders among them: its list alone would fill the memory
DAMAGED = (
    BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    StructError,
    DeflateError,
    LZMAError,
)
NO_TIME = "读前面的文件已用了 {minutes:.0f} 分钟，这一份没有读取，请分开上传。"
NO_KIND = "只接受 PDF、JPG、PNG 文件，以及装有这些文件的 zip（按内容识别，与扩展名无关）。"
MIXED = "其中几个项目的合同页序交错，不能自动分开，请按项目分别扫描。"


@dataclass(frozen=True)
class ScanFile:
    """A file, or the pages of one project within one, with what was found on it."""

    sha256: str
    name: str
    mime: str
    size: int
    scan: Scan  # without the places of the codes
    printed: int | None = 0  # pages of the paper whose code is printed on it, as `Scan.doubt` takes them
    project_id: int | None = None  # of that paper; None without such a code

    @property
    def token(self) -> str:
        """Return it as it travels with the page."""
        facts = asdict(self)
        facts["scan"]["codes"] = sorted(self.scan.codes)
        return str(_signer().dumps(facts))

    def upload(self, read: Callable[[], bytes]) -> Upload:
        """Return it as what is handed in; ``read`` returns its content."""
        arrival = Arrival(current_app.extensions["store"], self.sha256, read)
        facts = {name: getattr(self, name) for name in ("sha256", "name", "mime", "size")}
        facts |= {name: getattr(self.scan, name) for name in ("codes", "elsewhere", "ours")}
        doubt, contacts = self.scan.doubt(self.printed), self.scan.contact_pages
        return Upload(**facts, doubt=doubt, contacts=contacts, arrival=arrival)


@dataclass(frozen=True)
class ScansRead:
    """The files that can be assigned, and what is wrong with the others: name and sentence."""

    files: tuple[ScanFile, ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()


def read_scans(sent: Iterable[FileStorage]) -> ScansRead:
    """Return the findings about the files that were sent, and keep their contents for a day."""
    found: list[tuple[ScanFile, bytes]] = []
    wrong: list[tuple[str, str]] = []
    end = monotonic() + LONGEST
    for name, content in _contents(sent, wrong):
        if monotonic() >= end:
            wrong.append((name, NO_TIME.format(minutes=LONGEST / 60)))
            continue
        mime = content_kind(content)
        if sentence := _refusal(name, content, mime):
            wrong.append((name, sentence))
            continue
        site: Site = current_app.extensions["engine"].site
        scan = examine(content, mime, (site.url, *site.former), PATIENT, merged=True)
        if scan.trouble:
            wrong.append((name, scan.trouble))
            continue
        found += _apart(name, content, mime, scan, wrong)
    arrived = {file.sha256: Arrived("scan", file.name, file.mime, content) for file, content in found}
    keep_files(caller(), own(), folder(), arrived.values())
    return ScansRead(tuple(file for file, _content in found), tuple(wrong))


def _contents(sent: Iterable[FileStorage], wrong: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file, those of a zip among them, at most one byte more than may be uploaded."""
    limit, count = current_app.config["UPLOAD_LIMIT"], 0
    for file in sent:
        name = (file.filename or "").rpartition("/")[2]
        if not name:
            continue
        packed = file.stream.read(4) == b"PK\x03\x04"
        file.stream.seek(0)
        try:
            for inner, content in _unzipped(file, limit) if packed else [(name, file.stream.read(limit + 1))]:
                count += 1
                if count > MOST:
                    wrong.append((name, f"一次最多读取 {MOST} 份，从这一份起没有读取。"))
                    return
                yield inner, content
        except DAMAGED:
            wrong.append((name, "压缩包打不开（已损坏或者设有密码），请重新压缩后上传。"))


def _unzipped(file: FileStorage, limit: int) -> Iterator[tuple[str, bytes]]:
    left = current_app.config["READ_ANYWAY"]  # of all files of a zip together
    if sum(part.count(ENTRY) for part in iter(partial(file.stream.read, PART), b"")) > LISTED:
        raise BadZipFile
    with ZipFile(file.stream) as archive:
        for one in archive.infolist():
            if one.is_dir() or "__MACOSX" in one.filename:
                continue
            with archive.open(one) as content:
                read = content.read(min(limit, left) + 1)
            left = max(0, left - len(read))
            name = one.filename if one.flag_bits & 0x800 else one.filename.encode("cp437").decode("gbk", "replace")
            yield name.rpartition("/")[2], read


def _refusal(name: str, content: bytes, mime: str) -> str:
    limit = current_app.config["UPLOAD_LIMIT"]
    if len(content) > limit:
        return f"超过 {limit // 1024 // 1024} MB，请压缩后上传。"
    if not mime:
        return NO_KIND
    against, later = against_file("文件", content)
    return f"{against}，请稍后再传。" if later else against


def _apart(
    name: str, content: bytes, mime: str, scan: Scan, wrong: list[tuple[str, str]]
) -> Iterator[tuple[ScanFile, bytes]]:
    """Yield the file, or where it has the papers of several projects the pages of each."""
    projects = _projects_of({code for _page, code in scan.places})
    runs = runs_of([(page, projects[code].id) for page, code in scan.places if code in projects], scan.pages)
    if runs is None:
        wrong.append((name, MIXED))
    elif len(runs) < 2:
        project = next(iter(projects.values()), None)
        yield _file(clean_name(name, mime), content, mime, scan, project), content
    elif mime != "application/pdf" or not (pieces := cut(content, [run[1:] for run in runs])):
        wrong.append((name, "有几个项目的合同，未能自动分开，请按项目分别上传。"))
    else:
        by_id = {project.id: project for project in projects.values()}
        stem = clean_name(name, mime).removesuffix(".pdf")
        for (project_id, first, last), piece in zip(runs, pieces, strict=True):
            places = tuple((page, code) for page, code in scan.places if first <= page <= last)
            number, read = last - first + 1, len({page for page, _code in places})
            looked = number if scan.looked >= scan.pages else read
            part = replace(
                scan, places=places, codes=frozenset(code for _page, code in places), pages=number, looked=looked
            )
            yield _file(f"{stem}（第 {first + 1}-{last + 1} 页）.pdf", piece, mime, part, by_id[project_id]), piece


def runs_of(places: Iterable[tuple[int, int]], pages: int) -> list[tuple[int, int, int]] | None:
    """Return project, first and last page of each run of pages with codes of one project; None where they are mixed.

    Pages without a code belong to the run before them, those at the beginning to the first.
    """
    starts = [next(run) for _project, run in groupby(sorted(places), key=lambda place: place[1])]
    if len({project for _page, project in starts}) < len(starts):
        return None
    firsts = [0, *(page for page, _project in starts[1:])]
    lasts = [*(first - 1 for first in firsts[1:]), pages - 1]
    return [(project, first, last) for (_page, project), first, last in zip(starts, firsts, lasts, strict=False)]


def _projects_of(codes: Collection[str]) -> dict[str, Project]:
    """Return the projects whose papers have these codes, as far as the reader sees them: code → project."""
    who = actor()
    query = select(Paper.code, Project).join(Project, Project.id == Paper.project_id).where(Paper.code.in_(codes))
    query = query.where(visible(who.roles, who.person_id, who.organisation_id, who.region))
    return {code: project for code, project in db.session.execute(query)}


def _file(name: str, content: bytes, mime: str, scan: Scan, project: Project | None) -> ScanFile:
    printed = printed_pages(project, "contract") if project and scan.codes else 0
    known = replace(scan, places=())
    return ScanFile(
        sha256(content).hexdigest(), name, mime, len(content), known, printed, project.id if project else None
    )


def sent_along(tokens: Iterable[str]) -> dict[ScanFile, Callable[[], bytes]]:
    """Return the files that came along with the page and are still pending, each with a function that reads its content."""
    found: dict[str, ScanFile] = {}
    for token in tokens:
        try:
            facts = _signer().loads(token)
            file = _of_facts(facts)
        except (BadData, TypeError, LookupError):
            continue
        found[file.sha256] = file
    kept = {row.sha256: row.key for row in pending_files(caller(), own(), found.keys())}
    return {file: partial(folder().get, kept[digest]) for digest, file in found.items() if digest in kept}


def _of_facts(facts: dict[str, Any]) -> ScanFile:
    """Return the file as it was before it travelled: JSON makes lists of what is no list here."""
    scan = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.pop("scan").items()}
    return ScanFile(**facts, scan=Scan(**scan | {"codes": frozenset(scan["codes"])}))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="scan")
