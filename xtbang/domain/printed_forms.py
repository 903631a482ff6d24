"""The form of an entry as it is printed, stamped and handed in: its facts, the time at its foot and its check code."""

from datetime import datetime
from typing import Any

from xtbang.actions.documents import next_number
from xtbang.actions.issue import paper_code
from xtbang.models import Document, Project
from xtbang.queries.caller import Caller


def form_document(project: Project) -> Document:
    """Return the entry's own form. Raises LookupError for a project without one."""
    if project.form is None:
        raise LookupError("a project without its form")
    return project.form


def form_data(project: Project, document: Document) -> dict[str, Any]:
    """The facts of the printed form."""
    return {"definition": document.definition, "edition": project.edition, "values": document.draft}


def printed_at(project: Project, document: Document) -> datetime:
    """The time at the foot of a draft: since then it says what it says. A form keeps it when it is handed in."""
    return document.draft_at or project.created_at


def form_code(caller: Caller, project: Project) -> str:
    """The check code the form bears when printed now, and will bear once submitted unchanged."""
    document = form_document(project)
    version = next_number(caller.session, document)
    data, made_at = form_data(project, document), printed_at(project, document)
    return paper_code(caller.site, project.id, "form", "", version, data, made_at)


def keep_code(caller: Caller, project: Project) -> None:
    """Keep the code that the form bears from now on, so that a printed sheet is known before it is handed in."""
    form_document(project).code = form_code(caller, project)
