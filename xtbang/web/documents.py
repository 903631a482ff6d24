"""Filling in a document: form, bid, application, contract, report, request for acceptance."""

from typing import Any

from flask import Blueprint, abort, jsonify, render_template, request
from flask import flash, redirect, url_for

from xtbang.errors import Stale
from xtbang.extensions import db
from xtbang.models import Bid, Document, Person, Project, StoredFile
from xtbang.models.writing import begin_write
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FieldKind, FormDefinition
from xtbang.rules.forms import check, clean
from xtbang.stages.bids import sync_members
from xtbang.stages.context import Actor, Upload
from xtbang.stages.documents import latest, save_draft
from xtbang.web.access import SIGNED_IN, access, actor
from xtbang.web.inputs import by_field, raw_values, take_uploads
from xtbang.web.shell import engine, policy

documents = Blueprint("documents", __name__)

# which document is written when, by whom it belongs to, and the action that hands it in
OPEN_IN = {
    "form": ("draft",),
    "bid": ("listing",),
    "application": ("bidding",),
    "contract": ("contracting",),
    "report": ("execution", "extension"),
    "acceptance": ("execution",),
}
HANDED_IN_BY = {
    "form": "submit",
    "bid": "submit_bid",
    "application": "apply",
    "contract": "issue_contract",
    "report": "submit_report",
    "acceptance": "request_acceptance",
}


def definition_of(edition: Edition, project: Project, document: Document) -> FormDefinition:
    """The definition a document is filled in by."""
    return edition.forms[project.kind] if document.kind == "form" else edition.documents[document.kind]


def writer(project: Project, document: Document, who: Actor) -> bool:
    """Whether this person may write in the document now."""
    if project.state not in OPEN_IN[document.kind]:
        return False
    if document.organisation_id is None:
        return "science" in who.roles
    if document.kind == "bid":
        bid = db.session.query(Bid).filter_by(document_id=document.id).one()
        if bid.status != "draft":
            return False
    if document.kind == "acceptance":
        parties = {project.issuer_id, project.agreed_bid.lead_id if project.agreed_bid else None}
        return "applicant" in who.roles and who.organisation_id in parties
    return "applicant" in who.roles and who.organisation_id == document.organisation_id


def load(project_id: int, document_id: int, who: Actor) -> tuple[Project, Document, FormDefinition]:
    """Project, document and definition; 404 unless this person may write or read the draft."""
    document = db.session.get(Document, document_id)
    project = db.session.get(Project, project_id)
    if document is None or project is None or document.project_id != project.id:
        abort(404)
    if not writer(project, document, who):
        abort(404)
    return project, document, definition_of(policy().edition(project.edition), project, document)


@documents.route("/projects/<int:project_id>/documents/<int:document_id>", methods=["GET", "POST"])
@access(SIGNED_IN)
def edit(project_id: int, document_id: int) -> Any:
    """Fill in; 保存草稿 keeps everything as typed, right or wrong, and says what is wrong."""
    who = actor()
    project, document, definition = load(project_id, document_id, who)
    if request.method == "GET":
        checked = "check" in request.args
        found = check(definition, document.draft, complete=checked)
        return page(project, document, definition, document.draft, by_field(found), 200)
    values = raw_values(definition.fields, request.form)
    uploads, refused = take_uploads(definition.fields, request.files, values)
    try:
        save(document, definition, who, values, uploads)
    except Stale:
        project, document, definition = load(project_id, document_id, who)
        return page(project, document, definition, clean(definition, values), conflict(document), 409)
    wrong = refused + check(definition, document.draft, complete="check" in request.form)
    project, document, definition = load(project_id, document_id, who)
    if not wrong and "check" in request.form:
        return redirect(url_for("projects.page", project_id=project.id, _anchor="actions-title"))
    if not wrong:
        flash("草稿已保存。", "success")
        return redirect(url_for("documents.edit", project_id=project.id, document_id=document.id))
    return page(project, document, definition, document.draft, by_field(wrong), 422)


@documents.post("/projects/<int:project_id>/documents/<int:document_id>/draft")
@access(SIGNED_IN)
def autosave(project_id: int, document_id: int) -> Any:
    """The same by script, at every pause in typing; answers the new draft version or who was faster."""
    who = actor()
    _project, document, definition = load(project_id, document_id, who)
    values = raw_values(definition.fields, request.form)
    uploads, _refused = take_uploads(definition.fields, {}, values)
    try:
        version = save(document, definition, who, values, uploads)
    except Stale:
        return jsonify(ok=False, message=conflict(document)[""][0]), 409
    return jsonify(ok=True, version=version)


def save(document: Document, definition: FormDefinition, who: Actor, values: dict[str, Any], uploads: Any) -> int:
    """Save in one transaction; files become the project's; a bid's members follow its table."""
    document_id, seen = document.id, request.form.get("draft_version", type=int) or 0
    begin_write(db.session)
    document = db.session.get_one(Document, document_id)
    project = db.session.get_one(Project, document.project_id)
    if not writer(project, document, who):
        abort(409)
    attach(project, who, uploads)
    known = {
        digest for (digest,) in db.session.query(StoredFile.sha256).filter(StoredFile.project_id == project.id).distinct()
    } | set(uploads)
    for field in definition.fields:
        if field.kind is FieldKind.FILE and values.get(field.key) not in known:
            values[field.key] = ""
    try:
        version = save_draft(db.session, document, definition, who, values, seen, engine().clock())
        if document.kind == "bid":
            sync_members(db.session, db.session.query(Bid).filter_by(document_id=document.id).one())
        db.session.commit()
    except Stale:
        db.session.rollback()
        raise
    return version


def attach(project: Project, who: Actor, uploads: dict[str, Upload]) -> None:
    """The rows of files that came with a draft."""
    db.session.add_all(
        StoredFile(
            sha256=upload.sha256,
            name=upload.name,
            mime=upload.mime,
            size=upload.size,
            project_id=project.id,
            organisation_id=who.organisation_id,
            uploaded_by_id=who.person_id,
            uploaded_at=engine().clock(),
        )
        for upload in uploads.values()
    )


def conflict(document: Document) -> dict[str, list[str]]:
    """Who was faster in the same draft."""
    colleague = db.session.get(Person, document.draft_by_id) if document.draft_by_id else None
    name = colleague.name if colleague else "同事"
    text = f"{name}刚刚在另一处保存了这份草稿。您填写的内容还在本页，没有覆盖对方；请先打开最新草稿核对，再把需要的内容填入。"
    return {"": [text]}


def page(
    project: Project,
    document: Document,
    definition: FormDefinition,
    values: dict[str, Any],
    errors: dict[str, list[str]],
    status: int,
) -> tuple[str, int]:
    """The document as a form."""
    version = latest(db.session, document)
    files = {
        row.sha256: {"name": row.name, "size": row.size, "url": url_for("files.download", file_id=row.id)}
        for row in db.session.query(StoredFile).filter(StoredFile.project_id == project.id)
    }
    html = render_template(
        "applicant/document.html",
        project=project,
        document=document,
        definition=definition,
        values=values,
        errors=errors,
        last=version,
        files=files,
        handed_in_by=policy().actions[HANDED_IN_BY[document.kind]],
    )
    return html, status
