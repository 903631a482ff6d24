"""付款凭证: which payments of the issuer count, once, and until when a voucher is taken back."""

from decimal import Decimal

from sqlalchemy import select

from tests.factories.later import (
    checked,
    in_force,
    newest,
    sums,
    voucher,
    wan,
)
from tests.factories.projects import ProjectFactory
from tests.factories.values import APPLICATION
from xtbang.models import Voucher

SEVEN = "《办法》第七条"
YES = "accepted"


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
