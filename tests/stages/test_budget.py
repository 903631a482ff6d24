"""Budget of a call (批次预算): two people change it, what is proposed, fixed and paid fits in, a call without one blocks nothing."""

from decimal import Decimal

import pytest

from tests.factories.later import approved, executing, ready
from tests.factories.projects import ProjectFactory
from tests.factories.values import RESOLUTION
from xtbang.domain.budgets import ask_change, ask_reversal, confirm_change, drop_change
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import BudgetLine
from xtbang.queries.budgets import BudgetSums, budget_of

GRANT = {
    "kind": "granted",
    "year": "2024",
    "amount": "40",
    "source": "市级科技创新专项资金",
    "number": "潭财预〔2024〕5号",
}
WHY = {"dated": "2024-08-30", "reason": "年度预算"}
PAPER = {"number": "潭财预〔2024〕99号", "dated": "2024-09-02", "reason": "文号有误"}


def budget(factory: ProjectFactory, **values: str) -> BudgetLine:
    """A change of the budget of the call of 2024, confirmed by another person."""
    line = ask_change(factory.caller("finance"), factory.calls["2024"].id, GRANT | WHY | values)
    return confirm_change(factory.caller("science"), line.id)


def sums(factory: ProjectFactory) -> BudgetSums:
    factory.session.rollback()
    found = budget_of(factory.session, factory.engine.policy, factory.calls["2024"].id)
    assert found
    return found


def refused(factory: ProjectFactory, **values: str) -> str:
    with pytest.raises(Blocked) as caught:
        budget(factory, **values)
    return str(caught.value)


def test_what_is_proposed_fixed_and_paid_is_taken_from_the_budget(factory: ProjectFactory) -> None:
    executing(factory)
    budget(factory, amount="100")
    budget(factory, kind="added", amount="20", number="潭财预〔2024〕6号")
    after = sums(factory)
    assert (after.planned, after.proposed, after.fixed, after.left) == (1_200_000, 0, 400_000, 800_000)
    assert (after.paid, after.unpaid) == (200_000, 1_000_000)


@pytest.mark.parametrize(("amount", "enough"), [("39.999999", False), ("40", True)])
def test_no_more_is_proposed_than_the_budget_leaves(factory: ProjectFactory, amount: str, enough: bool) -> None:
    project = factory.judged()
    budget(factory, amount=amount)
    data = RESOLUTION | {"minutes": factory.file("纪要.pdf"), "subsidy_city": "40"}
    if enough:
        factory.perform(project, "recommend", "leader", data)
        assert sums(factory).left == 0
    else:
        assert factory.blocked(project, "recommend", "leader", data)["N5.budget"] == (
            "本批次预算 39.999999 万元，其他项目已拟立项和立项 0.00 万元，本项目 40.00 万元，"
            "超过可安排的 39.999999 万元（《2024年实施方案》第四部分）。"
        )


def test_more_is_not_promised_by_a_correction_of_the_amount(factory: ProjectFactory) -> None:
    project = factory.recommended("30")
    budget(factory, amount="35")
    data = RESOLUTION | {"minutes": factory.file("纪要2.pdf"), "subsidy_city": "40", "reason": "重新核定"}
    assert "可安排的 35.00 万元" in factory.blocked(project, "amend_subsidy", "leader", data)["N5.budget"]


def test_a_payment_needs_the_budget_of_its_year(factory: ProjectFactory) -> None:
    project = ready(factory)
    assert factory.why_not(project, "approve_payment", "science") == {}  # no budget blocks nothing
    budget(factory, amount="40", year="2023")
    against = factory.why_not(project, "approve_payment", "science")
    assert against["N5.budget_year"].startswith(
        "本批次2024年度预算（含上年结转）0.00 万元，该年度已拨付和已审批 0.00 万元，本次 20.00 万元，超过可拨付的 0.00 万元"
    )
    budget(factory, kind="carried", year="2023", amount="20", number="潭财预〔2024〕6号")
    approved(factory, project)
    assert (sums(factory).approved, sums(factory).years) == (200_000, {2023: 200_000, 2024: 200_000})
    assert "2024年度预算将只有 10.00 万元，少于该年度已拨付和已审批的 20.00 万元" in refused(
        factory, kind="returned", amount="10", number="潭财预〔2024〕7号"
    )


def test_money_that_is_promised_is_not_taken_away(factory: ProjectFactory) -> None:
    factory.recommended()
    budget(factory, amount="50")
    assert "预算将只有 39.99 万元，少于已拟立项和立项的 40.00 万元" in refused(
        factory, kind="reduced", amount="10.01", number="潭财预〔2024〕8号"
    )
    budget(factory, kind="returned", amount="10", number="潭财预〔2024〕8号")
    assert sums(factory).left == 0


def test_a_change_counts_once_another_person_has_confirmed_it(factory: ProjectFactory) -> None:
    call = factory.calls["2024"].id
    line = ask_change(factory.caller("finance"), call, GRANT | WHY)
    assert budget_of(factory.session, factory.engine.policy, call) is None
    assert any(subject.startswith("请复核批次预算") for subject in factory.mails("science"))
    with pytest.raises(Blocked, match="须由另一人复核"):
        confirm_change(factory.caller("finance"), line.id)
    with pytest.raises(Forbidden):
        confirm_change(factory.caller("county"), line.id)
    with pytest.raises(Blocked, match="已经登记"):
        ask_change(factory.caller("science"), call, GRANT | WHY | {"number": "潭财预(2024)5号"})
    drop_change(factory.caller("science"), line.id, "金额不符")
    assert any(subject.startswith("预算变动未通过复核") for subject in factory.mails("finance"))
    with pytest.raises(Blocked, match="已经办理"):
        confirm_change(factory.caller("science"), line.id)
    budget(factory)  # under the same number again
    assert sums(factory).planned == 400_000


def test_a_wrong_line_is_reversed_by_two_people_and_entered_again(factory: ProjectFactory) -> None:
    line = budget(factory)
    turned = ask_reversal(factory.caller("science"), line.id, PAPER)
    with pytest.raises(Blocked, match="等待复核"):
        ask_reversal(factory.caller("finance"), line.id, PAPER)
    confirm_change(factory.caller("finance"), turned.id)
    with pytest.raises(NotFound):
        ask_reversal(factory.caller("science"), turned.id, PAPER)
    assert sums(factory).planned == 0
    budget(factory, amount="35")
    assert sums(factory).planned == Decimal(350_000)


def test_nothing_is_returned_of_a_budget_that_is_not_there(factory: ProjectFactory) -> None:
    assert "请先登记预算下达" in refused(factory, kind="returned")
    budget(factory)
    assert "2025年度尚未开始" in refused(factory, kind="carried", year="2025", number="潭财预〔2024〕9号")
    assert "发文日期不能晚于今天" in refused(factory, dated="2024-09-03", number="潭财预〔2024〕9号")
