"""Meetings (会次) as officers plan them: new ones, changed day, place and order, the end. One transaction each."""

from collections.abc import Iterator, Mapping
from typing import Any

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_parties, to_people
from xtbang.domain.agenda import print_again, turn_at
from xtbang.domain.bids import in_shanghai, moment
from xtbang.domain.meeting_papers import cancel_for
from xtbang.domain.meetings import TAKING_PART, undecided
from xtbang.enums import MEETING_LABELS
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Meeting, Project
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.reasons import Reason

FIELDS = ("title", "starts_at", "place", "minutes")


def plan_meeting(caller: Caller, values: Mapping[str, Any]) -> int:
    """Record a new meeting by checked values of its form and return its id. Raises Forbidden, Blocked."""
    _only_science(caller)
    with writing(caller.session):
        meeting = Meeting(kind=values["kind"], created_at=caller.now, created_by_id=caller.actor.person_id)
        if against := list(_against(caller, values)):
            raise Blocked(against)
        _fill(meeting, values)
        caller.session.add(meeting)
        caller.session.flush()
        data = {"kind": meeting.kind} | written(meeting)
        audit.append(caller, f"meeting:{meeting.id}", trigger="plan_meeting", role="science", data=data)
        return meeting.id


def change_meeting(caller: Caller, meeting_id: int, values: Mapping[str, Any]) -> None:
    """Change title, time, place or minutes; the agenda is issued anew, parties and experts are notified of the change.

    Raises Forbidden, NotFound, Blocked (the meeting is over; the new time is past).
    """
    _only_science(caller)
    with writing(caller.session):
        meeting = _locked(caller, meeting_id)
        against = [*_planned(caller, meeting), *_against(caller, values, meeting)]
        if against:
            raise Blocked(against)
        before = written(meeting)
        _fill(meeting, values)
        after = written(meeting)
        if before == after:
            return
        said = {"before": before, "after": after, "reason": values["reason"]}
        audit.append(caller, f"meeting:{meeting.id}", trigger="change_meeting", role="science", data=said)
        if meeting.order:
            print_again(caller, meeting)
        if meeting.starts_at is None:
            cancel_for(caller, meeting, "agenda")
        _tell(caller, meeting, values["reason"])


def close_meeting(caller: Caller, meeting_id: int) -> None:
    """Close a meeting on whose projects everything is decided. Raises Forbidden, NotFound, Blocked."""
    _only_science(caller)
    with writing(caller.session):
        meeting = _locked(caller, meeting_id)
        if against := list(against_closing(caller, meeting)):
            raise Blocked(against)
        meeting.status, meeting.ended_at, meeting.ended_by_id = "closed", caller.now, caller.actor.person_id
        audit.append(caller, f"meeting:{meeting.id}", trigger="close_meeting", role="science")


def cancel_meeting(caller: Caller, meeting_id: int, reason: str) -> None:
    """Cancel a meeting that no project is on any more, with its papers. Raises Forbidden, NotFound, Blocked.

    One that ended when its last project left it gets the reason.
    """
    _only_science(caller)
    with writing(caller.session):
        meeting = _locked(caller, meeting_id)
        left = meeting.status == "cancelled" and not meeting.order
        if not left and (against := list(against_cancelling(caller, meeting))):
            raise Blocked(against)
        meeting.status, meeting.ended_at, meeting.ended_by_id = "cancelled", caller.now, caller.actor.person_id
        meeting.reason = reason
        cancel_for(caller, meeting)
        data = {"reason": reason}
        audit.append(caller, f"meeting:{meeting.id}", trigger="cancel_meeting", role="science", data=data)


def written(meeting: Meeting) -> dict[str, Any]:
    """Return the row as values of the form."""
    at = meeting.starts_at
    return {
        "title": meeting.title,
        "starts_at": at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") if at else "",
        "place": meeting.place,
        "minutes": "" if meeting.minutes is None else meeting.minutes,
    }


def _fill(meeting: Meeting, values: Mapping[str, Any]) -> None:
    at = values.get("starts_at")
    meeting.title, meeting.place = values["title"], values.get("place") or ""
    meeting.starts_at, meeting.minutes = moment(at) if at else None, values.get("minutes") or None


def _against(caller: Caller, values: Mapping[str, Any], meeting: Meeting | None = None) -> Iterator[Reason]:
    at = values.get("starts_at")
    kind = meeting.kind if meeting else values["kind"]
    if not at or kind in ("inspection", "resolution") or (meeting and meeting.starts_at == moment(at)):
        return
    if moment(at) <= caller.now:
        text = f"开始时间须晚于现在（{in_shanghai(caller.now)}）。"
        yield Reason("N4.future", text, caller.cite("roadshow"), field="starts_at")


def against_closing(caller: Caller, meeting: Meeting, left: Mapping[int, list[str]] | None = None) -> Iterator[Reason]:
    """Yield a reason when the meeting is over, or while one of its projects is not decided; ``left`` are those, where they are known."""
    yield from _planned(caller, meeting)
    yield from _open(caller, meeting, undecided(caller.session, [meeting.id]) if left is None else left)


def against_cancelling(caller: Caller, meeting: Meeting) -> Iterator[Reason]:
    """Yield a reason when the meeting is over, or while projects are on it."""
    if meeting.order:
        text = f"会次中还有 {len(meeting.order)} 个项目没有退出，不能取消。"
        yield Reason("A9.meeting", text, caller.cite("examination"))
    else:
        yield from _planned(caller, meeting)


def _planned(caller: Caller, meeting: Meeting) -> Iterator[Reason]:
    if meeting.status != "planned":
        ended = {"closed": "结束", "cancelled": "取消"}[meeting.status]
        yield Reason("A9.meeting", f"会次已{ended}。", caller.cite("examination"))


def _open(caller: Caller, meeting: Meeting, undecided_of: Mapping[int, list[str]]) -> Iterator[Reason]:
    if left := undecided_of.get(meeting.id):
        text = f"还有 {len(left)} 个项目没有形成结论：{'、'.join(left)}。请先形成结论，或者让其退出会次。"
        yield Reason("A9.meeting", text, caller.cite("examination"))


def _tell(caller: Caller, meeting: Meeting, reason: str) -> None:
    """Send the parties of each project its new turn by mail, and the experts who have accepted the new time."""
    what = MEETING_LABELS[meeting.kind]
    when = in_shanghai(meeting.starts_at) if meeting.starts_at else "另行通知"
    if meeting.kind != "resolution":
        for place, number in enumerate(meeting.order):
            at = turn_at(meeting, place)
            notify(
                caller,
                "meeting_changed",
                to_parties(),
                project=caller.session.get_one(Project, number),
                what=what,
                meeting=meeting,
                reason=reason,
                position=place + 1,
                starts_at=in_shanghai(at) if at else when,
            )
    experts = to_people([seat.expert for seat in meeting.seats if seat.status in TAKING_PART], "expert")
    link = f"/reviews/meetings/{meeting.id}"
    notify(
        caller, "meeting_changed_experts", experts, link=link, what=what, meeting=meeting, reason=reason, starts_at=when
    )


def _only_science(caller: Caller) -> None:
    if "science" not in caller.actor.roles:
        raise Forbidden(f"会次由{caller.policy.city.lead.short}安排。")


def _locked(caller: Caller, meeting_id: int) -> Meeting:
    meeting = caller.session.get(Meeting, meeting_id, with_for_update=True)
    if meeting is None:
        raise NotFound(f"meeting {meeting_id}")
    return meeting
