"""Objections (异议): anyone may file one, without an account, while a public notice runs."""

import secrets
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Notice, NoticeItem, Project
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import NoticeShown
from xtbang.queries.shown.project import project_head
from xtbang.rules.actor import PUBLIC, Actor
from xtbang.rules.forms import check, clean
from xtbang.rules.reasons import Reason
from xtbang.web.frame.access import ANYONE, access, actor
from xtbang.web.frame.inputs import by_field, new_files, raw_values, take_uploads
from xtbang.web.frame.shell import engine, policy

objecting = Blueprint("objecting", __name__)


@objecting.route("/notices/<int:notice_id>/projects/<int:project_id>/objection", methods=["GET", "POST"])
@access(ANYONE)
def file(notice_id: int, project_id: int) -> Any:
    """Show the form; on POST file the objection and redirect to its receipt code. Answer 422 with the reasons against it."""
    named = select(NoticeItem.id).where(NoticeItem.notice_id == notice_id, NoticeItem.project_id == project_id)
    notice, project = db.session.get(Notice, notice_id), db.session.get(Project, project_id)
    if notice is None or project is None or notice.status == "draft" or not db.session.scalars(named).first():
        abort(404)
    fields = policy().done_on("objection").form.fields
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    uploads: dict[str, Any] = {}
    closed = _against(project) if request.method == "GET" else []
    if request.method == "POST":
        values = clean(policy().done_on("objection").form, raw_values(fields, request.form))
        uploads, refused = take_uploads(fields, request.files, values)
        errors = by_field(refused + _wrong(values) + _against(project))
        if not errors:
            try:
                return _file(project_id, values, uploads)
            except Blocked as blocked:
                errors = by_field(blocked.reasons)
            project = db.session.get_one(Project, project_id)
            notice = db.session.get_one(Notice, notice_id)
    page = render_template(
        "public/objection.html",
        notice=shown(NoticeShown, notice),
        project=project_head(project),
        fields=fields,
        values=values,
        errors=errors,
        closed=closed,
        files=new_files(uploads),
        request_key=request.form.get("request_key") or secrets.token_urlsafe(18),
    )
    return page, 422 if errors else 200


def _wrong(values: dict[str, Any]) -> list[Reason]:
    form = policy().done_on("objection").form
    return check(form, clean(form, values), complete=True)


def _against(project: Project) -> list[Reason]:
    """Return the reasons of ``perform()`` that do not depend on the form."""
    action = policy().done_on("objection")
    if project.state not in action.sources:
        return [Reason("state", "本项目不在公示期，不能提出异议。", action.article)]
    context = engine().context(db.session(), project, _public(), "public", action)
    against, _hints = engine().guards(context, action, filled=False)
    return against


def _public() -> Actor:
    """Return the public with address and arrival of this request: who is signed in objects as anybody else does."""
    who = actor()
    return replace(PUBLIC, address=who.address, arrived=who.arrived)


def _file(project_id: int, values: dict[str, Any], uploads: dict[str, Any]) -> Response:
    """File the objection and redirect to its receipt code. Raise Blocked."""
    key = request.form.get("request_key") or None
    trigger = policy().done_on("objection").trigger
    outcome = engine().perform(db.session(), project_id, trigger, _public(), values, request_key=key, uploads=uploads)
    if "code" in outcome.result:
        session["objection"] = outcome.result["code"]
    return redirect(url_for("objecting.done"))


@objecting.get("/objections/received")
@access(ANYONE)
def done() -> Any:
    """Show the receipt code of the objection."""
    code = session.get("objection")
    if not code:
        return redirect(url_for("public.objections"))
    return render_template("public/objection_done.html", code=code)
