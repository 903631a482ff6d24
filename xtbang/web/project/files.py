"""Uploads and printed papers, for those who may open them."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, make_response, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import defer
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from xtbang.extensions import db
from xtbang.jobs.paper_rendering import NotStored
from xtbang.models import Paper, StoredFile
from xtbang.papers.pdf.issued import order_of
from xtbang.papers.pdf.printer import Bounds, pdf_of_order
from xtbang.papers.store import Damaged
from xtbang.queries.papers import printed
from xtbang.queries.rights.files import may_open_file, may_open_paper
from xtbang.rendering import renderer_of
from xtbang.rules.blind import file_name_for
from xtbang.rules.quotation import quoted
from xtbang.web.frame.access import ANYONE, SIGNED_IN, access
from xtbang.web.frame.at_once import count_at_once
from xtbang.web.frame.errors import error_page
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.headers import protected
from xtbang.web.frame.places import place
from xtbang.web.frame.request_number import numbered
from xtbang.web.frame.shell import caller, engine, policy

files = Blueprint("files", __name__)

EDITED = ("contract", "supplement", "notice")  # papers whose text is worked on outside
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

WITHIN = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"  # a page of this site
)
ASKS_FOR_LESS = {"HTTP_RANGE", "HTTP_IF_NONE_MATCH"}


@files.get("/files/<int:file_id>")
@access(SIGNED_IN)
def download(file_id: int) -> Any:
    """Send one upload, always as an attachment. Answer 404 unless this person may open it."""
    row = db.session.get(StoredFile, file_id)
    if row is None or not may_open_file(caller(), row):
        abort(404)
    name = file_name_for(caller().actor, row.name)
    return send(_content(row.sha256, name), name, row.mime, digest=row.sha256)


@files.get("/files/<int:file_id>/view")
@access(SIGNED_IN)
def view(file_id: int) -> Any:
    """Send one upload to be shown within a page of this site. Answer 404 unless this person may open it."""
    row = db.session.get(StoredFile, file_id)
    if row is None or not may_open_file(caller(), row):
        abort(404)
    name = file_name_for(caller().actor, row.name)
    response = send(_content(row.sha256, name), name, row.mime, inline=True, digest=row.sha256)
    response.headers["Content-Security-Policy"] = WITHIN
    return response


@files.get("/papers/<int:paper_id>.pdf")
@access(ANYONE)
def paper(paper_id: int) -> Any:
    """Send one printed paper, rendered and stored on first request. Answer 404 unless it may be opened, 503 if rendering fails."""
    found = g.get("printed") or printed(db.session(), paper_id) or abort(404)
    if not (found.public or may_open_paper(caller(), _row(paper_id))):
        abort(404)
    if found.sha256 is None:
        try:
            with place():
                renderer_of(current_app).stored_pdf(db.session(), paper_id)
        except NotStored:
            page, code = error_page(
                503, "这份文书正在归档，暂时打不开。", "请稍后再来；文书本身已经出具，不必重新办理。"
            )
            return page, code, {"Retry-After": "60"}
        found = printed(db.session(), paper_id) or abort(404)
    return _sent(found)


def _published() -> Response | None:
    """Return the paper of a published notice, which is the same for all who ask, once it is stored."""
    g.printed = found = printed(db.session(), (request.view_args or {})["paper_id"])
    if found is None or not found.public or found.sha256 is None:
        return None
    return count_at_once(numbered(protected(_sent(found))))


def _sent(found: Any) -> Response:
    name = f"{found.number} {found.title} 第{found.version}版.pdf".strip()
    return send(
        _content(found.sha256, name), name, "application/pdf", inline=True, digest=found.sha256, public=found.public
    )


@files.record_once
def at_once(state: BlueprintSetupState) -> None:
    """Add the answer to who opens a published paper."""
    state.app.at_once["files.paper"] = _published  # type: ignore[attr-defined]


@files.get("/papers/<int:paper_id>/edit.docx")
@access(SIGNED_IN)
def word(paper_id: int) -> Any:
    """Send a contract or a notice as a Word file to be edited: not issued, not stored. Answer 404 unless it may be opened."""
    row, found = db.session.get(Paper, paper_id), printed(db.session(), paper_id)
    if row is None or found is None or row.name not in EDITED or not (found.public or may_open_paper(caller(), row)):
        abort(404)
    order = replace(order_of(row, engine().site.url, policy()), word=True)
    with place():
        content = pdf_of_order(order, Bounds.from_config(current_app.config))
    return send(content, f"{found.number} {found.title}（编辑用）.docx".strip(), WORD)


def _row(paper_id: int) -> Paper:
    return db.session.get_one(Paper, paper_id, options=[defer(Paper.data)])


def send(
    content: bytes, name: str, mime: str, *, inline: bool = False, digest: str = "", public: bool = False
) -> Response:
    """Return a response with a file, whose type the browser must not guess.

    With a ``digest`` it supports ranges. Browsers may cache a public file, but check it for changes each time.
    """
    headers = sent_as(name, inline) | {"Cache-Control": "private, no-cache" if public else "private, no-store"}
    if not inline:  # otherwise the browser's PDF viewer would not open
        headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
        )
    if digest:
        headers |= {"ETag": f'"{digest}"', "Accept-Ranges": "bytes"}
    response = Response(content, mimetype=mime, headers=headers)
    if digest and not ASKS_FOR_LESS.isdisjoint(request.environ):
        with suppress(RequestedRangeNotSatisfiable):  # an invalid range gets the whole file
            response.make_conditional(request.environ, accept_ranges=True, complete_length=len(content))
    return response


def _content(sha256: str, name: str) -> bytes:
    """Return the content of a file. Abort with 500 where it is not in the store, or not what was put there: say of which."""
    try:
        content: bytes = current_app.extensions["recent"].get(sha256)
    except (FileNotFoundError, Damaged) as error:
        current_app.logger.exception("a stored file is missing or damaged: %s", sha256)
        fault = "与登记时不一致" if isinstance(error, Damaged) else "已经不在"
        said = f"{quoted(name)}登记在册，但存储中的内容{fault}，不能打开。"
        abort(make_response(error_page(500, said, "请把错误编号告诉系统管理员，由其从备份中恢复；其他文件不受影响。")))
    return content
