"""多缴: what came back beyond the claim is recorded as what it is and paid back; the sums agree after each step."""

from decimal import Decimal
from typing import Any

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.stages.test_repayment import ended
from xtbang.domain.reversal import correctable_lines
from xtbang.models import Project

TEN = Decimal(100_000)


def came(factory: ProjectFactory, amount: str, **more: Any) -> dict[str, Any]:
    data = {"source": "city", "amount": amount, "dated": factory.now.date().isoformat(), "note": "SH-1", "file": ""}
    return data | more


def given_back(factory: ProjectFactory, project: Project, **more: Any) -> dict[str, Any]:
    data = {"source": "city", "amount": "2.5", "dated": factory.now.date().isoformat(), "note": "TH-1"}
    return data | {"reason": "退回原账户。"} | more


def sums(factory: ProjectFactory, project: Project) -> tuple[Decimal, Decimal, Decimal]:
    """Still owed, recovered, and held beyond the claim, of the city."""
    found = later.sums(factory, project)
    return found.outstanding["city"], found.recovered.get("city", Decimal(0)), found.surplus_held["city"]


def test_one_slip_with_too_much_is_two_lines_and_the_rest_goes_back(factory: ProjectFactory) -> None:
    """10 万元 are owed, 12.5 come."""
    project = ended(factory)
    factory.perform(project, "declare_county_unpaid", "county", {"instalment": "1", "reason": "未拨付"})
    refused = factory.blocked(project, "record_recovery", "finance", came(factory, "12.5"))["A11.recovery"]
    assert "确实多缴的，请勾选“多出的部分按多缴登记”" in refused
    exact = factory.blocked(project, "record_recovery", "finance", came(factory, "10", surplus="true"))
    assert "没有多缴" in exact["A11.surplus"]
    factory.perform(project, "record_recovery", "finance", came(factory, "12.5", surplus="true"))
    assert sums(factory, project) == (0, TEN, 25_000)
    assert "市级财政多缴的 2.50 万元 尚未退还" in factory.why_not(project, "settle", "finance")["A11.surplus"]
    again = factory.blocked(project, "record_recovery", "finance", came(factory, "1", surplus="true"))
    assert "同一凭证号只登记一次" in again["A11.number_twice"]
    for amount in ("2.49", "2.51"):
        told = factory.blocked(project, "return_surplus", "finance", given_back(factory, project, amount=amount))
        assert "退还金额应与之相等" in told["A11.surplus"]
    factory.perform(project, "return_surplus", "finance", given_back(factory, project))
    assert sums(factory, project) == (0, TEN, 25_000), "nothing is paid back by one person alone"
    assert "countersign" in factory.why_not(project, "return_surplus", "finance")
    factory.perform(project, "return_surplus", "science")
    assert sums(factory, project) == (0, TEN, 0)
    assert later.paper(factory, project, "correction").title == "多缴资金退还单"
    factory.perform(project, "settle", "finance")
    factory.perform(project, "record_recovery", "finance", came(factory, "0.01", note="SH-2", surplus="true"))
    assert (project.state, sums(factory, project)) == ("terminated", (0, TEN, 100))


def test_what_was_paid_back_is_reversed_before_the_surplus(factory: ProjectFactory) -> None:
    project = ended(factory)
    factory.perform(project, "record_recovery", "finance", came(factory, "12.5", surplus="true"))
    for who in ("finance", "industry"):
        factory.perform(project, "return_surplus", who, given_back(factory, project))
    first = factory.blocked(project, "reverse_line", "finance", mistaken(factory, project, "市级财政多缴"))
    assert "先冲正退还，再冲正多缴" in first["A11.surplus"]
    steps = (("退还多缴", (0, TEN, 25_000)), ("市级财政多缴", (0, TEN, 0)), ("已收回", (TEN, 0, 0)))
    for named, left in steps:
        data = mistaken(factory, project, named)
        factory.perform(project, "reverse_line", "finance", data)
        factory.perform(project, "reverse_line", "science")
        assert sums(factory, project) == left, named


def mistaken(factory: ProjectFactory, project: Project, named: str) -> dict[str, Any]:
    """The line of that name was entered by mistake."""
    action = factory.engine.policy.actions["reverse_line"]
    context = factory.engine.context(factory.session, project, factory.actor("finance"), "finance", action)
    line = next(key for key, name in correctable_lines(context).items() if named in name)
    return {"line": line, "cause": "mistaken", "dated": factory.now.date().isoformat(), "reason": "登记有误。"}
