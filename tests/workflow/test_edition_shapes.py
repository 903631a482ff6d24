"""An edition of another shape is only a file: other payments, no 论证, no 路演, no 公示, more asked of an action."""

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.databases import Database
from tests.workflow.conftest import WORKFLOWS
from tests.workflow.life_players import NoStore
from xtbang.demo.clock import Clock
from xtbang.demo.driver import Driver
from xtbang.demo.participants import ParticipantBuilder
from xtbang.demo.walk import Plan, Walk
from xtbang.domain.new_project import create_entry
from xtbang.errors import Blocked, DefinitionError
from xtbang.models import Call, Event, Finding, Midterm, Paper, Project
from xtbang.models.writing import begin_write
from xtbang.papers.facts.older import facts_of
from xtbang.queries.desk.payments import ready
from xtbang.queries.finance import Filters, instalment_names, projects
from xtbang.queries.ledger import balances
from xtbang.queries.payment_queue import queue, reasons
from xtbang.queries.prepared import bound
from xtbang.rules.money import wan
from xtbang.rules.policy import Policy
from xtbang.rules.site import Site
from xtbang.workflow.definition import load_policy
from xtbang.workflow.engine import Engine

FIRST = '[[instalment]]\nname = "首期"\nshare = 0.5\n'
NEW = FIRST.replace("0.5", "0.3")
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


def edition_of(folder: Path, name: str, *changes: tuple[str, str], more: str = "") -> Path:
    """The published policy with one more edition, made of 2021 by replacing texts."""
    shutil.copytree(WORKFLOWS, folder)
    text = (folder / "editions" / "2021.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "editions" / f"{name}.toml").write_text(text + more, encoding="utf-8")
    return folder


def without(*stages: str) -> tuple[str, str]:
    names = ", ".join(f'"{stage}"' for stage in stages)
    return "consortium_allowed", f"without = [{names}]\nconsortium_allowed"


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """Three payments, two of them after the contract; no 论证, no 路演, no 公示; an audit for the acceptance."""
    last = ('share = 0.5\nafter = "acceptance"', 'share = 0.4\nafter = "acceptance"')
    second = ('[[instalment]]\nname = "尾款"', f'{SECOND}[[instalment]]\nname = "尾款"')
    stages = without("appraisal", "roadshow", "publicity")
    return load_policy(edition_of(tmp_path / "w", "2027", (FIRST, NEW), last, second, stages, more=MORE))


class ShapedWalk(Walk):
    """The steps of an edition whose stages differ."""

    def pay_out(self, trigger: str) -> None:
        """The county confirms, the city pays, the county pays."""
        self.match()
        self._disburse(trigger)
        self.county_pays()


def begun(database_session: Any, policy: Policy, edition: str = "2027") -> ShapedWalk:
    """A project of the edition, still a draft, and who takes its steps."""
    clock, rng = Clock(datetime(2035, 1, 1, tzinfo=UTC)), Random(5)
    engine = Engine(policy, Site(b"k", "http://127.0.0.1:8000"), clock)
    begin_write(database_session)
    participants = ParticipantBuilder(database_session, rng, "!").everyone()
    call = Call(
        code=edition, title="2027年度征集", edition=edition, kinds=["tech_demand"],
        opens_at=datetime(2027, 1, 1, tzinfo=UTC), closes_at=datetime(2029, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    database_session.add(call)
    database_session.flush()
    clock.set(datetime(2027, 3, 1, 2, tzinfo=UTC))
    driver = Driver(database_session, engine, NoStore(), clock, participants.people, rng)  # type: ignore[arg-type]
    issuer = participants.issuers[0]
    bidders = [bidder for bidder in participants.bidders if bidder != issuer]
    project = create_entry(driver.caller(driver.member(issuer)), call, "tech_demand")
    database_session.commit()
    plan = Plan("tech_demand", 0, issuer, bidders[:2], None, Decimal(160), Decimal(20), words="2021")
    steps = ShapedWalk(driver, project, plan)
    steps.write_form()
    return steps


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
        driver, project_id = walk.driver, walk.project_id

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
        assert state() == "midterm"
        with pytest.raises(Blocked, match="尚未组织中期检查专家组"):
            driver.both(walk.project, "pass_midterm", {"reason": "通过。"})
        until = driver.day(30)
        driver.both(walk.project, "mend_midterm", {"reason": "经费须分账核算。", "rectify_by": until})
        assert state() == "execution"
        again = session.scalars(select(Midterm).where(Midterm.status == "planned")).one()
        assert again.due_on.isoformat() == until
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


def test_what_waits_is_called_as_the_editions_call_its_state(policy: Policy) -> None:
    (task,) = [task for task in policy.tasks if task.key == "roadshow"]
    named = [policy.life(edition).states["roadshow"].name for edition in ("2021", "2027")]
    assert task.title == f"{'、'.join(named)}待办" and named[0] != named[1]
