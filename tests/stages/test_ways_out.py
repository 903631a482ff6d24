"""放弃、终结 before the contract is in force; whoever does nothing any more; 核销 of what cannot come back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.actions.registry import OPTIONS
from xtbang.enums import RoleName
from xtbang.models import Bid, Paper, Project, Restriction
from xtbang.queries.ledger import lines
from xtbang.rules.money import wan

WHY = {"reason": "资金链断裂"}


def test_a_bidder_gives_up_and_the_entry_is_listed_again(factory: ProjectFactory) -> None:
    project = factory.agreed()
    factory.perform(project, "give_up_bid", "bidder", WHY)
    assert (project.state, project.agreed_bid, project.application) == ("listing", None, None)
    assert factory.mails("issuer")[-1] == f"揭榜方已放弃：{project.title}"
    factory.perform(project, "extend_bids", "science", {"bids_until": "2024-12-20T18:00", "reason": "揭榜方放弃"})
    factory.bid(project, "rival")
    factory.at("2024-12-23 09:00")
    chosen = factory.session.scalars(select(Bid).where(Bid.project_id == project.id, Bid.status == "submitted")).one()
    factory.choose(project, chosen)
    assert project.state == "bidding"


def test_of_two_bidders_the_other_is_told_bids_again_and_is_chosen_when_the_first_gives_up(
    factory: ProjectFactory,
) -> None:
    project = factory.listed()
    first, second = factory.bid(project), factory.bid(project, "rival")
    factory.at("2024-10-29 09:00")
    factory.choose(project, first)
    assert (first.status, second.status) == ("agreed", "not_chosen")
    factory.perform(project, "give_up_bid", "bidder", WHY)
    assert (first.status, second.status, project.state) == ("released", "not_chosen", "listing")
    factory.perform(project, "extend_bids", "science", {"bids_until": "2024-12-20T18:00", "reason": "揭榜方放弃"})
    assert any("不再接受贵单位揭榜" in text for text in factory.why_not(project, "open_bid", "bidder").values())
    factory.perform(project, "open_bid", "rival")  # with what was filled in before
    factory.perform(project, "submit_bid", "rival")
    factory.at("2024-12-23 09:00")
    factory.choose(project, second)
    assert (project.agreed_bid, second.status, first.status) == (second, "agreed", "released")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("step", "who", "trigger"),
    [("agreed", "issuer", "give_up_entry"), ("applied", "bidder", "give_up"), ("recommended", "issuer", "give_up")],
)
def test_a_party_gives_up_without_audit_or_panel(factory: ProjectFactory, step: str, who: str, trigger: str) -> None:
    project = getattr(factory, step)()
    factory.perform(project, trigger, who, WHY)
    assert project.state == "given_up"
    assert project.closed_at


def test_an_inquiry_goes_on_when_a_party_gives_up(factory: ProjectFactory) -> None:
    project = later.issued(factory)
    panel = factory.panel(project, "liability", (1, 1, 1))
    factory.perform(project, "give_up", "bidder", WHY)
    for who in factory.seats(panel):
        factory.score(project, panel, who)
    data = {"favourable": "passed", "opinion": "弄虚作假", "responsible": "bidder"}
    factory.perform(project, "conclude_panel", "science", data)
    assert project.state == "given_up"
    assert panel.status == "concluded"


def test_the_offices_close_what_a_party_does_not_sign(factory: ProjectFactory) -> None:
    project = later.issued(factory)
    gone = {"cause": "dissolved", "reason": "揭榜方已注销", "file": ""}
    refused = factory.blocked(project, "end_entry", "science", gone)["A6.ended"]
    assert refused.startswith("单位注销、解散或者破产的，须上传登记机关或者人民法院的文书")
    factory.both(project, "end_entry", gone | {"cause": "unsigned"})
    assert project.state == "given_up"


def test_once_money_is_paid_only_a_termination_ends_it(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    assert factory.why_not(project, "give_up", "bidder")["state"].startswith("项目现处于“实施”")


def test_finance_speaks_for_a_county_that_says_nothing(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    later.ended(factory, project)
    word = {"instalment": "1", "reason": "经核实未拨付"}
    assert factory.blocked(project, "declare_county_unpaid", "finance", word)["A11.county"]
    factory.at("2027-01-04 09:00")
    factory.perform(project, "declare_county_unpaid", "finance", word)
    assert factory.why_not(project, "settle", "finance").keys() == {"A11.recovery"}


def test_what_cannot_come_back_is_written_off_by_finance_and_both_bureaus(factory: ProjectFactory) -> None:
    """25 and 25 are claimed, 5 came back; 20 and 25 are written off; the restriction stays."""
    project = later.fifty(factory)
    later.blamed(factory, project, "issuer")
    later.ended(factory, project, **later.SUBJECTIVE, restrict_until="2027-12-31")
    back = {"source": "city", "amount": "5", "dated": factory.now.date().isoformat(), "note": "SH-1", "file": ""}
    factory.perform(project, "record_recovery", "finance", back)
    paper = {"document": "（2026）湘03破1号裁定", "dated": "2024-11-20", "reason": "破产财产分配完毕"}
    paper |= {"file": factory.file("裁定.pdf")}
    too_much = factory.blocked(project, "propose_write_off", "finance", paper | {"source": "city", "amount": "20.01"})
    assert too_much["A11.write_off"].startswith("市级财政尚未收回 20.00 万元，填报核销 20.01 万元")
    for source, amount in (("city", "20"), ("county", "25")):
        factory.perform(project, "propose_write_off", "finance", paper | {"source": source, "amount": amount})
        factory.both(project, "approve_write_off")
    sums = later.sums(factory, project)
    assert sums.written_off == {"city": Decimal(200_000), "county": Decimal(250_000)}
    assert sums.recovered == {"city": Decimal(50_000)}
    assert later.paper(factory, project, "write_off").title == "财政资金核销审批单"
    factory.perform(project, "settle", "finance")
    assert project.state == "terminated"
    assert factory.session.scalars(select(Restriction)).one().organisation_id == project.issuer_id
    line = next(row for row in lines(factory.session, project.id) if (row.kind, row.source) == ("written_off", "city"))
    today = factory.now.date().isoformat()
    again = {"line": str(line.id), "cause": "mistaken", "dated": today, "reason": "另有财产", "file": ""}
    factory.perform(project, "reverse_line", "finance", again)
    factory.perform(project, "reverse_line", "science")
    assert project.state == "termination", "the claim stands again, and can be recovered or written off anew"
    assert later.sums(factory, project).outstanding == {"city": Decimal(200_000), "county": 0}
    papers = factory.session.scalars(select(Paper).where(Paper.name == "write_off").order_by(Paper.id))
    assert [paper.state for paper in papers] == ["cancelled", "current"]


def test_a_refused_write_off_leaves_the_claim(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    later.ended(factory, project)
    paper = {"document": "批复", "dated": "2024-11-20", "reason": "无财产", "file": factory.file("批复.pdf")}
    factory.perform(project, "propose_write_off", "finance", paper | {"source": "city", "amount": "10"})
    factory.both(project, "refuse_write_off", {"reason": "仍有财产"})
    assert later.sums(factory, project).outstanding["city"] == Decimal(100_000)
    factory.perform(project, "propose_write_off", "finance", paper | {"source": "city", "amount": "4"})
    factory.both(project, "approve_write_off")
    twice = paper | {"document": "批　复", "source": "city", "amount": "4"}
    against = factory.blocked(project, "propose_write_off", "finance", twice)["A11.write_off_twice"]
    assert against.startswith("“批复”已经据以核销市级财政 4.00 万元，同一文书只核销一次")


def sent_back(factory: ProjectFactory) -> Project:
    project = factory.submitted()
    until = (factory.now.date() + timedelta(days=5)).isoformat()
    factory.perform(project, "send_back", "science", {"reason": "请补正", "correct_by": until})
    return project


def experts_silent(factory: ProjectFactory) -> Project:
    project = factory.accepted()
    factory.panel(project, "appraisal", (3, 1, 1))
    return project


def change_unsigned(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    factory.perform(project, "open_change", "issuer", {"kind": "place"})
    factory.perform(project, "propose_change", "issuer", {"place": "湘潭高新区", "reason": "搬迁"})
    return project


def extension_asked(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    data = {"reason": "上游停产", "new_end": "2027-05-19", "audit_file": factory.file("审计报告.pdf")}
    factory.perform(project, "request_extension", "bidder", data)
    return project


def acceptance_asked(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    later.requested(factory, project)
    return project


def waits_for_the_rest(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    later.county_pays(factory, project, "1", "20")
    later.passed(factory, project)
    return project


def terminated_already(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    later.ended(factory, project)
    return project


LEFT_IN = {
    "draft": sent_back,
    "solicitation": ProjectFactory.submitted,
    "appraisal": experts_silent,
    "listing": ProjectFactory.listed,
    "bidding": ProjectFactory.agreed,
    "roadshow": ProjectFactory.applied,
    "publicity": later.published,
    "contracting": later.issued,
    "first_payment": later.ready,
    "execution": change_unsigned,
    "extension": extension_asked,
    "acceptance": acceptance_asked,
    "final_payment": waits_for_the_rest,
    "termination": terminated_already,
}
IDLE = {"cause": "idle", "reason": "各方不再办理", "file": ""}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("state", LEFT_IN)
def test_officers_alone_end_what_everybody_else_and_a_colleague_have_left(factory: ProjectFactory, state: str) -> None:
    """No party, member, expert, agency or county does anything more, nor the officers who have dealt with it so far.

    One of them had signed its end and has gone since: that signature lapses, and colleagues end the project to the yuan.
    """
    with factory.writing():
        factory.person("industry2", RoleName.INDUSTRY)
    project = LEFT_IN[state](factory)
    assert project.state == state
    until = (factory.now.date() + timedelta(days=30)).isoformat()
    stopped = {"cause": "objective", "reason": "各方失联", "recover_by": until, "audit_file": factory.file("审计.pdf")}
    bound = state in factory.engine.policy.actions["terminate"].sources and state != "contracting"
    trigger, data = ("terminate", stopped) if bound else ("end_entry", IDLE)
    if state != "termination":
        factory.perform(project, trigger, "science", data)
        action = factory.engine.policy.actions["withhold"]
        context = factory.engine.context(factory.session, project, factory.actor("industry2"), "industry", action)
        (signature,) = OPTIONS["open_signatures"](context)
        factory.perform(project, "withhold", "industry2", {"signature": signature, "reason": "签署人已离职"})
        by_colleagues(factory, project, trigger, data)
    if project.state == "termination":
        factory.at(f"{factory.now + timedelta(days=3000):%Y-%m-%d} 09:00")
        written_off(factory, project)
        factory.perform(project, "settle", "finance2")
    assert project.state == ("terminated" if bound or state == "termination" else "given_up")
    sums = later.sums(factory, project)
    assert not any(sums.outstanding.values()) and sums.due.get("city", 0) == sums.paid["city"] / 2


def by_colleagues(factory: ProjectFactory, project: Project, trigger: str, data: dict[str, Any]) -> None:
    for who in ("science2", "industry2"):
        factory.perform(project, trigger, who, data)


def written_off(factory: ProjectFactory, project: Project) -> None:
    """Finance speaks for the county, and writes off what nobody pays back."""
    action = factory.engine.policy.actions["declare_county_unpaid"]
    context = factory.engine.context(factory.session, project, factory.actor("finance2"), "finance", action)
    for instalment in OPTIONS["county_unsaid"](context):
        said = {"instalment": instalment, "reason": "逾期未说明，经核实未拨付"}
        factory.perform(project, "declare_county_unpaid", "finance2", said)
    paper = {"document": "市政府批复", "dated": factory.now.date().isoformat(), "reason": "无财产可供执行"}
    for source, amount in later.sums(factory, project).outstanding.items():
        if amount:
            data = paper | {"file": factory.file(f"批复{source}.pdf"), "source": source, "amount": wan(amount)}
            factory.perform(project, "propose_write_off", "finance2", data)
            by_colleagues(factory, project, "approve_write_off", {})
