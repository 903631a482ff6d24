"""拨款审批: the offices and the treasury sign the order of an instalment before it is paid, and another person pays it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.later import approved, checked, ended, in_force, matched, paper, pay, ready, to_approve
from tests.factories.projects import ProjectFactory
from tests.stages.test_batch import in_one_go
from tests.stages.test_changes import ACCOUNT, ask, sign
from tests.stages.test_listing import restrict
from xtbang.models import CountyMatch, FundingDocument, Paper, PaymentApproval, Project, Voucher
from xtbang.queries.desk.waits import waits_of

UNAPPROVED = "首期拨款尚未审批：先会签拨款审批单，再凭审批单拨付（《办法》第七条）。"


def standing(factory: ProjectFactory, project: Project) -> list[PaymentApproval]:
    query = select(PaymentApproval).where(PaymentApproval.project_id == project.id)
    return list(factory.session.scalars(query.where(PaymentApproval.voided_at.is_(None))))


def test_the_order_comes_first_and_who_approves_for_the_treasury_does_not_pay(factory: ProjectFactory) -> None:
    project = ready(factory)
    assert factory.why_not(project, "disburse_first", "finance") == {"A7.approval": UNAPPROVED}
    data = {"payment": to_approve(factory, project)}
    factory.perform(project, "approve_payment", "finance2", data)
    again = factory.blocked(project, "approve_payment", "finance", data)["countersign"]
    assert again.startswith("市财政局已会签“拨款审批”，等待市科技局、市工信局会签")
    factory.perform(project, "approve_payment", "industry")
    assert standing(factory, project) == []
    factory.perform(project, "approve_payment", "science2")
    order = paper(factory, project, "payment_order", "instalment:1").data
    assert [signer["name"] for signer in order["signers"]] == ["science2", "industry", "finance2"]
    assert (order["amount"]["words"], order["paid"]) == ("贰拾万元整", None)
    assert order["payee"]["bank_account"] == "6222000011112222"
    assert factory.mails("finance")[-1].startswith("请办理首期拨付")
    assert "approve_payment" not in {
        o.action.trigger for o in factory.engine.offers(factory.session, project, factory.actor("finance"))
    }
    assert factory.why_not(project, "disburse_first", "finance2") == {
        "A7.two_people": "首期由您代表市财政局审批，须由另一人办理拨付（《办法》第七条）。"
    }
    pay(factory, project, "disburse_first", "20")
    assert project.state == "execution"
    assert [(row.state, row.version) for row in orders(factory, project)] == [("current", 1)]


def orders(factory: ProjectFactory, project: Project) -> list[Paper]:
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "payment_order").order_by(Paper.id)
    return list(factory.session.scalars(query))


def _account(factory: ProjectFactory, project: Project) -> None:
    ask(factory, project, "account", ACCOUNT)
    factory.perform(project, "agree_change", "bidder")
    factory.both(project, "grant_change", {"reason": "同意"})
    sign(factory, project, "issuer", "bidder", "science", "industry")
    factory.perform(project, "conclude_change", "science")


def _false_voucher(factory: ProjectFactory, project: Project) -> None:
    oldest = select(Voucher.id).where(Voucher.project_id == project.id).order_by(Voucher.id).limit(1)
    data = {"voucher": str(factory.session.scalar(oldest)), "outcome": "refused", "reason": "回单系伪造"}
    factory.perform(project, "recheck_voucher", "science", data)
    factory.perform(project, "recheck_voucher", "industry")
    checked(factory, project, "另一张", "80")


def _match(factory: ProjectFactory, project: Project) -> None:
    match = factory.session.scalars(select(CountyMatch.id).where(CountyMatch.project_id == project.id)).one()
    factory.perform(project, "take_back", "county", {"record": f"match:{match}", "reason": "金额有误"})
    factory.perform(project, "take_back", "finance")


def _document(factory: ProjectFactory, project: Project) -> None:
    row = factory.session.scalars(select(FundingDocument).where(FundingDocument.project_id == project.id)).one()
    data = {"document": str(row.id), "number": "潭财教〔2024〕89号", "dated": "2024-11-19", "reason": "文号有误"}
    factory.perform(project, "amend_funding_document", "finance2", data)
    factory.perform(project, "amend_funding_document", "science")


def _taken_back(factory: ProjectFactory, project: Project) -> None:
    [row] = standing(factory, project)
    factory.perform(project, "take_back", "industry", {"record": f"approval:{row.id}", "reason": "暂缓拨付"})
    factory.perform(project, "take_back", "finance")


def _ended(factory: ProjectFactory, project: Project) -> None:
    ended(factory, project)


FALLS: dict[str, tuple[Callable[[ProjectFactory, Project], None], str]] = {
    "account": (_account, "收款账户有变动"),
    "voucher": (_false_voucher, "付款凭证有变动"),
    "match": (_match, "配套资金的确认有变动"),
    "document": (_document, "立项及资金文件有变动"),
    "taken back": (_taken_back, "暂缓拨付"),
    "terminated": (_ended, "项目所处的环节有变动"),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", FALLS)
def test_an_approval_falls_with_what_it_relied_on_and_is_given_anew(factory: ProjectFactory, kind: str) -> None:
    change, said = FALLS[kind]
    project = approved(factory, ready(factory))
    checked(factory, project, "补充", "1")  # what is added takes nothing away
    assert factory.why_not(project, "disburse_first", "finance") == {}
    change(factory, project)
    assert standing(factory, project) == []
    assert [row.state for row in orders(factory, project)] == ["cancelled"]
    assert any(said in mail for mail in bodies(factory, "science2"))
    if kind == "terminated":
        return
    if kind == "match":
        matched(factory, project, "20")
    assert factory.why_not(project, "disburse_first", "finance") == {"A7.approval": UNAPPROVED}
    pay(factory, project, "disburse_first", "20")
    assert [row.state for row in orders(factory, project)] == ["cancelled", "current"]


def bodies(factory: ProjectFactory, who: str) -> list[str]:
    from xtbang.models import Mail

    return list(factory.session.scalars(select(Mail.body).where(Mail.person_id == factory.people[who].id)))


def test_nobody_signs_what_the_first_one_has_not_seen(factory: ProjectFactory) -> None:
    project = ready(factory)
    factory.perform(project, "approve_payment", "science", {"payment": to_approve(factory, project)})
    _account(factory, project)
    sentence = factory.blocked(project, "approve_payment", "finance")["A7.approval"]
    assert "金额、收款账户有变动" in sentence
    [signature] = factory.engine.offers(factory.session, project, factory.actor("science2"))[-1:]
    assert signature.action.trigger == "withhold"


@pytest.mark.parametrize("last", ["voucher", "match"])
def test_who_approves_is_asked_once_when_nothing_else_is_missing(factory: ProjectFactory, last: str) -> None:
    project, asked = later.in_force(factory), "请审批首期拨款"
    steps = [lambda: later.checked(factory, project, "1", "80"), lambda: later.matched(factory, project, "20")]
    first, then = steps if last == "match" else reversed(steps)
    for step, times in ((first, 0), (then, 1), (lambda: later.voucher(factory, project, "2", "1"), 1)):
        step()
        for who in ("science", "industry", "finance", "finance2"):
            assert sum(asked in subject for subject in factory.mails(who)) == times, who
    later.approved(factory, project)
    _match(factory, project)
    later.matched(factory, project, "20")
    for who in ("science", "industry", "finance"):
        assert sum(asked in subject for subject in factory.mails(who)) == 2, "the approval was void"


def test_conditions_that_fail_stop_the_approval_too(factory: ProjectFactory) -> None:
    project = in_force(factory)
    assert {"A7.voucher", "A7.county_match"} <= set(factory.why_not(project, "approve_payment", "industry"))


def test_many_payments_are_approved_in_a_batch_of_each_office(factory: ProjectFactory) -> None:
    project = ready(factory)
    payment = to_approve(factory, project)
    for who in ("finance2", "science", "industry"):
        [item] = in_one_go(factory, "approve_payment", who, [project], {}, lambda _: {"payment": payment}, key=who)
        assert item.status == "done", item.reasons
    assert len(standing(factory, project)) == 1
    assert factory.why_not(project, "disburse_first", "finance") == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("key", ["name", "bank_name", "bank_account"])
def test_the_desk_waits_for_a_new_approval_where_the_payee_is_another_one_now(
    factory: ProjectFactory, key: str
) -> None:
    """Name and account are also changed where no action of the project says so: in the register of organisations."""
    project = ready(factory)
    approved(factory, project)
    assert waits(factory, project) == ["payment_ready"]
    (row,) = standing(factory, project)
    with factory.writing():
        row.relied_on = row.relied_on | {"payee": row.relied_on["payee"] | {key: "以前的"}}
    assert waits(factory, project) == ["approval_missing"]
    assert "收款账户有变动" in factory.why_not(project, "disburse_first", "finance")["A7.approval"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("party", ["issuer", "bidder"])
def test_while_a_party_is_restricted_the_project_waits_for_that_and_not_for_an_approval_or_payment(
    factory: ProjectFactory, party: str
) -> None:
    project = ready(factory)
    restrict(factory, party)
    assert waits(factory, project) == ["restricted"]


def waits(factory: ProjectFactory, project: Project) -> list[str]:
    found = waits_of(factory.caller("finance"), [project.id])
    return [wait.fact for wait in found[project.id]]
