"""首拨: vouchers, the 40 %, waivers, the county's match, the exact amount."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.later import (
    TWELVE,
    approved,
    checked,
    executing,
    in_force,
    ledger_lines,
    matched,
    newest,
    paper,
    pay,
    ready,
    reports_of,
    sums,
    voucher,
    waive,
    wan,
)
from tests.factories.projects import ProjectFactory
from tests.factories.values import APPLICATION
from xtbang.errors import Blocked
from xtbang.models import Acceptance, Voucher
from xtbang.papers.facts import common as facts

SEVEN = "《办法》第七条"
YES = "accepted"


# ---------------------------------------------------------------- vouchers


def test_the_same_slip_counts_once(factory: ProjectFactory) -> None:
    project = in_force(factory)
    voucher(factory, project, "A1", "30")
    data = {"number": "A1", "amount": "30", "paid_on": "2024-11-18", "file": factory.file("又一次.pdf")}
    sentence = factory.blocked(project, "submit_voucher", "issuer", data)["A7.voucher_twice"]
    assert sentence == f"凭证号 A1 已提交过（30.00 万元，待核验），同一凭证只计一次（{SEVEN}）。"
    for written in ("a1", "A-1", "Ａ１", "A 1 ", "A‑1"):
        sentence = factory.blocked(project, "submit_voucher", "issuer", data | {"number": written})["A7.voucher_twice"]
        assert "（原填 A1）已提交过" in sentence
    assert set(factory.blocked(project, "submit_voucher", "issuer", data | {"number": "——"})) == {"A7.voucher_number"}


def test_a_slip_counts_for_one_project_of_its_issuer(factory: ProjectFactory) -> None:
    first = in_force(factory)
    voucher(factory, first, "ATTACK-0001", "20")
    factory.at("2024-09-02 10:00")
    second = in_force(factory, edition="2021", title="另一项目")
    data = {"number": "attack 0001", "amount": "20", "paid_on": "2024-11-18", "file": factory.file("回单.pdf")}
    assert factory.blocked(second, "submit_voucher", "issuer", data)["A7.voucher_twice"] == (
        f"凭证号 attack 0001（原填 ATTACK-0001）已在项目 {first.number}“{first.title}”提交过"
        f"（20.00 万元，待核验），同一凭证只计一次（{SEVEN}）。"
    )
    refused = {"voucher": str(newest(factory, first)), "outcome": "refused", "note": "属另一项目"}
    factory.perform(first, "check_voucher", "industry", refused)
    factory.perform(second, "submit_voucher", "issuer", data)


def test_of_two_in_the_same_moment_one_is_accepted(factory: ProjectFactory) -> None:
    first = in_force(factory)
    checked(factory, first, "A1", "20")
    factory.at("2024-09-02 10:00")
    second = in_force(factory, edition="2021")
    voucher(factory, second, "B1", "20")
    with factory.writing() as session:
        session.get_one(Voucher, newest(factory, second)).number = "a-1"
    data = {"voucher": str(newest(factory, second)), "outcome": YES}
    assert "A7.voucher_twice" in factory.blocked(second, "check_voucher", "science", data)


def test_the_officer_is_told_of_the_same_file_and_the_same_number(factory: ProjectFactory) -> None:
    project = in_force(factory)
    voucher(factory, project, "A1", "30")
    data = {"number": "A2", "amount": "20", "paid_on": "2024-11-18", "file": factory.file("回单A1.pdf")}
    factory.perform(project, "submit_voucher", "issuer", data)
    offers = factory.engine.offers(factory.session, project, factory.actor("science"))
    (check,) = [offer for offer in offers if offer.action.trigger == "check_voucher"]
    assert check.open
    assert [hint.text for hint in check.hints] == [
        f"凭证 {one} 与项目 {project.number}“{project.title}”的凭证 {other}（{amount} 万元，待核验）文件相同，"
        "请核对是否为同一笔付款。"
        for one, other, amount in (("A1", "A2", "20.00"), ("A2", "A1", "30.00"))
    ]
    (mine,) = [
        offer
        for offer in factory.engine.offers(factory.session, project, factory.actor("issuer"))
        if offer.action.trigger == "submit_voucher"
    ]
    assert mine.hints == ()


def test_refused_voucher_may_be_handed_in_again(factory: ProjectFactory) -> None:
    project = in_force(factory)
    voucher(factory, project, "A1", "30")
    data = {"voucher": str(newest(factory, project)), "outcome": "refused", "note": "回单模糊"}
    factory.perform(project, "check_voucher", "industry", data)
    assert any(subject.startswith("请补正付款凭证") for subject in factory.mails("issuer"))
    checked(factory, project, "A1", "31")
    rows = factory.session.scalars(select(Voucher).where(Voucher.project_id == project.id)).all()
    assert [(row.status, wan(row.amount)) for row in rows] == [("accepted", Decimal(31))]


def test_voucher_of_tomorrow(factory: ProjectFactory) -> None:
    project = in_force(factory)
    data = {"number": "A1", "amount": "30", "paid_on": "2024-11-20", "file": factory.file("回单.pdf")}
    assert set(factory.blocked(project, "submit_voucher", "issuer", data)) == {"date.future"}


def test_voucher_counts_only_once_it_was_checked(factory: ProjectFactory) -> None:
    project = in_force(factory)
    voucher(factory, project, "A1", "80")
    assert sums(factory, project).issuer_paid == 0
    against = factory.why_not(project, "disburse_first", "finance")
    assert {"A7.voucher", "A7.issuer_payment"} <= set(against)
    assert "另有 80.00 万元的付款凭证待核验，认定后计入" in against["A7.issuer_payment"]
    data = {"voucher": str(newest(factory, project)), "outcome": YES}
    factory.perform(project, "check_voucher", "science", data)
    assert wan(sums(factory, project).issuer_paid) == 80
    assert factory.why_not(project, "check_voucher", "science") == {"A7.voucher": f"没有待核验的付款凭证（{SEVEN}）。"}


def test_payments_count_up_to_the_technical_contract(factory: ProjectFactory) -> None:
    project = in_force(factory)
    checked(factory, project, "A1", "60")
    voucher(factory, project, "A2", "30")
    data = {"number": "A3", "amount": "0.01", "paid_on": "2024-10-31", "file": factory.file("A3.pdf")}
    against = factory.blocked(project, "submit_voucher", "issuer", data)
    assert against == {
        "A7.voucher_early": f"付款日期2024年10月31日早于技术合同签订日期2024年11月1日（{SEVEN}）。",
        "A7.contract_amount": f"已认定付款 60.00 万元、待核验 30.00 万元，加上本凭证 0.01 万元共 90.01 万元，超过技术合同金额 90.00 万元（{SEVEN}）。",
    }


def test_a_voucher_of_before_the_application_is_checked_against_the_contract(factory: ProjectFactory) -> None:
    project = factory.agreed()
    voucher(factory, project, "A1", "90.01", "2024-10-29")
    definition = factory.engine.policy.edition("2024").documents["application"]
    factory.at("2024-11-04 09:00")
    filled = APPLICATION | {"contract_file": factory.file("技术合同.pdf")}
    factory.fill(project.application, definition, filled, "issuer")
    factory.apply(project)
    data = {"voucher": str(newest(factory, project)), "outcome": YES}
    against = factory.blocked(project, "check_voucher", "science", data)
    assert set(against) == {"A7.voucher_early", "A7.contract_amount"}
    factory.perform(project, "check_voucher", "science", data | {"outcome": "refused"})


def test_a_voucher_is_taken_back_until_it_was_checked(factory: ProjectFactory) -> None:
    project = in_force(factory)
    voucher(factory, project, "A1", "30")
    factory.perform(project, "withdraw_voucher", "issuer", {"voucher": str(newest(factory, project))})
    assert any(subject.startswith("付款凭证已撤回") for subject in factory.mails("industry"))
    assert "A7.voucher" in factory.why_not(project, "withdraw_voucher", "issuer")
    checked(factory, project, "A1", "31")
    rows = factory.session.scalars(select(Voucher).where(Voucher.project_id == project.id)).all()
    assert [(row.status, wan(row.amount)) for row in rows] == [("accepted", Decimal(31))]


def test_no_voucher_counts_before_the_contract_amount_is_known(factory: ProjectFactory) -> None:
    project = factory.agreed()
    voucher(factory, project, "A1", "30", "2024-10-28")
    data = {"voucher": str(newest(factory, project)), "outcome": YES}
    assert set(factory.blocked(project, "check_voucher", "science", data)) == {"A7.contract_amount"}


def test_voucher_of_another_project_cannot_be_named(factory: ProjectFactory) -> None:
    project = in_force(factory)
    voucher(factory, project, "A1", "30")
    data = {"voucher": "999", "outcome": YES}
    assert set(factory.blocked(project, "check_voucher", "science", data)) == {"F.choice"}


# ---------------------------------------------------------------- the 40 %


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


@pytest.mark.parametrize("amount", ["19.9999", "20.0001", "40", "0"])
def test_first_instalment_is_exactly_half(factory: ProjectFactory, amount: str) -> None:
    project = ready(factory)
    data = {"amount": amount, "paid_on": "2024-11-20", "note": "1"}
    sentence = factory.blocked(project, "disburse_first", "finance", data)["A7.instalment"]
    assert sentence.startswith("首期拨付金额应为 20.00 万元，填报为 ")
    assert project.state == "first_payment"
    assert sums(factory, project).instalments == {}


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
