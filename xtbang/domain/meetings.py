"""Meetings (会次) as the acts of one project meet them: which one it is on, joining, leaving, when a meeting is over."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, case, exists, select
from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.domain.agenda import print_again
from xtbang.enums import MEETING_LABELS, PANEL_LABELS
from xtbang.models import Finding, Meeting, MeetingItem, MeetingSeat, Panel, Person, Project, Seat

TAKING_PART = ("invited", "accepted")


def planned_for(context: Context, kind: str) -> Meeting | None:
    """Return the newest planned meeting of that kind that the project is on, unless a panel has sat on it there."""
    sat = {panel.meeting_id for panel in context.rows.of(Panel) if panel.status != "cancelled"}
    found = [item.meeting for item in context.rows.of(MeetingItem) if item.left_at is None]
    found = [meeting for meeting in found if (meeting.kind, meeting.status) == (kind, "planned")]
    return max((meeting for meeting in found if meeting.id not in sat), key=lambda meeting: meeting.id, default=None)


def locked(context: Context, meeting_id: int) -> Meeting:
    """Return the meeting as it is now, locked; the project was locked before."""
    return context.session.get_one(Meeting, meeting_id, with_for_update=True, populate_existing=True)


def begin(context: Context, kind: str, **values: Any) -> Meeting:
    """Return a new meeting with the project as its only one."""
    number = context.project.number
    title = f"{MEETING_LABELS[kind]}（{number}）" if number else MEETING_LABELS[kind]
    known = {"title": title, "call_id": context.project.call_id, "created_by_id": context.actor.person_id}
    meeting = Meeting(kind=kind, created_at=context.now, **known | values)
    context.session.add(meeting)
    context.session.flush()
    join(context, meeting)
    return meeting


def join(context: Context, meeting: Meeting) -> int:
    """Put the project on the meeting as its last one, also when it had left; return its place, from 1."""
    place = len(meeting.order) + 1
    mine = next((item for item in meeting.items if item.project_id == context.project.id), None)
    if mine is None:
        item = {"meeting_id": meeting.id, "project_id": context.project.id}
        context.session.add(MeetingItem(**item, position=place, joined_at=context.now))
    else:
        mine.position, mine.joined_at, mine.left_at = place, context.now, None
    if meeting.call_id != context.project.call_id:
        meeting.call_id = None
    context.session.flush()
    context.session.expire(meeting, ["items"])
    return place


def leave_planned(context: Context) -> None:
    """Take a project that is no longer judged off every meeting that has not begun; others may be over now."""
    sat = {panel.meeting_id for panel in context.rows.of(Panel) if panel.status == "concluded"}
    for item in context.rows.of(MeetingItem):
        meeting = item.meeting
        ahead = meeting.starts_at is None or meeting.starts_at > context.now
        if item.left_at is not None or meeting.status != "planned":
            continue
        if ahead and meeting.id not in sat:
            leave(context, locked(context, meeting.id))
        else:
            settle(context, locked(context, meeting.id))


def leave(context: Context, meeting: Meeting) -> None:
    """Take the project off the meeting, and who was drawn for it alone.

    The agenda is printed again for the others, an empty meeting is cancelled.
    """
    for item in meeting.items:
        if item.project_id == context.project.id:
            item.left_at = context.now
    for place, item in enumerate((item for item in meeting.items if item.left_at is None), 1):
        item.position = place
    context.session.flush()
    _release(context, meeting)
    if meeting.order:
        print_again(context, meeting)
    settle(context, meeting)


def _release(context: Context, meeting: Meeting) -> None:
    """Take back the invitations of experts who were drawn for single projects and sit on no panel of the meeting any more."""
    sitting = select(Seat.expert_id).join(Panel).where(Panel.meeting_id == meeting.id, Panel.status != "cancelled")
    busy = set(context.session.scalars(sitting))
    for seat in meeting.seats:
        idle = seat.status in TAKING_PART and seat.signed_in_at is None and seat.expert_id not in busy
        if idle and not seat.whole:
            context.session.delete(seat)
    context.session.flush()
    context.session.expire(meeting, ["seats"])


def settle(context: Context, meeting: Meeting) -> None:
    """Cancel a planned meeting that no project is on, close it when a panel has concluded on each of its projects."""
    if meeting.status != "planned":
        return
    context.session.flush()
    here = set(meeting.order)
    if not here:
        end(context, meeting, "cancelled", "会次中的项目均已退出。")
    elif meeting.starts_at is None or meeting.starts_at <= context.now:
        query = select(Panel.project_id).where(Panel.meeting_id == meeting.id, Panel.status == "concluded")
        if here <= set(context.session.scalars(query)):
            end(context, meeting, "closed")


def undecided(session: Session, meetings: Collection[int]) -> dict[int, list[str]]:
    """Return meeting → the titles of the projects on it about which it has not decided yet."""
    judged = exists().where(Panel.project_id == Project.id, Panel.meeting_id == Meeting.id, Panel.status == "concluded")
    found = exists().where(Finding.project_id == Project.id, *found_at(Meeting))
    decided = case((Meeting.kind.in_(PANEL_LABELS), judged), else_=found)
    query = select(Meeting.id, Project.title).join(MeetingItem, MeetingItem.meeting_id == Meeting.id)
    query = query.join(Project, Project.id == MeetingItem.project_id).order_by(Meeting.id, Project.id)
    left: dict[int, list[str]] = {}
    for number, title in session.execute(
        query.where(Meeting.id.in_(meetings), MeetingItem.left_at.is_(None), ~decided)
    ):
        left.setdefault(number, []).append(title)
    return left


def found_at(meeting: Meeting | type[Meeting]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the findings of a meeting without panels, but for those that were taken back."""
    return Finding.kind == meeting.kind, Finding.at >= meeting.created_at, Finding.voided_at.is_(None)


