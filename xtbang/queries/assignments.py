"""Ask to whom of an office projects are assigned (承办人)."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Assignment, Person
from xtbang.queries.caller import Caller
from xtbang.queries.prepared import PROJECTS

OFFICERS = (
    select(Assignment.project_id, Person.name)
    .join(Person, Person.id == Assignment.person_id)
    .where(Assignment.role == bindparam("office"), Assignment.project_id.in_(PROJECTS))
)


def officers_of(caller: Caller, project_ids: Collection[int]) -> dict[int, str]:
    """Return the name of the person of the caller's office by project; one statement, none without such an office."""
    roles = [role for role in BUREAU_ROLES if role in caller.actor.roles]
    if not roles or not project_ids:
        return {}
    asked = {"office": roles[0], "projects": list(project_ids)}
    return {row.project_id: row.name for row in caller.session.connection().execute(OFFICERS, asked)}
