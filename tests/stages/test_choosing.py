"""发榜 to 揭榜: the issuer chooses one of the bids."""

from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.factories.values import BID
from tests.stages.test_listing import restrict, seen
from xtbang.models import Finding, Organisation

CHOICE = {"satisfaction": "satisfied", "reason": "方案可行"}


def test_agreeing_tells_the_others_and_opens_the_application(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid, other = factory.bid(project), factory.bid(project, "rival")
    factory.at("2024-10-29 09:00")
    factory.choose(project, bid)
    assert (project.state, project.agreed_bid_id, bid.status) == ("bidding", bid.id, "agreed")
    assert (other.status, factory.mails("rival")[-1]) == ("not_chosen", "揭榜申请未选中：高温合金涂层关键技术")
    finding = factory.session.scalars(select(Finding)).one()
    assert (finding.kind, finding.text) == ("satisfaction", "满意。方案可行")
    draft = project.application.draft
    assert (draft["total_investment"], draft["src_paid_to_bidder"], draft["term_end"]) == ("200", "90", "2026-11-19")
    assert draft["milestones"] == BID["milestones"]
    assert draft["indicators"][0]["name"] == "寿命"
    assert project.application.organisation_id == project.issuer_id
    assert seen(factory, project, "issuer") == ["湘潭大学", "中南大学"]


def test_a_choice_is_one_of_the_submitted_bids(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid = factory.bid(project)
    draft = factory.open_bid(project, "rival")
    factory.at("2024-10-29 09:00")
    for wrong in (str(draft.id), "999", "x"):
        against = factory.blocked(project, "agree", "issuer", CHOICE | {"bid": wrong})
        assert against.keys() & {"F.choice", "A5.bid"}
    with factory.writing():
        bid.status = "withdrawn"
    assert "尚无已提交的揭榜申请" in factory.why_not(project, "agree", "issuer")["A5.bid"]
    assert "A5.bid" in factory.blocked(project, "agree", "issuer", CHOICE | {"bid": "x"})


def test_a_forged_choice_learns_nothing_of_a_sealed_bid(factory: ProjectFactory) -> None:
    """Not by the reasons against its bidder either, who must not be known before the window is over."""
    project = factory.listed()
    bid = factory.bid(project)
    restrict(factory, "bidder")
    real = factory.blocked(project, "agree", "issuer", CHOICE | {"bid": str(bid.id)})
    assert real == factory.blocked(project, "agree", "issuer", CHOICE | {"bid": "9999"})
    assert not any("湘潭大学" in sentence for sentence in real.values())


def test_the_chosen_bidder_is_still_fit(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid = factory.bid(project)
    factory.at("2024-10-29 09:00")
    restrict(factory, "bidder")
    with factory.writing() as session:
        session.get_one(Organisation, bid.lead_id).kind = "企业"
    against = factory.blocked(project, "agree", "issuer", CHOICE | {"bid": str(bid.id)})
    assert "“湘潭大学”类别为“企业”" in against["A6.bidder"]
    assert "湘潭大学" in against["A13"]
