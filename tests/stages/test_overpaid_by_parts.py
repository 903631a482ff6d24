"""分期 of what was paid beyond a lowered subsidy, without a termination: as after one, until its ground is another one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.stages.test_changes import ask, begin, sign
from tests.stages.test_lowered_subsidy import back, lowered, signed
from tests.stages.test_repayment import reminded
from tests.stages.test_revocation import revocable
from xtbang.enums import REVERSAL_LABELS
from xtbang.models import Change, Project, RepaymentPlan
from xtbang.papers.facts.older import facts_of

PARTS = [
    {"source": "city", "due_on": "2025-01-31", "amount": "2"},
    {"source": "city", "due_on": "2025-03-31", "amount": "3"},
]
ASKED: dict[str, Any] = {"recover_by": "2025-03-31", "reason": "资金周转困难，申请分两期退回。", "parts": PARTS}


def by_parts(factory: ProjectFactory) -> Project:
    """20 of 40 万元 are paid and 15 granted: 5 come back, 2 by the end of January and 3 by the end of March."""
    project = later.executing(factory)
    assert "A11.recovery" in factory.why_not(project, "propose_plan", "finance"), "nothing is owed yet"
    lowered(factory, project, "15")
    factory.perform(project, "propose_plan", "finance", ASKED)
    factory.both(project, "approve_plan")
    return project


def deadline(factory: ProjectFactory, project: Project) -> date | None:
    """The day by which the next money is to be back, as the last change says."""
    rows = factory.session.query(Change).filter_by(project_id=project.id, status="in_force").order_by(Change.number)
    return [row.recover_by for row in rows][-1]


def test_overpaid_money_comes_back_by_parts(factory: ProjectFactory) -> None:
    project = by_parts(factory)
    notice = later.paper(factory, project, "recovery_notice", "city")
    facts = facts_of(notice)
    assert (notice.title, notice.version, facts["supplement"]) == ("财政资金退回通知书", 2, "第1份")
    assert [(part["due_on"], part["amount"]["wan"]) for part in facts["plan"]] == [
        ("2025-01-31", "2"),
        ("2025-03-31", "3"),
    ]
    assert any(subject.startswith("退回期限已调整") for subject in factory.mails("issuer"))
    assert deadline(factory, project) == date(2025, 1, 31)
    back(factory, project, "city", "1.99")
    assert deadline(factory, project) == date(2025, 1, 31)
    back(factory, project, "city", "0.01")
    assert deadline(factory, project) == date(2025, 3, 31)
    factory.at("2025-03-24 09:00")
    assert reminded(factory, project, date(2025, 3, 24), "overpaid") == {"2025-03-31"}
    later.reverse_line(factory, project, later.correctable(factory, project)[-1], "mistaken", "登记有误")
    assert deadline(factory, project) == date(2025, 1, 31), "what did not come is owed again"
    assert "没有尚未收回的资金" not in factory.why_not(project, "propose_plan", "finance").get("A11.plan", "")


def test_another_change_claims_only_what_it_adds_and_ends_the_plan_that_waits(factory: ProjectFactory) -> None:
    project = by_parts(factory)
    back(factory, project, "city", "2")
    factory.perform(project, "propose_plan", "finance", ASKED | {"parts": [PARTS[1]]})
    signed(factory, project, "14")
    said = factory.blocked(project, "conclude_change", "science", {})["A7.paid"]
    assert said.startswith("补助减少后，市级财政多拨的 1.00 万元须退回")
    factory.perform(project, "conclude_change", "science", {"recover_by": "2025-02-28"})
    assert {row.status for row in factory.session.query(RepaymentPlan)} == {"approved", "overtaken"}
    assert any(subject.startswith("分期或者延期退回的申请不再办理") for subject in factory.mails("finance"))
    assert later.sums(factory, project).outstanding["city"] == Decimal(40_000)
    facts = facts_of(later.paper(factory, project, "recovery_notice", "city"))
    assert [facts["line"]["due"]["wan"], facts["done_with"]["wan"], facts["plan"]] == ["6", "2", []]
    known = begin(
        factory, project, "budget"
    )  # the same subsidy in other lines of spending: nothing is added to the claim
    moved = {
        "use_equipment": str(Decimal(known["use_equipment"]) - 30),
        "use_material": str(Decimal(known["use_material"] or 0) + 30),
    }
    ask(factory, project, "budget", moved)
    factory.perform(project, "agree_change", "bidder")
    factory.both(project, "grant_change", {})
    sign(factory, project, "issuer", "bidder", "science", "industry")
    refused = factory.blocked(project, "conclude_change", "science", {"recover_by": "2025-02-28"})["A7.paid"]
    assert refused.startswith("本次变更没有须退回的资金")
    factory.perform(project, "conclude_change", "science")
    assert deadline(factory, project) is None
    factory.perform(project, "propose_plan", "finance", ASKED | {"parts": [], "recover_by": "2025-06-30"})


def test_a_termination_ends_the_plan_and_its_revocation_lets_it_hold_again(factory: ProjectFactory) -> None:
    project = by_parts(factory)
    back(factory, project, "city", "1")
    later.ended(factory, project)
    assert facts_of(later.paper(factory, project, "recovery_notice", "city"))["plan"] == []
    factory.both(
        project, "revoke", {"decision": next(iter(revocable(factory, project, "science"))), "reason": "认定有误"}
    )
    facts = facts_of(later.paper(factory, project, "recovery_notice", "city"))
    assert [(part["due_on"], part["amount"]["wan"]) for part in facts["plan"]] == [
        ("2025-01-31", "1"),
        ("2025-03-31", "3"),
    ]
    assert deadline(factory, project) == date(2025, 1, 31)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_claim_outlives_the_return_of_the_payment_to_first_payment(factory: ProjectFactory) -> None:
    """The bank returns the city's instalment: the county's claim goes on in 首拨, by parts and to its end."""
    project = later.executing(factory)
    later.county_pays(factory, project, "1", "20")
    lowered(factory, project, "15")
    line = next(key for key in later.correctable(factory, project))
    later.reverse_line(factory, project, line, "returned", "退票")
    assert project.state == "first_payment"
    factory.perform(project, "propose_plan", "finance", ASKED | {"parts": [], "recover_by": "2025-06-30"})
    factory.both(project, "approve_plan")
    back(factory, project, "county", "5")
    assert not any(later.sums(factory, project).outstanding.values())


def test_whatever_takes_a_line_back_is_said_in_words(factory: ProjectFactory) -> None:
    causes = factory.engine.policy.actions["reverse_line"].form.field("cause").choices
    assert {key for key, _name in causes} <= {*REVERSAL_LABELS}
