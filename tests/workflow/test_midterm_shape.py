"""An edition with a 中期检查, by a panel or by officers, and a payment after it is only a file."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.databases import Database
from tests.workflow.shapes import FIRST, NEW, begun, edition_of, without
from xtbang.errors import Blocked
from xtbang.models import Mail, Midterm, Paper, Project
from xtbang.papers.facts.older import facts_of
from xtbang.queries.ledger import balances
from xtbang.queries.next_step import due_next, next_steps
from xtbang.queries.payment_queue import queue
from xtbang.rules.money import wan
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy

MIDTERM = """
[midterm]
by = "panel"
at = 0.5
article = "《办法》第八条"

[[instalment]]
name = "中期款"
share = 0.4
after = "midterm"
needs = ["reports_handed_in", "county_earlier_recorded", "county_match_confirmed"]
article = "《办法》第七条"

[[instalment]]
name = "尾款\""""
SHEET = """
[[sheet]]
key = "midterm"
title = "中期检查评分表"
experts_minimum = 3
kinds_required = ["技术", "财务"]
aggregate = "mean"
pass_mark = 60
article = "《办法》第八条"
  [[sheet.criterion]]
  key = "progress"
  label = "阶段任务完成情况"
  maximum = 60
  [[sheet.criterion]]
  key = "funds"
  label = "经费使用情况"
  maximum = 40
"""


def with_midterm(folder: Path, *more: tuple[str, str], sheet: str = SHEET) -> Policy:
    last = ('share = 0.5\nafter = "acceptance"', 'share = 0.3\nafter = "acceptance"')
    middle = ('[[instalment]]\nname = "尾款"', MIDTERM)
    stages = without("appraisal", "roadshow")
    return load_policy(edition_of(folder, "2027", (FIRST, NEW), last, middle, stages, *more, more=sheet))


def test_a_life_with_a_midterm_check_and_a_payment_after_it(tmp_path: Path, database: Database) -> None:
    policy = with_midterm(tmp_path / "w")
    with database.session() as session:
        walk = begun(session, policy)
        driver, project_id, plan = walk.driver, walk.project_id, walk.plan

        def state() -> str:
            return session.get_one(Project, project_id).state

        walk.go("submit accept list_major bid agree write_application pay_bidder apply opine recommend publish".split())
        walk.go("confirm issue_contract sign conclude check_payment".split())
        walk.pay_out("disburse_first")
        planned = session.scalars(select(Midterm)).one()
        project = session.get_one(Project, project_id)
        assert project.starts_on and project.ends_on
        half = project.starts_on + (project.ends_on - project.starts_on) / 2
        assert abs((planned.due_on - half).days) <= 1
        with pytest.raises(Blocked, match="尚未通过中期检查"):
            walk.request_acceptance()

        driver.clock.reach(datetime.combine(planned.due_on, datetime.min.time(), UTC))
        walk.report()
        walk.request_midterm()
        driver.do(walk.project, "withdraw_midterm", walk.bidder, {})
        assert state() == "execution"
        walk.request_midterm()
        assert state() == "midterm"
        with pytest.raises(Blocked, match="尚未组织中期检查专家组"):
            driver.both(walk.project, "pass_midterm", {"reason": "通过。"})
        late = {"reason": "经费须分账核算。", "rectify_by": (project.ends_on + timedelta(days=1)).isoformat()}
        _against, asked = driver.engine.asked_back(
            driver.engine.context(
                session, walk.project, driver.office("science"), "science", policy.actions["mend_midterm"]
            ),
            policy.actions["mend_midterm"],
            late,
        )
        assert any("实施期满" in str(reason) for reason in asked)
        until = driver.day(30)
        driver.both(walk.project, "mend_midterm", {"reason": "经费须分账核算。", "rectify_by": until})
        assert state() == "execution"
        again = session.scalars(select(Midterm).where(Midterm.status == "planned")).one()
        assert again.due_on.isoformat() == until
        told = {
            organisation: driver.caller(driver.member(organisation)) for organisation in (plan.issuer, plan.bidders[0])
        }
        assert {due_next(one, [project_id])[project_id].about.label for one in told.values()} == {"整改期限"}
        assert next_steps(told[plan.bidders[0]], [project_id])[project_id].words == "整改后再次申请中期检查"
        assert not next_steps(told[plan.issuer], [project_id])
        walk.request_midterm()
        walk.examine_midterm()
        driver.both(walk.project, "pass_midterm", {"reason": "通过中期检查。"})
        assert state() == "midterm_payment"
        finance = driver.caller(driver.office("finance"))
        assert [item.instalment.name for item in queue(finance, Project.id == project_id)] == ["中期款"]
        walk.pay_out("disburse_midterm")
        assert state() == "execution"
        opinions = session.scalars(select(Paper).where(Paper.name == "midterm_opinion").order_by(Paper.id)).all()
        assert [bool(facts_of(paper)["until"]) for paper in opinions] == [True, False]
        assert facts_of(opinions[0])["panel"] is None and facts_of(opinions[1])["panel"]["opinion"]
        contract = session.scalars(select(Paper).where(Paper.name == "contract", Paper.state == "current")).one()
        assert [part["after"] for part in facts_of(contract)["payments"]["instalments"]] == [
            "contract", "midterm", "acceptance",
        ]  # fmt: skip

        walk.go("request_acceptance examine pass_acceptance".split())
        walk.pay_out("disburse_final")
        assert state() == "closed"
        paid = balances(session, project_id)
        assert [wan(paid.instalments[source, number]) for source in ("city", "county") for number in (1, 2, 3)] == [
            "6", "8", "6", "6", "8", "6",
        ]  # fmt: skip


