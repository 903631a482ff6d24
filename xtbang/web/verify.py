"""核验: what a printed paper is, for anyone who holds it, without an account and without personal data."""

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
    return render_template("public/verify.html", paper=None, code="", project=None)


@verify.get("/verify/<code>")
@access(ANYONE)
def code(code: str) -> Any:
    """The paper with that code: name, number, version, state, digest."""
    wanted = normalise(code)
    paper = db.session.scalars(select(Paper).where(Paper.code == wanted)).first() if wanted else None
    project = db.session.get(Project, paper.project_id) if paper and paper.project_id else None
    status = 200 if paper else 404
    return render_template("public/verify.html", paper=paper, code=code, project=project), status
