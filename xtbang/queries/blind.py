"""Names that a blind panel (盲审) must not read: of everybody who has to do with a project."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from xtbang.models import Bid, Document, DocumentVersion, Panel, Person, Project, Seat
from xtbang.models.person import acts_for_organisation
from xtbang.queries.caller import Caller
from xtbang.queries.documents import definition_of
from xtbang.queries.organisations import known_as
from xtbang.rules.blind import names_in, without_names
from xtbang.rules.policy import Policy


def hidden_names(session: Session, policy: Policy, projects: Collection[Project]) -> frozenset[str]:
    """Return the names, codes and telephones of the organisations and people of these projects, as far as recorded."""
    numbers = {project.id: project for project in projects}
    if not numbers:
        return frozenset()
    organisations = {number for project in projects for number in (project.issuer_id, project.agency_id) if number}
    bids = select(Bid).where(Bid.project_id.in_(numbers)).options(joinedload(Bid.members))
    for bid in session.scalars(bids).unique():
        organisations |= {bid.lead_id, *(member.organisation_id for member in bid.members)}
    acting = select(Person.name).where(Person.organisation_id.in_(organisations), acts_for_organisation())
    found = known_as(session, organisations) | set(session.scalars(acting))
    versions = select(DocumentVersion).join(Document).where(Document.project_id.in_(numbers))
    for version in session.scalars(versions.options(joinedload(DocumentVersion.document))):
        project = numbers[version.document.project_id]
        found |= names_in(definition_of(policy.edition(project.edition), project, version.document), version.data)
    return frozenset(found)


def names_to_hide(session: Session, policy: Policy, project: Project) -> frozenset[str]:
    """Return the names that mails to the experts of this project must not say; none when it is not reviewed blind."""
    blind = session.scalar(select(Panel.id).where(Panel.project_id == project.id, Panel.blind).limit(1))
    return hidden_names(session, policy, [project]) if blind is not None else frozenset()


def blind_titles(
    session: Session, policy: Policy, project_ids: Collection[int], expert_id: int | None = None
) -> dict[int, str]:
    """Return the titles without names of those of these projects that are reviewed blind now, by this expert or by anyone."""
    query = select(Project).join(Panel, Panel.project_id == Project.id)
    query = query.where(Project.id.in_(project_ids), Panel.status == "open", Panel.blind)
    if expert_id is not None:
        query = query.join(Seat, Seat.panel_id == Panel.id).where(Seat.expert_id == expert_id)
    projects = session.scalars(query).unique().all() if project_ids else []
    names = hidden_names(session, policy, projects)
    return {project.id: without_names(project.title, names) for project in projects}


def blind_titles_of(caller: Caller, project_ids: Collection[int]) -> dict[int, str]:
    """Return `blind_titles` of these projects as the caller reads them; none for who is no expert."""
    if "expert" not in caller.actor.roles:
        return {}
    return blind_titles(caller.session, caller.policy, project_ids, caller.actor.person_id)


def titles_for_experts(
    session: Session, policy: Policy, seats: Iterable[Seat], projects: Collection[Project]
) -> dict[int, str]:
    """Return the title of each project as the expert in these seats reads it: on a blind panel without names."""
    blind = {seat.panel.project_id for seat in seats if seat.panel.blind}
    names = hidden_names(session, policy, [project for project in projects if project.id in blind])
    return {
        project.id: without_names(project.title, names) if project.id in blind else project.title
        for project in projects
    }


def title_for(session: Session, policy: Policy, project: Project, person_id: int | None) -> str:
    """Return the title of the project as this expert reads it."""
    query = select(Seat).join(Panel).where(Panel.project_id == project.id, Panel.status == "open")
    seats = session.scalars(query.where(Seat.expert_id == person_id).options(joinedload(Seat.panel))).all()
    return titles_for_experts(session, policy, seats, [project])[project.id]