def test_a_task_waits_for_no_action_that_the_editions_do_not_have(tmp_path: Path) -> None:
    """Officers alone convene no panel: their desk opens what they can do instead."""
    policy = with_midterm(tmp_path / "w", ('by = "panel"', 'by = "officers"'), sheet="")
    waited = {task.key: task.triggers for task in policy.tasks}
    assert waited["midterm_check"] == ("pass_midterm", "mend_midterm")
    assert policy.states["midterm"].turn == ("science", "industry")
    assert {trigger for triggers in waited.values() for trigger in triggers} <= policy.actions.keys()


def test_a_midterm_check_by_officers_may_end_the_project(tmp_path: Path, database: Database) -> None:
    policy = with_midterm(tmp_path / "w", ('by = "panel"', 'by = "officers"'), sheet="")
    assert "convene_midterm" not in policy.life("2027").actions
    with database.session() as session:
        walk = begun(session, policy)
        walk.go("submit accept list_major bid agree write_application pay_bidder apply opine recommend publish".split())
        walk.go("confirm issue_contract sign conclude check_payment match disburse_first county_pays".split())
        walk.go("report request_midterm".split())
        with pytest.raises(Blocked, match="尚未登记跟踪检查"):
            walk.pass_midterm()
        walk.go("terminate_objective recover settle".split())
        assert session.get_one(Project, walk.project_id).state == "terminated"
        paid = balances(session, walk.project_id)
        assert {source: wan(amount) for source, amount in paid.due.items()} == {"city": "3", "county": "3"}
        assert dict(paid.recovered) == dict(paid.due)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_change_that_leaves_nothing_of_the_instalment_that_is_paid_passes_it_over(
    tmp_path: Path, database: Database
) -> None:
    """6 of 20 万元 are paid, 30 and 40 % of 85,714.30 元 are a 分 more than that: it is still paid. Of 85,714.29 nothing is."""
    policy = with_midterm(tmp_path / "w", ('by = "panel"', 'by = "officers"'), sheet="")
    with database.session() as session:
        walk = begun(session, policy)
        walk.go("submit accept list_major bid agree write_application pay_bidder apply opine recommend publish".split())
        walk.go("confirm issue_contract sign conclude check_payment match disburse_first county_pays".split())
        walk.go("report request_midterm check pass_midterm match approve_payment".split())

        def orders() -> list[str]:
            query = select(Paper.state).where(Paper.name == "payment_order", Paper.subject == "instalment:2")
            return list(session.scalars(query.order_by(Paper.id)))

        def state() -> str:
            return session.get_one(Project, walk.project_id).state

        assert (state(), orders()) == ("midterm_payment", ["current"])
        walk.lower_to(Decimal("85714.30"))
        assert (state(), orders()) == ("midterm_payment", ["cancelled"]), "of another amount: to be approved anew"
        match = {"amount": "0.000001", "number": "配套函9号", "dated": walk.driver.day()}
        walk.driver.do(walk.project, "confirm_county_match", walk._county(), match)
        walk.approve_payment()
        walk.lower_to(Decimal("85714.29"))
        assert (state(), orders()) == ("execution", ["cancelled", "cancelled"])
        told = session.scalars(select(Mail.subject).where(Mail.kind == "void_approval")).all()
        assert any("中期款" in subject for subject in told), told
