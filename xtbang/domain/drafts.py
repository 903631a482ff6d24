"""Drafts: who may write in a document of a project now, and saving what was typed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from xtbang.actions.context import Upload, stored
from xtbang.actions.documents import definition_of, keep_typed
from xtbang.domain.bids import sync_members
from xtbang.domain.printed_forms import keep_code
from xtbang.errors import Forbidden, NotFound
from xtbang.models import Acceptance, Bid, Document, Project, Report, StoredFile
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.fields import FieldKind, FormDefinition


def bid_of(session: Session, document: Document) -> Bid:
    """Return the bid that the document is the text of."""
    return session.scalars(select(Bid).where(Bid.document_id == document.id)).one()


def handed_in(session: Session, document: Document) -> bool:
    """Whether a bid, a report or a request was handed in: the next one has a document of its own."""
    if document.kind == "bid":
        return bid_of(session, document).status != "draft"
    if document.kind == "report":
        return session.scalar(select(Report.submitted_at).where(Report.document_id == document.id)) is not None
    if document.kind == "acceptance":
        return session.scalar(select(Acceptance.status).where(Acceptance.document_id == document.id)) != "draft"
    return False


def may_write(caller: Caller, project: Project, document: Document) -> bool:
    """Whether the caller may write in the document now."""
    who = caller.actor
    if document.kind not in caller.policy.states[project.state].documents or handed_in(caller.session, document):
        return False
    if document.kind in ("application", "contract") and getattr(project, f"{document.kind}_id") != document.id:
        return False  # of a bid that was released
    if document.organisation_id is None:
        return "science" in who.roles
    if document.kind == "acceptance":
        parties = {project.issuer_id, project.agreed_bid.lead_id if project.agreed_bid else None}
        return "applicant" in who.roles and who.organisation_id in parties
    return "applicant" in who.roles and who.organisation_id == document.organisation_id


def save_draft(
    caller: Caller, document_id: int, values: Mapping[str, Any], seen: int, uploads: Mapping[str, Upload] | None = None
) -> int:
    """Keep everything as typed, right or wrong, over the draft version ``seen``; return the new draft version.

    ``uploads`` become files of the project; a digest of any other file than the project's own is left out. The members
    of a bid follow its table. One transaction. Raises NotFound, Forbidden when the document is closed to this person now,
    Blocked for texts too long to be kept, and Stale when a colleague saved in between.
    """
    session, uploads = caller.session, uploads or {}
    with writing(session):
        document = session.get(Document, document_id)
        if document is None:
            raise NotFound(f"document {document_id}")
        project = session.get_one(Project, document.project_id, with_for_update=True, populate_existing=True)
        session.refresh(document)  # as it is now that nobody else hands it in
        if not may_write(caller, project, document):
            raise Forbidden("这份材料现在不能由您填写。")
        session.add_all(stored(caller, upload, project.id) for upload in uploads.values())
        definition = definition_of(caller.policy.edition(project.edition), project, document)
        typed = _without_strange_files(caller, project, definition, values, set(uploads))
        version = keep_typed(caller, document, definition, typed, seen)
        if document.kind == "form":
            if not project.number:
                project.title = str(document.draft.get("title") or "")[:200]
            keep_code(caller, project)
        if document.kind == "bid":
            sync_members(session, bid_of(session, document), definition)
        return version


def _without_strange_files(
    caller: Caller, project: Project, definition: FormDefinition, values: Mapping[str, Any], new: set[str]
) -> dict[str, Any]:
    """What was typed, without the digests of files that neither came now nor are this person's or organisation's."""
    actor = caller.actor
    ours = StoredFile.organisation_id == actor.organisation_id if actor.organisation_id else false()
    own = select(StoredFile.sha256).where(
        StoredFile.project_id == project.id, or_(StoredFile.uploaded_by_id == actor.person_id, ours)
    )
    known = new | set(caller.session.scalars(own))
    files = {field.key for field in definition.fields if field.kind is FieldKind.FILE}
    return {key: "" if key in files and value not in known else value for key, value in values.items()}
