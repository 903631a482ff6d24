"""办结后追回: a fraud found after 办结, from the inquiry to the last yuan, and back when the decision is taken back."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.later import (
    RECLAIM,
    blamed,
    completed,
    correctable,
    county_pays,
    executing,
    notice_of,
    paper,
    passed,
    pay,
    sums,
    to_reclaim,
    told,
    waived,
    wan,
)
from tests.factories.later import matched as matched_by_county
from tests.factories.projects import ProjectFactory
from tests.papers.every import meta
from tests.people.test_succession import succeed
from tests.stages.test_bidding import DEAL
from tests.stages.test_lowered_subsidy import back, lowered
from tests.stages.test_revocation import matched
from tests.stages.test_rulings import execute, record
from tests.stages.test_termination import recover
from xtbang.models import Paper, Project, Restriction
from xtbang.papers.pdf.render import render_html
from xtbang.queries.ledger import totals_by_year, year_by_county

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
UNTIL = "2028-05-31"
PAPERS = ("prior_notice", "termination", "recovery_notice", "notice")


def due(factory: ProjectFactory, project: Project) -> dict[str, Decimal]:
    return {source: wan(amount) for source, amount in sums(factory, project).due.items()}


def test_nothing_is_claimed_before_experts_found_the_fraud_and_everybody_was_heard(factory: ProjectFactory) -> None:
    project = completed(factory)
    held = factory.blocked(project, "reclaim", "science", RECLAIM)
    assert held["A12.panel"].startswith("办结后追回资金，须先组织技术、财务、法律专家进行责任论证")
    assert held["A12.told"].startswith("办结后追回资金、限制申报的，作出决定前须先出具并送达告知书")
    assert "A12.panel" in factory.why_not(project, "issue_prior_notice", "science")
    blamed(factory, project)
    notice = told(factory, project, UNTIL)
    assert paper(factory, project, "prior_notice").title == "拟作出追回财政资金及限制申报决定告知书"
    assert "A12.days" in factory.blocked(project, "reclaim", "industry", RECLAIM)
    waived(factory, project, notice)
    late = factory.blocked(project, "reclaim", "industry", RECLAIM | {"restrict_until": "2029-01-01"})
    assert set(late) == {"A13.told"}
    assert set(factory.blocked(project, "reclaim", "industry", RECLAIM | {"recover_by": "2025-05-20"})) == {
        "A11.recover_by"
    }


def test_every_yuan_of_each_treasury_is_claimed_and_exactly_who_is_named_is_restricted(factory: ProjectFactory) -> None:
    project = completed(factory)
    over = project.closed_at
    to_reclaim(factory, project, until=UNTIL)
    factory.both(project, "reclaim", RECLAIM | {"restrict_until": UNTIL})
    assert (project.state, due(factory, project)) == ("termination", {"city": Decimal(40), "county": Decimal(40)})
    assert (project.closed_at, project.completed_at) == (None, over)
    certificate = select(Paper.state).where(Paper.project_id == project.id, Paper.name == "certificate")
    assert factory.session.scalars(certificate).all() == ["cancelled"]
    decision = paper(factory, project, "termination")
    assert (decision.title, decision.data["closed_on"]) == ("追回财政资金决定书", "2025-05-20")
    assert [(line["paid"]["wan"], line["rate"], line["due"]["wan"]) for line in decision.data["recoveries"]] == [
        ("40", "100%", "40"),
        ("40", "100%", "40"),
    ]
    order = paper(factory, project, "recovery_notice", "county")
    assert (order.data["closed_on"], len(order.data["payments"])) == ("2025-05-20", 2)
    row = factory.session.scalars(select(Restriction)).one()
    assert (row.organisation_id, row.reason) == (
        factory.organisations["bidder"].id,
        f"承担的项目 {project.number} 办结后查实弄虚作假",
    )
    said = notice_of(factory, project, "termination")
    assert "办结后查实弄虚作假，责任方为揭榜方。" in said.body
    assert said.title.startswith("关于追回")
    assert any(subject.startswith("请退回财政资金") for subject in factory.mails("issuer"))
    recover(factory, project, "city", "40")
    recover(factory, project, "county", "40")
    factory.perform(project, "settle", "finance")
    assert project.state == "terminated"


def test_what_came_back_before_is_not_claimed_twice(factory: ProjectFactory) -> None:
    """An instalment that the bank returned after 办结 has left the ledger; the county's stands."""
    project = completed(factory)
    to_reclaim(factory, project)
    line = correctable(factory, project, "county")[0]
    factory.perform(
        project, "reverse_line", "county", {"line": line, "cause": "returned", "dated": "2025-05-20", "reason": "退票"}
    )
    factory.perform(project, "reverse_line", "finance")
    factory.both(project, "reclaim", RECLAIM)
    assert due(factory, project) == {"city": Decimal(40), "county": Decimal(20)}
    county_pays(factory, project, "1", "20", note="再拨1")
    assert due(factory, project) == {"city": Decimal(40), "county": Decimal(40)}


def test_a_ruling_against_it_is_executed(factory: ProjectFactory) -> None:
    project = completed(factory)
    over = project.closed_at
    to_reclaim(factory, project)
    factory.both(project, "reclaim", RECLAIM)
    record(factory, project, "redo")
    execute(factory, project)
    assert (project.state, project.closed_at, project.completed_at) == ("closed", over, None)
    stale = select(Paper.state).where(
        Paper.project_id == project.id, Paper.name.in_(("termination", "recovery_notice"))
    )
    assert set(factory.session.scalars(stale)) == {"cancelled"}
    assert paper(factory, project, "certificate").state == "current"
    factory.both(project, "reclaim", RECLAIM)


