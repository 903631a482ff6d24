"""放弃、终结 before the contract is in force; a county that says nothing; 核销 of what cannot come back."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.models import Bid, Paper, Restriction
from xtbang.queries.ledger import lines

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
