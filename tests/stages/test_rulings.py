"""行政复议、行政诉讼: a decision that is quashed is taken back; what was done on its ground is undone first, in order."""

from typing import Any

import pytest

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.stages.test_revocation import WAYS, decide, examined, offered
from xtbang.domain.rulings import decisions_of_rulings, reviewable_decisions, ruling_as_recorded, rulings_to_execute
from xtbang.errors import Blocked
from xtbang.models import Project
from xtbang.rules.term import in_chinese


def record(
    factory: ProjectFactory, project: Project, result: str, number: str = "潭政复决〔2024〕8号", of: str = ""
) -> None:
    """The paper about the newest decision, or the one of that name."""
    action = factory.engine.policy.actions["record_ruling"]
    context = factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    decision = next(key for key, name in reviewable_decisions(context).items() if of in name)
    data: dict[str, Any] = {"decision": decision, "body": "review", "result": result, "number": number}
    data |= {"dated": factory.now.date().isoformat(), "file": factory.file("决定书.pdf"), "reason": "事实不清。"}
    factory.perform(project, "record_ruling", "science", data)
    factory.perform(project, "record_ruling", "industry")


def execute(factory: ProjectFactory, project: Project) -> None:
    offers = factory.engine.offers(factory.session, project, factory.actor("science"))
    (offer,) = [offer for offer in offers if offer.action.trigger == "execute_ruling"]
    assert offer.open, offer.reasons
    action = factory.engine.policy.actions["execute_ruling"]
    context = factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    factory.both(project, "execute_ruling", {"ruling": next(iter(rulings_to_execute(context))), "reason": "依法执行。"})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("trigger", ["refuse", "decline", "terminate", "pass_acceptance", "list_major"])
def test_a_quashed_decision_leads_back_to_what_was_before(factory: ProjectFactory, trigger: str) -> None:
    begin, data = WAYS[trigger]
    project = begin(factory)
    data = {"reason": "意见", "minutes": factory.file("纪要.pdf")} | data
    data |= {"audit_file": factory.file("审计报告.pdf")} if trigger == "terminate" else {}
    state, before = project.state, offered(factory, project)
    decide(factory, project, trigger, data)
    record(factory, project, "redo")
    execute(factory, project)
    for who in ("science", "industry"):
        before[who].add(("amend_ruling", True))
    assert (project.state, offered(factory, project)) == (state, before)
    paper = later.paper(factory, project, "revocation")
    assert "依行政复议决定（潭政复决〔2024〕8号" in paper.data["reason"]
    decide(factory, project, trigger, data)  # made anew
    assert project.state != state


def test_a_decision_that_is_upheld_stands_and_a_later_judgement_takes_the_place_of_the_review(
    factory: ProjectFactory,
) -> None:
    project = examined(factory)
    factory.both(project, "pass_acceptance", {"reason": "达到要求"})
    record(factory, project, "quashed")
    record(factory, project, "upheld", "（2024）湘03行终8号")
    offers = {
        offer.action.trigger for offer in factory.engine.offers(factory.session, project, factory.actor("science"))
    }
    assert "execute_ruling" not in offers
    assert project.state == "final_payment"
    assert later.paper(factory, project, "correction").title == "复议诉讼结果登记单"


def test_what_was_paid_on_its_ground_comes_back_first(factory: ProjectFactory) -> None:
    """The final payment was made; it is returned, then the acceptance is taken back. Until then the order is said."""
    project = examined(factory)
    factory.both(project, "pass_acceptance", {"reason": "达到要求"})
    later.county_pays(factory, project, "1", "20")
    later.matched(factory, project, "20")
    later.pay(factory, project, "disburse_final", "20", note="拨付尾1")
    record(factory, project, "quashed", of="通过验收")
    assert "先冲正此后办理的“尾款拨付”" in factory.why_not(project, "execute_ruling", "science")["ruling"]
    later.reverse_line(factory, project, later.correctable(factory, project)[-1], "ruled", "依决定退回。")
    execute(factory, project)
    assert project.state == "acceptance"


