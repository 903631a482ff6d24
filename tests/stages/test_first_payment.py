"""首拨: vouchers, the 40 %, waivers, the county's match, the exact amount."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.stages.later import (
    TWELVE,
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
from tests.stages.values import APPLICATION
from tests.stages.world import World
from xtbang.errors import Blocked
from xtbang.models import Acceptance, Voucher
from xtbang.papers.facts import common as facts

SEVEN = "《办法》第七条"
YES = "accepted"


# ---------------------------------------------------------------- vouchers


def test_the_same_slip_counts_once(world: World) -> None:
    project = in_force(world)
    voucher(world, project, "A1", "30")
    data = {"number": "A1", "amount": "30", "paid_on": "2024-11-18", "file": world.file("又一次.pdf")}
    sentence = world.blocked(project, "submit_voucher", "issuer", data)["A7.voucher_twice"]
    assert sentence == f"凭证号 A1 已提交过（30.00 万元，待核验），同一凭证只计一次（{SEVEN}）。"
    for written in ("a1", "A-1", "Ａ１", "A 1 ", "A‑1"):
        sentence = world.blocked(project, "submit_voucher", "issuer", data | {"number": written})["A7.voucher_twice"]
        assert "（原填 A1）已提交过" in sentence
    assert set(world.blocked(project, "submit_voucher", "issuer", data | {"number": "——"})) == {"A7.voucher_number"}


def test_a_slip_counts_for_one_project_of_its_issuer(world: World) -> None:
    first = in_force(world)
    voucher(world, first, "ATTACK-0001", "20")
    world.at("2024-09-02 10:00")
    second = in_force(world, edition="2021", title="另一项目")
    data = {"number": "attack 0001", "amount": "20", "paid_on": "2024-11-18", "file": world.file("回单.pdf")}
    assert world.blocked(second, "submit_voucher", "issuer", data)["A7.voucher_twice"] == (
        f"凭证号 attack 0001（原填 ATTACK-0001）已在项目 {first.number}“{first.title}”提交过"
        f"（20.00 万元，待核验），同一凭证只计一次（{SEVEN}）。"
    )
    refused = {"voucher": str(newest(world, first)), "outcome": "refused", "note": "属另一项目"}
    world.perform(first, "check_voucher", "industry", refused)
    world.perform(second, "submit_voucher", "issuer", data)


def test_of_two_in_the_same_moment_one_is_accepted(world: World) -> None:
    first = in_force(world)
    checked(world, first, "A1", "20")
    world.at("2024-09-02 10:00")
    second = in_force(world, edition="2021")
    voucher(world, second, "B1", "20")
    with world.writing() as session:
        session.get_one(Voucher, newest(world, second)).number = "a-1"
    data = {"voucher": str(newest(world, second)), "outcome": YES}
    assert "A7.voucher_twice" in world.blocked(second, "check_voucher", "science", data)


def test_the_officer_is_told_of_the_same_file_and_the_same_number(world: World) -> None:
    project = in_force(world)
    voucher(world, project, "A1", "30")
    data = {"number": "A2", "amount": "20", "paid_on": "2024-11-18", "file": world.file("回单A1.pdf")}
    world.perform(project, "submit_voucher", "issuer", data)
    offers = world.engine.offers(world.session, project, world.actor("science"))
    (check,) = [offer for offer in offers if offer.action.trigger == "check_voucher"]
    assert check.open
    assert [hint.text for hint in check.hints] == [
        f"凭证 {one} 与项目 {project.number}“{project.title}”的凭证 {other}（{amount} 万元，待核验）文件相同，"
        "请核对是否为同一笔付款。"
        for one, other, amount in (("A1", "A2", "20.00"), ("A2", "A1", "30.00"))
    ]
    (mine,) = [
        offer
        for offer in world.engine.offers(world.session, project, world.actor("issuer"))
        if offer.action.trigger == "submit_voucher"
    ]
    assert mine.hints == ()


def test_refused_voucher_may_be_handed_in_again(world: World) -> None:
    project = in_force(world)
    voucher(world, project, "A1", "30")
    data = {"voucher": str(newest(world, project)), "outcome": "refused", "note": "回单模糊"}
    world.perform(project, "check_voucher", "industry", data)
    assert any(subject.startswith("请补正付款凭证") for subject in world.mails("issuer"))
    checked(world, project, "A1", "31")
    rows = world.session.scalars(select(Voucher).where(Voucher.project_id == project.id)).all()
    assert [(row.status, wan(row.amount)) for row in rows] == [("accepted", Decimal(31))]


def test_voucher_of_tomorrow(world: World) -> None:
    project = in_force(world)
    data = {"number": "A1", "amount": "30", "paid_on": "2024-11-20", "file": world.file("回单.pdf")}
    assert set(world.blocked(project, "submit_voucher", "issuer", data)) == {"date.future"}


def test_voucher_counts_only_once_it_was_checked(world: World) -> None:
    project = in_force(world)
    voucher(world, project, "A1", "80")
    assert sums(world, project).issuer_paid == 0
    assert {"A7.voucher", "A7.issuer_payment"} <= set(world.why_not(project, "disburse_first", "finance"))
    data = {"voucher": str(newest(world, project)), "outcome": YES}
    world.perform(project, "check_voucher", "science", data)
    assert wan(sums(world, project).issuer_paid) == 80
    assert world.why_not(project, "check_voucher", "science") == {"A7.voucher": f"没有待核验的付款凭证（{SEVEN}）。"}


def test_payments_count_up_to_the_technical_contract(world: World) -> None:
    project = in_force(world)
    checked(world, project, "A1", "60")
    voucher(world, project, "A2", "30")
    data = {"number": "A3", "amount": "0.01", "paid_on": "2024-10-31", "file": world.file("A3.pdf")}
    against = world.blocked(project, "submit_voucher", "issuer", data)
    assert against == {
        "A7.voucher_early": f"付款日期2024年10月31日早于技术合同签订日期2024年11月1日（{SEVEN}）。",
        "A7.contract_amount": f"已认定付款 60.00 万元、待核验 30.00 万元，加上本凭证 0.01 万元共 90.01 万元，超过技术合同金额 90.00 万元（{SEVEN}）。",
    }


def test_a_voucher_of_before_the_application_is_checked_against_the_contract(world: World) -> None:
    project = world.agreed()
    voucher(world, project, "A1", "90.01", "2024-10-29")
    definition = world.engine.policy.edition("2024").documents["application"]
    world.at("2024-11-04 09:00")
    filled = APPLICATION | {"contract_file": world.file("技术合同.pdf")}
    world.fill(project.application, definition, filled, "issuer")
    world.apply(project)
    data = {"voucher": str(newest(world, project)), "outcome": YES}
    against = world.blocked(project, "check_voucher", "science", data)
    assert set(against) == {"A7.voucher_early", "A7.contract_amount"}
    world.perform(project, "check_voucher", "science", data | {"outcome": "refused"})


def test_a_voucher_is_taken_back_until_it_was_checked(world: World) -> None:
    project = in_force(world)
    voucher(world, project, "A1", "30")
    world.perform(project, "withdraw_voucher", "issuer", {"voucher": str(newest(world, project))})
    assert any(subject.startswith("付款凭证已撤回") for subject in world.mails("industry"))
    assert "A7.voucher" in world.why_not(project, "withdraw_voucher", "issuer")
    checked(world, project, "A1", "31")
    rows = world.session.scalars(select(Voucher).where(Voucher.project_id == project.id)).all()
    assert [(row.status, wan(row.amount)) for row in rows] == [("accepted", Decimal(31))]


def test_no_voucher_counts_before_the_contract_amount_is_known(world: World) -> None:
    project = world.agreed()
    voucher(world, project, "A1", "30", "2024-10-28")
    data = {"voucher": str(newest(world, project)), "outcome": YES}
    assert set(world.blocked(project, "check_voucher", "science", data)) == {"A7.contract_amount"}


def test_voucher_of_another_project_cannot_be_named(world: World) -> None:
    project = in_force(world)
    voucher(world, project, "A1", "30")
    data = {"voucher": "999", "outcome": YES}
    assert set(world.blocked(project, "check_voucher", "science", data)) == {"F.choice"}


# ---------------------------------------------------------------- the 40 %


def test_47_99_of_120_is_not_enough_and_48_is(world: World) -> None:
    project = in_force(world, subsidy="15", application=TWELVE)
    checked(world, project, "A1", "47.99")
    matched(world, project, "7.5")
    world.at("2024-11-20 09:00")
    assert world.why_not(project, "disburse_first", "finance") == {
        "A7.issuer_payment": (
            "发榜方已支付 47.99 万元，须达到科研投入总额 120.00 万元的 40%（48.00 万元）后方可首拨"
            "（《办法》第七条、《2024年征集通知》第四部分第3项）。"
        )
    }
    checked(world, project, "A2", "0.01", "2024-11-19")
    assert world.why_not(project, "disburse_first", "finance") == {}
    pay(world, project, "disburse_first", "7.5")
    assert project.state == "execution"


def test_payment_counts_only_when_dated_before_the_instalment(world: World) -> None:
    project = ready(world, paid="79")
    checked(world, project, "A2", "1", "2024-11-20")
    sentence = world.why_not(project, "disburse_first", "finance")["A7.issuer_payment"]
    assert "发榜方已支付 79.00 万元" in sentence
    assert "另有 1.00 万元的付款日期不早于拨付日期2024年11月20日，不计入" in sentence
    world.at("2024-11-21 09:00")
    assert world.why_not(project, "disburse_first", "finance") == {}
    data = {"amount": "20", "paid_on": "2024-11-20", "note": "1"}
    assert set(world.blocked(project, "disburse_first", "finance", data)) == {"A7.issuer_payment"}


def test_both_bureaus_waive_the_40_percent_but_never_the_vouchers(world: World) -> None:
    project = in_force(world)
    matched(world, project, "20")
    waive(world, project, "A7.issuer_payment", "science")
    assert "A7.issuer_payment" in world.why_not(project, "disburse_first", "finance")
    assert any(subject.startswith("请审核例外") for subject in world.mails("industry"))
    assert "等待市工信局同意" in world.why_not(project, "record_waiver", "science")["waiver"]
    waive(world, project, "A7.issuer_payment", "industry")
    assert set(world.why_not(project, "disburse_first", "finance")) == {"A7.voucher"}
    checked(world, project, "A1", "10")
    world.at("2024-11-20 09:00")
    pay(world, project, "disburse_first", "20")
    order = paper(world, project, "payment_order", "instalment:1").data
    assert [waiver["rule"] for waiver in order["waivers"]] == ["A7.issuer_payment"] * 2
    sentence = "发榜方首拨前的付款须达到科研投入总额200.00万元的40%（80.00万元）。"
    assert {waiver["sentence"] for waiver in order["waivers"]} == {sentence}


def test_one_bureaus_word_alone_is_not_printed(world: World) -> None:
    project = in_force(world)
    waive(world, project, "A7.issuer_payment", "science")
    assert facts.waivers(world.session, world.engine.policy.city, project.id) == []


def test_two_waivers_by_the_same_person_do_not_count(world: World) -> None:
    project = in_force(world)
    with world.writing():
        world.people["industry"].roles.append(world.roles["science"])  # type: ignore[index]
    waive(world, project, "A7.issuer_payment", "science")
    with world.writing():
        world.people["science"].roles = [world.roles["industry"]]  # type: ignore[index]
    assert "两名不同人员" in world.why_not(project, "record_waiver", "science")["waiver"]


def test_nothing_to_waive(world: World) -> None:
    project = ready(world)
    sentence = "目前没有可由两局同意例外的原则性条款。"
    assert world.why_not(project, "record_waiver", "science") == {"waiver": sentence}


def test_term_and_tax_are_waived_in_bidding(world: World) -> None:
    project = world.agreed()
    definition = world.engine.policy.edition("2024").documents["application"]
    world.fill(project.application, definition, APPLICATION | {"term_end": "2026-11-20", "new_tax": "99"}, "issuer")
    for rule in ("A7.term", "N.new_tax"):
        for who in ("science", "industry"):
            assert rule in world.why_not(project, "apply", "issuer")
            waive(world, project, rule, who)
        assert rule not in world.why_not(project, "apply", "issuer")


# ---------------------------------------------------------------- the county


def test_county_adds_exactly_the_same(world: World) -> None:
    project = in_force(world)
    sentence = "湘潭高新区尚未确认首期配套资金 20.00 万元（与市级 1:1）（《办法》第七条）。"
    assert world.why_not(project, "disburse_first", "finance")["A7.county_match"] == sentence
    data = {"amount": "19.99", "number": "1号", "dated": "2024-11-19"}
    against = world.blocked(project, "confirm_county_match", "county", data)
    assert against == {
        "A7.county": (f"首期配套资金与市级首期 20.00 万元按 1:1 安排，应为 20.00 万元，填报为 19.99 万元（{SEVEN}）。")
    }
    matched(world, project, "20")
    assert "已确认" in world.why_not(project, "confirm_county_match", "county")["A7.county_match"]


# ---------------------------------------------------------------- the instalment


@pytest.mark.parametrize("amount", ["19.9999", "20.0001", "40", "0"])
def test_first_instalment_is_exactly_half(world: World, amount: str) -> None:
    project = ready(world)
    data = {"amount": amount, "paid_on": "2024-11-20", "note": "1"}
    sentence = world.blocked(project, "disburse_first", "finance", data)["A7.instalment"]
    assert sentence.startswith("首期拨付金额应为 20.00 万元，填报为 ")
    assert project.state == "first_payment"
    assert sums(world, project).instalments == {}


@pytest.mark.parametrize(("day", "rule"), [("2024-11-21", "date.future"), ("2024-11-18", "date.early")])
def test_day_of_payment(world: World, day: str, rule: str) -> None:
    project = ready(world)
    with pytest.raises(Blocked) as caught:
        pay(world, project, "disburse_first", "20", paid_on=day)
    assert rule in {reason.rule for reason in caught.value.reasons}


def test_first_instalment_in_ledger_paper_and_reports(world: World) -> None:
    project = executing(world)
    assert project.first_paid_on.isoformat() == "2024-11-20"
    paid = [line for line in ledger_lines(world, project) if line[0] == "instalment"]
    assert [line[:4] for line in paid] == [("instalment", "city", 1, Decimal(20))]
    order = paper(world, project, "payment_order", "instalment:1").data
    assert order["amount"]["words"] == "贰拾万元整"
    assert order["payee"] == {
        "name": "湘潭电机有限公司",
        "bank_name": "湘潭农商行",
        "bank_account": "6222000011112222",
    }
    assert (order["issuer_paid"]["wan"], order["county_match"]["number"]) == ("80", "潭高财〔2024〕7号")
    days = [row.due_on.isoformat() for row in reports_of(world, project)]
    assert days == ["2025-05-19", "2025-11-19", "2026-05-19", "2026-11-19"]
    assert reports_of(world, project)[0].document.draft["milestones"][0]["content"] == "中试"
    request = world.session.scalars(select(Acceptance).where(Acceptance.project_id == project.id)).one()
    assert request.document.draft["indicators"][0]["target"] == "3000"
    assert any(subject.startswith("请拨付配套资金") for subject in world.mails("county"))


def test_self_managed_reports_yearly(world: World) -> None:
    project = executing(world, "7.5", subsidy="15")
    assert project.self_managed
    assert [row.due_on.isoformat() for row in reports_of(world, project)] == ["2025-11-19", "2026-11-19"]


def test_second_click_pays_nothing_twice(world: World) -> None:
    project = ready(world)
    data = {"amount": "20", "paid_on": "2024-11-20", "note": "1"}
    outcomes = [
        world.engine.perform(
            world.session, project.id, "disburse_first", world.actor("finance"), data, request_key="click"
        ).kind
        for _ in range(2)
    ]
    assert outcomes == ["moved", "repeated"]
    assert wan(sums(world, project).paid["city"]) == 20
