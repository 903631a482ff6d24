"""终止: what is proved, what comes back, when it is settled."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.later import (
    SUBJECTIVE,
    blamed,
    county_pays,
    ended,
    executing,
    fifty,
    in_force,
    ledger_lines,
    matched,
    notice_of,
    paper,
    passed,
    requested,
    sums,
    wan,
)
from tests.factories.projects import ProjectFactory
from xtbang.models import Acceptance, Extension, Panel, Paper, Project, Restriction, Termination
from xtbang.queries.desk.money import county_owes

END = {"cause": "objective", "reason": "洪灾", "recover_by": "2026-12-31"}


def recover(factory: ProjectFactory, project: Project, source: str, amount: str) -> None:
    number = f"到账{len(ledger_lines(factory, project))}"
    data = {"source": source, "amount": amount, "dated": factory.now.date().isoformat(), "note": number}
    factory.perform(project, "record_recovery", "finance", data)


def test_objective_cause_needs_the_audit_report(factory: ProjectFactory) -> None:
    project = executing(factory)
    sentence = "因客观原因或不可抗力终止，须提供第三方审计报告（《办法》第十一条）。"
    assert factory.blocked(project, "terminate", "science", END) == {"A11.audit": sentence}


def test_subjective_cause_needs_the_panel(factory: ProjectFactory) -> None:
    project = executing(factory)
    data = END | SUBJECTIVE
    assert "须先组织技术、财务、法律专家" in factory.blocked(project, "terminate", "science", data)["A12.panel"]
    panel = factory.panel(project, "liability", (1, 1, 1))
    assert "尚未形成结论" in factory.blocked(project, "terminate", "science", data)["A12.panel"]
    for who in factory.seats(panel):
        factory.score(project, panel, who)
    verdict = {"favourable": "not_passed", "opinion": "证据不足"}
    factory.perform(project, "conclude_panel", "science", verdict)
    assert "“不通过”" in factory.blocked(project, "terminate", "science", data)["A12.panel"]
    assert "登记了新的须关注情况" in factory.why_not(project, "convene_liability", "science")["A9.concluded"]
    factory.later(hours=1)
    found = {"dated": factory.now.date().isoformat(), "favourable": "needs_attention", "text": "资金挪作他用"}
    factory.perform(project, "record_check", "industry", found)
    assert factory.why_not(project, "convene_liability", "science") == {}


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"recover_by": "2024-11-20"}, "A11.recover_by"),
        ({"restrict_until": "2027-12-31"}, "A13.objective"),
    ],
)
def test_what_does_not_go_together(factory: ProjectFactory, more: dict[str, str], rule: str) -> None:
    project = executing(factory)
    data = END | {"audit_file": factory.file("审计.pdf")} | more
    assert set(factory.blocked(project, "terminate", "industry", data)) == {rule}


def test_objective_half_of_25_and_25(factory: ProjectFactory) -> None:
    project = fifty(factory)
    ended(factory, project)
    assert project.state == "termination"
    assert {source: wan(amount) for source, amount in sums(factory, project).due.items()} == {
        "city": Decimal("12.5"),
        "county": Decimal("12.5"),
    }
    decision = paper(factory, project, "termination").data
    assert [(r["paid"]["wan"], r["rate"], r["due"]["wan"]) for r in decision["recoveries"]] == [
        ("25", "50%", "12.5"),
        ("25", "50%", "12.5"),
    ]
    for source, creditor in (("city", "湘潭市财政局"), ("county", "湘潭高新区财政部门")):
        order = paper(factory, project, "recovery_notice", source).data
        assert (order["line"]["due"]["words"], order["creditor"]["name"]) == ("壹拾贰万伍仟元整", creditor)
        assert order["debtor"]["name"] == "湘潭电机有限公司"
        assert order["line"]["article"] == "《办法》第十一条"
        assert len(order["payments"]) == 1
    assert notice_of(factory, project, "termination").status == "published"
    assert any(subject.startswith("请退回财政资金") for subject in factory.mails("issuer"))
    assert any(subject.startswith("请追缴财政资金") for subject in factory.mails("finance"))


def test_subjective_all_of_25_and_25_and_the_restriction_begins_with_the_decision(factory: ProjectFactory) -> None:
    project = fifty(factory)
    blamed(factory, project)
    ended(factory, project, **SUBJECTIVE, restrict_until="2027-12-31")
    assert {source: wan(amount) for source, amount in sums(factory, project).due.items()} == {
        "city": Decimal(25),
        "county": Decimal(25),
    }
    assert factory.session.scalars(select(Termination)).one().responsible == "bidder"
    row = factory.session.scalars(select(Restriction)).one()
    assert (row.organisation_id, row.ends_on.isoformat()) == (factory.organisations["bidder"].id, "2027-12-31")
    assert (row.starts_on.isoformat(), row.created_by_id) == ("2024-11-20", factory.people["industry"].id)
    assert "已被限制申报" in factory.mails("bidder")
    data = paper(factory, project, "termination").data
    assert (data["responsible"], data["named"], data["restricted"]) == ("揭榜方", ["湘潭大学"], ["湘潭大学"])
    assert (data["restrict_from"], data["restrict_until"]) == ("2024-11-20", "2027-12-31")
    orders = factory.session.scalars(select(Paper).where(Paper.name == "recovery_notice"))
    assert {data["cause"], *(order.data["cause"] for order in orders)} == {"揭榜方主观原因"}
    said = notice_of(factory, project, "termination").body
    assert said.startswith(
        "因揭榜方主观原因，依据《湘潭市科技创新“揭榜挂帅”项目管理办法》（潭政办发〔2021〕14号，以下简称《办法》）第十二条"
    )
    assert (
        "依据《办法》第十三条，对湘潭大学在科研项目申报、财政资金支持、相关奖励等方面予以限制，自2024年11月20日起至2027年12月31日止"
        in said
    )
    recover(factory, project, "city", "25")
    recover(factory, project, "county", "25")
    factory.perform(project, "settle", "finance")
    assert project.state == "terminated"
    assert [row.id] == factory.session.scalars(select(Restriction.id)).all(), "it began once"


def test_both_responsible_are_both_restricted(factory: ProjectFactory) -> None:
    project = in_force(factory)
    blamed(factory, project, "both")
    ended(factory, project, **SUBJECTIVE, restrict_until="2027-12-31")
    assert project.state == "terminated"  # nothing had been paid: settled in the same breath
    assert paper(factory, project, "termination").data["restricted"] == ["湘潭电机有限公司", "湘潭大学"]
    assert "因发榜方和揭榜方主观原因" in notice_of(factory, project, "termination").body
    rows = factory.session.scalars(select(Restriction)).all()
    assert {row.organisation_id for row in rows} == {
        factory.organisations["issuer"].id,
        factory.organisations["bidder"].id,
    }
    assert {row.created_by_id for row in rows} == {factory.people["industry"].id}


def test_before_any_payment_it_settles_at_once(factory: ProjectFactory) -> None:
    project = in_force(factory)
    outcome = ended(factory, project)
    assert (outcome.state, project.state) == ("terminated", "terminated")
    assert project.closed_at is not None
    assert [line for line in ledger_lines(factory, project) if line[0].startswith("recover")] == []
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "recovery_notice")
    assert factory.session.scalars(query).all() == []
    said = notice_of(factory, project, "termination").body
    assert "因客观原因或不可抗力" in said and "尚未拨付财政补助资金" in said and "限制" not in said
    assert [row["due"]["wan"] for row in paper(factory, project, "termination").data["recoveries"]] == ["0", "0"]


def test_only_the_source_that_paid_gets_something_back(factory: ProjectFactory) -> None:
    project = executing(factory)
    ended(factory, project)
    assert {source: wan(amount) for source, amount in sums(factory, project).due.items()} == {"city": Decimal(10)}


def test_what_the_county_paid_and_had_not_recorded_comes_back_too(factory: ProjectFactory) -> None:
    project = executing(factory)
    terminate = next(
        offer
        for offer in factory.engine.offers(factory.session, project, factory.actor("science"))
        if offer.action.trigger == "terminate"
    )
    said = "湘潭高新区尚未登记配套资金（首期 20.00 万元）的拨付；终止后登记的，按同一比例另行下达追缴通知。"
    assert [hint.text for hint in terminate.hints] == [said]
    ended(factory, project)
    assert factory.mails("county")[-1].startswith("请说明配套资金是否拨付")
    recover(factory, project, "city", "10")
    assert factory.why_not(project, "settle", "finance") == {
        "A11.county": (
            "湘潭高新区尚未说明配套资金（首期 20.00 万元）是否已经拨付：已拨付的须登记并追回，未拨付的须作说明"
            "（《办法》第十一条、第十二条）。"
        )
    }
    county_pays(factory, project, "1", "20")
    assert {source: wan(amount) for source, amount in sums(factory, project).due.items()} == {
        "city": Decimal(10),
        "county": Decimal(10),
    }
    order = paper(factory, project, "recovery_notice", "county").data
    assert (order["line"]["due"]["wan"], len(order["payments"])) == ("10", 1)
    assert factory.mails("issuer")[-1].startswith("请退回财政资金")
    assert set(factory.why_not(project, "settle", "finance")) == {"A11.recovery"}
    recover(factory, project, "county", "10")
    factory.perform(project, "settle", "finance")
    assert project.state == "terminated"


def test_what_the_county_has_not_paid_does_not_come_back(factory: ProjectFactory) -> None:
    project = executing(factory)
    ended(factory, project)
    recover(factory, project, "city", "10")
    assert [row.id for row in factory.session.execute(county_owes())] == [project.id]
    factory.perform(project, "declare_county_unpaid", "county", {"instalment": "1", "reason": "尚未拨付"})
    assert "A11.county" in factory.why_not(project, "declare_county_unpaid", "county")
    assert factory.mails("finance")[-1].startswith("配套资金未拨付")
    assert factory.session.execute(county_owes()).all() == []
    assert factory.why_not(project, "settle", "finance") == {}
    county_pays(factory, project, "1", "20")  # it had, after all
    assert set(factory.why_not(project, "settle", "finance")) == {"A11.recovery"}


def test_each_instalment_the_county_had_paid_is_claimed(factory: ProjectFactory) -> None:
    project = fifty(factory)
    passed(factory, project)
    matched(factory, project, "25")
    blamed(factory, project)
    ended(factory, project, **SUBJECTIVE)
    assert "尾款 25.00 万元" in factory.why_not(project, "settle", "finance")["A11.county"]
    county_pays(factory, project, "2", "25")
    assert wan(sums(factory, project).due["county"]) == 50
    query = select(Paper).where(Paper.name == "recovery_notice", Paper.subject == "county").order_by(Paper.id)
    assert [(row.version, row.state) for row in factory.session.scalars(query)] == [(1, "superseded"), (2, "current")]


def test_parts_add_up_and_more_is_refused(factory: ProjectFactory) -> None:
    project = fifty(factory)
    ended(factory, project)
    recover(factory, project, "city", "10")
    data = {"source": "city", "amount": "2.5001", "dated": "2024-11-20", "note": "2"}
    sentence = (
        "市级财政应追缴 12.50 万元，已追回 10.00 万元，本次最多登记 2.50 万元，填报为 2.5001 万元。"
        "确实多缴的，请勾选“多出的部分按多缴登记”（《办法》第十一条）。"
    )
    assert factory.blocked(project, "record_recovery", "finance", data) == {"A11.recovery": sentence}
    assert set(factory.blocked(project, "record_recovery", "finance", data | {"amount": "0"})) == {"A11.recovery"}
    recover(factory, project, "city", "2.5")
    against = factory.why_not(project, "settle", "finance")
    assert list(against.values()) == [
        "县市区（园区）财政已追回 0.00 万元，应追缴 12.50 万元，尚差 12.50 万元（《办法》第十一条）。"
    ]
    recover(factory, project, "county", "12.5")
    assert any(subject.startswith("请办理追缴完毕") for subject in factory.mails("finance"))
    factory.perform(project, "settle", "finance")
    assert project.state == "terminated"
    assert not any(sums(factory, project).outstanding.values())


def test_what_was_open_is_closed(factory: ProjectFactory) -> None:
    project = executing(factory)
    data = {"reason": "停产", "new_end": "2027-05-19", "audit_file": factory.file("审计.pdf")}
    factory.perform(project, "request_extension", "bidder", data)
    panel = factory.panel(project, "liability", (1, 1, 1))
    ended(factory, project)
    assert factory.session.scalars(select(Extension)).one().status == "overtaken"
    assert factory.session.scalars(select(Acceptance)).one().status == "ended"
    assert factory.session.get_one(Panel, panel.id).status == "cancelled"
    assert factory.session.scalars(select(Termination)).one().from_state == "extension"


def test_during_acceptance(factory: ProjectFactory) -> None:
    project = executing(factory)
    requested(factory, project)
    ended(factory, project)
    assert project.state == "termination"
    assert factory.session.scalars(select(Acceptance)).one().status == "ended"
