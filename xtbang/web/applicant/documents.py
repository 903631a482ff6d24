"""Filling in documents: form, bid, application, contract, report, request for acceptance."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import Conflict as ConflictPage
from werkzeug.exceptions import NotFound as NotFoundPage

from xtbang.actions.context import Upload
from xtbang.domain.consents import ASK_READING, WRITERS
from xtbang.domain.drafts import save_draft
from xtbang.errors import Blocked, Forbidden, Stale
from xtbang.extensions import db
from xtbang.models import Document, Person, Project, Report, StoredFile
from xtbang.queries.documents import definition_of
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.document_writers import bid_of, handed_in, may_read_draft, may_write
from xtbang.queries.rights.sealed_bids import is_own
from xtbang.queries.shown import shown
from xtbang.queries.shown.documents import DraftShown
from xtbang.queries.shown.project import project_head
from xtbang.rules.actor import Actor
from xtbang.rules.compare import Change, changes
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import MAX_CHARACTERS, check, clean, keyed, readable
from xtbang.rules.merging import Merged
from xtbang.rules.plan import Line, plan_lines
from xtbang.rules.reasons import Force, Reason
from xtbang.web.applicant.preview import UnprintableDraft, draft_pdf
from xtbang.web.applicant.requirements import broken_rules, requirements
from xtbang.web.applicant.seen import Seen, labels_of, merging, seen_now, sent_seen
from xtbang.web.frame.access import SIGNED_IN, access, actor
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.inputs import by_field, facts_of, new_files, raw_values, take_uploads
from xtbang.web.frame.places import place
from xtbang.web.frame.refused import forget_refused, nothing_refused
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.project.reached import WITH_MAIN, rows_of, to_newest_version

documents = Blueprint("documents", __name__)

NOT_SAVED = "草稿没有保存：有的内容过长。您填写的内容都还在本页，请按标出的说明删减，再保存一次。"
CLOSED = "尚未保存：这份材料已由同事提交，或现在不能由您填写。您写的内容仍在本页，请复制留存。"


def _may_write(project: Project, document: Document) -> bool:
    """Return whether the person of this request may write in the document now."""
    return may_write(policy(), project, document, actor()) and not handed_in(db.session(), document)


def load(
    project_id: int, document_id: int, who: Actor, reading: bool = False
) -> tuple[Project, Document, FormDefinition]:
    """Return project, document and definition. Answer 404 unless this person may write in the draft, or read it as a member or as the other party."""
    document = db.session.get(Document, document_id)
    project = db.session.get(Project, project_id, options=WITH_MAIN)
    if document is None or project is None or document.project_id != project.id:
        abort(404)
    member = reading and document.kind == "bid" and is_own(bid_of(db.session(), document), who)
    other = reading and may_read_draft(policy(), project, document, who) and not handed_in(db.session(), document)
    if not member and not other and not _may_write(project, document):
        abort(404)
    return project, document, definition_of(policy().edition(project.edition), project, document)


@documents.route("/projects/<int:project_id>/documents/<int:document_id>", methods=["GET", "POST"])
@access(SIGNED_IN)
def edit(project_id: int, document_id: int) -> Any:
    """Show the form; on POST save the draft as typed (保存草稿), valid or not, and show its errors.

    A document that was handed in is shown as it was handed in.
    """
    who = actor()
    try:
        project, document, definition = load(project_id, document_id, who)
    except NotFoundPage:
        if request.method == "POST":
            raise
        return to_newest_version(project_id, document_id, who)
    if request.method == "GET":
        asked = "check" in request.args  # before the first saving only the program has filled in anything
        typed = clean(definition, document.draft)  # an older version stored some spellings as they were typed
        found = check(definition, typed, complete=asked) if asked or document.draft_version else []
        return page(project, document, definition, who, typed, by_field(found), 200)
    values = raw_values(definition.fields, request.form)
    uploads, refused = take_uploads(definition.fields, request.files, values)
    try:
        merged = save(document_id, values, uploads)
    except Stale:
        project, document, definition = load(project_id, document_id, who)
        return conflict(project, document, definition, who, clean(definition, values), uploads)
    except Blocked as blocked:
        project, document, definition = load(project_id, document_id, who)
        if blocked.reasons:
            flash(NOT_SAVED, "warning")
        typed, status = clean(definition, values), 422 if blocked.reasons else 200
        errors = by_field(blocked.reasons)
        return page(project, document, definition, who, typed, errors, status, seen=sent_seen(), uploads=uploads)
    project, document, definition = load(project_id, document_id, who)
    checked = "check" in request.form
    broken = broken_rules(rows_of(project), document, definition, who)
    if merged.theirs:
        flash(f"{colleague(document)}同时填写了{labels_of(definition, merged.theirs)}，已一并保留。", "info")
    wrong = refused + check(definition, document.draft, complete=checked)
    wrong += [reason for reason in broken if checked or reason.force is Force.MUST]
    if wrong:
        nothing_refused(request.path)
        flash(
            "草稿已保存，但还有需要改正的地方。" if checked or refused else "草稿已保存；标出的内容还须改正。",
            "warning",
        )
        return page(project, document, definition, who, document.draft, by_field(wrong), 422)
    flash("草稿已保存，各项填写完整。" if checked else "草稿已保存。", "success")
    if checked:
        return redirect(next_url(rows_of(project), document))
    return redirect(url_for("documents.edit", project_id=project.id, document_id=document.id))


def against(rows: ProjectRows, trigger: str) -> tuple[Reason, ...]:
    """Return every reason why this person cannot do that action now."""
    return engine().why_not(db.session(), rows.project, actor(), trigger, rows)


def next_url(rows: ProjectRows, document: Document) -> str:
    """Return the address of the next step once a document is complete."""
    project = rows.project
    if document.kind == "bid":
        return url_for("applicant.bid", bid_id=bid_of(db.session(), document).id)
    if document.kind == "form" and policy().edition(project.edition).scan_required:
        return url_for("documents.edit", project_id=project.id, document_id=document.id, check=1, _anchor="steps")
    hands_in = policy().handed_in_by(document.kind).trigger
    if document.kind in WRITERS:  # what the other party reads first, until it has been asked
        deeds = (trigger for trigger in (ASK_READING, hands_in) if not against(rows, trigger))
        trigger = next(deeds, "")
        return url_for("actions.act" if trigger else "projects.page", project_id=project.id, trigger=trigger or None)
    query = {}
    if document.kind == "report":
        query["report"] = db.session.scalar(select(Report.id).where(Report.document_id == document.id))
    return url_for("actions.act", project_id=project.id, trigger=hands_in, **query)


@documents.post("/projects/<int:project_id>/documents/<int:document_id>/draft")
@access(SIGNED_IN)
def autosave(project_id: int, document_id: int) -> Any:
    """Save the draft by script, at every pause in typing. Answer with the new version and marks, or say why not."""
    who = actor()
    try:
        project, document, definition = load(project_id, document_id, who)
        values = raw_values(definition.fields, request.form)
        uploads, _refused = take_uploads(definition.fields, {}, values)
        merged = save(document_id, values, uploads)
    except (NotFoundPage, ConflictPage) as closed:
        return jsonify(ok=False, message=CLOSED), closed.code
    except Stale:
        document = db.session.get_one(Document, document_id)
        both = labels_of(definition, merging(definition, document, clean(definition, values)).both)
        text = f"尚未保存：{colleague(document)}也改了{both}，本页没有覆盖。请按“保存草稿”，核对两份内容的不同之处。"
        return jsonify(ok=False, message=text), 409
    except Blocked as blocked:
        return jsonify(ok=False, message=f"尚未保存：{blocked}"), 422
    forget_refused(url_for("documents.edit", project_id=project_id, document_id=document_id))
    typed = clean(definition, values)
    beside = {
        key: render_template("applicant/beside.html", lines=lines)
        for key, lines in plan(project, definition, typed).items()
    }
    answer: dict[str, Any] = {"ok": True, "version": document.draft_version, "beside": beside}
    if sent_seen().marks is not None:  # from now on the page's own texts are what it was loaded with
        answer["seen"] = seen_now(definition, typed, document.draft_version).text
    if merged.theirs:
        answer["message"] = f"已保存；{colleague(document)}同时填写了{labels_of(definition, merged.theirs)}，刷新后可见"
    return jsonify(answer)


@documents.get("/projects/<int:project_id>/documents/<int:document_id>/preview.pdf")
@access(SIGNED_IN)
def preview(project_id: int, document_id: int) -> Any:
    """Send the draft as a PDF: with a watermark while it is incomplete, with its check code once it is complete."""
    project, document, definition = load(project_id, document_id, actor(), reading=True)
    try:
        with place():
            content = draft_pdf(project, document, definition)
    except UnprintableDraft as error:
        flash(str(error), "warning")
        if document.kind == "bid":
            return redirect(url_for("applicant.bid", bid_id=bid_of(db.session(), document).id))
        return redirect(url_for("documents.edit", project_id=project_id, document_id=document_id))
    return Response(
        content,
        mimetype="application/pdf",
        headers=sent_as("preview.pdf", inline=True) | {"Cache-Control": "no-store"},
    )


def save(document_id: int, values: dict[str, Any], uploads: dict[str, Upload]) -> Merged:
    """Save over what the page showed; answer 409 when the document is closed now. Raise Blocked, Stale."""
    seen = sent_seen()
    try:
        return save_draft(caller(), document_id, values, seen.version if seen.marks is None else seen.marks, uploads)
    except Forbidden:
        abort(409)


def colleague(document: Document) -> str:
    """Return the name of the person who saved the draft last, or that it was oneself, from another page."""
    if document.draft_by_id == actor().person_id:
        return "您在另一个页面"
    person = db.session.get(Person, document.draft_by_id) if document.draft_by_id else None
    return person.name if person else "同事"


def conflict(
    project: Project,
    document: Document,
    definition: FormDefinition,
    who: Actor,
    typed: dict[str, Any],
    uploads: dict[str, Upload],
) -> tuple[str, int]:
    """Ask about the fields that another person has changed as well; everything else is merged in the form."""
    merged = merging(definition, document, typed)
    found = changes(definition, keyed(definition, document.draft), clean(definition, merged.values))
    both = [change for change in found if change.key.partition(".")[0] in merged.both]
    text = (
        f"{colleague(document)}也改了{labels_of(definition, merged.both)}，先保存了；您填写的内容还在本页，没有覆盖对方。"
        "请核对下列不同之处，在表格里改成应有的内容，再保存一次即以本页内容为准。其余各处已合并。"
    )
    return page(project, document, definition, who, merged.values, {"": [text]}, 409, differences=both, uploads=uploads)


def plan(project: Project, definition: FormDefinition, values: dict[str, Any]) -> dict[str, list[Line]]:
    """Return the lines of a plan by the field that has them below its section."""
    keys = {field.key for field in definition.fields}
    return plan_lines(policy().edition(project.edition), keys, readable(definition, values))


def page(
    project: Project,
    document: Document,
    definition: FormDefinition,
    who: Actor,
    values: dict[str, Any],
    errors: dict[str, list[str]],
    status: int,
    *,
    differences: Sequence[Change] = (),
    seen: Seen | None = None,
    uploads: dict[str, Upload] | None = None,
) -> tuple[str, int]:
    """Show the document as a form; ``seen``: what its texts were loaded with, when that is not the draft of now."""
    action = policy().handed_in_by(document.kind)
    rows = rows_of(project)
    need = requirements(rows, document, definition, who, action)
    wrong = need.pop("wrong")
    as_saved = values == document.draft or values == clean(definition, document.draft)
    if not as_saved:  # what is known of the rows as they were saved may be about others here
        need["doubts"] = {}
    elif document.draft_version or errors:
        told = {text for texts in errors.values() for text in texts}
        for reason in (reason for reason in wrong if str(reason) not in told):
            errors.setdefault(reason.field, []).append(str(reason))
    html = render_template(
        "applicant/document.html",
        project=project_head(project),
        call=project.call.title,
        document=shown(DraftShown, document),
        definition=definition,
        values=keyed(definition, values),
        errors=errors,
        files=facts_of(rows.of(StoredFile)) | new_files(uploads or {}),
        seen=seen or seen_now(definition, document.draft, document.draft_version),
        handed_in_by=action,
        next_url=next_url(rows, document),
        differences=differences,
        saved_by=colleague(document),
        most_characters=MAX_CHARACTERS,
        colleague=colleague(document) if document.draft_by_id not in (None, who.person_id) else "",
        plan=plan(project, definition, values),
        **need,
    )
    return html, status
