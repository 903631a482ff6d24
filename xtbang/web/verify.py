"""核验: what a printed paper is, for anyone who holds it, without an account and without personal data."""

from hashlib import file_digest
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.extensions import db
from xtbang.models import Paper, Project
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
    return render_template("public/verify.html", paper=None, code="", project=None, compared=None)


@verify.route("/verify/<code>", methods=["GET", "POST"])
@access(ANYONE)
def code(code: str) -> Any:
    """The paper with that code: name, number, version, state, digest. A POST compares a file, which is not kept."""
    wanted = normalise(code)
    paper = db.session.scalars(select(Paper).where(Paper.code == wanted)).first() if wanted else None
    project = db.session.get(Project, paper.project_id) if paper and paper.project_id else None
    compared = _compared(paper) if paper and request.method == "POST" else None
    page = render_template(
        "public/verify.html", paper=paper, code=wanted or code[:40], project=project, compared=compared
    )
    return page, 200 if paper else 404


def _compared(paper: Paper) -> dict[str, Any] | None:
    """Whether the file that was sent is byte for byte the paper."""
    sent = request.files.get("file")
    if paper.file is None or sent is None or not sent.filename:
        return None
    digest = file_digest(sent.stream, "sha256").hexdigest()
    return {"name": sent.filename[:100], "same": digest == paper.file.sha256}
