"""The parties that a change of an organisation concerns: its unfinished projects, with an event and mails to who relies on it."""

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_bureaus, to_organisation, to_role
from xtbang.models import Organisation, Project
from xtbang.queries.caller import Caller
from xtbang.queries.organisations import party_in
from xtbang.queries.timeline import SEALED


def unfinished(caller: Caller, organisation_id: int) -> list[Project]:
    """Return the projects that were handed in and are not over, in which the organisation is a party; locked."""
    query = select(Project).where(party_in(organisation_id))
    return list(caller.session.scalars(query.order_by(Project.id).with_for_update(of=Project)))


def tell_projects(caller: Caller, organisation: Organisation, trigger: str, said: str) -> None:
    """Record an event on each of its unfinished projects and notify the other parties and the bureaus of each."""
    for project in unfinished(caller, organisation.id):
        _record(caller, project, trigger, said)
        tell_parties(caller, project, organisation.id, said)


def tell_project(caller: Caller, project: Project, organisation_id: int, trigger: str, said: str, secret: bool) -> None:
    """Record on a project that another organisation is its party now, and notify the others, the bureaus, finance and county.

    ``secret``: a draft, or a bid that others may not know of yet.
    """
    _record(caller, project, SEALED if secret else trigger, said)
    if project.number and not secret:
        tell_parties(caller, project, organisation_id, said)
        if project.subsidy_city is not None:
            notify(caller, "party_changed", to_role("finance", "county"), project=project, said=said)


def _record(caller: Caller, project: Project, trigger: str, said: str) -> None:
    project.version += 1
    known = {"project_id": project.id, "project_version": project.version, "role": "science", "reason": said}
    audit.append(caller, f"project:{project.id}", trigger=trigger, **known)


def tell_parties(caller: Caller, project: Project, except_of: int, said: str) -> None:
    """Send a mail about the change to the parties of a project, except that one, and to the bureaus, except the lead."""
    others = (to_organisation(key, relation) for key, relation in _parties(project) if key != except_of)
    notify(caller, "party_changed", *others, to_bureaus(lead=False), project=project, said=said)


def _parties(project: Project) -> list[tuple[int, str]]:
    """Return every party with its relation to the project."""
    bid = project.agreed_bid
    found = [(project.issuer_id, "issuer"), *([(bid.lead_id, "bidder")] if bid else [])]
    return found + [(member.organisation_id, "member") for member in (bid.members if bid else ())]
