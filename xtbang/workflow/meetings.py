"""Actions of a meeting (会次) on its projects: for each one its own action through the engine, with its own guards.

A meeting of n projects is n actions; what cannot be done for one project is said and does not stop the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions.context import Upload
from xtbang.domain.meeting_draw import draw_for_meeting
from xtbang.domain.meeting_plans import cancel_meeting
from xtbang.errors import Blocked, NotFound, Refusal, Stale
from xtbang.models import Meeting, Panel, Project, Seat
from xtbang.rules.actor import Actor
from xtbang.workflow.engine import Engine

CHANGED = "项目刚刚有变化，没有办理，请按现在的情况重新办理。"


@dataclass
class Done:
    """The outcome for each project: done, or refused with the reasons."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, list[str]] = field(default_factory=dict)


def perform_each(
    engine: Engine,
    session: Session,
    actor: Actor,
    trigger: str,
    values: Iterable[tuple[int, Mapping[str, Any]]],
    uploads: Mapping[str, Upload] | None = None,
    *,
    request_key: str = "",
) -> Done:
    """Perform the action for each project with its own values, each in a transaction of its own.

    With a ``request_key`` what was done before is not done twice.
    """
    found = Done()
    for project_id, data in values:
        key = f"{request_key}:{trigger}:{project_id}" if request_key else None
        try:
            engine.perform(session, project_id, trigger, actor, data, request_key=key, uploads=uploads)
        except Stale:
            found.refused[project_id] = [CHANGED]
        except Blocked as blocked:
            found.refused[project_id] = [str(reason) for reason in blocked.reasons]
        except (Refusal, NotFound) as refusal:
            found.refused[project_id] = [str(refusal)]
        else:
            found.done.append(project_id)
    return found


def join(engine: Engine, session: Session, actor: Actor, meeting_id: int, projects: Sequence[int]) -> Done:
    """Add projects to the meeting, in that order."""
    data = {"meeting": str(_meeting(session, meeting_id).id)}
    return perform_each(engine, session, actor, "join_meeting", [(number, data) for number in projects])


def convene(engine: Engine, session: Session, actor: Actor, meeting_id: int, wanted: Mapping[str, int]) -> Done:
    """Draw experts for the whole meeting, then convene the panel of each project, or draw more for one that sits.

    A project that cannot have a panel now is returned with its reasons. Raises what `draw_for_meeting` raises.
    """
    meeting = _meeting(session, meeting_id)
    kind, order = meeting.kind, meeting.order
    sitting = _sitting(session, meeting)
    draw_for_meeting(engine.caller(session, actor), meeting_id, wanted)
    fresh = [(number, dict(wanted)) for number in order if number not in sitting]
    more = [(number, dict(wanted)) for number in order if sitting.get(number) == "open"]
    found = perform_each(engine, session, actor, f"convene_{kind}", fresh)
    added = perform_each(engine, session, actor, "draw_more", more)
    return Done(found.done + added.done, found.refused | added.refused)


def suggested(engine: Engine, session: Session, actor: Actor, meeting_id: int) -> dict[str, int]:
    """Return how many of each kind are to be drawn for the meeting: as many as the panel of one of its projects lacks."""
    meeting = _meeting(session, meeting_id)
    sitting, found = _sitting(session, meeting), dict[str, int]()
    for number in meeting.order:
        trigger = "draw_more" if sitting.get(number) == "open" else f"convene_{meeting.kind}"
        action, project = engine.policy.actions.get(trigger), session.get(Project, number)
        if action and project and sitting.get(number) != "concluded":
            known = engine.prefilled(engine.context(session, project, actor, "science", action), action)
            found = {key: max(value, found.get(key, 0)) for key, value in known.items() if isinstance(value, int)}
    return found


def answer(
    engine: Engine,
    session: Session,
    actor: Actor,
    meeting_id: int,
    data: Mapping[str, Any],
    recused: Mapping[int, str],
) -> Done:
    """Answer the invitation to a meeting for all of its projects at once; ``recused`` has reasons for single projects."""
    seats = own_seats(session, actor, meeting_id)
    values = []
    for project_id, seat in seats.items():
        if project_id in recused:
            values.append((project_id, {"answer": "recused", "note": recused[project_id]}))
        elif seat.status == "invited":
            values.append((project_id, dict(data)))
    return perform_each(engine, session, actor, "answer_invitation", values)


def own_seats(session: Session, actor: Actor, meeting_id: int) -> dict[int, Seat]:
    """Return the expert's open seats on the panels of a meeting: project → seat. Raise NotFound for none."""
    meeting = _meeting(session, meeting_id)
    query = select(Seat, Panel.project_id).join(Panel).where(Panel.meeting_id == meeting.id, Panel.status == "open")
    query = query.where(Seat.expert_id == actor.person_id, Seat.status.in_(Seat.TAKES_PART))
    found = {number: seat for seat, number in session.execute(query)}
    if not found:
        raise NotFound(f"meeting {meeting_id}")
    order = {number: place for place, number in enumerate(meeting.order)}
    return {number: found[number] for number in sorted(found, key=lambda number: order.get(number, 0))}


def cancel(engine: Engine, session: Session, actor: Actor, meeting_id: int, reason: str) -> Done:
    """Make every project leave the meeting, then cancel it; a project that cannot leave keeps the meeting planned."""
    meeting = _meeting(session, meeting_id)
    data = {"meeting": str(meeting.id), "reason": reason}
    found = perform_each(engine, session, actor, "leave_meeting", [(number, data) for number in meeting.order])
    if not found.refused:
        cancel_meeting(engine.caller(session, actor), meeting_id, reason)
    return found


def titles(session: Session, numbers: Sequence[int]) -> dict[int, str]:
    """Return the titles of projects by their ids."""
    query = select(Project.id, Project.title).where(Project.id.in_(numbers))
    return {number: title for number, title in session.execute(query)}


def _sitting(session: Session, meeting: Meeting) -> dict[int, str]:
    """Return the panels of the meeting that stand: project → state."""
    query = select(Panel.project_id, Panel.status).where(Panel.meeting_id == meeting.id, Panel.status != "cancelled")
    return {number: status for number, status in session.execute(query)}


def _meeting(session: Session, meeting_id: int) -> Meeting:
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotFound(f"meeting {meeting_id}")
    return meeting
