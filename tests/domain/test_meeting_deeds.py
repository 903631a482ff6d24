"""A meeting of many projects: as many actions of the engine, one draw, one invitation and one answer for each expert."""

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from xtbang.domain.invitations import against_inviting, invite_again
from xtbang.domain.meeting_plans import change_meeting, close_meeting, plan_meeting
from xtbang.errors import Blocked, Stale
from xtbang.models import Bid, Event, Mail, Meeting, MeetingSeat, Panel, Paper, Project, Seat
from xtbang.queries.meeting_scores import panels_of, roster
from xtbang.rules.drawing import drawn
from xtbang.workflow import meetings

PLAN = {
    "kind": "roadshow",
    "title": "第一场路演",
    "starts_at": "2024-11-20T09:00",
    "place": "三楼会议室",
    "minutes": 20,
}
WANTED = {"technical": 3, "financial": 1, "legal": 0}


def several(factory: ProjectFactory, number: int = 3) -> list[Project]:
    """So many projects in 路演."""
    found = []
    for place in range(number):
        factory.at(f"2024-09-0{place + 1} 10:00")
        found.append(factory.applied())
    factory.at("2024-11-10 09:00")
    return found


def planned(factory: ProjectFactory, projects: list[Project]) -> int:
    number = plan_meeting(factory.caller("science"), PLAN)
    done = meetings.join(
        factory.engine, factory.session, factory.actor("science"), number, [row.id for row in projects]
    )
    assert done.refused == {}
    return number


def convene(factory: ProjectFactory, number: int) -> meetings.Done:
    return meetings.convene(factory.engine, factory.session, factory.actor("science"), number, WANTED)


def events(factory: ProjectFactory, project: Project) -> list[tuple[str, str, str]]:
    query = select(Event.trigger, Event.from_state, Event.to_state).where(Event.project_id == project.id)
    return [tuple(row) for row in factory.session.execute(query.order_by(Event.id))]  # type: ignore[misc]


def test_a_meeting_of_three_is_three_single_deeds_event_by_event(factory: ProjectFactory) -> None:
    together, alone = several(factory), None
    number = planned(factory, together[:2])
    assert convene(factory, number).refused == {}
    alone = together[2]
    factory.perform(alone, "join_meeting", "science", {"meeting": str(plan_meeting(factory.caller("science"), PLAN))})
    factory.panel(alone, "roadshow", (3, 1, 0))
    for project in together[:2]:
        assert events(factory, project) == events(factory, alone)
        panel = factory.session.scalars(
            select(Panel).where(Panel.project_id == project.id, Panel.status == "open")
        ).one()
        assert [seat.kind for seat in panel.seats] == ["技术"] * 3 + ["财务"]


def test_one_draw_one_mail_one_answer(factory: ProjectFactory) -> None:
    projects = several(factory)
    number = planned(factory, projects)
    convene(factory, number)
    invited = factory.session.scalars(select(MeetingSeat).where(MeetingSeat.meeting_id == number)).all()
    seats = select(Seat.id).join(Panel).where(Panel.meeting_id == number)
    assert (len(invited), len(factory.session.scalars(seats).all())) == (4, 12)
    name = invited[0].expert.name
    mails = select(Mail.subject).where(Mail.person_id == factory.people[name].id)
    assert [subject for subject in factory.session.scalars(mails) if "路演" in subject] == [
        "请答复评审邀请：第一场路演"
    ]
    draws = select(Event).where(Event.stream == f"meeting:{number}", Event.trigger == "draw_experts")
    [draw] = factory.session.scalars(draws)
    for said in draw.data["kinds"].values():
        assert drawn(draw.data["seed"], said["circles"], said["wanted"]) == said["drawn"]

    yes = {"answer": "accepted", "no_conflict": True}
    recused = {projects[1].id: "同一课题组"}
    meetings.answer(factory.engine, factory.session, factory.actor(name), number, yes, recused)
    own = meetings.own_seats(factory.session, factory.actor(name), number)
    assert {project: seat.status for project, seat in own.items()} == {
        projects[0].id: "accepted",
        projects[2].id: "accepted",
    }
    assert [events(factory, project)[-1][0] for project in projects] == ["answer_invitation"] * 3


def test_who_has_a_stake_in_one_project_is_replaced_there(factory: ProjectFactory) -> None:
    projects = several(factory, 2)
    number = planned(factory, projects)
    with factory.writing() as session:
        other = factory.organisation("other", "另一单位", "企业", "雨湖区")
        session.flush()
        for place, lead in enumerate([other] * 3 + [factory.organisations["rival"]] * 3):
            factory.people[f"技术{place}"].organisation_id = lead.id
        factory.people["技术6"].active = factory.people["技术7"].active = False
        for project, lead in zip(projects, (other, factory.organisations["rival"]), strict=True):
            bid = session.get_one(Project, project.id).agreed_bid
            at = {"created_at": factory.now, "submitted_at": factory.now}
            session.add(
                Bid(project_id=project.id, lead_id=lead.id, document_id=bid.document_id, status="not_chosen", **at)
            )
    convene(factory, number)
    panels = factory.session.scalars(select(Panel).where(Panel.meeting_id == number).order_by(Panel.id)).all()
    seated = [{name for name in factory.seats(panel) if name.startswith("技术")} for panel in panels]
    assert seated == [{"技术3", "技术4", "技术5"}, {"技术0", "技术1", "技术2"}]
    single = select(MeetingSeat).where(MeetingSeat.meeting_id == number, MeetingSeat.whole.is_(False))
    drawn_alone = {seat.expert.name for seat in factory.session.scalars(single)}
    assert len(drawn_alone) == 3
    meeting = factory.session.get_one(Meeting, number)
    places = {
        seat.expert: (seat.sits, seat.absent)
        for seat in roster(factory.session, meeting, panels_of(factory.session, meeting))
    }
    first, second = (((1,), (2,)), ((2,), (1,)))
    assert [places[name] for name in ("技术3", "技术4", "技术0")] == [first, first, second]
    assert [where for name, where in places.items() if not name.startswith("技术")] == [((1, 2), ())]
    left = next(project for project, names in zip(projects, seated, strict=True) if names == drawn_alone)
    factory.perform(left, "leave_meeting", "science", {"meeting": str(number), "reason": "另行安排"})
    assert not factory.session.scalars(single).all(), "who was drawn for it alone is expected no longer"
    assert len(factory.session.scalars(select(MeetingSeat).where(MeetingSeat.meeting_id == number)).all()) == 4


