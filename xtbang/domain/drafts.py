"""Drafts (草稿): saving what people type into a document of a project."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import false, or_, select

from xtbang.actions.context import Upload, arriving, put_into_store, stored
from xtbang.actions.documents import keep_typed
from xtbang.actions.room import room_reasons
from xtbang.domain.bids import ask_members, sync_members
from xtbang.domain.printed_forms import printed_at, store_code
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Document, EarlierPrint, Project, StoredFile
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.queries.documents import definition_of
from xtbang.queries.rights.document_writers import bid_of, handed_in, may_write
from xtbang.rules.fields import FieldKind, FormDefinition
from xtbang.rules.forms import check
from xtbang.rules.merging import Marks, Merged


def save_draft(
    caller: Caller,
    document_id: int,
    values: Mapping[str, Any],
    seen: int | Marks,
    uploads: Mapping[str, Upload] | None = None,
) -> Merged:
    """Store everything as typed, valid or not, over what the page was loaded with (``seen``, see `keep_typed`).

    ``uploads`` become files of the project; digests of files that are not the actor's or the organisation's are
    dropped. The members of a bid follow its table. One transaction. Raises NotFound, Forbidden when this person may not
    write in the document now, Blocked for texts that are too long, and Stale when a colleague has changed the same.
    """
    session, uploads = caller.session, uploads or {}
    with arriving(uploads.values()), writing(session):
        document = session.get(Document, document_id)
        if document is None:
            raise NotFound(f"document {document_id}")
        project = session.get_one(Project, document.project_id, with_for_update=True, populate_existing=True)
        session.refresh(document)  # read again under the lock: a colleague may have submitted it
        if not may_write(caller.policy, project, document, caller.actor) or handed_in(session, document):
            raise Forbidden("这份材料现在不能由您填写。")
        definition = definition_of(caller.policy.edition(project.edition), project, document)
        typed = _without_foreign_files(caller, project, definition, values, set(uploads))
        before, complete = printed_at(project, document), not check(definition, document.draft, complete=True)
        merged = keep_typed(caller, document, definition, typed, seen)
        if full := room_reasons(session, project.id, uploads.values()):
            raise Blocked(full)
        session.add_all(stored(caller, upload, project.id) for upload in uploads.values())
        put_into_store(uploads.values())
        if document.kind == "form":
            if not project.number:
                project.title = str(document.draft.get("title") or "")[:200]
            code = document.code
            store_code(caller, project)
            if code and document.code != code:  # what was stamped has another one
                document.scan_id, document.scan_note = None, ""
                if complete:  # only then is a code printed
                    session.add(EarlierPrint(document_id=document.id, code=code, printed_at=before))
        if document.kind == "bid":
            bid = bid_of(session, document)
            sync_members(session, bid, definition)
            ask_members(caller, bid)
        return merged


def _without_foreign_files(
    caller: Caller, project: Project, definition: FormDefinition, values: Mapping[str, Any], new: set[str]
) -> dict[str, Any]:
    """Return the typed values without digests of files that are neither new nor of this person or organisation."""
    actor = caller.actor
    ours = StoredFile.organisation_id == actor.organisation_id if actor.organisation_id else false()
    own = select(StoredFile.sha256).where(
        StoredFile.project_id == project.id, or_(StoredFile.uploaded_by_id == actor.person_id, ours)
    )
    known = new | set(caller.session.scalars(own))
    files = {field.key for field in definition.fields if field.kind is FieldKind.FILE}
    return {key: "" if key in files and value not in known else value for key, value in values.items()}
