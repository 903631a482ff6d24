"""An edition of another shape is only a file: other payments, no 论证, no 路演, no 公示, more asked of an action."""

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.databases import Database
from tests.workflow.conftest import WORKFLOWS
from tests.workflow.shapes import FIRST, NEW, begun, edition_of, without
from xtbang.errors import Blocked, DefinitionError
from xtbang.models import Event, Finding, Paper, Project
from xtbang.papers.facts.older import facts_of
from xtbang.queries.desk.payments import ready
from xtbang.queries.finance import Filters, instalment_names, projects
from xtbang.queries.ledger import balances
from xtbang.queries.payment_queue import queue, reasons
from xtbang.queries.prepared import bound
from xtbang.rules.money import wan
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy

SECOND = """[[instalment]]
name = "二期"
share = 0.3
after = "contract"
needs = ["county_earlier_recorded", "county_match_confirmed"]
article = "《办法》第七条"

"""
MORE = """
[[action]]
trigger = "request_acceptance"
needs = ["no_restriction"]
  [[action.paper]]
  key = "audit_report"
  label = "经费审计报告"
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """Three payments, two of them after the contract; no 论证, no 路演, no 公示; an audit for the acceptance."""
    last = ('share = 0.5\nafter = "acceptance"', 'share = 0.4\nafter = "acceptance"')
    second = ('[[instalment]]\nname = "尾款"', f'{SECOND}[[instalment]]\nname = "尾款"')
    stages = without("appraisal", "roadshow", "publicity")
    return load_policy(edition_of(tmp_path / "w", "2027", (FIRST, NEW), last, second, stages, more=MORE))


def test_a_life_without_experts_and_notice_and_with_three_payments(policy: Policy, database: Database) -> None:
    with database.session() as session:
        walk = begun(session, policy)
        driver, project_id = walk.driver, walk.project_id

        def state() -> str:
            return session.get_one(Project, project_id).state

        walk.go("submit accept list_major bid agree write_application pay_bidder apply opine recommend".split())
        assert state() == "contracting"  # without 公示 the contract is open at once
        assert not session.scalars(select(Event).where(Event.trigger.in_(("confirm", "publish_notice")))).all()
        walk.go("issue_contract sign conclude check_payment".split())
        contract = session.scalars(select(Paper).where(Paper.name == "contract", Paper.state == "current")).one()
        parts = facts_of(contract)["payments"]["instalments"]
        assert [(part["name"], part["share"], part["city"]["wan"]) for part in parts] == [
            ("首期", "30%", "6"), ("二期", "30%", "6"), ("尾款", "40%", "8"),
        ]  # fmt: skip

        finance = driver.caller(driver.office("finance"))
        [waiting] = queue(finance, Project.id == project_id)
        assert (waiting.instalment.name, wan(waiting.amount), waiting.ready) == ("首期", "6", False)
        assert {reason.rule for reason in reasons(waiting, policy.edition("2027"))} == {
            "A7.county_match",
            "A7.approval",
        }
        walk.pay_out("disburse_first")
        assert state() == "first_payment"  # a second one is paid after the contract
        [waiting] = queue(finance, Project.id == project_id)
        assert (waiting.instalment.name, waiting.ready) == ("二期", False)
        with pytest.raises(Blocked, match=r"二期拨付金额应为 6\.00"):
            walk.match()
            walk.approve_payment()
            driver.do(walk.project, "disburse_first", driver.office("finance"),
                      {"amount": "8", "paid_on": driver.day(), "note": "BK9"})  # fmt: skip
        due = select(Project.id).where(ready(finance.policy), Project.id == project_id)
        assert session.scalars(due, bound(finance)).all() == [project_id]
        driver.do(walk.project, "disburse_first", driver.office("finance"),
                  {"amount": "6", "paid_on": driver.day(), "note": "BK2"})  # fmt: skip
        assert state() == "execution"
        walk.county_pays()

        walk.report()
        with pytest.raises(Blocked, match="经费审计报告"):
            walk.request_acceptance()
        audit = driver.scan("经费审计报告", "审计")
        driver.do(walk.project, "request_acceptance", walk.bidder, {}, audit_report=audit)
        kept = session.scalars(select(Finding).where(Finding.kind == "paper")).one()
        assert (kept.text, kept.role, kept.file_id is not None) == ("经费审计报告", "bidder", True)
        walk.go("examine pass_acceptance".split())
        walk.pay_out("disburse_final")
        assert state() == "closed"
        paid = balances(session, project_id)
        assert {source: wan(amount) for source, amount in paid.paid.items()} == {"city": "20", "county": "20"}
        assert [wan(paid.instalments["city", number]) for number in (1, 2, 3)] == ["6", "6", "8"]
        orders = session.scalars(select(Paper).where(Paper.name == "payment_order").order_by(Paper.id)).all()
        assert [facts_of(paper)["instalment_name"] for paper in orders] == ["首期", "二期", "尾款"]
        assert instalment_names(policy) == ["首期", "第2期", "尾款"]
        [row] = projects(finance, Project.id == project_id, Filters())
        assert [wan(value) for value in (row.city1, row.city2, row.city3, row.city_paid)] == ["6", "6", "8", "20"]


def test_one_payment_after_the_acceptance(tmp_path: Path, database: Database) -> None:
    """后补助: no money before the work is accepted, nothing to wait for after the contract."""
    whole = ('name = "首期"\nshare = 0.5\nafter = "contract"', 'name = "补助"\nshare = 1\nafter = "acceptance"')
    text = (WORKFLOWS / "editions" / "2021.toml").read_text(encoding="utf-8")
    last = text[text.index('[[instalment]]\nname = "尾款"') : text.index("[[sheet]]")]
    policy = load_policy(edition_of(tmp_path / "w", "2027", whole, (last, "\n")))
    life = policy.life("2027")
    assert "first_payment" not in life.states and "disburse_first" not in life.actions
    assert "首拨" not in [state.name for state in life.path]
    with database.session() as session:
        walk = begun(session, policy)
        steps = "submit accept appraise list_major bid agree write_application pay_bidder apply show recommend publish"
        walk.go([*steps.split(), "confirm", "issue_contract", "sign", "conclude"])
        assert session.get_one(Project, walk.project_id).state == "execution"
        walk.go("check_payment report request_acceptance examine pass_acceptance match".split())
        walk.approve_payment()
        data = {"amount": "20", "paid_on": walk.driver.day(), "note": "BK1"}
        walk.driver.do(walk.project, "disburse_final", walk.driver.office("finance"), data)
        walk.county_pays()
        assert session.get_one(Project, walk.project_id).state == "closed"
        assert wan(balances(session, walk.project_id).paid["county"]) == "20"
        certificate = session.scalars(select(Paper).where(Paper.name == "certificate")).one()
        assert facts_of(certificate)["paid"]["wan"] == "20"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([without("roadshows")], "roadshow）"),
        ([without("acceptance")], "可以省去的环节"),
        ([without("first_payment")], "instalment"),
        ([("[[sheet]]", '[[action]]\ntrigger = "request_acceptance"\nneeds = ["deadline_ahead"]\n\n[[sheet]]')],
         "它核对某一事项自己的填写项"),
        ([("[[sheet]]", '[[action]]\ntrigger = "request_acceptence"\nneeds = ["no_restriction"]\n\n[[sheet]]')],
         "request_acceptance）"),
        ([("[[sheet]]", '[[action]]\ntrigger = "request_acceptance"\nneeds = ["acceptance_valid"]\n\n[[sheet]]')],
         "本来就要核对"),
        ([("[[sheet]]", '[[action]]\ntrigger = "request_acceptance"\n\n[[sheet]]')], "什么也没有多要"),
        ([("[[sheet]]", '[[action]]\ntrigger = "request_extension"\n[[action.paper]]\nkey = "reason"\n'
           'label = "说明"\n\n[[sheet]]')], "不是文件"),
    ],
)  # fmt: skip
def test_a_slip_in_the_shape_is_told_in_words(tmp_path: Path, changes: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(DefinitionError) as told:
        load_policy(edition_of(tmp_path / "w", "2027", *changes))
    [sentence] = told.value.sentences
    assert "2027.toml" in sentence and said in sentence


def test_what_waits_is_called_as_the_editions_call_its_state(policy: Policy) -> None:
    (task,) = [task for task in policy.tasks if task.key == "roadshow"]
    named = [policy.life(edition).states["roadshow"].name for edition in ("2021", "2027")]
    assert task.title == f"{'、'.join(named)}待办" and named[0] != named[1]
