"""Verification (核验) of a printed paper for anyone, without an account and without personal data."""

import re
from contextlib import suppress
from datetime import datetime
from hashlib import file_digest
from typing import Any
from unicodedata import normalize

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from xtbang.extensions import db
from xtbang.jobs.paper_rendering import NotStored
from xtbang.models import DocumentVersion, Notice, Paper, Project
from xtbang.papers.codes import LENGTHS, code_in
from xtbang.queries.papers import is_draft, printed_before
from xtbang.queries.shown.documents import verified_paper
from xtbang.rendering import renderer_of
from xtbang.rules.quotation import quoted
from xtbang.web.frame.access import ANYONE, access
from xtbang.web.frame.errors import error_page
from xtbang.web.frame.filters import moment
from xtbang.web.frame.places import Crowded, place
from xtbang.web.frame.shell import policy
from xtbang.web.public.paper_words import what_it_is, whose_it_is

verify = Blueprint("verify", __name__)

SHOWN = 200  # characters of the input that are shown again
# Results of the comparison, for the server and for static/js/verify.js.
COMPARED = {
    "same": "一致：{name}与本系统留存的原件逐字节相同，没有改动过。",
    "other": (
        "不一致：{name}不是本系统留存的原件。扫描、拍照、另存或重新打印成的 PDF 都会不一致，"
        "不一致本身不说明内容有假：请核对上面的名称、编号、版本和状态，或向交给您文书的单位索取原件。"
    ),
    "none": "请先选择要比对的 PDF 文件。",
    "unreadable": "读不出{name}：它可能是文件夹，或者已被移走、正被别的程序占用。请重新选择一个 PDF 文件。",
    "busy": "正在核对{name}…",
}
LARGE = "不一致：这个文件超过 25 MB，比本系统出具的任何文书都大，不可能是这份文书的原件。请换一个文件。"


@verify.after_request
def as_it_is_now(response: Response) -> Response:
    """Add headers against caching and search engines: a paper may be superseded at any time."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@verify.get("/verify")
@access(ANYONE)
def page() -> Any:
    """Show the form for a check code (校验码). Redirect to the page of a known code, answer 404 to any other."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return _page()
    wanted = code_in(typed)
    if wanted and (_paper(wanted) or is_draft(db.session, wanted)):
        return redirect(url_for("verify.code", code=wanted))
    return _unknown(typed, wanted)


@verify.route("/verify/<code>", methods=["GET", "POST"])
@access(ANYONE)
def code(code: str) -> Any:
    """Show the paper with that code: name, number, version, state, digest. On POST compare a file, which is not stored.

    Answer 404 to an unknown code, 422 to a POST without a file.
    """
    wanted = code_in(code)
    paper = _paper(wanted)
    if paper is None and wanted and is_draft(db.session, wanted):
        return _page(draft=True)
    if paper is None:
        return _unknown(code, wanted)
    if paper.file is None:
        _render_now(paper)
    compared = _compared(paper) if request.method == "POST" else None
    return _about(paper, compared), 422 if compared and compared["tone"] == "wait" else 200


@verify.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
    """Answer 413 for a file larger than any paper: it cannot be the original."""
    paper = _paper(code_in((request.view_args or {}).get("code", "")))
    if paper is None:
        return error_page(413)
    return _about(paper, {"tone": "stop", "text": LARGE}), 413


def _about(paper: Paper, compared: dict[str, str] | None) -> str:
    return _page(
        paper=verified_paper(paper),
        about=_about_project(paper),
        compared=compared or {},
        newer=_newer(paper),
        submitted=_submitted(paper),
        what=what_it_is(paper),
        whose=whose_it_is(paper, policy().city),
    )


def _about_project(paper: Paper) -> str:
    """Return the title of the paper's project where everyone may know it; "" of a paper without a project."""
    project = db.session.get(Project, paper.project_id) if paper.project_id else None
    return "" if project is None else project.title if project.listed_at else "尚未公开"


def _page(**facts: Any) -> str:
    known: dict[str, Any] = {
        "paper": None,
        "draft": False,
        "typed": "",
        "wrong": "",
        "about": "",
        "compared": {},
        "newer": None,
    }
    return render_template("public/verify.html", sentences=COMPARED, **known | facts)


