"""The relation of a person to a project: an office that decides, a party, an expert on its panel, the public."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Bid, BidMember, Event, Panel, Project, Seat
from xtbang.queries.rights.project_parts import party_ids
from xtbang.queries.rights.visibility import joining
from xtbang.rules.actor import NEWCOMER, Actor

OFFICES = frozenset({*BUREAU_ROLES, "leader", "finance"})
DECIDERS = OFFICES | {"county", "expert", "agency"}


def parties(project: Project) -> set[int]:
    """Return the organisations that have a stake (利害关系): issuer, agreed bidder and its consortium."""
    return party_ids(project)


def relations(session: Session, project: Project, actor: Actor) -> tuple[set[str], bool]:
    """Return all roles and relations of the actor to the project, and whether a conflict of interest removed an office.

    An officer, expert or agency may not decide on a project of their own organisation.
    """
    found = {"public"} | (actor.roles & {"system"})
    if "applicant" in actor.roles and actor.organisation_id:
        found |= _as_applicant(session, project, actor.organisation_id)
    if NEWCOMER in actor.roles and actor.organisation_id == project.issuer_id:
        found |= {"issuer", "party"}
    found |= actor.roles & OFFICES
    if "county" in actor.roles and actor.region == project.region:
        found.add("county")
    if "expert" in actor.roles and _seated(session, project, actor):
        found.add("expert")
    if "agency" in actor.roles and actor.organisation_id and actor.organisation_id == project.agency_id:
        found.add("agency")
    stake = bool(found & DECIDERS) and actor.organisation_id in parties(project)
    return (found - DECIDERS, True) if stake else (found, False)


def in_turn(session: Session, project: Project, actor: Actor, trigger: str, roles: list[str]) -> list[str]:
    """Return these roles in the order in which they are tried; of relations to a project only the first.

    A deputy (代办) from another office has two roles: the role of the deputy's own earlier action in this state comes first,
    then a role without any action.
    """
    if len(roles) < 2 or not actor.roles.issuperset(roles):
        return roles[:1]
    done = select(Event.role, Event.actor_id).where(Event.project_id == project.id, Event.trigger == trigger)
    done = done.where(Event.at >= project.state_since).order_by(Event.id)
    own = {role: person == actor.person_id for role, person in session.execute(done)}
    return sorted(roles, key=lambda role: 0 if own.get(role) else 2 if role in own else 1)


def _as_applicant(session: Session, project: Project, organisation: int) -> set[str]:
    found = set()
    if organisation == project.issuer_id:
        found |= {"issuer", "party"}
    elif project.state == "listing":
        found.add("bidder")
    bid = project.agreed_bid
    if bid and organisation == bid.lead_id:
        found |= {"bidder", "party"}
    if bid and any(member.organisation_id == organisation for member in bid.members):
        found.add("member")
    if bid is None and "issuer" not in found and _named(session, project, organisation):
        found.add("member")
    if bid and not found and session.scalar(select(joining(project.id, organisation))):
        found.add("member")
    return found


def _named(session: Session, project: Project, organisation: int) -> bool:
    """Return whether a bid names the organisation as a member of its consortium."""
    member = select(BidMember.id).join(Bid).where(Bid.project_id == project.id)
    return session.scalars(member.where(BidMember.organisation_id == organisation).limit(1)).first() is not None


def _seated(session: Session, project: Project, actor: Actor) -> bool:
    seat = select(Seat.id).join(Panel).where(Panel.project_id == project.id, Panel.status == "open")
    seat = seat.where(Seat.expert_id == actor.person_id, Seat.status.not_in(("declined", "recused", "voided")))
    return session.scalars(seat.limit(1)).first() is not None
