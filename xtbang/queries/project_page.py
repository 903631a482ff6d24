"""The page of a project: everything that one person may see of it, without addresses.

The number of statements does not depend on the number of rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from xtbang.models import (
    Acceptance,
    Change,
    Document,
    DocumentVersion,
    Event,
    Finding,
    Person,
    Project,
    Report,
    Signature,
)
from xtbang.models.person import acts_for_organisation
from xtbang.queries.caller import Caller
from xtbang.queries.desk.due_dates import Due
from xtbang.queries.documents import definition_of
from xtbang.queries.dossier import Dossier, dossier
from xtbang.queries.imports import Origin, origin_of
from xtbang.queries.next_step import due_next
from xtbang.queries.panel_scores import PanelScores, scores_of
from xtbang.queries.prepared import bound, prepared
from xtbang.queries.project_changes import ChangeSaid, Signer, changes_of, signers_of
from xtbang.queries.project_money import Money, money_of
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.document_writers import may_write
from xtbang.queries.rights.project_parts import Sight, sight_of
from xtbang.queries.rights.sealed_bids import hidden
from xtbang.queries.rights.visibility import seen_by_reader
from xtbang.queries.shown import shown
from xtbang.queries.shown.project import EventShown, ProjectShown, event_shown, project_shown
from xtbang.queries.signing import signing_parties
from xtbang.queries.timeline import Step, audit_of, entered, steps_of
from xtbang.rules.city import City
from xtbang.rules.dates import day_of
from xtbang.rules.fields import FormDefinition


@dataclass(frozen=True)
class ContactPerson:
    """A person who can be called."""

    name: str
    title: str
    mobile: str
    email: str


PEOPLE = (  # of organisations, built once
    select(Person.organisation_id, Person.name, Person.title, Person.mobile, Person.email)
    .where(Person.organisation_id.in_(bindparam("organisations", expanding=True)), Person.active)
    .where(acts_for_organisation())
    .order_by(Person.organisation_id, Person.manager.desc(), Person.id)
)


@dataclass(frozen=True)
class Contact:
    """An organisation that takes part in the project, with its people."""

    what: str  # 发榜方, 揭榜方, 联合体成员, 第三方专业机构
    organisation: str
    people: tuple[ContactPerson, ...]


@dataclass(frozen=True)
class FormValues:
    """The data of the form's newest version, in full or only the public fields."""

    definition: FormDefinition
    number: int
    frozen_at: datetime
    data: Mapping[str, Any]
    public: bool


@dataclass(frozen=True)
class Writable:
    """A document that the person can write in now."""

    document_id: int
    title: str
    due: date | None  # of a report


@dataclass(frozen=True)
class ProjectPage:
    """Everything that the page of a project shows to one person."""

    project: ProjectShown
    sight: Sight
    found: Dossier
    due: Due | None  # the next due date
    entered: Mapping[str, date]  # state → the day the project came into it last
    left_at: str  # the last state of the path that it has left; "" in a draft
    sealed: bool  # whether the bids are hidden even from the bureaus
    scores: Mapping[int, PanelScores]  # by the id of the panel
    parties: tuple[Signer, ...]  # of the contract, under its newest version
    changes: tuple[ChangeSaid, ...]  # of the contract, the newest first
    contacts: tuple[Contact, ...]
    money: Money | None
    county_pays: bool  # whether the county pays a share of the subsidy
    origin: Origin | None  # of a project that came in from a table (导入)
    form: FormValues | None  # None before it was submitted
    writable: tuple[Writable, ...]
    events: tuple[EventShown, ...]  # for the bureaus and the auditor
    steps: tuple[Step, ...]  # for everyone else


ONE = (
    select(Project)
    .where(Project.id == bindparam("project"))
    .options(joinedload(Project.issuer), joinedload(Project.call), joinedload(Project.agency))
)


def visible_rows(caller: Caller, project_id: int) -> ProjectRows | None:
    """Return the rows of a project; None when the person may not know of it."""
    policy, roles = caller.policy, caller.actor.roles
    query = prepared(policy, ("project", roles), lambda: ONE.where(seen_by_reader(policy, roles)))
    project = caller.session.scalars(query, bound(caller, project=project_id)).first()
    if project is None:
        return None
    rows = ProjectRows(caller.session, project, together=True)
    rows.ask_together()
    return rows


