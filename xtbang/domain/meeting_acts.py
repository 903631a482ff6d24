"""A project joins a meeting (列入会次) and leaves it (退出会次): acts of the project, as long as the meeting is planned."""

from collections.abc import Iterator

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_parties, to_people
from xtbang.actions.registry import effect, form_guard, guard, options, prefill
from xtbang.domain import meetings
from xtbang.domain.agenda import print_again, turn_at
from xtbang.domain.bids import in_shanghai
from xtbang.domain.common import chosen_id
from xtbang.domain.experts import dissolve, open_panel
from xtbang.enums import MEETING_LABELS
from xtbang.errors import Stale
from xtbang.models import Finding, Meeting, MeetingItem, Panel
from xtbang.queries.meetings import planned
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason

ALONE = ("join_meeting", "leave_meeting")  # done on the page of a meeting in another way than for all of its projects
DONE_BY = {  # kind of meeting → the action that it does to its projects
    "appraisal": "convene_appraisal",
    "roadshow": "convene_roadshow",
    "inspection": "record_inspection",
    "resolution": "recommend",
    "midterm": "convene_midterm",
    "acceptance": "convene_acceptance",
    "liability": "convene_liability",
}
KIND_OF = {trigger: kind for kind, trigger in DONE_BY.items()} | {"decline": "resolution"}


def _on(context: Context) -> list[Meeting]:
    """Return the planned meetings that the project is on."""
    here = (item.meeting for item in context.rows.of(MeetingItem) if item.left_at is None)
    return [meeting for meeting in here if meeting.status == "planned"]


def _concluded_on(context: Context) -> set[int]:
    return {panel.meeting_id for panel in context.rows.of(Panel) if panel.status == "concluded"}


def words_of(meeting: Meeting) -> str:
    """Return what a choice of meetings says of one: title, time, place."""
    when = in_shanghai(meeting.starts_at) if meeting.starts_at else "时间未定"
    return f"{meeting.title}（{MEETING_LABELS[meeting.kind]}，{when}{'，' + meeting.place if meeting.place else ''}）"


@options
def meetings_to_join(context: Context) -> dict[str, str]:
    """Return the planned meetings on which the project can be judged in its state, and on which it is not yet."""
    here = {meeting.id for meeting in _on(context)}
    acts = {kind: context.life.actions.get(trigger) for kind, trigger in DONE_BY.items()}
    kinds = [kind for kind, act in acts.items() if act and context.project.state in act.sources]
    return {str(row.id): words_of(row) for row in planned(context.session, kinds) if row.id not in here}


@options
def meetings_to_leave(context: Context) -> dict[str, str]:
    """Return the planned meetings that the project is on and that have not judged it."""
    concluded = _concluded_on(context)
    return {str(meeting.id): words_of(meeting) for meeting in _on(context) if meeting.id not in concluded}


@guard
def meeting_there(context: Context) -> Iterator[Reason]:
    """Yield a reason while there is no meeting that the project could join."""
    if not meetings_to_join(context):
        text = "没有可以列入的会次，请先在“会次”页面新建论证会、路演、考察、党组会、中期检查会、验收会或者责任论证会。"
        yield Reason("A9.meeting", text, context.cite("examination"), nothing=True)


@guard
def meeting_left(context: Context) -> Iterator[Reason]:
    """Yield a reason while the project is on no planned meeting that it could leave."""
    if not meetings_to_leave(context):
        text = "没有可以退出的会次：本项目不在待举行的会次中，或者已在会上形成结论。"
        yield Reason("A9.meeting", text, context.cite("examination"), nothing=True)


def _own(context: Context, kind: str) -> Meeting | None:
    """Return the meeting of this project alone that came with its panel and has no time yet."""
    alone = (row for row in _on(context) if row.kind == kind and row.starts_at is None)
    return next((row for row in alone if row.order == [context.project.id]), None)


@form_guard
@reads("meeting:choice")
def meeting_not_double(context: Context) -> Iterator[Reason]:
    """Yield a reason when the project is on another meeting of that kind which has not judged it."""
    chosen = context.session.get(Meeting, chosen_id(context, "meeting"))
    if chosen is None:
        return
    own, concluded = _own(context, chosen.kind), _concluded_on(context)
    for row in _on(context):
        if row.kind == chosen.kind and row.id not in (chosen.id, own and own.id) and row.id not in concluded:
            text = f"本项目已列入{quoted(row.title)}，请先退出该会次。"
            yield Reason("A9.meeting", text, context.cite("examination"), field="meeting")


