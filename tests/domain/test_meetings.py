"""Meetings (会次): one for many projects, with experts in common."""

from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from xtbang.models import Event, Meeting, MeetingSeat, Panel, Paper, Project, Seat
from xtbang.queries.draws import lines_of, names_in, repeat
from xtbang.rules.drawing import drawn

DAY = {"title": "第一场路演", "starts_at": "2024-11-06T09:00", "place": "市科技局三楼会议室", "minutes": 20}


def meetings(factory: ProjectFactory, kind: str) -> list[tuple[str, list[int]]]:
    """State and projects of every meeting of that kind."""
    rows = factory.session.scalars(select(Meeting).where(Meeting.kind == kind).order_by(Meeting.id))
    return [(row.status, row.order) for row in rows]


def two(factory: ProjectFactory) -> tuple[Project, Project]:
    """Two projects in 路演."""
    first = factory.applied()
    factory.at("2024-09-02 10:00")
    return first, factory.applied()


def test_a_panel_makes_a_meeting_of_one_project_which_its_conclusion_closes(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    assert meetings(factory, "appraisal") == [("planned", [project.id])]
    for who in factory.seats(panel):
        factory.score(project, panel, who)
    factory.perform(project, "conclude_panel", "science", {"favourable": "passed", "opinion": "同意"})
    assert meetings(factory, "appraisal") == [("closed", [project.id])]


def test_a_project_that_is_judged_no_longer_leaves_its_meeting(factory: ProjectFactory) -> None:
    first, second = two(factory)
    for project in (first, second):
        factory.perform(project, "schedule_roadshow", "science", DAY)
    factory.perform(first, "decline", "leader", _declined(factory))
    assert meetings(factory, "roadshow") == [("planned", [second.id])]
    agenda = factory.session.scalars(select(Paper).where(Paper.name == "agenda", Paper.state == "current")).one()
    assert [(item["number"], item["position"]) for item in agenda.data["items"]] == [(second.number, 1)]
    factory.perform(second, "decline", "leader", _declined(factory))
    assert meetings(factory, "roadshow") == [("cancelled", [])]


def _declined(factory: ProjectFactory) -> dict[str, str]:
    known = {"resolution_date": "2024-09-02", "resolution_number": "第1号", "reason": "不予立项"}
    return known | {"minutes": factory.file("会议纪要.pdf")}


def test_panels_of_one_day_have_their_experts_in_common(factory: ProjectFactory) -> None:
    first, second = two(factory)
    for project in (first, second):
        factory.perform(project, "schedule_roadshow", "science", DAY)
    panels = [factory.panel(project, "roadshow", (3, 1, 0)) for project in (first, second)]
    assert panels[0].meeting_id == panels[1].meeting_id
    assert set(factory.seats(panels[0])) == set(factory.seats(panels[1]))
    name = factory.seats(panels[0])[0]
    factory.perform(first, "answer_invitation", name, {"answer": "recused", "note": "同事"})
    assert invitation(factory, name) == "invited"  # sits on the other one
    factory.perform(second, "answer_invitation", name, {"answer": "declined", "note": "出差"})
    assert invitation(factory, name) == "declined"
    assert factory.seats(panels[0], "recused") == factory.seats(panels[1], "declined") == [name]


def invitation(factory: ProjectFactory, name: str) -> str:
    query = select(MeetingSeat.status).join(Meeting).where(MeetingSeat.expert_id == factory.people[name].id)
    return factory.session.scalars(query.where(Meeting.kind == "roadshow")).one()


def test_panels_convened_before_the_day_is_fixed_come_to_it(factory: ProjectFactory) -> None:
    first, second = two(factory)
    for project in (first, second):
        factory.panel(project, "roadshow", (2, 0, 0))
    for project in (first, second):
        factory.perform(project, "schedule_roadshow", "science", DAY)
    assert meetings(factory, "roadshow") == [("planned", [first.id, second.id]), ("cancelled", [])]
    query = select(Panel.project_id, Panel.meeting_id).where(Panel.kind == "roadshow")
    rows = {project: meeting for project, meeting in factory.session.execute(query)}
    assert rows[first.id] == rows[second.id]
    seated = set(factory.session.scalars(select(Seat.expert_id).join(Panel).where(Panel.kind == "roadshow")))
    there = select(MeetingSeat.expert_id).where(MeetingSeat.meeting_id == rows[first.id])
    assert set(factory.session.scalars(there)) == seated


def test_the_event_of_a_draw_holds_all_that_repeats_it(factory: ProjectFactory) -> None:
    project = factory.accepted()
    with factory.writing():
        factory.people["技术0"].organisation_id = project.issuer_id
    panel = factory.panel(project, "appraisal", (3, 1, 0))
    event = factory.session.scalars(select(Event).where(Event.trigger == "draw_experts")).one()
    assert event.stream == f"meeting:{panel.meeting_id}"
    kinds = event.data["kinds"]
    assert kinds["技术"]["excluded"] == [[factory.people["技术0"].id, "任职单位与项目有利害关系"]]
    seats = {kind: [seat.expert_id for seat in panel.seats if seat.kind == kind] for kind in kinds}
    for kind, said in kinds.items():
        assert drawn(event.data["seed"], said["circles"], said["wanted"]) == said["drawn"] == seats[kind]


def test_an_auditor_repeats_a_draw_and_finds_one_that_was_changed(factory: ProjectFactory) -> None:
    factory.panel(factory.accepted(), "appraisal", (3, 1, 0))
    event = factory.session.scalars(select(Event).where(Event.trigger == "draw_experts")).one()
    draws = list(repeat(event))
    report = "\n".join(lines_of(event, draws, names_in(factory.session, draws)))
    assert report.count("重算结果与记录一致") == 2
    assert report.count("中签") >= 4
    event.data["kinds"]["技术"]["drawn"][0] = event.data["kinds"]["技术"]["drawn"][1]
    assert [draw.agrees for draw in repeat(event)] == [False, True]
    factory.session.rollback()
