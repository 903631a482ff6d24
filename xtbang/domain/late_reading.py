"""Stamped scans of forms that came while too many others did: they are taken unread, and read afterwards (补读扫描件)."""

from datetime import timedelta

from sqlalchemy import select

from xtbang.actions.context import Context, Upload
from xtbang.domain.printed_forms import form_code
from xtbang.domain.stamped_scans import doubt_on, else_on
from xtbang.jobs.job_table import enqueue
from xtbang.models import Document, Paper, Project, StoredFile
from xtbang.models.writing import writing
from xtbang.papers.scan.examine import UNOPENED, Scan
from xtbang.queries.caller import Caller

KIND = "read_scan"
LATER = timedelta(minutes=2)  # when those who wait for an answer have theirs


def read_later(caller: Caller, document: Document) -> None:
    """Request that the scan of the form is read, where it was taken unread; within the current transaction."""
    if UNOPENED in document.scan_note:
        enqueue(caller.session, KIND, caller.now, key=str(document.id), next_try_at=caller.now + LATER)


def unread_scan(caller: Caller, document_id: int) -> StoredFile | None:
    """Return the scan of the form that has not been read yet; None when there is none any more."""
    document = caller.session.get(Document, document_id)
    if document is None or document.scan_id is None or UNOPENED not in document.scan_note:
        return None
    return caller.session.get(StoredFile, document.scan_id)


def keep_reading(caller: Caller, document_id: int, file: StoredFile, scan: Scan) -> str:
    """Store what was read from the scan, unless another one has come meanwhile; return the note for the officer."""
    session = caller.session
    with writing(session):
        document = session.get_one(Document, document_id, with_for_update=True, populate_existing=True)
        if document.scan_id != file.id:
            return ""
        project = session.get_one(Project, document.project_id)
        code = _code_of(caller, project)
        pages = document.printed_pages if document.printed_code == code else None
        doubt = scan.trouble.rstrip("。") or scan.doubt(pages)
        upload = Upload(file.sha256, file.name, file.mime, file.size, scan.codes, scan.elsewhere, doubt)
        more = {"data": {"scan": file.sha256}, "uploads": {file.sha256: upload}}
        context = Context.about(caller, project, "system", **more)
        other = else_on(context, "scan", code)
        document.scan_note = f"扫描件与填报内容不符：{other}" if other else doubt_on(context, "scan", code) or "read"
        return document.scan_note


def _code_of(caller: Caller, project: Project) -> str:
    """Return the code of the form: of the paper that was issued when it was submitted, of the draft before."""
    issued = select(Paper.code).where(Paper.project_id == project.id, Paper.name == "form", Paper.state == "current")
    return caller.session.scalars(issued).first() or form_code(caller, project)
