"""路演: the schedule, the inspection, both opinions, the resolution."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.factories.values import RESOLUTION
from xtbang.errors import Forbidden
from xtbang.models import Finding, Meeting, Notice, Paper

DAY = {"title": "第一场路演", "starts_at": "2024-11-06T09:00", "place": "市科技局三楼会议室", "minutes": 20}


def resolution(factory: ProjectFactory, **values: str) -> dict[str, str]:
    return RESOLUTION | {"minutes": factory.file("会议纪要.pdf")} | values


def test_projects_join_one_roadshow_in_order(factory: ProjectFactory) -> None:
    first = factory.applied()
    factory.perform(first, "schedule_roadshow", "science", DAY)
    factory.at("2024-09-02 10:00")
    second = factory.applied()
    factory.perform(second, "schedule_roadshow", "science", DAY)
    roadshow = factory.session.scalars(select(Meeting).where(Meeting.kind == "roadshow")).one()
    assert [(item.position, item.project_id) for item in roadshow.items] == [(1, first.id), (2, second.id)]
    papers = factory.session.scalars(select(Paper).where(Paper.name == "agenda").order_by(Paper.id)).all()
    assert [(paper.state, len(paper.data["items"])) for paper in papers] == [("superseded", 1), ("current", 2)]
    assert papers[1].data["items"][1]["at"] == "2024-11-06T09:20:00+08:00"
    assert factory.mails("bidder")[-1] == "请准备路演：高温合金涂层关键技术"


def test_a_project_is_scheduled_once(factory: ProjectFactory) -> None:
    project = factory.applied()
    factory.perform(project, "schedule_roadshow", "science", DAY)
    assert (
        "已排入2024年11月6日 09:00的“第一场路演”"
        in factory.why_not(project, "schedule_roadshow", "science")["N4.scheduled"]
    )


def test_a_roadshow_lies_ahead_and_gives_everyone_equally_long(factory: ProjectFactory) -> None:
    first = factory.applied()
    assert "N4.future" in factory.blocked(
        first, "schedule_roadshow", "science", DAY | {"starts_at": "2024-11-04T09:00"}
    )
    factory.perform(first, "schedule_roadshow", "science", DAY)
    factory.at("2024-09-02 10:00")
    second = factory.applied()
    against = factory.blocked(second, "schedule_roadshow", "science", DAY | {"minutes": 30})
    assert "每个项目 20 分钟，与所填 30 分钟不一致" in against["N4.minutes"]


def test_nothing_is_recommended_before_everything_is_there(factory: ProjectFactory) -> None:
    project = factory.applied()
    against = factory.why_not(project, "recommend", "leader")
    assert against.keys() == {"A9.opinion", "A9.roadshow", "N4.inspection"}
    assert "（《2024年实施方案》第三部分）" in against["N4.inspection"]


def test_the_newest_word_of_each_bureau_counts(factory: ProjectFactory) -> None:
    project = factory.judged()
    factory.perform(project, "record_opinion", "industry", {"favourable": "not_agreed", "text": "资金不足"})
    assert "市工信局不同意立项：资金不足" in factory.why_not(project, "recommend", "leader")["A9.opinion"]
    factory.perform(project, "record_opinion", "industry", {"favourable": "agreed", "text": "已补充"})
    assert factory.why_not(project, "recommend", "leader") == {}
    assert factory.mails("leader")[-1] == "请提交党组会审议：高温合金涂层关键技术"


def test_two_people_give_the_two_opinions(factory: ProjectFactory) -> None:
    project = factory.judged()
    with factory.writing() as session:
        for finding in session.scalars(select(Finding).where(Finding.kind == "opinion")):
            finding.person_id = factory.people["science"].id
    assert "A9.two_people" in factory.why_not(project, "recommend", "leader")


def test_an_unfavourable_or_unfinished_panel_stands_against_it(factory: ProjectFactory) -> None:
    project = factory.applied()
    panel = factory.panel(project, "roadshow", (3, 2, 0))
    assert "尚未形成结论" in factory.why_not(project, "recommend", "leader")["A9.roadshow"]
    for who in factory.seats(panel):
        factory.score(project, panel, who, 0.4)
    factory.perform(project, "conclude_panel", "science", {"favourable": "not_passed", "opinion": "不可行"})
    assert "结论为不通过" in factory.why_not(project, "recommend", "leader")["A9.roadshow"]
    assert "形成结论（不通过）" in factory.why_not(project, "convene_roadshow", "science")["A9.concluded"]


def test_an_inspection_is_not_in_the_future(factory: ProjectFactory) -> None:
    project = factory.applied()
    data = {"dated": "2024-11-05", "text": "属实"}
    assert "date.future" in factory.blocked(project, "record_inspection", "industry", data)
    factory.perform(
        project, "record_inspection", "industry", data | {"dated": "2024-11-04", "file": factory.file("记录.pdf")}
    )
    finding = factory.session.scalars(select(Finding).where(Finding.kind == "inspection")).one()
    assert (finding.role, finding.text, finding.file_id is not None) == ("industry", "属实", True)


def test_recommending_fixes_the_subsidy_and_joins_the_notice(factory: ProjectFactory) -> None:
    project = factory.recommended("15")
    assert (project.state, project.subsidy_city, project.subsidy_county) == (
        "publicity",
        Decimal(150_000),
        Decimal(150_000),
    )
    assert project.self_managed is True
    notice = factory.session.scalars(select(Notice).where(Notice.kind == "publicity")).one()
    assert (notice.status, notice.published_at) == ("draft", None)
    figures = notice.items[0].figures
    assert [figures[key] for key in ("total", "subsidy_city", "subsidy_county")] == ["200", "15", "15"]
    assert (figures["issuer"], figures["bidder"]) == ("湘潭电机有限公司", "湘潭大学")
    found = factory.session.scalars(select(Finding).where(Finding.kind == "resolution")).one()
    assert (found.number, found.favourable, found.file_id is not None) == ("潭科党〔2024〕9号", True, True)
    assert factory.mails("science")[-1].startswith("请发布公示")


def test_one_cent_over_fifteen_is_tracked_by_the_bureau(factory: ProjectFactory) -> None:
    assert factory.recommended("15.01").self_managed is False


def test_projects_of_one_call_share_the_next_notice(factory: ProjectFactory) -> None:
    first = factory.recommended()
    factory.at("2024-09-02 10:00")
    second = factory.recommended("20")
    notice = factory.session.scalars(select(Notice).where(Notice.kind == "publicity")).one()
    assert [item.project_id for item in notice.items] == [first.id, second.id]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("subsidy", "rule", "said"),
    [
        ("40.01", "A7.asked", "40.01 万元，不得超过申报书申请的 40.00 万元"),
        ("50.01", "A7.ratio", "不得超过科研投入总额 200.00 万元的 25%（50.00 万元）"),
        ("50.01", "A7.maximum", "单个项目最高不得超过 50.00 万元"),
        ("40.01", "A7.match", "不得低于市级补助资金 40.01 万元的 3 倍（120.03 万元）"),
        ("0", "F.range", "不得小于"),
    ],
)
def test_the_subsidy_stays_within_the_rules(factory: ProjectFactory, subsidy: str, rule: str, said: str) -> None:
    project = factory.judged()
    against = factory.blocked(project, "recommend", "leader", resolution(factory, subsidy_city=subsidy))
    assert said in against[rule]


def test_a_resolution_is_not_in_the_future(factory: ProjectFactory) -> None:
    project = factory.judged()
    data = resolution(factory, subsidy_city="40", resolution_date="2024-11-12")
    assert "N5.resolution" in factory.blocked(project, "recommend", "leader", data)


def test_declining_takes_a_resolution_too(factory: ProjectFactory) -> None:
    project = factory.applied()
    factory.panel(project, "roadshow", (1, 0, 0))
    factory.at("2024-11-11 09:00")
    factory.perform(project, "decline", "leader", resolution(factory, reason="方案不成熟"))
    assert (project.state, project.closed_at) == ("rejected", factory.now)
    assert factory.mails("bidder")[-1] == "不予立项：高温合金涂层关键技术"


def test_only_the_leader_resolves(factory: ProjectFactory) -> None:
    project = factory.judged()
    for who in ("science", "industry", "finance", "issuer"):
        with pytest.raises(Forbidden):
            factory.perform(project, "recommend", who, resolution(factory, subsidy_city="40"))