def end(context: Context, meeting: Meeting, status: str, reason: str = "") -> None:
    """Record that the meeting is ``closed`` or ``cancelled``, when and by whom."""
    meeting.status, meeting.reason = status, reason
    meeting.ended_at, meeting.ended_by_id = context.now, context.actor.person_id


def invite(context: Context, meeting: Meeting, expert: Person, kind: str, *, whole: bool) -> MeetingSeat:
    """Return the expert's invitation to the meeting, a new one unless there is one."""
    known = next((seat for seat in meeting.seats if seat.expert_id == expert.id), None)
    if known is None:
        known = MeetingSeat(meeting_id=meeting.id, expert_id=expert.id, kind=kind, whole=whole, status="invited")
        known.invited_at = context.now
        context.session.add(known)
        context.session.flush()
        context.session.expire(meeting, ["seats"])
    elif known.status not in TAKING_PART:
        known.status, known.invited_at, known.answered_at = "invited", context.now, None
    return known


def bring(context: Context, panel: Panel, meeting: Meeting) -> None:
    """Move a panel that sits already, and its experts, to another meeting that the project has joined."""
    before = locked(context, panel.meeting_id)
    panel.meeting = meeting
    invited = {seat.expert_id: seat for seat in before.seats}
    for seat in panel.seats:
        if seat.status in (*TAKING_PART, "locked"):
            known, alone = invited[seat.expert_id], meeting.order == [panel.project_id]
            moved = invite(context, meeting, seat.expert, seat.kind, whole=alone)
            moved.status, moved.invited_at, moved.answered_at = known.status, known.invited_at, known.answered_at
    leave(context, before)


def answered(context: Context, panel: Panel, expert_id: int, answer: str, note: str) -> None:
    """Record an expert's answer on one project as that of the invitation; who still sits on another one takes part."""
    query = select(MeetingSeat).where(MeetingSeat.meeting_id == panel.meeting_id, MeetingSeat.expert_id == expert_id)
    invitation = context.session.scalars(query.with_for_update()).one()
    if answer != "accepted" and _sits_elsewhere(context, panel, expert_id):
        return
    invitation.status, invitation.answered_at, invitation.answer_note = answer, context.now, note


def _sits_elsewhere(context: Context, panel: Panel, expert_id: int) -> bool:
    from_others = select(Panel).where(Panel.meeting_id == panel.meeting_id, Panel.id != panel.id)
    panels = context.session.scalars(from_others.where(Panel.status != "cancelled"))
    return any(
        seat.expert_id == expert_id and seat.status in (*TAKING_PART, "locked") for row in panels for seat in row.seats
    )
