"""The definition of a document (填报内容) and its frozen versions (版次)."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from xtbang.models import Document, DocumentVersion, Project
from xtbang.queries.prepared import MOST
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition

NEWEST = (
    select(DocumentVersion)
    .where(DocumentVersion.document_id == bindparam("document"))
    .order_by(DocumentVersion.number.desc())
    .limit(MOST)
)


def definition_of(edition: Edition, project: Project, document: Document) -> FormDefinition:
    """Return the definition of a document's form."""
    return edition.forms[project.kind] if document.kind == "form" else edition.documents[document.kind]


def latest(session: Session, document: Document | None) -> DocumentVersion | None:
    """Return the newest frozen version of a document."""
    return latest_of(session, document.id) if document else None


def latest_of(session: Session, document_id: int | None) -> DocumentVersion | None:
    """Return the newest frozen version of the document with that id."""
    return session.scalars(NEWEST, {"document": document_id, "most": 1}).first()
