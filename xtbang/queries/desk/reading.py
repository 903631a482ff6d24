"""The drafts of one party that wait to be read by the other one (核对), in SQL."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists
from sqlalchemy.orm import aliased

from xtbang.models import Document, Finding, Project

subject: Any = Document.kind + ":" + cast(Document.id, String) + ":" + cast(Document.draft_version, String)


def read_already(asked: Any) -> ColumnElement[bool]:
    """Return the condition that the other party has agreed to what was asked for."""
    given = aliased(Finding)
    found = exists().where(given.project_id == Project.id, given.kind == "consent", given.number == asked.number)
    found = found.where(given.voided_at.is_(None))
    return found.correlate(Project, asked)


def agreed_as_it_is(document_id: Any) -> ColumnElement[bool]:
    """Return the condition that the other party has agreed to that draft as it is now."""
    given = aliased(Finding)
    named = exists().where(Document.id == document_id, subject == given.number)
    mine = (given.project_id == Project.id, given.kind == "consent", given.voided_at.is_(None))
    return exists().where(*mine, named.correlate(Project, given)).correlate(Project)


def waits_for_reader(writer: str) -> ColumnElement[bool]:
    """Return the condition that this party has asked the other one to read its draft as it is now."""
    asked = aliased(Finding)
    named = exists().where(Document.project_id == Project.id, subject == asked.number).correlate(Project, asked)
    mine = (asked.project_id == Project.id, asked.kind == "reading", asked.role == writer)
    return exists().where(*mine, named, ~read_already(asked)).correlate(Project)
