"""The form of an entry as it is printed, stamped and submitted: its facts, the time in its footer and its check code."""

from datetime import datetime
from typing import Any

from xtbang.actions.documents import next_number
from xtbang.actions.issue import paper_code
from xtbang.models import Document, Project
from xtbang.models.writing import writing
from xtbang.papers.codes import former_code
from xtbang.queries.caller import Caller
from xtbang.queries.documents import definition_of
from xtbang.rules.edition import Edition
from xtbang.rules.forms import only_printed, worded


def form_document(project: Project) -> Document:
    """Return the form document of the entry. Raise LookupError when there is none."""
    if project.form is None:
        raise LookupError("a project without its form")
    return project.form


def form_facts(edition: Edition, project: Project, document: Document) -> dict[str, Any]:
    """Return the facts of the printed form: what is not printed is not among them."""
    definition = definition_of(edition, project, document)
    values = only_printed(definition, worded(definition, document.draft))
    return {"definition": document.definition, "edition": edition.key, "values": values}


def printed_at(project: Project, document: Document) -> datetime:
    """Return the time in the footer of a draft: the last change of what is printed. A submitted form keeps it."""
    return document.draft_at or project.created_at


def form_code(caller: Caller, project: Project) -> str:
    """Return the check code (校验码) of the form if it is printed now, which it keeps if submitted unchanged.

    It covers only what is printed. A form that was printed when codes covered every value, or were shorter, keeps that code.
    """
    document = form_document(project)
    version = next_number(caller.session, document)
    edition = caller.policy.edition(project.edition)
    data, made_at = form_facts(edition, project, document), printed_at(project, document)

    def code_of(facts: dict[str, Any]) -> str:
        return paper_code(caller.site, project.id, "form", "", version, facts, made_at)

    code = code_of(data)
    if document.code in (None, code):
        return code
    every = data | {"values": worded(definition_of(edition, project, document), document.draft)}
    codes = (of_every := code_of(every)), former_code(code), former_code(of_every)
    return document.code if document.code in codes else code


def store_code(caller: Caller, project: Project) -> None:
    """Store the present check code of the form, so that a printed form is recognised before it is submitted."""
    form_document(project).code = form_code(caller, project)


def keep_pages(caller: Caller, document_id: int, code: str, pages: int) -> None:
    """Store how many pages the print of the form with that code has, unless it is known; a scan of it has as many."""
    document = caller.session.get_one(Document, document_id)
    if document.printed_code != code:
        with writing(caller.session):
            document = caller.session.get_one(Document, document_id, with_for_update=True, populate_existing=True)
            document.printed_code, document.printed_pages = code, pages


def pages_of_print(caller: Caller, project: Project) -> int | None:
    """Return how many pages the form has as it would be printed now; None when it has not been printed so."""
    document = form_document(project)
    return document.printed_pages if document.printed_code == form_code(caller, project) else None
