"""告知书: nobody is terminated for a fault, or restricted, without being told and heard; a wrong service is put right."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.later import SUBJECTIVE, blamed, county_pays, ended, executing, paper, told, waived
from tests.factories.projects import ProjectFactory
from xtbang.models import Paper, PartyStatement, PriorNotice, Project
from xtbang.queries.desk.due_dates import dues
from xtbang.queries.desk.tasks import waiting

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

END = {"reason": "弄虚作假", "recover_by": "2026-12-31"} | SUBJECTIVE
SAID = {"kind": "stated", "text": "设备到货延迟。"}
UNTIL = "2027-12-31"


def held(factory: ProjectFactory, project: Project, **more: str) -> dict[str, str]:
    return factory.blocked(project, "terminate", "science", END | more)


def waits(factory: ProjectFactory, who: str) -> set[str]:
    caller = factory.engine.caller(factory.session, factory.actor(who))
    return {group.task.key for group in waiting(caller)}


def test_nothing_is_decided_before_each_party_was_told_served_and_had_its_days(factory: ProjectFactory) -> None:
    project = executing(factory)  # on Wednesday, 2024-11-20
    blamed(factory, project)
    assert held(factory, project)["A12.told"].endswith("听取各方的陈述、申辩（《办法》第十二条、第十三条）。")
    data = {"reason": "未投入人员", "evidence": "论证结论", "restrict_until": UNTIL}
    factory.both(project, "issue_prior_notice", data)
    assert "notices_to_serve" in waits(factory, "science")
    assert held(factory, project, restrict_until=UNTIL) == {
        "A12.served": "告知书尚未登记送达湘潭电机有限公司、湘潭大学（《办法》第十二条、第十三条）。"
    }
    notice = factory.session.scalars(select(PriorNotice)).one()
    issuer, bidder = notice.addressees
    assert [(row.relation, row.restricted) for row in notice.addressees] == [("issuer", False), ("bidder", True)]
    served = {"addressees": [str(issuer.id)], "manner": "in_person", "dated": "2024-11-20"}
    factory.perform(project, "record_service", "science", served)
    served = {"addressees": [str(bidder.id)], "manner": "announced", "dated": "2024-11-20"}
    factory.perform(project, "record_service", "science", served)
    assert (issuer.answer_until, bidder.served_on) == (date(2024, 11, 27), date(2024, 12, 20))
    assert bidder.answer_until == date(2024, 12, 27)
    assert factory.mails("bidder")[-1].startswith("告知书已送达")
    factory.at("2024-12-27 23:59")
    assert list(held(factory, project, restrict_until=UNTIL)) == ["A12.days"], "the issuer's days are over"
    assert "期限已于2024年11月27日24时届满" in factory.why_not(project, "make_statement", "issuer")["A12.statement"]
    assert "heard" not in waits(factory, "science")
    factory.at("2024-12-28 00:11")
    assert "heard" in waits(factory, "industry")
    factory.both(project, "terminate", END | {"restrict_until": UNTIL})
    said = paper(factory, project, "termination").data["heard"]
    assert [(one["name"], one["served_on"], one["statements"]) for one in said["parties"]] == [
        ("湘潭电机有限公司", "2024-11-20", []),
        ("湘潭大学", "2024-12-20", []),
    ]
    assert notice.status == "used"
    assert paper(factory, project, "prior_notice").state == "current"


def test_an_objective_termination_is_not_held_up(factory: ProjectFactory) -> None:
    project = executing(factory)
    blamed(factory, project)
    told(factory, project)
    ended(factory, project)
    assert project.state == "termination"
    assert factory.session.scalars(select(PriorNotice)).one().status == "overtaken"
    assert paper(factory, project, "termination").data["heard"] is None


def test_what_a_party_states_is_considered_and_stands_in_the_decision(factory: ProjectFactory) -> None:
    project = executing(factory)
    blamed(factory, project)
    notice = told(factory, project)
    assert "statements" in waits(factory, "bidder")
    caller = factory.engine.caller(factory.session, factory.actor("bidder"))
    found = dues(caller, factory.now.date(), date(2024, 12, 1))
    assert [(due.about.key, due.on) for due in found] == [("statement", date(2024, 11, 27))]
    nothing_said = factory.blocked(project, "make_statement", "bidder", {"kind": "stated"})
    assert nothing_said["A12.statement"].startswith("请写明")
    factory.perform(project, "make_statement", "bidder", SAID | {"file": factory.file("说明.pdf")})
    assert "statements" not in waits(factory, "bidder")
    assert factory.mails("industry")[-1].startswith("收到陈述申辩")
    waived(factory, project, notice)  # the office writes down that neither adds anything
    assert held(factory, project) == {
        "A12.considered": "已收到陈述、申辩，请写明复核情况：哪些采纳、哪些不采纳和理由（《办法》第十二条、第十三条）。"
    }
    factory.both(project, "terminate", END | {"considered": "到货延迟属实，不影响责任认定，不予采纳。"})
    facts = paper(factory, project, "termination").data["heard"]
    assert [item["text"] for item in facts["parties"][1]["statements"]] == ["设备到货延迟。", ""]
    assert facts["considered"].startswith("到货延迟属实")


@pytest.mark.parametrize(
    ("change", "rule", "sentence"),
    [
        ("longer", "A13.told", "拟限制申报至2027年12月31日，告知的是不限制申报，须重新出具告知书"),
        ("money", "A12.told_due", "县市区（园区）财政应收回 20.00 万元，告知的是 0.00 万元，须重新出具告知书"),
        ("panel", "A12.told_panel", "告知以后责任论证有了新的结论，须重新出具告知书"),
    ],
)
def test_when_facts_change_the_parties_are_told_anew(
    factory: ProjectFactory, change: str, rule: str, sentence: str
) -> None:
    project = executing(factory)
    blamed(factory, project)
    waived(factory, project, told(factory, project))
    more = {}
    if change == "longer":
        more = {"restrict_until": UNTIL}
    elif change == "money":
        county_pays(factory, project, "1", "20")
    else:
        panel = factory.session.scalars(select(PriorNotice.panel_id)).one()
        factory.both(project, "set_aside", {"panel": str(panel), "again": "anew", "reason": "应当回避"})
        blamed(factory, project)
    assert held(factory, project, **more)[rule].startswith(sentence)
    again = told(factory, project, more.get("restrict_until", ""))
    waived(factory, project, again)
    assert [row.status for row in factory.session.scalars(select(PriorNotice).order_by(PriorNotice.id))] == [
        "superseded",
        "open",
    ]
    papers = select(Paper.state).where(Paper.name == "prior_notice").order_by(Paper.id)
    assert factory.session.scalars(papers).all() == ["superseded", "current"]
    factory.both(project, "terminate", END | more)
    assert project.state in ("termination", "terminated")


def test_a_notice_is_withdrawn_and_the_parties_hear_of_it(factory: ProjectFactory) -> None:
    project = executing(factory)
    blamed(factory, project)
    told(factory, project)
    factory.both(project, "withdraw_prior_notice", {"reason": "事实尚需核实"})
    assert factory.mails("issuer")[-1].startswith("告知书已撤回")
    assert "A12.told" in held(factory, project)
    assert "A12.statement" in factory.why_not(project, "make_statement", "bidder")
    assert factory.session.scalars(select(Paper.state).where(Paper.name == "prior_notice")).one() == "cancelled"


def test_a_service_with_a_wrong_day_is_corrected_by_another_person(factory: ProjectFactory) -> None:
    project = executing(factory)
    blamed(factory, project)
    bidder = told(factory, project).addressees[1]
    factory.at("2024-11-22 09:00")
    data: dict[str, Any] = {"addressee": str(bidder.id), "manner": "post", "dated": "2024-11-22", "reason": "回执载明"}
    early = factory.blocked(project, "amend_service", "industry", data | {"dated": "2024-11-19"})
    assert "早于告知书的日期" in early["date.early"]
    factory.perform(project, "amend_service", "industry", data)
    assert "countersign" in factory.blocked(project, "amend_service", "industry"), "industry has asked for it"
    factory.perform(project, "amend_service", "science")
    assert bidder.answer_until == date(2024, 11, 29)
    change = paper(factory, project, "correction").data["changes"]
    assert [(item["old"], item["new"]) for item in change] == [
        ("直接送达，2024年11月20日", "邮寄送达，2024年11月22日"),
        ("2024年11月27日", "2024年11月29日"),
    ]


def test_a_statement_on_paper_counts_from_its_receipt_and_can_be_taken_back(factory: ProjectFactory) -> None:
    project = executing(factory)
    blamed(factory, project)
    bidder = told(factory, project).addressees[1]
    factory.at("2024-11-29 09:00")
    data = SAID | {"addressee": str(bidder.id), "channel": "letter", "received_on": "2024-11-28"}
    assert "在期限届满以后" in factory.blocked(project, "enter_statement", "science", data)["A12.statement"]
    factory.perform(project, "enter_statement", "science", data | {"received_on": "2024-11-27"})
    assert factory.mails("bidder")[-1].startswith("陈述申辩已登记")
    row = factory.session.scalars(select(PartyStatement)).one()
    assert "A12.considered" in held(factory, project)
    taken = {"record": f"statement:{row.id}", "reason": "属于另一项目"}
    factory.perform(project, "take_back", "science", taken)
    factory.perform(project, "take_back", "industry")
    assert row.voided_at is not None
    factory.both(project, "terminate", END)  # as nothing was stated
    assert paper(factory, project, "termination").data["heard"]["parties"][1]["statements"] == []
