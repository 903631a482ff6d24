"""Saved views (视图) of a list: one's own, and those that one's office shares."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from xtbang.models import Person, SavedView
from xtbang.queries.caller import Caller

MOST = 60  # of one list


@dataclass(frozen=True)
class ViewShown:
    """A view as a button above its list."""

    id: int
    name: str
    query: dict[str, Any]
    shared: bool
    keeper: str  # the name of another person who shares it; "" for one's own


def may_use(caller: Caller) -> ColumnElement[bool]:
    """Return the condition for views, joined with their ``Person``, of the caller and of the office that the caller belongs to.

    An office is a role, of a county or an agency within its region or organisation.
    """
    who = caller.actor
    office = (
        SavedView.role.in_(who.roles),
        Person.region.is_not_distinct_from(who.region),
        Person.organisation_id.is_not_distinct_from(who.organisation_id),
    )
    return or_(SavedView.person_id == who.person_id, and_(*office))


def views_of(caller: Caller, page: str) -> list[ViewShown]:
    """Return the views of a list, one's own first, by name."""
    me = caller.actor.person_id
    query = select(SavedView.id, SavedView.name, SavedView.query, SavedView.role, SavedView.person_id, Person.name)
    query = query.join(Person, Person.id == SavedView.person_id).where(SavedView.page == page, may_use(caller))
    rows = caller.session.execute(query.order_by(SavedView.person_id != me, SavedView.name).limit(MOST))
    return [
        ViewShown(number, name, chosen, bool(role), "" if owner == me else keeper)
        for number, name, chosen, role, owner, keeper in rows
    ]