@form_guard
@reads("meeting:choice")
def meeting_not_scored(context: Context) -> Iterator[Reason]:
    """Yield a reason once an expert has handed in a score sheet: then the panel has to come to its conclusion."""
    panel = open_panel(context)
    if panel is None or panel.meeting_id != chosen_id(context, "meeting"):
        return
    done = sum(1 for seat in panel.seats if seat.status == "locked")
    if done:
        text = f"已有 {done} 名专家对本项目提交评分，不能退出会次，请形成专家组结论。"
        yield Reason("A9.scored", text, context.cite("examination"), field="meeting")


@effect
@reads("meeting:choice")
def join_meeting(context: Context) -> None:
    """Put the project on the meeting as its last one; a panel that sits already comes along; the parties are notified.

    Raise Stale when the meeting was closed or cancelled in the meantime.
    """
    panel, meeting = open_panel(context), meetings.locked(context, int(context.data["meeting"]))
    if meeting.status != "planned":
        raise Stale([], context.project.version)
    own = _own(context, meeting.kind)
    place = meetings.join(context, meeting)
    if own and panel and panel.meeting_id == own.id:
        meetings.bring(context, panel, meeting)
    elif own:
        meetings.leave(context, meetings.locked(context, own.id))
    print_again(context, meeting)
    _tell_the_time(context, meeting, place, panel)


def _tell_the_time(context: Context, meeting: Meeting, place: int, panel: Panel | None) -> None:
    """Send the parties, and the experts who sit on this project already, day, place and turn by mail, if there is a day."""
    at = turn_at(meeting, place - 1)
    if at is None or meeting.kind == "resolution":
        return
    seated = [seat.expert for seat in panel.seats if seat.status == "accepted"] if panel else []
    people = to_parties(), to_people(seated, "expert")
    what = MEETING_LABELS[meeting.kind]
    notify(context, "join_meeting", *people, what=what, meeting=meeting, position=place, starts_at=in_shanghai(at))


@effect
@reads("meeting:choice reason:long")
def leave_meeting(context: Context) -> None:
    """Take the project off the meeting; its panel there is dissolved, parties and experts are notified with the reason."""
    panel, meeting = open_panel(context), meetings.locked(context, int(context.data["meeting"]))
    if panel and panel.meeting_id == meeting.id:
        dissolve(context, panel)
    meetings.leave(context, meeting)
    if meeting.starts_at and meeting.kind != "resolution":
        what, at, reason = MEETING_LABELS[meeting.kind], in_shanghai(meeting.starts_at), context.data["reason"]
        notify(context, "leave_meeting", to_parties(), what=what, meeting=meeting, starts_at=at, reason=reason)


# ---------------------------------------------------------------- what a meeting knows of the acts that it does


def _begun(context: Context) -> Meeting | None:
    """Return the newest meeting on the project that has begun and does this action to its projects."""
    kind = KIND_OF.get(context.trigger)
    here = (item.meeting for item in context.rows.of(MeetingItem) if item.left_at is None)
    begun = [row for row in here if row.kind == kind and row.status != "cancelled" and row.starts_at]
    begun = [row for row in begun if row.starts_at and row.starts_at <= context.now]
    return max(begun, key=lambda row: row.id, default=None)


@prefill
def day_of_meeting(context: Context) -> str:
    """Return the day of the meeting on which this is done; blank where there is none."""
    meeting = _begun(context)
    return day_of(meeting.starts_at).isoformat() if meeting and meeting.starts_at else ""


@prefill
def day_of_meeting_or_today(context: Context) -> str:
    """Return the day of the meeting on which this is done, or of today."""
    return day_of_meeting(context) or context.today.isoformat()


@prefill
def number_of_resolution(context: Context) -> str:
    """Return the number of the minutes (会议纪要文号) that were recorded for another project of the same meeting."""
    meeting = _begun(context)
    if meeting is None or meeting.kind != "resolution":
        return ""
    query = select(Finding.number).where(Finding.kind == "resolution", Finding.project_id.in_(meeting.order))
    query = query.where(Finding.at >= meeting.created_at, Finding.voided_at.is_(None))
    return context.session.scalars(query.order_by(Finding.id.desc()).limit(1)).first() or ""
