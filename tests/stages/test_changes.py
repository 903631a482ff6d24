"""变更: a party asks, the others agree, who decides decides, the supplement is signed; then everything uses it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.models import Change, DocumentVersion, Organisation, Paper, Project, Restriction
from xtbang.papers.facts.older import facts_of
from xtbang.queries.signing import paper_to_sign

REASON = {"reason": "人员调整"}
ACCOUNT = {"payee_name": "湘潭甲公司", "payee_bank": "中国银行湘潭分行", "payee_account": "6217000099998888"}
CONTACT = {
    "issuer_contact": "王五",
    "issuer_phone": "0731-58570302",
    "bidder_contact": "赵六",
    "bidder_phone": "0731-58292130",
}


def begin(factory: ProjectFactory, project: Project, kind: str, who: str = "issuer") -> dict[str, Any]:
    """A change begun; what stands in its form."""
    factory.perform(project, "open_change", who, {"kind": kind})
    engine, action = factory.engine, factory.engine.policy.actions["propose_change"]
    context = engine.context(factory.session, project, factory.actor(who), "party", action)
    return engine.prefilled(context, action)


def ask(factory: ProjectFactory, project: Project, kind: str, new: dict[str, Any], who: str = "issuer") -> Change:
    known = begin(factory, project, kind, who)
    factory.perform(project, "propose_change", who, known | REASON | {"file": factory.file("申请.pdf")} | new)
    return change(factory, project)


def change(factory: ProjectFactory, project: Project) -> Change:
    query = select(Change).where(Change.project_id == project.id).order_by(Change.id.desc())
    return factory.session.scalars(query.limit(1)).one()


def against(factory: ProjectFactory, project: Project, kind: str, new: dict[str, Any]) -> dict[str, str]:
    """What stands against these new values."""
    known = begin(factory, project, kind)
    return factory.blocked(
        project, "propose_change", "issuer", known | REASON | {"file": factory.file("申请.pdf")} | new
    )


def consortium(member: Organisation) -> dict[str, Any]:
    row = {"name": member.name, "uscc": member.uscc, "kind": "企业", "task": "测试", "share": "10"}
    return {"lead_share": "90", "members": [row]}


def sign(factory: ProjectFactory, project: Project, *people: str) -> None:
    row = change(factory, project)
    found = later.paper(factory, project, "supplement", f"change:{row.id}")
    for who in people:
        scan = factory.file(f"补充-{who}-{row.id}.pdf", found.code)
        factory.perform(project, "sign_contract", who, {"signed_on": factory.now.date().isoformat(), "scan": scan})


def test_the_account_changes_by_the_offices_and_the_next_payment_goes_there(factory: ProjectFactory) -> None:
    project = later.ready(factory)
    row = ask(factory, project, "account", ACCOUNT)
    assert "请确认合同变更" in factory.mails("bidder")[-1]
    assert factory.why_not(project, "grant_change", "science")["A9.change"].startswith("变更须先经揭榜方湘潭大学同意（")
    factory.perform(project, "agree_change", "bidder")
    factory.both(project, "grant_change", {"reason": "同意"})
    sign(factory, project, "issuer", "bidder", "science")
    unsigned = factory.blocked(project, "conclude_change", "science")["A9.signatures"]
    assert unsigned == "补充合同（1）尚待签章：丁方 湘潭市工业和信息化局（《办法》第九条）。"
    later.pay(factory, project, "disburse_first", "20")
    order = facts_of(later.paper(factory, project, "payment_order"))
    assert order["payee"]["bank_account"] == "6222000011112222"  # not signed by everybody: not in force
    sign(factory, project, "industry")
    factory.perform(project, "conclude_change", "science")
    factory.session.refresh(row)
    assert (row.status, row.number) == ("in_force", 1)
    later.county_pays(factory, project, "1", "20")
    later.passed(factory, project)
    later.matched(factory, project, "20")
    later.pay(factory, project, "disburse_final", "20")
    order = facts_of(later.paper(factory, project, "payment_order", "instalment:2"))
    assert order["payee"]["bank_account"] == "6217000099998888"
    versions = select(DocumentVersion).where(DocumentVersion.document_id == project.contract_id)
    accounts = [version.data["payee_account"] for version in factory.session.scalars(versions.order_by("number"))]
    assert accounts == ["6222000011112222", "6217000099998888"]


def test_a_contact_changes_by_the_word_of_the_parties_alone(factory: ProjectFactory) -> None:
    project = later.in_force(factory)
    ask(factory, project, "contact", CONTACT | {"file": ""}, who="bidder")
    factory.perform(project, "agree_change", "issuer")
    assert factory.why_not(project, "sign_contract", "industry")["A9.contract"].startswith("补充合同（1）不须本方签章")
    sign(factory, project, "issuer", "bidder")
    factory.perform(project, "conclude_change", "science")
    assert project.contract.draft["bidder_contact"] == "赵六"
    assert "补充合同已生效" in factory.mails("issuer")[-1]


def test_what_is_not_agreed_to_or_taken_back_changes_nothing(factory: ProjectFactory) -> None:
    project = later.in_force(factory)
    ask(factory, project, "account", ACCOUNT)
    assert factory.why_not(project, "open_change", "bidder")["A9.change"].startswith(
        "合同变更（补助资金收款账户）正在办理"
    )
    factory.perform(project, "decline_change", "bidder", {"reason": "账户不明"})
    ask(factory, project, "account", ACCOUNT)
    factory.perform(project, "withdraw_change", "issuer")
    ask(factory, project, "account", ACCOUNT)
    factory.perform(project, "agree_change", "bidder")
    factory.perform(project, "grant_change", "science", {})
    assert "已会签" in factory.why_not(project, "withdraw_change", "issuer")["countersign"]
    factory.perform(project, "grant_change", "industry", {})
    factory.both(project, "deny_change", {"reason": "逾期未签章"})
    papers = select(Paper.state).where(Paper.project_id == project.id, Paper.name == "supplement")
    assert list(factory.session.scalars(papers)) == ["cancelled"]
    assert project.contract.draft["payee_account"] == "6222000011112222"
    assert not factory.why_not(project, "open_change", "bidder")


def test_nothing_changed_and_no_file_are_refused(factory: ProjectFactory) -> None:
    project = later.in_force(factory)
    assert against(factory, project, "account", {})["A9.change"] == "补助资金收款账户没有改动（《办法》第九条）。"
    refused = against(factory, project, "account", ACCOUNT | {"file": ""})
    assert refused["A9.change"] == "由两局审批的变更，须上传变更申请及有关证明材料（《办法》第九条）。"


def test_a_new_leader_stands_in_bid_and_team(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    old = begin(factory, project, "leader")["leader_name"]
    ask(factory, project, "leader", {"leader_name": "钱七", "leader_title": "教授"})
    factory.perform(project, "agree_change", "bidder")
    factory.both(project, "grant_change", {})
    sign(factory, project, "issuer", "bidder", "science", "industry")
    factory.perform(project, "conclude_change", "science")
    assert begin(factory, project, "leader")["leader_name"] == "钱七"
    names = [row["name"] for row in begin(factory, project, "team")["team"]]
    assert "钱七" in names
    assert old not in names


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("more", "decider"), [("20", "notice"), ("20.000001", "offices")])
def test_lines_of_the_budget_move_by_notice_up_to_a_tenth_of_the_total(
    factory: ProjectFactory, more: str, decider: str
) -> None:
    project = later.in_force(factory)
    known = begin(factory, project, "budget")
    moved = {
        key: str(Decimal(known[key] or 0) + sign * Decimal(more))
        for key, sign in (("use_equipment", -1), ("use_material", 1))
    }
    assert ask(factory, project, "budget", moved).decided_by == decider


def test_the_rules_of_the_money_are_asked_again_at_their_edge(factory: ProjectFactory) -> None:
    """Total 200, subsidy 40: the total may fall to 160 (25 %, 3 : 1), not to 159.99."""
    project = later.in_force(factory)
    known = begin(factory, project, "budget")

    def cut(less: str) -> dict[str, str]:
        """So much less is invested: first what the county adds to the total, then what the issuer spends itself."""
        own = str(Decimal(known["src_issuer_own"]) + 40 - Decimal(less))
        fallen = {key: str(Decimal(known[key]) - Decimal(less)) for key in ("total_investment", "use_equipment")}
        return fallen | {"src_county": "0", "src_issuer_own": own}

    tight = against(factory, project, "budget", cut("40.01"))
    assert "不得超过科研投入总额 159.99 万元的 25%" in tight["A7.ratio"]
    rises = against(factory, project, "budget", {"src_city": "40.01", "src_issuer_own": "29.99"})
    assert rises["A7.granted"].startswith("市级补助 40.01 万元，超过已核定的 40.00 万元；变更不能增加补助")
    short = against(factory, project, "budget", {"src_paid_to_bidder": "79.99", "src_issuer_own": "40.01"})
    assert short["A7.issuer_payment"].startswith(
        "计划由发榜方支付揭榜方 79.99 万元，低于科研投入总额 200.00 万元的 40%"
    )
    row = ask(factory, project, "budget", cut("40"))
    assert row.decided_by == "offices"


def test_the_scan_of_a_supplement_is_compared_with_the_supplement(factory: ProjectFactory) -> None:
    project = later.executing(factory)

    def signed_paper() -> tuple[str, str]:
        paper = paper_to_sign(factory.session, project)
        assert paper
        return paper.name, paper.subject

    assert signed_paper() == ("contract", "")
    row = ask(factory, project, "contact", CONTACT)
    assert signed_paper() == ("contract", "")
    factory.perform(project, "agree_change", "bidder")
    assert signed_paper() == ("supplement", f"change:{row.id}")
    sign(factory, project, "issuer", "bidder")
    factory.perform(project, "conclude_change", "science")
    assert signed_paper() == ("contract", "")


def test_a_member_joins_and_another_leaves(factory: ProjectFactory) -> None:
    project = later.in_force(factory)
    issuer, other = factory.people["issuer"].organisation, factory.people["member"].organisation
    refused = against(factory, project, "members", consortium(issuer))
    assert refused["A6.issuer"].startswith("同一项目的发榜方不能作为揭榜方、联合体成员")
    joins = consortium(other)
    ask(factory, project, "members", joins)
    factory.perform(project, "agree_change", "bidder")
    unsaid = factory.blocked(project, "agree_change", "member", {"clean": ""})["A6.clean"]
    assert unsaid.startswith("加入联合体的单位须承诺近 3 年内无不良信用记录")
    factory.perform(project, "agree_change", "member", {"clean": True})
    factory.both(project, "grant_change", {})
    sign(factory, project, "issuer", "bidder", "member", "science", "industry")
    factory.perform(project, "conclude_change", "science")
    assert [row.organisation_id for row in project.agreed_bid.members] == [other.id]
    ask(factory, project, "members", {"lead_share": "100", "members": []})
    assert factory.why_not(project, "agree_change", "member")  # who leaves is not asked
    factory.perform(project, "agree_change", "bidder")
    factory.both(project, "grant_change", {})
    sign(factory, project, "issuer", "bidder", "science", "industry")
    factory.perform(project, "conclude_change", "science")
    assert project.agreed_bid.members == []
    assert "补充合同已生效" in factory.mails("member")[-1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("until", "clean"), [("2021-11-20", False), ("2021-11-19", True)])
def test_who_joins_has_three_clean_years(factory: ProjectFactory, until: str, clean: bool) -> None:
    project = later.in_force(factory)  # on 2024-11-19
    other = factory.people["member"].organisation
    with factory.writing() as session:
        session.add(
            Restriction(
                organisation_id=other.id, starts_on=date(2020, 1, 1), ends_on=date.fromisoformat(until), reason="失信",
                created_at=factory.now, created_by_id=factory.people["science"].id,
            )
        )  # fmt: skip
    joins = consortium(other)
    if clean:
        ask(factory, project, "members", joins)
    else:
        refused = against(factory, project, "members", joins)["A6.clean"]
        assert refused.startswith(f"“{other.name}”限制申报至2021年11月20日，不足 3 年：失信")
