"""Ask to whom of an office projects are assigned (承办人)."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Assignment, Person, Project
from xtbang.queries.caller import Caller
from xtbang.queries.prepared import PROJECTS
from xtbang.rules.asked import Asked

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


def assigned_to(caller: Caller) -> list[int]:
    """Return the projects that are not over and assigned to the caller."""
    over = [state.id for state in caller.policy.states.values() if state.final]
    query = select(Assignment.project_id).join(Project, Project.id == Assignment.project_id)
    own = Assignment.person_id == caller.actor.person_id, Assignment.role.in_(caller.actor.roles)
    return list(caller.session.connection().scalars(query.where(*own, Project.state.not_in(over))))


def among_tasks(caller: Caller, asked: Asked) -> list[int] | None:
    """Return the projects that an address of the desk asks for: those ticked, those of one's own (由本人承办); None for all."""
    if not asked.text("mine"):
        return list(asked.ids) or None
    own = assigned_to(caller)
    return [number for number in own if number in asked.ids] if asked.ids else own
