"""Documents (填报内容) of a project: opening a draft, saving it, freezing a version of it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.errors import Blocked, Stale
from xtbang.models import Document, DocumentVersion, Organisation, Person, Project
from xtbang.queries.caller import Caller
from xtbang.queries.documents import definition_of, latest
from xtbang.rules.fields import Field, FormDefinition
from xtbang.rules.forms import clean, keyed, only_printed, readable, too_large
from xtbang.rules.merging import Marks, Merged, merge
from xtbang.rules.money import wan


def canonical(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the data as canonical JSON (RFC 8785): equal data, equal digest."""
    return sha256(rfc8785.dumps(dict(data))).hexdigest()


def written(context: Context, document: Document | None) -> dict[str, Any]:
    """Return the values of a document's draft, as far as they are readable (`readable`); empty without a document."""
    if document is None:
        return {}
    return context.rows.written(document, definition_of(context.edition, context.project, document))


def frozen(context: Context, document: Document | None) -> dict[str, Any]:
    """Return the readable values of a document's newest frozen version; empty when there is none."""
    version = context.rows.newest(document.id) if document else None
    if document is None or version is None:
        return {}
    return readable(definition_of(context.edition, context.project, document), version.data)


def open_document(
    session: Session, project: Project, kind: str, definition: FormDefinition, organisation_id: int | None, **draft: Any
) -> Document:
    """Create a draft and flush it; ``draft`` fills in the values that are already known."""
    document = Document(
        project_id=project.id,
        organisation_id=organisation_id,
        kind=kind,
        definition=definition.key,
        draft=clean(definition, draft),
        draft_version=0,
    )
    session.add(document)
    session.flush()
    return document


def keep_typed(
    caller: Caller, document: Document, definition: FormDefinition, values: Mapping[str, Any], seen: int | Marks
) -> Merged:
    """Store the typed values and return them, merged with what a colleague saved meanwhile in other fields.

    ``seen`` are the marks of what the page was loaded with, or only its draft version. While nothing that is printed
    changes, time and scan stay, so what was printed still holds; a draft that prints differently loses its stamped scan.
    Raises Blocked for texts that are too long, Stale when a colleague has saved something else in the same field
    (without marks, in any): nothing is overwritten unseen.
    """
    caller.session.refresh(document, with_for_update=True)
    typed, draft = clean(definition, values), keyed(definition, document.draft)
    if reasons := too_large(definition, typed):
        raise Blocked(reasons)
    if isinstance(seen, int):
        merged, stale = Merged(typed, [], []), seen != document.draft_version and typed != draft
    else:
        merged = merge(definition, seen, typed, draft)
        stale = bool(merged.both)
    if stale:
        raise Stale([], document.draft_version)
    new = clean(definition, merged.values)
    if reasons := too_large(definition, new):
        raise Blocked(reasons)
    if new != draft:
        document.draft = new
        document.draft_version += 1
        if document.draft_at is None or only_printed(definition, new) != only_printed(definition, draft):
            document.scan_id, document.scan_note = None, ""
            document.draft_at = caller.now
        document.draft_by_id = caller.actor.person_id
    return merged


def freeze(context: Context, document: Document, data: Mapping[str, Any] | None = None) -> DocumentVersion:
    """Store the draft, or other ``data``, as the document's next version (版次), which never changes."""
    content = document.draft if data is None else dict(data)
    version = DocumentVersion(
        document_id=document.id,
        number=next_number(context.session, document),
        data=content,
        sha256=canonical(content),
        frozen_at=context.now,
        frozen_by_id=context.actor.person_id,
        scan_id=document.scan_id,
    )
    context.session.add(version)
    context.session.flush()
    return version


def next_number(session: Session, document: Document) -> int:
    """Return the number that the next frozen version will have."""
    newest = latest(session, document)
    return newest.number + 1 if newest else 1


def from_profile(definition: FormDefinition, organisation: Organisation, person: Person | None) -> dict[str, Any]:
    """Return the values that the profile of organisation or person has for the form's fields, by key of the field."""
    return {field.key: value for field in definition.fields if (value := _known(field, organisation, person))}


def _known(field: Field, organisation: Organisation, person: Person | None) -> Any:
    name = field.profile
    if name.startswith("person."):
        attribute = name.removeprefix("person.")
        return (person.email if attribute == "email" else getattr(person, attribute)) if person else None
    value = getattr(organisation, name) if name else None
    if name in ("revenue", "profit_tax", "rd_spend") and value is not None:
        return wan(value)
    if name == "kind" and value not in field.keys:
        return None
    return value
