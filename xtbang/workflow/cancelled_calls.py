"""The entries of a cancelled call are moved to another one, or end with it: each by its own action, with its own mail."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.domain.call_changes import COLLECTED
from xtbang.errors import Refusal
from xtbang.models import Project
from xtbang.rules.actor import Actor
from xtbang.workflow.engine import Engine


def wind_up(engine: Engine, session: Session, actor: Actor, call_id: int, move_to: str, reason: str) -> tuple[int, int]:
    """Move the submitted entries of a cancelled call, or end them; return how many, and how many were refused.

    One transaction each. Those that were refused are done on their own pages.
    """
    query = select(Project.id).where(Project.call_id == call_id, Project.number.is_not(None))
    numbers = session.scalars(query.where(Project.state.in_(COLLECTED)).order_by(Project.id)).all()
    left = 0
    for number in numbers:
        trigger, chosen = ("move_entry", {"call": move_to}) if move_to else ("end_with_call", {})
        try:
            engine.perform(session, number, trigger, actor, {"reason": reason, **chosen})
        except Refusal:
            session.rollback()
            left += 1
    return len(numbers) - left, left