def test_a_project_that_cannot_is_told_apart_and_stops_nobody(factory: ProjectFactory) -> None:
    projects = several(factory, 2)
    factory.concluded(projects[0], "roadshow", (3, 2, 0))
    number = planned(factory, projects)
    done = convene(factory, number)
    assert done.done == [projects[1].id]
    assert "结论有效期间不再另行组建专家组" in done.refused[projects[0].id][0]


def test_a_change_is_told_to_those_who_relied_on_it_and_a_cancellation_frees_all(factory: ProjectFactory) -> None:
    projects = several(factory, 2)
    number = planned(factory, projects)
    convene(factory, number)
    change_meeting(factory.caller("science"), number, PLAN | {"starts_at": "2024-11-21T14:00", "reason": "会场冲突"})
    assert factory.mails("bidder")[-1] == f"路演安排有变：{projects[1].title}"
    agenda = factory.session.scalars(select(Paper).where(Paper.name == "agenda", Paper.state == "current")).one()
    assert [item["at"][11:16] for item in agenda.data["items"]] == ["14:00", "14:20"]
    try:
        close_meeting(factory.caller("science"), number)
    except Blocked as blocked:
        assert "还有 2 个项目没有形成结论" in str(blocked)
    done = meetings.cancel(factory.engine, factory.session, factory.actor("science"), number, "另行安排")
    assert done.refused == {}
    meeting = factory.session.get_one(Meeting, number)
    assert (meeting.status, meeting.reason, meeting.order) == ("cancelled", "另行安排", [])
    assert set(factory.session.scalars(select(Panel.status).where(Panel.meeting_id == number))) == {"cancelled"}
    assert not factory.session.scalars(select(Paper).where(Paper.name == "agenda", Paper.state == "current")).all()
    factory.perform(
        projects[0], "join_meeting", "science", {"meeting": str(plan_meeting(factory.caller("science"), PLAN))}
    )


def test_who_has_been_scored_does_not_leave(factory: ProjectFactory) -> None:
    [project] = several(factory, 1)
    number = planned(factory, [project])
    convene(factory, number)
    panel = factory.session.scalars(select(Panel).where(Panel.meeting_id == number)).one()
    factory.score(project, panel, factory.seats(panel)[0])
    against = factory.blocked(project, "leave_meeting", "science", {"meeting": str(number), "reason": "原因"})
    assert against == {"A9.scored": "已有 1 名专家对本项目提交评分，不能退出会次，请形成专家组结论（《办法》第九条）。"}


def test_who_has_not_answered_or_has_declined_is_invited_again(factory: ProjectFactory) -> None:
    projects = several(factory, 2)
    number = planned(factory, projects)
    convene(factory, number)
    silent, gone, coming, apart = factory.session.scalars(
        select(MeetingSeat).where(MeetingSeat.meeting_id == number).order_by(MeetingSeat.id)
    )
    answers = {gone: ("declined", "出差"), coming: ("accepted", ""), apart: ("recused", "师生")}
    for seat, (answer, note) in answers.items():
        said = {"answer": answer, "note": note, "no_conflict": answer == "accepted"}
        meetings.answer(factory.engine, factory.session, factory.actor(seat.expert.name), number, said, {})
    lacking = [factory.prefilled(project, "draw_more", "science") for project in projects]
    assert lacking == [{"technical": 1, "financial": 1, "legal": 0}] * 2
    assert meetings.suggested(factory.engine, factory.session, factory.actor("science"), number) == lacking[0]
    caller = factory.caller("science")
    assert [len(list(against_inviting(caller, seat))) for seat in (silent, gone, coming, apart)] == [0, 0, 1, 1]
    for seat in (silent, gone):
        before = len(factory.mails(seat.expert.name))
        invite_again(caller, seat.id, seat.status)
        assert factory.mails(seat.expert.name)[before:] == ["请答复评审邀请：第一场路演"]
    meetings.answer(
        factory.engine,
        factory.session,
        factory.actor(gone.expert.name),
        number,
        {"answer": "accepted", "no_conflict": True},
        {},
    )
    assert (gone.status, len(meetings.own_seats(factory.session, factory.actor(gone.expert.name), number))) == (
        "accepted",
        2,
    )
    with pytest.raises(Stale):
        invite_again(caller, gone.id, "declined")
    again = factory.session.scalars(select(Event).where(Event.trigger == "invite_again")).all()
    assert [event.data["before"] for event in again] == ["invited", "declined"]


def test_a_project_that_comes_late_gets_as_many_experts_as_the_others(factory: ProjectFactory) -> None:
    projects = several(factory, 2)
    number = planned(factory, projects[:1])
    convene(factory, number)
    factory.perform(projects[1], "join_meeting", "science", {"meeting": str(number)})
    assert factory.prefilled(projects[1], "convene_roadshow", "science") == WANTED
