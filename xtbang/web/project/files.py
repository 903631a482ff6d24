"""Uploads and printed papers, each to those who may see what it belongs to."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import select
from sqlalchemy.orm import defer
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from xtbang.background import renderer_of
from xtbang.extensions import db
from xtbang.jobs.paper_rendering import NotKept
from xtbang.models import (
    Acceptance,
    CountyMatch,
    DocumentVersion,
    Extension,
    Finding,
    FundingDocument,
    LedgerEntry,
    Paper,
    Project,
    Signature,
    StoredFile,
    Termination,
    Voucher,
)
from xtbang.papers.store import Damaged
from xtbang.queries.papers import printed
from xtbang.queries.rights.project_parts import Sight, findings_for, is_evidence, sees_documents, sees_paper, sight_of
from xtbang.queries.rights.sealed_bids import visible_to
from xtbang.queries.rights.visibility import find
from xtbang.rules.actor import Actor
from xtbang.web.frame.access import ANYONE, SIGNED_IN, access, actor
from xtbang.web.frame.errors import error_page
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.places import place
from xtbang.web.frame.shell import engine

files = Blueprint("files", __name__)

ASKS_FOR_LESS = {"HTTP_RANGE", "HTTP_IF_NONE_MATCH"}

# where a file may hang, and the part of the page whoever wants it must see
HUNG_ON: tuple[tuple[Any, str], ...] = (
    (Voucher.file_id, "voucher_files"),
    (Signature.file_id, "voucher_files"),
    (FundingDocument.file_id, "money"),
    (CountyMatch.file_id, "money"),
    (LedgerEntry.file_id, "money"),
    (Extension.audit_file_id, "contract"),
    (Termination.audit_file_id, "termination"),
    (Finding.file_id, "findings"),
)


@files.get("/files/<int:file_id>")
@access(SIGNED_IN)
def download(file_id: int) -> Any:
    """One upload, always as an attachment."""
    who = actor()
    row = db.session.get(StoredFile, file_id)
    if row is None or not _may_open(row, who):
        abort(404)
    return send(_content(row.sha256), row.name, row.mime, digest=row.sha256)


@files.get("/papers/<int:paper_id>.pdf")
@access(ANYONE)
def paper(paper_id: int) -> Any:
    """One printed paper, from the store; whoever asks before the worker has rendered it has it kept on the spot."""
    found = printed(db.session(), paper_id) or abort(404)
    if not (found.public or _may_open_paper(_row(paper_id), actor())):
        abort(404)
    if found.sha256 is None:
        try:
            with place():
                renderer_of(current_app).kept(db.session(), paper_id)
        except NotKept:
            page, code = error_page(
                503, "这份文书正在归档，暂时打不开。", "请稍后再来；文书本身已经出具，不必重新办理。"
            )
            return page, code, {"Retry-After": "60"}
        found = printed(db.session(), paper_id) or abort(404)
    name = f"{found.number} {found.title} 第{found.version}版.pdf".strip()
    return send(_content(found.sha256), name, "application/pdf", inline=True, digest=found.sha256, public=found.public)


def _row(paper_id: int) -> Paper:
    return db.session.get_one(Paper, paper_id, options=[defer(Paper.data)])


def send(
    content: bytes, name: str, mime: str, *, inline: bool = False, digest: str = "", public: bool = False
) -> Response:
    """A file that the browser may not take for anything else than it is. One with a ``digest`` goes out in pieces to
    whoever asks for a piece. What is public the browser may keep, and asks each time whether it is still the same."""
    headers = sent_as(name, inline) | {"Cache-Control": "private, no-cache" if public else "private, no-store"}
    if not inline:  # otherwise the browser's own reader of PDF would not open
        headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
        )
    if digest:
        headers |= {"ETag": f'"{digest}"', "Accept-Ranges": "bytes"}
    response = Response(content, mimetype=mime, headers=headers)
    if digest and not ASKS_FOR_LESS.isdisjoint(request.environ):
        with suppress(RequestedRangeNotSatisfiable):  # there is no such piece: all of it
            response.make_conditional(request.environ, accept_ranges=True, complete_length=len(content))
    return response


def _content(sha256: str) -> bytes:
    try:
        content: bytes = current_app.extensions["recent"].get(sha256)
    except FileNotFoundError:
        abort(404)
    except Damaged:
        current_app.logger.exception("a stored file is damaged: %s", sha256)
        abort(500)
    return content


def _project(project_id: int | None, who: Actor) -> Project | None:
    if project_id is None:
        return None
    return find(db.session, project_id, who.roles, who.person_id, who.organisation_id, who.region)


def _may_open_paper(row: Paper, who: Actor) -> bool:
    project = _project(row.project_id, who)
    if project is None:
        return False
    sight = sight_of(db.session, project, who)
    bids = visible_to(db.session, project, who, engine().clock()) if row.name == "bid" else []
    return sees_paper(sight, row, bids)


def _may_open(row: StoredFile, who: Actor) -> bool:
    """By what the file hangs on; what hangs on nothing is its own organisation's, and whoever reads its document's."""
    project = _project(row.project_id, who)
    if project is None:
        return row.project_id is None and row.uploaded_by_id == who.person_id
    if row.uploaded_by_id is not None and row.uploaded_by_id == who.person_id:
        return True
    sight = sight_of(db.session, project, who)
    if is_evidence(db.session, row.id):
        return "objectors" in sight
    for column, part in HUNG_ON:
        if db.session.scalar(select(column).where(column == row.id).limit(1)) is not None:
            return part in sight or (column is Finding.file_id and _finding(row, sight))
    if row.organisation_id is not None and row.organisation_id == sight.organisation_id:
        return True
    printed = db.session.scalars(select(Paper).where(Paper.file_id == row.id)).first()
    if printed is not None:
        return _may_open_paper(printed, who)
    return _by_document(row, project, sight, who)


def _finding(row: StoredFile, sight: Sight) -> bool:
    """What is on file for more than the bureaus: checks for the agency, the deal for its parties."""
    kind = db.session.scalar(select(Finding.kind).where(Finding.file_id == row.id))
    return kind in findings_for(sight)


def _by_document(row: StoredFile, project: Project, sight: Sight, who: Actor) -> bool:
    """Scans and attachments go with the frozen document they belong to; a bidder's are sealed with its bid."""
    bids = visible_to(db.session, project, who, engine().clock())
    readable = sees_documents(sight, project, bids)
    if "acceptance" in sight:
        readable |= set(db.session.scalars(select(Acceptance.document_id).where(Acceptance.project_id == project.id)))
    query = select(DocumentVersion).where(DocumentVersion.document_id.in_(readable))
    return any(
        version.scan_id == row.id or row.sha256 in version.data.values() for version in db.session.scalars(query)
    )
