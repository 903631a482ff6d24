"""A new entry: a draft with its form, filled from the organisation's profile."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from xtbang.actions.audit import append
from xtbang.actions.documents import from_profile, open_document
from xtbang.models import Call, Organisation, Person, Project
from xtbang.rules.actor import Actor
from xtbang.rules.edition import Edition


def create_entry(
    session: Session, call: Call, edition: Edition, kind: str, actor: Actor, now: datetime, **draft: Any
) -> Project:
    """Begin an entry for the actor's organisation, inside a writing transaction; ``draft`` is carried over."""
    organisation = session.get_one(Organisation, actor.organisation_id)
    person = session.get_one(Person, actor.person_id)
    project = Project(
        call_id=call.id,
        edition=call.edition,
        kind=kind,
        state="draft",
        version=1,
        issuer_id=organisation.id,
        created_by_id=person.id,
        created_at=now,
        state_since=now,
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
        session,
        f"project:{project.id}",
        actor,
        trigger="create_entry",
        now=now,
        project_id=project.id,
        project_version=1,
        role="issuer",
        to_state="draft",
    )
    return project
