"""Begin an entry (申报项): a draft with its form, filled from the organisation's profile and from an earlier entry."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from xtbang.actions.audit import append
from xtbang.actions.documents import from_profile, open_document
from xtbang.domain.frozen_editions import freeze
from xtbang.errors import Blocked
from xtbang.models import Call, Document, Organisation, Person, Project
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.eligibility import check_posting
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.reasons import Reason

NOT_CARRIED = (FieldKind.DATE, FieldKind.DATETIME, FieldKind.YES, FieldKind.FLAG, FieldKind.FILE)
AGAIN = timedelta(minutes=2)  # a second click within that time opens the first draft


def begin_entry(
    caller: Caller, call_id: int | None, kind: str, earlier: Mapping[str, Any] | None = None
) -> tuple[Project, bool]:
    """Begin an entry of that kind for the acting organisation, with the contents of an ``earlier`` one if given.

    Return it, and whether it is new: a second click opens the untouched draft of the first. One transaction with its
    event. Raises Blocked when the call takes no entries now, or not of that kind or organisation.
    """
    session = caller.session
    with writing(session):
        call = session.get(Call, call_id) if call_id else None
        if (
            call is None
            or call.published_at is None
            or call.cancelled_at
            or caller.now < call.opens_at
            or not caller.in_time(call.closes_at)
        ):
            raise Blocked([Reason("N1.window", "征集批次现在不接受申报。", caller.cite("entries"))])
        if kind not in call.kinds:
            raise Blocked([Reason("A4.kind", "本批次不征集这一类项目。", caller.cite("entries"))])
        edition, organisation = caller.policy.newest(call.edition, caller.today), _own_organisation(caller)
        if against := list(check_posting(edition, kind, organisation.kind, organisation.region)):
            raise Blocked(against)
        if not earlier and (known := _just_made(caller, call, kind)):
            return known, False
        draft = carried_over(edition.forms[kind].fields, earlier or {})
        return create_entry(caller, call, kind, **draft), True


def create_entry(caller: Caller, call: Call, kind: str, **draft: Any) -> Project:
    """Create the project, its form and the event, inside a writing transaction; ``draft`` is carried over.

    It is bound for life to the present revision of the call's edition, which is frozen with the first entry.
    """
    session = caller.session
    edition = freeze(caller, caller.policy.newest(call.edition, caller.today))
    organisation, person = _own_organisation(caller), session.get_one(Person, caller.actor.person_id)
    project = Project(
        call_id=call.id,
        edition=edition.key,
        kind=kind,
        state="draft",
        version=1,
        issuer_id=organisation.id,
        created_by_id=person.id,
        created_at=caller.now,
        state_since=caller.now,
        region=organisation.region,
    )
    session.add(project)
    session.flush()
    form = edition.forms[kind]
    known = {field.key for field in form.fields}
    values = from_profile(form, organisation, person) | {key: value for key, value in draft.items() if key in known}
    project.form_id = open_document(session, project, "form", form, organisation.id, **values).id
    project.title = str(values.get("title", ""))
    append(
        caller,
        f"project:{project.id}",
        trigger="create_entry",
        project_id=project.id,
        project_version=1,
        role="issuer",
        to_state="draft",
    )
    return project


def carried_over(fields: tuple[Field, ...], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return an earlier entry's values of the same fields, except dates, declarations, files and profile fields."""
    found = {}
    for field in fields:
        value = earlier.get(field.key)
        if not value or field.profile or field.computed or field.kind in NOT_CARRIED:
            continue
        if field.kind is FieldKind.CHOICE and field.choices and value not in field.keys:
            continue
        if field.kind is FieldKind.CHOICES and isinstance(value, list):
            value = [item for item in value if item in field.keys]
        found[field.key] = value
    return found


def _own_organisation(caller: Caller) -> Organisation:
    return caller.session.get_one(Organisation, caller.actor.organisation_id)


def _just_made(caller: Caller, call: Call, kind: str) -> Project | None:
    """Return the untouched draft of a first click."""
    query = select(Project).join(Document, Document.id == Project.form_id)
    query = query.where(Project.call_id == call.id, Project.kind == kind)
    query = query.where(Project.created_by_id == caller.actor.person_id, Project.created_at >= caller.now - AGAIN)
    query = query.where(Project.state == "draft", Document.draft_version == 0)
    return caller.session.scalars(query.order_by(Project.id.desc()).limit(1)).first()