def test_the_successor_of_the_issuer_owes_what_was_paid_to_it(factory: ProjectFactory) -> None:
    project = completed(factory)
    succeed(factory, "issuer", "firm")
    to_reclaim(factory, project, "issuer", UNTIL)
    factory.both(project, "reclaim", RECLAIM | {"restrict_until": UNTIL})
    (row,) = factory.session.scalars(select(Restriction))
    assert row.organisation_id == factory.organisations["firm"].id


def test_where_no_public_money_was_paid_there_is_nothing_to_claim(factory: ProjectFactory) -> None:
    project = matched(factory)
    factory.perform(project, "register_deal", "science", DEAL | {"contract_file": factory.file("合同.pdf")})
    for trigger in ("convene_liability", "reclaim"):
        assert "没有可以追回的资金" in factory.why_not(project, trigger, "science")["A12.paid"]


def test_what_experts_found_before_the_end_is_no_ground_for_a_claim_after_it(factory: ProjectFactory) -> None:
    project = executing(factory)
    blamed(factory, project)
    county_pays(factory, project, "1", "20")
    passed(factory, project)
    matched_by_county(factory, project, "20")
    pay(factory, project, "disburse_final", "20")
    assert "A12.panel" in factory.why_not(project, "issue_prior_notice", "science")
    assert factory.why_not(project, "convene_liability", "science") == {}


def written_off(factory: ProjectFactory, project: Project, source: str, amount: str) -> None:
    paper = {"document": f"批复{source}", "dated": factory.now.date().isoformat(), "reason": "破产财产分配完毕"}
    paper |= {"file": factory.file("批复.pdf"), "source": source, "amount": amount}
    factory.perform(project, "propose_write_off", "finance", paper)
    factory.both(project, "approve_write_off")


def test_what_a_change_has_claimed_before_is_claimed_no_second_time(factory: ProjectFactory) -> None:
    """Of 20 万元 of each treasury 5 were to come back already: they did to the city, and were written off for the county."""
    project = executing(factory)
    county_pays(factory, project, "1", "20")
    lowered(factory, project, "15")
    back(factory, project, "city", "5")
    written_off(factory, project, "county", "5")
    passed(factory, project)
    assert project.state == "closed"
    to_reclaim(factory, project)
    factory.both(project, "reclaim", RECLAIM)
    assert due(factory, project) == {"city": Decimal(20), "county": Decimal(20)}
    assert {wan(amount) for amount in sums(factory, project).outstanding.values()} == {Decimal(15)}
    for source in ("city", "county"):
        told = paper(factory, project, "recovery_notice", source).data
        assert (told["line"]["due"]["wan"], told["done_with"]["wan"]) == ("20", "5")


def test_what_is_claimed_comes_back_by_parts_or_is_written_off_and_every_year_adds_up(factory: ProjectFactory) -> None:
    project = completed(factory)
    to_reclaim(factory, project, until=UNTIL)
    factory.both(project, "reclaim", RECLAIM | {"restrict_until": UNTIL})
    parts = [("city", "2026-03-31", "15"), ("city", "2026-09-30", "25"), ("county", "2026-09-30", "40")]
    plan = [{"source": source, "due_on": day, "amount": amount} for source, day, amount in parts]
    factory.perform(
        project, "propose_plan", "finance", {"recover_by": "2026-09-30", "reason": "资金周转困难", "parts": plan}
    )
    factory.both(project, "approve_plan")
    notice = paper(factory, project, "recovery_notice", "city").data
    assert [part["amount"]["wan"] for part in notice["plan"]] == ["15", "25"]
    assert notice["closed_on"] == "2025-05-20", "the new notice tells no ordinary 终止 either"
    recover(factory, project, "city", "15")
    factory.at("2026-04-01 09:00")
    written_off(factory, project, "city", "25")
    recover(factory, project, "county", "40")
    factory.perform(project, "settle", "finance")
    assert project.state == "terminated"
    assert factory.session.scalars(select(Restriction.lifted_at)).all() == [None]
    years = totals_by_year(factory.session)
    said = [(year.name, *(wan(sum_) for sum_ in (year.due, year.recovered, year.written_off))) for year in years]
    assert said == [("2024", 0, 0, 0), ("2025", 80, 15, 0), ("2026", 0, 40, 25)]
    for year in years:
        *_regions, city = year_by_county(factory.session, int(year.name))
        assert (city.disbursed, city.due, city.recovered) == (year.disbursed, year.due, year.recovered)
    assert [wan(year.disbursed) for year in years] == [40, 40, 0]


def test_the_papers_say_what_becomes_of_the_certificate(factory: ProjectFactory) -> None:
    project = completed(factory)
    to_reclaim(factory, project)
    factory.both(project, "reclaim", RECLAIM)
    assert "验收证书作废" in notice_of(factory, project, "termination").body
    newest = select(Paper).where(Paper.name.in_(PAPERS)).order_by(Paper.id)
    rows = {row.name: row.data for row in factory.session.scalars(newest)}
    city = factory.engine.policy.city
    told = {name: render_html(f"{name}.html", {"facts": rows[name], "city": city}, meta=meta(name)) for name in PAPERS}
    assert "该项目的验收证书同时作废" in told["prior_notice"]
    assert "该项目的验收证书自作出本决定之日起作废" in told["termination"]
    assert not [name for name, text in told.items() if "终止" in text], "it reads like no ordinary 终止"
