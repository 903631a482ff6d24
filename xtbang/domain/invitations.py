"""Invitations of experts to a meeting, sent once more (再次邀请): to those who have not answered, and to those who declined."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_people
from xtbang.domain.bids import in_shanghai
from xtbang.domain.expert_pool import seated_though_named, seated_with_a_stake
from xtbang.domain.score_sheets import panel_changed
from xtbang.enums import MEETING_LABELS
from xtbang.errors import Blocked, Forbidden, NotFound, Stale
from xtbang.models import Meeting, MeetingSeat, Panel, Project, Seat
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason

AGAIN = ("invited", "declined")
SETTLED = {"accepted": "已接受邀请，不需要再次邀请。", "recused": "已申请回避，不能再次邀请，请补抽专家。"}


def against_inviting(caller: Caller, seat: MeetingSeat) -> Iterator[Reason]:
    """Yield reasons unless the meeting is planned and the expert, who has no stake, has not answered or has declined."""
    article = caller.cite("examination")
    if seat.meeting.status != "planned":
        yield Reason("A9.meeting", "会次已结束或者取消。", article)
    if seat.status in SETTLED:
        yield Reason("A9.seat", SETTLED[seat.status], article)
    elif not seat.expert.active:
        yield Reason("A9.seat", "账号已停用，请补抽专家。", article)
    elif not _panels(caller, seat):
        yield Reason("A9.seat", "所在的专家组都已形成结论或者撤销。", article)
    else:
        for panel, own in _panels(caller, seat):
            project = caller.session.get_one(Project, panel.project_id)
            context = Context.about(caller, project, "science")
            if seated_with_a_stake(context, [own]) or seated_though_named(context, [own]):
                yield Reason("A9.recusal", f"与{quoted(project.title)}有利害关系，应当回避，请补抽专家。", article)


def _panels(caller: Caller, seat: MeetingSeat) -> Sequence[tuple[Panel, Seat]]:
    """Return the open panels of the meeting on which the expert has a seat to be answered, or declined, with that seat."""
    query = select(Panel, Seat).join(Seat, Seat.panel_id == Panel.id).where(Panel.meeting_id == seat.meeting_id)
    query = query.where(Panel.status == "open", Seat.expert_id == seat.expert_id, Seat.status.in_(AGAIN))
    return [(panel, own) for panel, own in caller.session.execute(query.order_by(Panel.id))]


def invite_again(caller: Caller, seat_id: int, seen: str) -> None:
    """Invite an expert of a meeting once more; who declined is asked anew. ``seen`` is the answer that the officer saw.

    One transaction with its event, one mail. Raise Forbidden, NotFound, Stale, Blocked.
    """
    if "science" not in caller.actor.roles:
        raise Forbidden(f"会次的专家由{caller.policy.city.lead.short}邀请。")
    session = caller.session
    with writing(session):
        seat = session.get(MeetingSeat, seat_id)
        if seat is None:
            raise NotFound(f"seat {seat_id}")
        session.get_one(Meeting, seat.meeting_id, with_for_update=True)
        session.refresh(seat)
        if seat.status != seen:
            raise Stale([], 0)
        if against := list(against_inviting(caller, seat)):
            raise Blocked(against)
        panels = _panels(caller, seat)
        for panel, own in panels:
            if own.status == "declined":
                own.status, own.invited_at, own.answered_at, own.answer_note = "invited", caller.now, None, ""
                panel_changed(caller, panel)
        seat.status, seat.invited_at, seat.answered_at, seat.answer_note = "invited", caller.now, None, ""
        meeting = seat.meeting
        said = {"name": seat.expert.name, "before": seen, "projects": [panel.project_id for panel, _own in panels]}
        audit.append(caller, f"meeting:{meeting.id}", trigger="invite_again", role="science", data=said)
        notify(
            caller,
            "invite_again",
            to_people([seat.expert], "expert"),
            link=f"/reviews/meetings/{meeting.id}",
            meeting=meeting,
            what=MEETING_LABELS[meeting.kind],
            starts_at=in_shanghai(meeting.starts_at) if meeting.starts_at else "",
            declined=seen == "declined",
            count=len(panels),
        )
