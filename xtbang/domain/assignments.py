"""Assignment of a project to a person of the office (承办人)."""

from collections.abc import Iterator

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_people
from xtbang.actions.registry import effect, guard, options
from xtbang.models import Assignment, Person, Role
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason


@options
def colleagues(context: Context) -> dict[str, str]:
    """Return the people of the actor's office, the actor among them: id → name."""
    query = select(Person.id, Person.name).join(Person.roles)
    query = query.where(Role.name == context.role, Person.active.is_(True)).order_by(Person.id)
    return {str(row.id): row.name for row in context.session.connection().execute(query)}


@guard
@reads("officer:choice")
def not_assigned_already(context: Context) -> Iterator[Reason]:
    """Yield a reason when the chosen person has the project already."""
    mine = _assignment(context)
    if mine is not None and context.data.get("officer") == str(mine.person_id):
        text = f"本项目已由{mine.person.name}承办。"
        yield Reason("A8.officer", text, context.cite("tracking"), field="officer")


@effect
@reads("officer:choice")
def assign_officer(context: Context) -> None:
    """Assign the project to a person of the actor's office, and tell that person."""
    mine, person_id = _assignment(context), int(context.data["officer"])
    if mine is None:
        mine = Assignment(project_id=context.project.id, role=context.role)
        context.session.add(mine)
    mine.person_id, mine.at = person_id, context.now
    if person_id != context.actor.person_id:
        chosen = context.session.get_one(Person, person_id)
        notify(context, "assign_officer", to_people([chosen], context.role), officer=context.actor.name)


def _assignment(context: Context) -> Assignment | None:
    return next((row for row in context.rows.of(Assignment) if row.role == context.role), None)