def test_recovered_money_is_given_back_before_a_termination_is_taken_away(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    later.ended(factory, project)
    back = {"source": "city", "amount": "4", "dated": factory.now.date().isoformat(), "note": "还1", "file": ""}
    factory.perform(project, "record_recovery", "finance", back)
    record(factory, project, "quashed")
    assert "先办理冲正" in factory.why_not(project, "execute_ruling", "science")["A11.recovered"]
    later.reverse_line(factory, project, later.correctable(factory, project)[-1], "ruled", "依裁判退还。")
    execute(factory, project)
    sums = later.sums(factory, project)
    assert (project.state, set(sums.due.values()) | set(sums.recovered.values())) == ("execution", set())


def test_a_paper_older_than_the_decision_or_recorded_twice_is_refused(factory: ProjectFactory) -> None:
    project = examined(factory)
    factory.both(project, "pass_acceptance", {"reason": "达到要求"})
    record(factory, project, "upheld")
    with pytest.raises(Blocked, match="潭政复决〔2024〕8号 已于"):
        record(factory, project, "upheld")


def amend(factory: ProjectFactory, project: Project, of: str = "", **values: Any) -> None:
    """What is recorded of the newest ruling, with other values, and the decision of that name; by two people."""
    action = factory.engine.policy.actions["amend_ruling"]
    context = factory.engine.context(factory.session, project, factory.actor("industry"), "industry", action)
    known = ruling_as_recorded(context) | values
    known |= {"decision": next(key for key, name in decisions_of_rulings(context).items() if of in name)} if of else {}
    factory.perform(project, "amend_ruling", "industry", known | {"reason": "登记有误。"})
    factory.perform(project, "amend_ruling", "science")


def to_execute(factory: ProjectFactory, project: Project) -> list[str]:
    action = factory.engine.policy.actions["execute_ruling"]
    context = factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    return [*rulings_to_execute(context).values()]


def accepted_and_quashed(factory: ProjectFactory, of: str, result: str = "quashed") -> Project:
    project = examined(factory)
    factory.both(project, "pass_acceptance", {"reason": "达到要求"})
    record(factory, project, result, of=of)
    return project


def test_a_ruling_on_the_wrong_decision_moves_to_the_right_one_and_the_first_paper_stays_readable(
    factory: ProjectFactory,
) -> None:
    project = accepted_and_quashed(factory, "合同生效")
    first = later.paper(factory, project, "correction")
    assert "先冲正此后办理的“首期拨付”" in factory.why_not(project, "execute_ruling", "science")["ruling"]
    amend(factory, project, "通过验收", number="潭政复决〔2024〕18号")
    paper = later.paper(factory, project, "correction")
    assert (first.state, first.voided_by_id) == ("cancelled", paper.id)
    assert [(item["old"], item["new"]) for item in paper.data["changes"][:2]] == [
        ("合同生效", "通过验收"),
        ("潭政复决〔2024〕8号", "潭政复决〔2024〕18号"),
    ]
    assert "复议诉讼结果更正单" in factory.mails("bidder")[-1]
    execute(factory, project)
    assert project.state == "acceptance"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_waits_to_be_executed_follows_what_is_put_right(factory: ProjectFactory) -> None:
    project = accepted_and_quashed(factory, "通过验收")
    amend(factory, project, result="upheld")
    assert to_execute(factory, project) == []
    amend(factory, project, result="redo")  # the correction is corrected
    assert len(to_execute(factory, project)) == 1
    record(factory, project, "upheld", "（2024）湘03行终8号", of="通过验收")
    assert to_execute(factory, project) == []
    amend(factory, project, "合同生效")  # the judgement was about another decision: the review waits again
    assert to_execute(factory, project) == [f"行政复议决定 潭政复决〔2024〕8号，{in_chinese(factory.now.date())}"]
    with pytest.raises(Blocked, match="没有需要更正的"):
        amend(factory, project)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_decision_taken_back_by_mistake_is_made_anew(factory: ProjectFactory) -> None:
    project = accepted_and_quashed(factory, "通过验收")
    execute(factory, project)
    amend(factory, project, result="upheld")
    said = later.paper(factory, project, "correction").data["changes"]
    assert "“通过验收”已经据此撤销，由作出决定的部门按程序重新作出" in [item["new"] for item in said]
    factory.both(project, "pass_acceptance", {"reason": "达到要求"})
    assert (project.state, to_execute(factory, project)) == ("final_payment", [])
