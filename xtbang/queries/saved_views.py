"""Saved views (视图) of a list: one's own, and those that one's office shares."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from xtbang.models import Person, SavedView
from xtbang.queries.caller import Caller
from xtbang.queries.prepared import ME, MINE, REGION, bound, prepared

MOST = 60  # of one list


@dataclass(frozen=True)
class ViewShown:
    """A view as a button above its list."""

    id: int
    name: str
    query: dict[str, Any]
    shared: bool
    keeper: str  # the name of another person who shares it; "" for one's own


def may_use(roles: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition for views, joined with their ``Person``, of the reader who is bound and of that reader's office.

    An office is a role, of a county or an agency within its region or organisation.
    """
    office = (
        SavedView.role.in_(roles),
        Person.region.is_not_distinct_from(REGION),
        func.coalesce(Person.organisation_id, 0) == MINE,
    )
    return or_(SavedView.person_id == ME, and_(*office))


def _views(roles: frozenset[str]) -> Select[Any]:
    query = select(SavedView.id, SavedView.name, SavedView.query, SavedView.role, SavedView.person_id, Person.name)
    query = query.join(Person, Person.id == SavedView.person_id).where(SavedView.page == bindparam("page"))
    return query.where(may_use(roles)).order_by(SavedView.person_id != ME, SavedView.name).limit(MOST)


def views_of(caller: Caller, page: str) -> list[ViewShown]:
    """Return the views of a list, one's own first, by name."""
    me, roles = caller.actor.person_id, caller.actor.roles
    query = prepared(caller.policy, ("views", roles), lambda: _views(roles))
    rows = caller.session.execute(query, bound(caller) | {"page": page})
    return [
        ViewShown(number, name, chosen, bool(role), "" if owner == me else keeper)
        for number, name, chosen, role, owner, keeper in rows
    ]
