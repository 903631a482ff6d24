"""The agenda (议程): the order of the projects of a meeting, printed once the meeting has a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_parties
from xtbang.domain.bids import in_shanghai
from xtbang.domain.meeting_papers import issue_for, titled
from xtbang.domain.score_sheets import order_changed
from xtbang.enums import MEETING_LABELS
from xtbang.errors import Blocked, Forbidden, NotFound, Stale
from xtbang.models import Meeting, Project
from xtbang.models.writing import writing
from xtbang.papers.facts.meeting import agenda_facts
from xtbang.queries.caller import Caller
from xtbang.rules.reasons import Reason

TRIGGER = "reorder_meeting"


def turn_at(meeting: Meeting, place: int) -> datetime | None:
    """Return when the project at that place (from 0) begins; None while the time is not fixed."""
    return meeting.starts_at and meeting.starts_at + timedelta(minutes=(meeting.minutes or 0) * place)


def reorder(caller: Caller, meeting_id: int, seen: Sequence[int], order: Sequence[int]) -> None:
    """Put the projects in that order; both lists are project ids, ``seen`` is the order that the person saw.

    A new agenda is issued; the parties of every project that moved are notified of its new time. Raises NotFound,
    Forbidden, Stale, Blocked (the meeting has begun or is over). One transaction.
    """
    if "science" not in caller.actor.roles:
        raise Forbidden(f"会次顺序由{caller.policy.city.lead.short}安排。")
    with writing(caller.session):
        _reorder(caller, meeting_id, list(seen), list(order))


def _reorder(caller: Caller, meeting_id: int, seen: list[int], order: list[int]) -> None:
    session = caller.session
    meeting = session.get(Meeting, meeting_id, with_for_update=True)
    if meeting is None:
        raise NotFound(f"meeting {meeting_id}")
    before, what = meeting.order, MEETING_LABELS[meeting.kind]
    if before != seen or sorted(before) != sorted(order):
        raise Stale([], 0)
    if meeting.status != "planned" or (meeting.starts_at and meeting.starts_at <= caller.now):
        raise Blocked([Reason("N4.begun", f"{what}已经开始或者结束，不能再调整顺序。", caller.cite("roadshow"))])
    if order == before:
        return
    for item in meeting.items:
        if item.left_at is None:
            item.position = order.index(item.project_id) + 1
    print_again(caller, meeting)
    data = {"before": before, "after": order}
    audit.append(caller, f"meeting:{meeting.id}", trigger=TRIGGER, role="science", data=data)
    for place, project_id in enumerate(order):
        at = turn_at(meeting, place)
        if before[place] != project_id and at:
            project, begins = session.get_one(Project, project_id), in_shanghai(at)
            notify(
                caller,
                "meeting_moved",
                to_parties(),
                project=project,
                what=what,
                meeting=meeting,
                position=place + 1,
                starts_at=begins,
            )


def print_again(caller: Caller, meeting: Meeting) -> None:
    """Issue the agenda of the meeting as it is now, among the papers of its first project, if the meeting has a time.

    It supersedes the one before. Blank score sheets (评分表) that were printed for the meeting are cancelled.
    """
    session = caller.session
    order_changed(caller, meeting)
    if meeting.starts_at is None:
        return
    session.flush()
    session.expire(meeting, ["items"])
    projects = [session.get_one(Project, project_id) for project_id in meeting.order]
    issue_for(caller, meeting, "agenda", titled(meeting, "议程"), agenda_facts(meeting, projects))
