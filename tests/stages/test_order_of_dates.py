"""Dates are held against each other in the order of law: on the same day yes, on the day before no."""

from datetime import timedelta

import pytest

from tests.factories.later import (
    checked,
    contracting,
    correctable,
    executing,
    in_force,
    issued,
    pay,
    published,
    requested,
    sign,
)
from tests.factories.projects import ProjectFactory
from tests.factories.values import OBJECTION, RESOLUTION
from tests.stages.test_lowered_subsidy import lowered

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


def test_a_contract_is_in_force_from_the_funding_document_and_the_last_signature_and_payments_from_then(
    factory: ProjectFactory,
) -> None:
    project = issued(factory)
    sign(factory, project, "issuer", "bidder", "science", "industry")
    factory.at("2024-11-25 09:00")
    data = {"number": "潭财教〔2024〕88号", "dated": "2024-11-21", "file": factory.file("资金文件.pdf")}
    factory.perform(project, "record_funding_document", "finance", data)
    early = factory.blocked(project, "conclude", "science", {"in_force_on": "2024-11-20"})
    late = "合同生效日期2024年11月20日早于立项及资金文件的日期2024年11月21日（《2024年实施方案》第四部分）。"
    assert early == {"N5.in_force": late}
    both = factory.blocked(project, "conclude", "science", {"in_force_on": "2024-11-18"})
    assert "早于最后一方签订的日期2024年11月19日（《办法》第九条）。" in both["N5.in_force1"]
    assert "date.future" in factory.blocked(project, "conclude", "science", {"in_force_on": "2024-11-26"})
    factory.perform(project, "conclude", "science", {"in_force_on": "2024-11-21"})
    paid = {"amount": "20", "note": "银1"}
    against = factory.blocked(project, "disburse_first", "finance", paid | {"paid_on": "2024-11-20"})
    assert "早于合同生效的日期2024年11月21日" in against["date.early"]
    against = factory.blocked(project, "disburse_first", "finance", paid | {"paid_on": "2024-11-21"})
    assert "date.early" not in against


def test_work_is_accepted_on_a_day_after_the_panel_found_so(factory: ProjectFactory) -> None:
    project = executing(factory)
    requested(factory, project)
    factory.at("2025-05-12 09:00")
    factory.concluded(project, "acceptance", (2, 1, 0))
    factory.at("2025-05-20 09:00")
    data = {"reason": "达到考核要求", "accepted_on": "2025-05-11"}
    late = "通过验收日期2025年5月11日早于专家组形成结论的日期2025年5月12日（《办法》第八条）。"
    assert factory.blocked(project, "pass_acceptance", "science", data) == {"A8.order1": late}
    factory.both(project, "pass_acceptance", data | {"accepted_on": "2025-05-12"})
    paid = {"amount": "20", "note": "银2"}
    against = factory.blocked(project, "disburse_final", "finance", paid | {"paid_on": "2025-05-11"})
    assert "早于通过验收的日期2025年5月12日" in against["date.early"]
    against = factory.blocked(project, "disburse_final", "finance", paid | {"paid_on": "2025-05-12"})
    assert "date.early" not in against


def test_an_objection_in_writing_counts_from_its_receipt_also_when_it_is_entered_later(factory: ProjectFactory) -> None:
    project = published(factory)
    factory.at("2024-11-19 09:00")
    data = {"channel": "letter", **OBJECTION}
    for day, rule in (("2024-11-19", "A9.notice"), ("2024-11-20", "date.future"), ("2024-11-10", "date.early")):
        assert list(factory.blocked(project, "enter_objection", "science", data | {"received_on": day})) == [rule]
    factory.perform(project, "enter_objection", "science", data | {"received_on": "2024-11-18"})
    assert list(factory.why_not(project, "confirm", "science")) == ["A9.objection_open"]


def test_papers_that_came_late_are_taken_with_a_reason(factory: ProjectFactory) -> None:
    project = factory.submitted()
    factory.later(days=5)
    today = factory.now.date()
    with factory.writing():
        project.call.papers_due_on = today - timedelta(days=2)
    lines = list(factory.engine.policy.edition(project.edition).checklist)
    data = {"checklist": lines, "scan_looked_at": True}

    def against(days: int) -> dict[str, str]:
        received = (today - timedelta(days=days)).isoformat()
        return factory.blocked(project, "accept", "science", data | {"received_on": received})

    assert "逾期仍予受理的须写明理由（《办法》第四条）。" in against(1)["N1.papers"]
    assert [list(against(days)) for days in (-1, 6, 365)] == [["date.future"], ["date.early"], ["date.early"]]
    late = data | {"received_on": (today - timedelta(days=1)).isoformat(), "late_reason": "邮路受阻"}
    factory.perform(project, "accept", "science", late)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_an_office_records_is_no_earlier_than_its_ground(factory: ProjectFactory) -> None:
    """A match after the resolution of 11 Nov., a check after the contract of 19 Nov., money back after it was paid on 20 Nov."""
    working = in_force(factory)
    match = {"amount": "20", "number": "潭高财〔2024〕7号"}
    early = factory.blocked(working, "confirm_county_match", "county", match | {"dated": "2024-11-10"})
    assert "配套文件日期2024年11月10日早于党组会审议的日期2024年11月11日" in early["date.resolution"]
    factory.perform(working, "confirm_county_match", "county", match | {"dated": "2024-11-11"})
    checked(factory, working, "20241118001", "80")
    factory.at("2024-11-20 09:00")
    pay(factory, working, "disburse_first", "20")
    check = {"favourable": "normal", "text": "正常"}
    early = factory.blocked(working, "record_check", "science", check | {"dated": "2024-11-18"})
    assert "检查日期2024年11月18日早于合同生效的日期2024年11月19日" in early["date.in_force"]
    factory.perform(working, "record_check", "science", check | {"dated": "2024-11-19"})
    lowered(factory, working, "15")
    money = {"source": "city", "amount": "1", "note": "退1"}
    for day, rule in (("2024-11-19", "A11.order"), ("2024-11-21", "date.future")):
        assert rule in factory.blocked(working, "record_recovery", "finance", money | {"dated": day})
    factory.perform(working, "record_recovery", "finance", money | {"dated": "2024-11-20"})
    line = correctable(factory, working)[-1]
    amended = {"line": line, "note": "退2", "dated": "2024-11-19", "amount": "1", "reason": "日期录错"}
    assert "A11.order" in factory.blocked(working, "amend_line", "finance", amended)
