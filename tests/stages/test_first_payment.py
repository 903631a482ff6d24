"""首拨: the 40 %, waivers, the county's match, the exact amount."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.later import (
    approved,
    checked,
    executing,
    in_force,
    ledger_lines,
    matched,
    paper,
    pay,
    ready,
    reports_of,
    sums,
    waive,
    wan,
)
from tests.factories.projects import ProjectFactory
from tests.factories.values import APPLICATION, TWELVE
from xtbang.errors import Blocked
from xtbang.models import Acceptance
from xtbang.papers.facts import common as facts

SEVEN = "《办法》第七条"
YES = "accepted"


# ---------------------------------------------------------------- the 40 %


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_47_99_of_120_is_not_enough_and_48_is(factory: ProjectFactory) -> None:
    project = in_force(factory, subsidy="15", application=TWELVE)
    checked(factory, project, "A1", "47.99")
    matched(factory, project, "7.5")
    factory.at("2024-11-20 09:00")
    assert factory.why_not(project, "approve_payment", "finance") == {
        "A7.issuer_payment": (
            "发榜方已支付 47.99 万元，须达到科研投入总额 120.00 万元的 40%（48.00 万元）后方可首拨"
            "（《办法》第七条、《2024年征集通知》第四部分第3项）。"
        )
    }
    checked(factory, project, "A2", "0.01", "2024-11-19")
    assert factory.why_not(project, "approve_payment", "finance") == {}
    pay(factory, project, "disburse_first", "7.5")
    assert project.state == "execution"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_payment_counts_only_when_dated_before_the_instalment(factory: ProjectFactory) -> None:
    project = ready(factory, paid="79")
    checked(factory, project, "A2", "1", "2024-11-20")
    sentence = factory.why_not(project, "disburse_first", "finance")["A7.issuer_payment"]
    assert "发榜方已支付 79.00 万元" in sentence
    assert "另有 1.00 万元的付款日期不早于拨付日期2024年11月20日，不计入" in sentence
    factory.at("2024-11-21 09:00")
    assert factory.why_not(approved(factory, project), "disburse_first", "finance") == {}
    data = {"amount": "20", "paid_on": "2024-11-20", "note": "1"}
    assert set(factory.blocked(project, "disburse_first", "finance", data)) == {"A7.issuer_payment"}


def test_both_bureaus_waive_the_40_percent_but_never_the_vouchers(factory: ProjectFactory) -> None:
    project = in_force(factory)
    matched(factory, project, "20")
    waive(factory, project, "A7.issuer_payment", "science")
    assert "A7.issuer_payment" in factory.why_not(project, "disburse_first", "finance")
    assert any(subject.startswith("请审核例外") for subject in factory.mails("industry"))
    assert "等待市工信局同意" in factory.why_not(project, "record_waiver", "science")["waiver"]
    waive(factory, project, "A7.issuer_payment", "industry")
    assert set(factory.why_not(project, "approve_payment", "finance")) == {"A7.voucher"}
    checked(factory, project, "A1", "10")
    factory.at("2024-11-20 09:00")
    pay(factory, project, "disburse_first", "20")
    order = paper(factory, project, "payment_order", "instalment:1").data
    assert [waiver["rule"] for waiver in order["waivers"]] == ["A7.issuer_payment"] * 2
    sentence = "发榜方首拨前的付款须达到科研投入总额200.00万元的40%（80.00万元）。"
    assert {waiver["sentence"] for waiver in order["waivers"]} == {sentence}


def test_one_bureaus_word_alone_is_not_printed(factory: ProjectFactory) -> None:
    project = in_force(factory)
    waive(factory, project, "A7.issuer_payment", "science")
    assert facts.waivers(factory.session, factory.engine.policy.city, project.id) == []


def test_two_waivers_by_the_same_person_do_not_count(factory: ProjectFactory) -> None:
    project = in_force(factory)
    with factory.writing():
        factory.people["industry"].roles.append(factory.roles["science"])  # type: ignore[index]
    waive(factory, project, "A7.issuer_payment", "science")
    with factory.writing():
        factory.people["science"].roles = [factory.roles["industry"]]  # type: ignore[index]
    assert "两名不同人员" in factory.why_not(project, "record_waiver", "science")["waiver"]


def test_nothing_to_waive(factory: ProjectFactory) -> None:
    project = ready(factory)
    sentence = "目前没有可由两局同意例外的原则性条款。"
    assert factory.why_not(project, "record_waiver", "science") == {"waiver": sentence}


def test_term_and_tax_are_waived_in_bidding(factory: ProjectFactory) -> None:
    project = factory.agreed()
    definition = factory.engine.policy.edition("2024").documents["application"]
    factory.fill(project.application, definition, APPLICATION | {"term_end": "2026-11-20", "new_tax": "99"}, "issuer")
    for rule in ("A7.term", "N.new_tax"):
        for who in ("science", "industry"):
            assert rule in factory.why_not(project, "apply", "issuer")
            waive(factory, project, rule, who)
        assert rule not in factory.why_not(project, "apply", "issuer")


# ---------------------------------------------------------------- the county


def test_county_adds_exactly_the_same(factory: ProjectFactory) -> None:
    project = in_force(factory)
    sentence = "湘潭高新区尚未确认首期配套资金 20.00 万元（与市级 1:1）（《办法》第七条）。"
    assert factory.why_not(project, "disburse_first", "finance")["A7.county_match"] == sentence
    data = {"amount": "19.99", "number": "1号", "dated": "2024-11-19"}
    against = factory.blocked(project, "confirm_county_match", "county", data)
    assert against == {
        "A7.county": (f"首期配套资金与市级首期 20.00 万元按 1:1 安排，应为 20.00 万元，填报为 19.99 万元（{SEVEN}）。")
    }
    matched(factory, project, "20")
    assert "已确认" in factory.why_not(project, "confirm_county_match", "county")["A7.county_match"]


# ---------------------------------------------------------------- the instalment


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("amount", ["19.9999", "20.0001", "40", "0"])
def test_first_instalment_is_exactly_half(factory: ProjectFactory, amount: str) -> None:
    project = ready(factory)
    data = {"amount": amount, "paid_on": "2024-11-20", "note": "1"}
    sentence = factory.blocked(project, "disburse_first", "finance", data)["A7.instalment"]
    assert sentence.startswith("首期拨付金额应为 20.00 万元，填报为 ")
    assert project.state == "first_payment"
    assert sums(factory, project).instalments == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("day", "rule"), [("2024-11-21", "date.future"), ("2024-11-18", "date.early")])
def test_day_of_payment(factory: ProjectFactory, day: str, rule: str) -> None:
    project = ready(factory)
    with pytest.raises(Blocked) as caught:
        pay(factory, project, "disburse_first", "20", paid_on=day)
    assert rule in {reason.rule for reason in caught.value.reasons}


def test_first_instalment_in_ledger_paper_and_reports(factory: ProjectFactory) -> None:
    project = executing(factory)
    assert project.first_paid_on.isoformat() == "2024-11-20"
    paid = [line for line in ledger_lines(factory, project) if line[0] == "instalment"]
    assert [line[:4] for line in paid] == [("instalment", "city", 1, Decimal(20))]
    order = paper(factory, project, "payment_order", "instalment:1").data
    assert order["amount"]["words"] == "贰拾万元整"
    assert order["payee"] == {
        "name": "湘潭电机有限公司",
        "bank_name": "湘潭农商行",
        "bank_account": "6222000011112222",
    }
    assert (order["issuer_paid"]["wan"], order["county_match"]["number"]) == ("80", "潭高财〔2024〕7号")
    days = [row.due_on.isoformat() for row in reports_of(factory, project)]
    assert days == ["2025-05-19", "2025-11-19", "2026-05-19", "2026-11-19"]
    assert reports_of(factory, project)[0].document.draft["milestones"][0]["content"] == "中试"
    request = factory.session.scalars(select(Acceptance).where(Acceptance.project_id == project.id)).one()
    assert request.document.draft["indicators"][0]["target"] == "3000"
    assert any(subject.startswith("请拨付配套资金") for subject in factory.mails("county"))


def test_self_managed_reports_yearly(factory: ProjectFactory) -> None:
    project = executing(factory, "7.5", subsidy="15")
    assert project.self_managed
    assert [row.due_on.isoformat() for row in reports_of(factory, project)] == ["2025-11-19", "2026-11-19"]


def test_second_click_pays_nothing_twice(factory: ProjectFactory) -> None:
    project = approved(factory, ready(factory))
    data = {"amount": "20", "paid_on": "2024-11-20", "note": "1"}
    outcomes = [
        factory.engine.perform(
            factory.session, project.id, "disburse_first", factory.actor("finance"), data, request_key="click"
        ).kind
        for _ in range(2)
    ]
    assert outcomes == ["moved", "repeated"]
    assert wan(sums(factory, project).paid["city"]) == 20
