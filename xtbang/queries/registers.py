"""Registers (名册) of administrators and the bureau: organisations, people, restrictions, as their filters choose them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, true
from sqlalchemy.orm import joinedload

from xtbang.models import Organisation, Person, Project, Restriction, Role
from xtbang.queries.desk.groups import Statement
from xtbang.queries.organisations import named_or_coded
from xtbang.queries.shown.states import ORGANISATION_STATES
from xtbang.rules.asked import Asked

ACCOUNT_STATES = {"on": "启用", "off": "停用"}


def of_organisations(asked: Asked) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of a part of the name, or the beginning of the credit code, present or former, and of the state."""
    if search := asked.words():
        yield named_or_coded(search)
    if status := asked.text("status", ORGANISATION_STATES):
        yield Organisation.status == status


def people_asked(asked: Asked) -> Statement:
    """Return the statement for the accounts, the newest first."""
    query: Statement = select(Person).options(joinedload(Person.organisation))
    if search := asked.words():
        columns = (Person.name, Person.email, Organisation.name)
        query = query.outerjoin(Organisation, Organisation.id == Person.organisation_id)
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    if role := asked.text("role"):
        query = query.where(Person.roles.any(Role.name == role))
    if state := asked.text("state", ACCOUNT_STATES):
        query = query.where(Person.active.is_(state == "on"))
    return query.order_by(Person.id.desc())


def restrictions_asked(asked: Asked, today: date) -> Statement:
    """Return the statement for the restrictions in force or to come, for those that are over or for all, the newest first.

    Each with who recorded it and the number of the project that it rests on.
    """
    current: Any = and_(Restriction.ends_on >= today, Restriction.lifted_at.is_(None))
    query: Statement = select(Restriction, Person.name, Project.number)
    shown = {"past": not_(current), "all": true()}
    query = query.where(shown.get(asked.text("show"), current))
    query = query.join(Organisation, Organisation.id == Restriction.organisation_id)
    query = query.join(Person, Person.id == Restriction.created_by_id)
    query = query.outerjoin(Project, Project.id == Restriction.project_id)
    if search := asked.words():
        query = query.where(named_or_coded(search))
    return query.options(joinedload(Restriction.organisation)).order_by(Restriction.id.desc())
