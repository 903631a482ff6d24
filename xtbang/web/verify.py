"""核验: what a printed paper is, for anyone who holds it, without an account and without personal data."""

from contextlib import suppress
from hashlib import file_digest
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.extensions import db
from xtbang.jobs.rendering import NotKept
from xtbang.models import Notice, Paper, Project
from xtbang.papers.codes import normalise
from xtbang.web.access import ANYONE, access

verify = Blueprint("verify", __name__)


@verify.get("/verify")
@access(ANYONE)
def page() -> Any:
    """Where a check code is typed in."""
    code = request.args.get("code", "").strip()
    if code:
        return redirect(url_for("verify.code", code=normalise(code) or code[:40]))
    return render_template("public/verify.html", paper=None, code="", project=None, compared=None, newer=None)


@verify.route("/verify/<code>", methods=["GET", "POST"])
@access(ANYONE)
def code(code: str) -> Any:
    """The paper with that code: name, number, version, state, digest. A POST compares a file, which is not kept."""
    wanted = normalise(code)
    paper = db.session.scalars(select(Paper).where(Paper.code == wanted)).first() if wanted else None
    if paper and paper.file is None:
        _keep(paper)
    project = db.session.get(Project, paper.project_id) if paper and paper.project_id else None
    page = render_template(
        "public/verify.html",
        paper=paper,
        code=wanted or code[:40],
        project=project,
        compared=_compared(paper) if paper and request.method == "POST" else None,
        newer=_newer(paper) if paper else None,
    )
    return page, 200 if paper else 404


def _keep(paper: Paper) -> None:
    """What nobody has opened yet is rendered now, so that its digest can be told; a failure leaves it to the worker."""
    from xtbang.background import renderer_of  # and with it WeasyPrint: half a second that no other page needs

    with suppress(NotKept):
        renderer_of(current_app).kept(db.session(), paper.id)


def _newer(paper: Paper) -> dict[str, str] | None:
    """What has taken the place of a superseded paper: its version, and of a notice where to read it."""
    if paper.state != "superseded":
        return None
    if paper.notice_id:
        old = db.session.get(Notice, paper.notice_id)
        new = db.session.get(Notice, old.superseded_by_id) if old and old.superseded_by_id else None
        return {"title": new.title, "url": url_for("public.notice", notice_id=new.id)} if new else None
    same = select(Paper).where(Paper.name == paper.name, Paper.subject == paper.subject, Paper.state == "current")
    if not paper.subject.startswith("roadshow:"):
        same = same.where(Paper.project_id == paper.project_id)
    found = db.session.scalars(same.order_by(Paper.id.desc()).limit(1)).first()
    return {"title": f"第 {found.version} 版", "url": ""} if found else None


def _compared(paper: Paper) -> dict[str, Any] | None:
    """Whether the file that was sent is byte for byte the paper."""
    sent = request.files.get("file")
    if paper.file is None or sent is None or not sent.filename:
        return None
    digest = file_digest(sent.stream, "sha256").hexdigest()
    return {"name": sent.filename[:100], "same": digest == paper.file.sha256}
