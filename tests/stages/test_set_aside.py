"""撤销专家组结论: a conclusion with a formal fault counts no more; the same panel concludes again, or another one sits."""

import pytest
from sqlalchemy import select

from tests.factories.later import wan
from tests.factories.projects import ProjectFactory
from xtbang.models import Event, Meeting, Notice, NoticeItem, Panel, Paper, Project

PASSED = {"favourable": "passed", "opinion": "同意立项。"}


def judged(factory: ProjectFactory) -> Project:
    """A project whose roadshow panel has concluded."""
    project = factory.applied()
    factory.concluded(project, "roadshow", (4, 1, 0))
    return project


def offered(factory: ProjectFactory, project: Project, who: str) -> set[str]:
    return {offer.action.trigger for offer in factory.engine.offers(factory.session, project, factory.actor(who))}


def panels(factory: ProjectFactory, project: Project) -> list[Panel]:
    query = select(Panel).where(Panel.project_id == project.id, Panel.kind == "roadshow").order_by(Panel.id)
    return list(factory.session.scalars(query))


def set_aside(factory: ProjectFactory, project: Project, again: str) -> None:
    data = {"panel": str(panels(factory, project)[-1].id), "again": again, "reason": "一名专家应当回避而没有回避。"}
    factory.both(project, "set_aside", data)


def summaries(factory: ProjectFactory, project: Project) -> list[tuple[str, int, bool]]:
    """State, version, and whether the 评分汇总表 names the paper that made it void."""
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "panel_summary").order_by(Paper.id)
    found = [row for row in factory.session.scalars(query) if row.subject.startswith("panel:")]
    return [(row.state, row.version, row.voided_by_id is not None) for row in found if "路演" in row.title]


def test_the_same_panel_concludes_again_without_the_sheet_of_who_had_a_stake(factory: ProjectFactory) -> None:
    project = judged(factory)
    set_aside(factory, project, "same")
    (panel,) = panels(factory, project)
    assert (panel.status, panel.favourable, panel.opinion) == ("open", None, "")
    assert summaries(factory, project) == [("cancelled", 1, True)]
    assert "A9.roadshow" in factory.why_not(project, "recommend", "leader")
    factory.perform(project, "void_sheet", "science", {"sheet": str(panel.seats[0].id), "reason": "应当回避"})
    assert "A9.scores" in factory.blocked(project, "conclude_panel", "science", PASSED)
    factory.perform(project, "draw_more", "science", {"technical": 1, "financial": 0, "legal": 0})
    factory.session.refresh(panel)
    factory.score(project, panel, factory.seats(panel)[-1])
    factory.perform(project, "conclude_panel", "science", PASSED)
    assert summaries(factory, project) == [("cancelled", 1, True), ("current", 2, False)]
    assert "A9.roadshow" not in factory.why_not(project, "recommend", "leader")


def test_another_panel_sits_at_a_meeting_of_its_own(factory: ProjectFactory) -> None:
    project = judged(factory)
    assert "A9.concluded" in factory.why_not(project, "convene_roadshow", "science")
    set_aside(factory, project, "anew")
    assert "A9.concluded" not in factory.why_not(project, "convene_roadshow", "science")
    factory.concluded(project, "roadshow", (4, 1, 0))
    first, second = panels(factory, project)
    assert (first.status, first.meeting_id != second.meeting_id, second.status) == ("set_aside", True, "concluded")
    assert first.opinion, "what was concluded stays readable"
    assert factory.session.get_one(Meeting, first.meeting_id).status == "closed"


def test_one_bureau_alone_sets_nothing_aside_and_a_decision_on_its_ground_comes_first(factory: ProjectFactory) -> None:
    project = judged(factory)
    data = {"panel": str(panels(factory, project)[0].id), "again": "anew", "reason": "汇总有误"}
    factory.perform(project, "set_aside", "industry", data)
    assert panels(factory, project)[0].status == "concluded"
    assert "countersign" in factory.why_not(project, "set_aside", "industry")
    resolution = {"resolution_date": "2024-11-04", "resolution_number": "1", "reason": "不成熟"}
    factory.perform(project, "decline", "leader", resolution | {"minutes": factory.file("纪要.pdf")})
    assert "set_aside" not in offered(factory, project, "science")
    assert "revoke" in offered(factory, project, "leader")


@pytest.mark.parametrize("again", ["same", "anew"])
def test_experts_are_told_and_parties_are_not(factory: ProjectFactory, again: str) -> None:
    project = judged(factory)
    panel, before = panels(factory, project)[0], len(factory.mails("issuer"))
    (expert, *_others) = factory.seats(panel)
    set_aside(factory, project, again)
    assert factory.mails(expert)[-1].startswith("专家组结论已撤销")
    assert len(factory.mails("issuer")) == before


def test_a_fault_found_in_the_notice_leads_back_and_the_notice_goes_on_without_the_project(
    factory: ProjectFactory,
) -> None:
    """Another project of the same notice keeps its days; what was approved is free to be approved anew."""
    other = factory.recommended()
    factory.at("2024-09-10 09:00")
    project = factory.recommended()
    factory.at("2024-11-12 09:00")
    factory.perform(project, "publish_notice", "science", {"title": "拟立项名单公示", "body": "公示如下。"})
    last_day = _notice(factory, other).last_day
    factory.at("2024-11-13 09:00")
    (reason,) = factory.why_not(project, "set_aside", "science").values()
    assert "先由市科技局领导办理“撤销决定”，项目回到路演后再撤销结论" in reason
    decision = factory.session.scalars(
        select(Event.id).where(Event.project_id == project.id, Event.trigger == "recommend")
    ).one()
    factory.perform(project, "revoke", "leader", {"decision": str(decision), "reason": "专家应当回避而未回避"})
    factory.perform(project, "revoke", "industry")
    assert (project.state, project.subsidy_city) == ("roadshow", None)
    assert factory.mails("finance")[-1].startswith("决定已撤销")
    notice = _notice(factory, other)
    assert [item.project_id for item in notice.items] == [other.id]
    assert notice.last_day == last_day
    set_aside(factory, project, "anew")
    factory.concluded(project, "roadshow", (4, 1, 0))
    data = {"resolution_date": "2024-11-13", "resolution_number": "10", "minutes": factory.file("纪要.pdf")}
    factory.perform(project, "recommend", "leader", data | {"subsidy_city": "39"})
    assert _notice(factory, project).status == "draft"
    assert wan(project.subsidy_city) == 39


def _notice(factory: ProjectFactory, project: Project) -> Notice:
    """The newest notice with the project that stands."""
    query = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id, Notice.kind == "publicity")
    return factory.session.scalars(query.where(Notice.status != "superseded").order_by(Notice.id.desc()).limit(1)).one()