def _unknown(typed: str, wanted: str | None) -> tuple[str, int]:
    """Answer 404 with what is wrong with the code; it stays in its field."""
    signs = re.sub(r"[^0-9A-Za-z]", "", normalize("NFKC", typed))
    if wanted and (when := printed_before(db.session(), wanted)):
        wrong = (
            f"校验码为 {wanted} 的是一份项目表改动之前打印的旧稿（{moment(when)}那一稿），不再有效，"
            "请以改动后重新打印的为准。"
        )
    elif wanted:
        wrong = (
            f"本系统没有登记校验码为 {wanted} 的文书。请与纸面再核对一次；如果无误，手中的可能是改动之前打印的旧稿、"
            f"已经删除的填报稿，或者不是本系统出具的文书，请向{policy().city.lead.short}核实，不要据此办理。"
        )
    elif len(signs) in LENGTHS:
        wrong = "校验码里至少有一位不对。请与文书页脚逐位核对；其中没有字母 I、L、O、U。"
    else:
        wrong = (
            "这不是校验码。校验码是文书页脚上的 28 位（较早的文书为 16 位）数字和字母，每四位一组；"
            "也可以粘贴二维码里的网址。"
        )
    return _page(typed=typed[:SHOWN], wrong=wrong), 404


def _paper(code: str | None) -> Paper | None:
    return db.session.scalars(select(Paper).where(Paper.code == code)).first() if code else None


def _render_now(paper: Paper) -> None:
    """Render the paper now to show its digest; after a failure or with too many requests the worker does it later."""
    with suppress(NotStored, Crowded), place():
        renderer_of(current_app).stored_pdf(db.session(), paper.id)


def _newer(paper: Paper) -> dict[str, str] | None:
    """Return what replaced a superseded paper: its version, or title and address of a notice; what made another one void."""
    by = db.session.get(Paper, paper.voided_by_id) if paper.voided_by_id else None
    if by is not None:
        return {"title": f"由《{by.title}》（校验码 {by.code}）更正", "url": ""}
    if paper.state != "superseded":
        return None
    if paper.notice_id:
        old = db.session.get(Notice, paper.notice_id)
        new = db.session.get(Notice, old.superseded_by_id) if old and old.superseded_by_id else None
        return {"title": new.title, "url": url_for("public.notice", notice_id=new.id)} if new else None
    same = select(Paper).where(Paper.name == paper.name, Paper.subject.in_(_subjects(paper)), Paper.state == "current")
    if not paper.subject.startswith(("meeting:", "roadshow:")):
        same = same.where(Paper.project_id == paper.project_id)
    found = db.session.scalars(same.order_by(Paper.id.desc()).limit(1)).first()
    return {"title": f"第 {found.version} 版", "url": ""} if found else None


def _subjects(paper: Paper) -> tuple[str, ...]:
    """Return the subject of the paper; what a roadshow of earlier days was, is a meeting with its id."""
    before, _, number = paper.subject.partition(":")
    return (paper.subject, f"meeting:{number}") if before == "roadshow" else (paper.subject,)


def _submitted(paper: Paper) -> datetime | None:
    """Return when a form was submitted: it was printed before, so the paper does not show it."""
    if paper.name != "form":
        return None
    query = select(DocumentVersion.frozen_at).join(Project, Project.form_id == DocumentVersion.document_id)
    query = query.where(Project.id == paper.project_id, DocumentVersion.number == paper.version)
    return db.session.scalar(query)


def _compared(paper: Paper) -> dict[str, str] | None:
    """Return a sentence on whether the submitted file equals the paper byte for byte."""
    sent = request.files.get("file")
    if paper.file is None:
        return None
    if sent is None or not sent.filename:
        return {"tone": "wait", "text": COMPARED["none"]}
    same = file_digest(sent.stream, "sha256").hexdigest() == paper.file.sha256
    text = COMPARED["same" if same else "other"].replace("{name}", quoted(sent.filename[:100]))
    return {"tone": "done" if same else "stop", "text": text}
