"""What is implausible is asked back before it is done: figures beside the plan, days far away, another payee."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from inspect import isfunction
from typing import Any

from tests.factories.later import (
    contracting,
    executing,
    fill_acceptance,
    fill_contract,
    fill_report,
    ready,
    reports_of,
    to_approve,
)
from tests.factories.projects import ProjectFactory
from tests.factories.values import ACCEPTANCE, APPLICATION, REPORT
from tests.stages.test_bidding import DEAL
from xtbang.actions.registry import GUARDS
from xtbang.domain.event_dates import far_ahead
from xtbang.models import Organisation, Project


def hints(
    factory: ProjectFactory, project: Project, trigger: str, who: str, data: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """What is asked back before it is done, by rule."""
    policy, actor = factory.engine.policy, factory.actor(who)
    context = factory.engine.context(factory.session, project, actor, who, policy.actions[trigger])
    _against, found = factory.engine.asked_back(context, policy.actions[trigger], data or {})
    return {hint.rule: hint.text for hint in found}


def test_what_is_implausible_beside_the_plan_is_asked_back_with_both_figures(factory: ProjectFactory) -> None:
    project = executing(factory)
    factory.at("2025-05-19 09:00")
    row = reports_of(factory, project)[0]
    fill_report(factory, project, row, REPORT | {"spent_own": "9999", "use_material": "10009"})
    asked = hints(factory, project, "submit_report", "bidder", {"report": str(row.id)})
    assert "自筹资金累计支出 9999.00 万元（预算 120.00 万元）" in asked["A8.over_budget"]
    assert "材料费 10009.00 万元（预算 100.00 万元）" in asked["A8.over_budget"]
    nothing = [ACCEPTANCE["indicators"][0] | {"reached": "0"}]
    fill_acceptance(factory, project, spent_own="80", use_material="0", indicators=nothing, new_tax="1")
    asked = hints(factory, project, "request_acceptance", "bidder")
    assert asked["A8.indicator"].startswith("指标“寿命”实际值为 0，目标值为 3000，未达到")
    assert asked["A8.own"] == "自筹资金支出 80.00 万元，少于计划的 120.00 万元。"
    assert asked["A8.new_tax"] == "实际新增税收 1.00 万元，少于申报时预计的 120.00 万元。"
    factory.perform(project, "submit_report", "bidder", {"report": str(row.id)})
    looked = {"dated": "2025-05-19", "favourable": "normal", "text": "正常"}
    assert "自筹资金累计支出 9999.00" in hints(factory, project, "record_check", "science", looked)["A8.over_budget"]
    factory.perform(project, "confirm_reading", "issuer")
    asked = hints(factory, project, "request_acceptance", "bidder")
    factory.perform(project, "request_acceptance", "bidder")
    for trigger in ("pass_acceptance", "rectify"):  # whoever decides reads the same figures
        assert asked == hints(factory, project, trigger, "science", {"reason": "x", "rectify_by": "2025-06-01"})


def test_an_indicator_at_nothing_or_farther_from_its_target_is_asked_back_in_a_report(factory: ProjectFactory) -> None:
    project = executing(factory)
    factory.at("2025-05-19 09:00")
    row = reports_of(factory, project)[0]
    line = REPORT["indicators"][0] | {"target": "≥3000"}
    for last, now, asked in (
        ("", "0", "当前值为 0"),
        ("1500", "1400", "离目标值"),
        ("1500", "1600", ""),
        ("", "未测", ""),
    ):
        fill_report(factory, project, row, REPORT | {"indicators": [line | {"last": last, "reached": now}]})
        told = hints(factory, project, "submit_report", "bidder", {"report": str(row.id)}).get("A8.indicator", "")
        assert asked in told and bool(asked) == bool(told), (last, now, told)


def test_what_the_last_report_says_is_held_against_the_next_one(factory: ProjectFactory) -> None:
    """The last values are not typed anew, stages that were done stay done, and none of the contract is left out."""
    project = executing(factory)
    factory.at("2025-05-19 09:00")
    first, second = reports_of(factory, project)[:2]
    done = REPORT | {"milestones": [{"content": "中试", "state": "done"}]}
    fill_report(factory, project, first, done)
    factory.perform(project, "submit_report", "bidder", {"report": str(first.id)})
    factory.at("2025-11-19 09:00")
    line, none = REPORT["indicators"][0] | {"reached": "2600"}, "阶段任务“中试”"
    for change, rule, told in (
        ({"indicators": [line | {"last": "2500"}]}, "A8.last", ""),
        ({"indicators": [line | {"last": "100"}]}, "A8.last", "上次填报值填为“100”，上次报告为“2500”"),
        ({"indicators": [line]}, "A8.last", "填为“—”"),
        ({}, "A8.milestones", ""),
        ({"milestones": [{"content": "中试", "state": "ongoing"}]}, "A8.milestones", f"{none}上次填报为已完成"),
        ({"milestones": [{"content": "其他", "state": "done"}]}, "A8.milestones", f"合同书的{none[:4]}“中试”没有填报"),
    ):
        fill_report(factory, project, second, done | change)
        found = hints(factory, project, "submit_report", "bidder", {"report": str(second.id)}).get(rule, "")
        assert told in found and bool(told) == bool(found), (change, found)


def test_words_alone_for_a_figure_are_asked_back(factory: ProjectFactory) -> None:
    project = executing(factory)
    for reached, asked in (("达标", True), ("无", True), ("3000", False), ("约3100小时", False)):
        line = ACCEPTANCE["indicators"][0] | {"reached": reached}
        fill_acceptance(factory, project, indicators=[line])
        told = hints(factory, project, "request_acceptance", "bidder").get("A8.indicator", "")
        assert ("没有写明数值" in told) == asked, (reached, told)


def test_a_zero_under_an_upper_limit_is_asked_back(factory: ProjectFactory) -> None:
    project = executing(factory)
    for reached, asked in (("0", True), ("79.5", False)):
        fill_acceptance(
            factory, project, indicators=[ACCEPTANCE["indicators"][0] | {"target": "≤80", "reached": reached}]
        )
        told = hints(factory, project, "request_acceptance", "bidder").get("A8.indicator", "")
        assert ("请核对是否为实测值" in told) == asked, (reached, told)


def test_an_indicator_is_held_against_the_contract_by_name_and_target(factory: ProjectFactory) -> None:
    project = executing(factory)
    (promised,) = APPLICATION["indicators"]
    line = ACCEPTANCE["indicators"][0]
    for change, told in (
        ({}, ""),
        ({"target": "1"}, f"目标值填为“1”，合同书为“{promised['target']}”"),
        ({"target": f"{promised['target']} {promised['unit']}"}, ""),
        ({"unit": "min"}, f"单位填为“min”，合同书为“{promised['unit']}”"),
        ({"name": "外观"}, "没有填报"),
    ):
        fill_acceptance(factory, project, indicators=[line | promised | {"reached": "9999"} | change])
        asked = hints(factory, project, "request_acceptance", "bidder").get("A8.promised", "")
        assert told in asked and bool(told) == bool(asked), asked


def test_what_is_older_than_the_project_or_beyond_its_total_is_asked_back(factory: ProjectFactory) -> None:
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    paid = {"number": "A1", "amount": "30", "paid_on": "2019-01-01", "file": factory.file("回单.pdf")}
    assert "早于项目受理日期" in hints(factory, project, "submit_voucher", "issuer", paid)["A7.voucher_early"]
    definition = factory.engine.policy.edition("2024").documents["application"]
    odd = {"contract_signed_on": "2019-01-01", "contract_amount": "564000", "contract_file": factory.file("合同.pdf")}
    factory.fill(project.application, definition, APPLICATION | odd, "issuer")
    asked = hints(factory, project, "apply", "issuer")
    assert "早于项目受理日期" in asked["A10.signed"]
    read = hints(factory, project, "confirm_reading", "bidder")
    assert asked.items() == read.items(), "who reads it for the other party is told the same"
    assert "技术合同金额 564000.00 万元，超过科研投入总额" in asked["A10.amount"]


def test_what_is_recorded_for_a_day_before_the_entry_is_asked_back(factory: ProjectFactory) -> None:
    project = factory.applied()
    dated = {"text": "现场具备条件"}
    for day, asked in (("2019-01-05", "日期2019年1月5日早于项目提交的日期"), (f"{factory.now:%Y-%m-%d}", "")):
        told = hints(factory, project, "record_inspection", "science", dated | {"dated": day}).get("date.early", "")
        assert told.startswith(asked) and bool(asked) == bool(told), (day, told)


def test_a_deadline_that_is_far_away_is_asked_back(factory: ProjectFactory) -> None:
    entry = factory.submitted()
    far = factory.now.date().replace(year=factory.now.year + 1)
    for until, asked in ((far, "修改截止日期"), (far - timedelta(days=1), "")):
        data = {"reason": "请补正", "correct_by": until.isoformat()}
        told = hints(factory, entry, "send_back", "science", data).get("date.far", "")
        assert told.startswith(asked) and bool(asked) == bool(told), (until, told)


def asks(guard: Callable[..., Any]) -> bool:
    """Tell whether a guard asks about a day far ahead, itself or by a function that it calls."""
    called = called_by(guard)
    return any(far_ahead in names for names in (called, *(called_by(other) for other in called if isfunction(other))))


def called_by(function: Callable[..., Any]) -> list[Any]:
    return [function.__globals__.get(name) for name in function.__code__.co_names]


def test_every_deadline_that_an_action_sets_is_asked_back_when_it_is_far_away(factory: ProjectFactory) -> None:
    policy = factory.engine.policy
    deadlines = {"recover_by", "rectify_by", "correct_by", "bids_until"}
    actions = [action for action in policy.actions.values() if deadlines & {field.key for field in action.form.fields}]
    unasked = [action.trigger for action in actions if not any(asks(GUARDS[name]) for name in action.needs)]
    assert len(actions) > 5
    assert unasked == []


def test_a_deal_that_is_implausible_beside_the_entry_is_asked_back(factory: ProjectFactory) -> None:
    project = factory.agreed(track="market")
    deal = DEAL | {"contract_file": factory.file("技术合同.pdf")}
    assert hints(factory, project, "register_deal", "science", deal) == {}
    odd = deal | {"contract_signed_on": "2019-01-05", "contract_amount": "999999"}
    asked = hints(factory, project, "register_deal", "science", odd)
    assert "早于项目受理日期" in asked["A10.signed"] and "超过项目表填报的计划投入" in asked["A10.amount"]


def test_a_payee_who_is_not_the_issuer_is_asked_back(factory: ProjectFactory) -> None:
    project = contracting(factory)
    for name, asked in ((project.issuer.name, False), ("别的公司", True)):
        fill_contract(factory, project, payee_name=name)
        assert ("A7.payee" in hints(factory, project, "issue_contract", "science")) is asked


def test_a_payment_to_another_than_the_issuer_of_today_is_asked_back(factory: ProjectFactory) -> None:
    """The contract names the payee; the entry may have gone to a successor since."""
    project = ready(factory)
    shown = {"payment": to_approve(factory, project)}
    assert "A7.payee" not in hints(factory, project, "approve_payment", "science", shown)
    with factory.writing() as session:
        session.get_one(Organisation, project.issuer_id).name = "承继的公司"
    assert "承继的公司" in hints(factory, project, "approve_payment", "science", shown)["A7.payee"]
