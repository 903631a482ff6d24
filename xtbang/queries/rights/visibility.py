"""Decide who may know of a project at all; everyone else gets 404."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, exists, false, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.interfaces import ORMOption

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Bid, BidMember, Change, ChangeMember, Panel, Project, Seat
from xtbang.queries.prepared import ME, MINE, REGION, prepared
from xtbang.rules.actor import NEWCOMER
from xtbang.rules.policy import Policy

EVERYTHING = frozenset({*BUREAU_ROLES, "leader", "auditor"})
OWNED = aliased(Project, name="owned")
UNDER_WAY = ("asked", "deciding", "signing")  # of a change of the contract
READING_SEATS = ("accepted", "locked")  # an expert who has not accepted reads nothing


def visible(roles: frozenset[str], person_id: Any, organisation_id: Any, region: Any) -> ColumnElement[bool]:
    """Return the condition on ``Project`` under which this person may see its page.

    A draft that was never submitted is visible only to its own organisation. The person is given by values or, for a
    prepared statement, by the parameters that are bound when it runs (`seen_by_reader`).
    """
    submitted = Project.number.is_not(None)
    ways: list[ColumnElement[bool]] = [submitted] if roles & EVERYTHING else []
    if "finance" in roles:
        ways.append(Project.subsidy_city.is_not(None))  # from 公示 on
    if "county" in roles and _given(region):
        ways.append(and_(submitted, Project.region == region))
    if "expert" in roles and _given(person_id):
        seat = select(Panel.project_id).join(Seat).where(Panel.status == "open", Panel.blind.is_(False))
        ways.append(Project.id.in_(seat.where(Seat.expert_id == person_id, Seat.status.in_(READING_SEATS))))
    if _given(organisation_id) and (own := list(_own(roles, organisation_id))):
        ways.append(Project.id.in_(union_all(*own)))
    if not ways:
        return false()
    return or_(*ways) if len(ways) > 1 else and_(true(), ways[0])


def in_common(roles: frozenset[str], region: str | None) -> dict[str, Any]:
    """Return the marks (`queries.search_marks`) that everything has which `visible` shows to a person with these roles alone."""
    if roles == {"county"}:
        return {"region": region}
    return {"granted": True} if roles == {"finance"} else {}


def sees_few(roles: frozenset[str]) -> bool:
    """Return whether such a person sees projects in which they have a part themselves, and no others."""
    return not roles & (EVERYTHING | {"finance", "county"})


def _own(roles: frozenset[str], organisation_id: Any) -> Iterator[Select[int]]:
    """Yield the queries for the projects in which the organisation has a part: each finds its own by an index."""
    if "agency" in roles:
        yield select(OWNED.id).where(OWNED.agency_id == organisation_id)
    if roles & {"applicant", NEWCOMER}:
        yield select(OWNED.id).where(OWNED.issuer_id == organisation_id)
    if "applicant" in roles:
        member = select(BidMember.bid_id).where(BidMember.organisation_id == organisation_id)
        yield select(Bid.project_id).where(Bid.lead_id == organisation_id)
        yield select(Bid.project_id).where(Bid.id.in_(member))
        named = select(ChangeMember.change_id).where(
            ChangeMember.joins, ChangeMember.organisation_id == organisation_id
        )
        yield select(Change.project_id).where(Change.id.in_(named), Change.status.in_(UNDER_WAY))


def _given(value: Any) -> bool:
    """Return whether there is a value, or a parameter that is bound later; without a value a parameter equals no row."""
    return isinstance(value, BindParameter) or bool(value)


def seen_by_reader(policy: Policy, roles: frozenset[str]) -> ColumnElement[bool]:
    """Return `visible` for the reader who is bound when the statement runs (`prepared.bound`), one object for the same roles."""
    return prepared(policy, ("visible", roles), lambda: visible(roles, ME, MINE, REGION))


def joining(project_id: Any, organisation_id: Any) -> ColumnElement[bool]:
    """Return the condition that a change of the contract under way names the organisation as a member that joins."""
    named = exists().where(
        ChangeMember.change_id == Change.id,
        ChangeMember.joins,
        ChangeMember.organisation_id == organisation_id,
        Change.project_id == project_id,
        Change.status.in_(UNDER_WAY),
    )
    return named.correlate_except(Change, ChangeMember)


def find(
    session: Session,
    project_id: int,
    roles: frozenset[str],
    person_id: int | None,
    organisation_id: int | None,
    region: str | None,
    options: Sequence[ORMOption] = (),
) -> Project | None:
    """Return the project, if this person may see it; one that is loaded already is not asked for again where all may be seen.

    ``options`` say what is loaded with it.
    """
    if roles & EVERYTHING:
        loaded = session.get(Project, project_id, options=options)
        if loaded is not None and loaded.number is not None:
            return loaded
    query = select(Project).where(Project.id == project_id, visible(roles, person_id, organisation_id, region))
    return session.scalars(query.options(*options)).unique().first()