def project_page(caller: Caller, rows: ProjectRows) -> ProjectPage:
    """Return what the person may see of a project, given its rows."""
    project = rows.project
    sight = sight_of(caller.session, project, caller.actor)
    found = dossier(caller, rows, sight)
    events = rows.of(Event)
    edition = caller.policy.edition(project.edition)
    application = rows.newest(project.application_id) if "money" in sight else None
    audit = audit_of(events, project, sight, caller.collected, caller.policy) if "audit" in sight else []
    steps = steps_of(events, project, sight, caller.policy) if "timeline" in sight else []
    return ProjectPage(
        project=project_shown(project),
        sight=sight,
        found=found,
        due=due_next(caller, [project.id], sight.parts, (project.state,)).get(project.id),
        entered={state: day_of(at) for state, at in entered(events).items()},
        left_at=_left_at(caller, project, events),
        sealed=hidden(project, caller.collected),
        scores={panel.id: scores_of(edition, panel) for panel in found.panels},
        parties=_parties(caller.policy.city, rows, found) if "contract" in sight else (),
        changes=changes_of(edition, rows, found, sight) if "contract" in sight else (),
        contacts=_contacts(rows, sight) if "people" in sight else (),
        money=money_of(
            caller.policy,
            project,
            application.data if application else None,
            found.balances,
            found.vouchers,
            [row.number for row in rows.of(Finding) if row.kind == "consent" and row.voided_at is None],
        )
        if "money" in sight
        else None,
        county_pays=bool(edition.county_ratio.value),
        origin=origin_of(caller.session, project.import_id, project.import_line),
        form=_form(edition.forms[project.kind], rows.newest(project.form_id), sight),
        writable=tuple(_writable(caller, rows, found)),
        events=tuple(event_shown(event, sight.unseen_in(event.data)) for event in audit),
        steps=tuple(steps),
    )


def _form(definition: FormDefinition, version: DocumentVersion | None, sight: Sight) -> FormValues | None:
    if version is None:
        return None
    public = "form" not in sight
    definition = sight.shown(definition)
    fields = (field for field in definition.fields if field.public or not public)
    said = {field.key: version.data[field.key] for field in fields if field.key in version.data}
    return FormValues(definition, version.number, version.frozen_at, sight.read(said), public)


def _left_at(caller: Caller, project: Project, events: Iterable[Event]) -> str:
    states = caller.policy.states
    moved = [event.from_state for event in events if event.outcome == "moved" and states[event.from_state].path]
    first = next(iter(states))  # an entry that was sent back is a draft again and has left no state
    return moved[-1] if moved and project.state != first else ""


def _parties(city: City, rows: ProjectRows, found: Dossier) -> tuple[Signer, ...]:
    project, newest = rows.project, found.newest(rows.project.contract_id)
    if newest is None or project.agreed_bid is None:
        return ()
    change = next((row for row in rows.of(Change) if row.version_id == newest.id), None)
    parties = change.signers if change else signing_parties(project, city)
    return signers_of(parties, rows.of(Signature), newest.id)


def _contacts(rows: ProjectRows, sight: Sight) -> tuple[Contact, ...]:
    """Return issuer, agreed bidder, its members and agency, with their people; telephones and addresses for readers of them."""
    project, bid = rows.project, rows.project.agreed_bid
    organisations = [("发榜方", project.issuer)]
    if bid:
        organisations.append(("揭榜方", bid.lead))
        organisations += [("联合体成员", member.organisation) for member in bid.members]
    if project.agency:
        organisations.append(("第三方专业机构", project.agency))

    def person(row: Any) -> ContactPerson:
        found = shown(ContactPerson, row)
        return found if "contacts" in sight else replace(found, mobile="", email="")

    people = rows.session.execute(PEOPLE, {"organisations": {row.id for _what, row in organisations}}).all()
    return tuple(
        Contact(what, row.name, tuple(person(p) for p in people if p.organisation_id == row.id))
        for what, row in organisations
        if people
    )


def _writable(caller: Caller, rows: ProjectRows, found: Dossier) -> Iterable[Writable]:
    """Yield the documents that the person can write in now, except bids, which have a page of their own."""
    project = rows.project
    documents = {document.id: document for document in rows.documents(found.documents)}
    for document in (project.contract, project.form, project.application):
        if document:
            documents.setdefault(document.id, document)
    done = {row.document_id for row in rows.of(Report) if row.submitted_at}
    done |= {row.document_id for row in rows.of(Acceptance) if row.status != "draft"}
    for document in documents.values():
        if (
            document.kind != "bid"
            and document.id not in done
            and may_write(caller.policy, project, document, caller.actor)
        ):
            yield _writable_one(caller, project, document, found)


def _writable_one(caller: Caller, project: Project, document: Document, found: Dossier) -> Writable:
    title = definition_of(caller.policy.edition(project.edition), project, document).title
    due = next((report.due_on for report in found.reports if report.document_id == document.id), None)
    return Writable(document.id, title, due)
