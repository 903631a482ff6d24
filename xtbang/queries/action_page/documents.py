"""Documents on the page of an action: the newest version with its changes, or the id of the draft to open."""

from dataclasses import dataclass
from typing import Any

from xtbang.models import Acceptance, Bid, Document, Midterm, Report, StoredFile
from xtbang.queries.action_page.panels import panels_of
from xtbang.queries.caller import Caller
from xtbang.queries.documents import NEWEST
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.shown import shown
from xtbang.queries.shown.documents import DraftShown, FileShown, VersionRead
from xtbang.queries.shown.money import MidtermShown, ReportShown
from xtbang.rules.compare import Change, changes
from xtbang.rules.fields import FormDefinition

Values = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """The newest frozen version of a document with the changes since the version before it."""

    definition: FormDefinition
    scan_note: str  # "read", or why an officer has to check the scan
    version: VersionRead | None
    previous: int | None  # number of the version before
    changes: list[Change]
    scan: FileShown | None

    @property
    def changed(self) -> list[str]:
        """Return the keys of the fields that differ."""
        return sorted({change.key.split(".")[0] for change in self.changes})


def _reading(caller: Caller, document: Document | None, definition: FormDefinition) -> Reading | None:
    if document is None:
        return None
    found = caller.session.scalars(NEWEST, {"document": document.id, "most": 2}).all()
    now, before = found[0] if found else None, found[1] if len(found) > 1 else None
    changed = changes(definition, before.data, now.data) if now and before else []
    scan = caller.session.get(StoredFile, now.scan_id) if now and now.scan_id and document.kind == "form" else None
    return Reading(
        definition=definition,
        scan_note=document.scan_note,
        version=shown(VersionRead, now) if now else None,
        previous=before.number if before else None,
        changes=changed,
        scan=shown(FileShown, scan) if scan else None,
    )


def form(caller: Caller, rows: ProjectRows) -> Values:
    """Return the newest submitted version of the form, with its stamped scan."""
    definition = caller.policy.edition(rows.project.edition).forms[rows.project.kind]
    return {"reading": _reading(caller, rows.project.form, definition)}


def form_link(_caller: Caller, rows: ProjectRows) -> Values:
    """Return the id of the form, to be opened and corrected."""
    return {"editable": rows.project.form_id}


def _draft_of(caller: Caller, rows: ProjectRows) -> Document | None:
    """Return what one party writes now and the other reads before it goes out."""
    if "application" in caller.policy.states[rows.project.state].documents:
        return rows.project.application
    request = next((row for row in reversed(rows.of(Acceptance)) if row.status == "draft"), None)
    return request.document if request else None


def draft(caller: Caller, rows: ProjectRows) -> Values:
    """Return the draft that the other party writes now, to be read before it goes out."""
    document = _draft_of(caller, rows)
    if document is None:
        return {}
    return {
        "draft": shown(DraftShown, document),
        "definition": caller.policy.edition(rows.project.edition).documents[document.kind],
        "read": document.id,
    }


def draft_link(caller: Caller, rows: ProjectRows) -> Values:
    """Return the id of the draft that the other party is asked to read."""
    document = _draft_of(caller, rows)
    return {"editable": document.id} if document else {}


def bid_link(caller: Caller, rows: ProjectRows) -> Values:
    """Return the id of the bid that the reader's organisation writes."""
    drafts = (row for row in rows.of(Bid) if row.status == "draft" and row.lead_id == caller.actor.organisation_id)
    return {"editable": next((row.document_id for row in drafts), None)}


def application_link(_caller: Caller, rows: ProjectRows) -> Values:
    """Return the id of the application."""
    return {"editable": rows.project.application_id}


def contract_link(_caller: Caller, rows: ProjectRows) -> Values:
    """Return the id of the contract's document."""
    return {"editable": rows.project.contract_id}


def acceptance(caller: Caller, rows: ProjectRows) -> Values:
    """Return the newest request for acceptance and the panels that examined it."""
    row = next(reversed(rows.of(Acceptance)), None)
    if row is None:
        return {}
    definition = caller.policy.edition(rows.project.edition).documents["acceptance"]
    panels = panels_of(caller, rows, kind="acceptance")
    number = row.document_id
    return {"reading": _reading(caller, row.document, definition), "editable": number, "read": number, "panels": panels}


def midterm(caller: Caller, rows: ProjectRows) -> Values:
    """Return the midterm check that is being made, its material, and the panels of midterm checks."""
    row = next((row for row in rows.of(Midterm) if row.status == "open"), None)
    stored = next((file for file in rows.of(StoredFile) if row and file.id == row.file_id), None)
    return {
        "midterm": shown(MidtermShown, row) if row else None,
        "material": shown(FileShown, stored) if stored else None,
        "panels": panels_of(caller, rows, kind="midterm"),
    }


def reports(caller: Caller, rows: ProjectRows) -> Values:
    """Return the reports that have not been submitted, by due date."""
    due = sorted((row for row in rows.of(Report) if row.submitted_at is None), key=lambda row: row.due_on)
    return {"reports": [shown(ReportShown, row) for row in due]}
