"""Dates are held against each other in the order of law: on the same day yes, on the day before no."""

import pytest

from tests.factories.later import contracting
from tests.factories.projects import ProjectFactory
from tests.factories.values import RESOLUTION

DAY = {"title": "专题路演", "starts_at": "2024-11-08T09:00", "place": "三楼", "minutes": 20}
FAVOURABLE = {"favourable": "passed", "opinion": "同意"}


def test_a_panel_concludes_once_its_roadshow_has_begun(factory: ProjectFactory) -> None:
    project = factory.applied()
    factory.perform(project, "schedule_roadshow", "science", DAY)
    panel = factory.panel(project, "roadshow", (3, 2, 0))
    for who in factory.seats(panel):
        factory.score(project, panel, who)
    factory.at("2024-11-08 08:59")
    assert factory.blocked(project, "conclude_panel", "science", FAVOURABLE) == {
        "A9.held": "路演“专题路演”定于2024年11月8日 09:00开始，此前不能形成专家组结论（《2024年实施方案》第三部分）。"
    }
    factory.at("2024-11-08 09:00")
    factory.perform(project, "conclude_panel", "science", FAVOURABLE)


@pytest.mark.parametrize("trigger", ["recommend", "decline"])
def test_the_party_group_decides_on_the_day_of_what_it_has_before_it_or_later(
    factory: ProjectFactory, trigger: str
) -> None:
    project = factory.applied()
    factory.at("2024-11-06 09:00")
    factory.concluded(project, "roadshow", (3, 2, 0))
    factory.at("2024-11-11 09:00")
    factory.perform(project, "record_inspection", "science", {"dated": "2024-11-07", "text": "属实"})
    opinion = {"favourable": "agreed", "text": "可行"}
    factory.perform(project, "record_opinion", "science", opinion | {"dated": "2024-11-08"})
    factory.perform(project, "record_opinion", "industry", opinion | {"dated": "2024-11-05"})
    data = RESOLUTION | {"minutes": factory.file("会议纪要.pdf"), "subsidy_city": "40", "reason": "理由"}

    def against(day: str) -> dict[str, str]:
        return factory.blocked(project, trigger, "leader", data | {"resolution_date": day})

    late = "党组会日期2024年11月7日早于市科技局意见的日期2024年11月8日（《办法》第九条）。"
    assert against("2024-11-07") == {"A9.order_science": late}
    assert "早于考察的日期2024年11月7日（《2024年实施方案》第三部分）。" in against("2024-11-06")["N4.order"]
    assert "早于专家组形成结论的日期2024年11月6日" in against("2024-11-05")["A9.order_conclusion"]
    factory.perform(project, trigger, "leader", data | {"resolution_date": "2024-11-08"})


def test_an_opinion_is_of_its_own_day_within_this_stage(factory: ProjectFactory) -> None:
    project = factory.applied()
    opinion = {"favourable": "agreed", "text": "可行"}
    for day, rule in (("2024-11-03", "date.early"), ("2024-11-05", "date.future")):
        assert rule in factory.blocked(project, "record_opinion", "science", opinion | {"dated": day})
    factory.perform(project, "record_opinion", "science", opinion | {"dated": "2024-11-04"})


def test_a_funding_document_is_dated_after_the_notice(factory: ProjectFactory) -> None:
    project = contracting(factory)
    data = {"number": "潭财教〔2024〕88号", "dated": "2024-11-18", "file": factory.file("资金文件.pdf")}
    assert factory.blocked(project, "record_funding_document", "finance", data) == {
        "N5.order": "发文日期2024年11月18日早于公示期满，公示至2024年11月18日24时止（《2024年实施方案》第四部分）。"
    }
    factory.perform(project, "record_funding_document", "finance", data | {"dated": "2024-11-19"})
