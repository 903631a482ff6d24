"""发榜: the bid window, sealed bids, who may bid, the choice."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories.projects import ProjectFactory
from tests.factories.values import WINDOW
from xtbang.errors import Blocked, Forbidden
from xtbang.models import Bid, Document, Paper, Project, Restriction
from xtbang.queries.rights.sealed_bids import visible_to

CHOICE = {"satisfaction": "satisfied", "reason": "方案可行"}


def seen(factory: ProjectFactory, project: Project, who: str) -> list[str]:
    return [bid.lead.name for bid in visible_to(factory.session, project, factory.actor(who), factory.now)]


def restrict(factory: ProjectFactory, name: str) -> None:
    with factory.writing() as session:
        barred = Restriction(organisation_id=factory.organisations[name].id, reason="弄虚作假", created_at=factory.now)
        barred.starts_on, barred.ends_on = factory.now.date(), factory.now.date() + timedelta(days=365)
        barred.created_by_id = factory.people["science"].id
        session.add(barred)


def test_the_window_counts_to_its_last_second(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.at("2024-10-08 07:59:59")
    assert "揭榜自2024年10月8日 08:00开始" in factory.why_not(project, "open_bid", "bidder")["A5.window"]
    factory.at("2024-10-08 08:00")
    factory.open_bid(project)
    factory.at("2024-10-28 17:30:59")
    factory.perform(project, "submit_bid", "bidder")
    factory.at("2024-10-28 17:31:00")
    assert "揭榜已于2024年10月28日 17:30:59截止" in factory.why_not(project, "open_bid", "rival")["A5.window"]


def test_bids_are_sealed_until_the_window_is_over(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid = factory.bid(project)
    factory.open_bid(project, "rival")
    everyone = ("issuer", "science", "industry", "leader", "auditor", "admin", "rival", "county")
    assert {who: seen(factory, project, who) for who in everyone} == {who: [] for who in everyone} | {
        "rival": ["中南大学"]
    }
    assert seen(factory, project, "bidder") == ["湘潭大学"]
    factory.at("2024-10-28 17:31:00")
    readers = ("issuer", "science", "industry", "leader", "auditor")
    assert all(seen(factory, project, who) == ["湘潭大学"] for who in readers)
    assert [seen(factory, project, who) for who in ("admin", "county", "firm")] == [[], [], []]
    paper = factory.session.scalars(select(Paper).where(Paper.name == "bid")).one()
    assert (paper.owner_id, paper.subject) == (bid.lead_id, f"bid:{bid.id}")


def test_the_issuer_learns_nothing_of_sealed_bids(factory: ProjectFactory) -> None:
    project = factory.listed()
    silent = factory.why_not(project, "agree", "issuer")
    bid = factory.bid(project)
    assert factory.why_not(project, "agree", "issuer") == silent
    assert list(silent) == ["A5.sealed"]
    against = factory.blocked(project, "agree", "issuer", CHOICE | {"bid": str(bid.id)})
    assert list(against) == ["A5.sealed"]
    assert not any("揭榜申请" in subject for subject in factory.mails("issuer"))


def test_withdrawing_the_project_does_not_open_sealed_bids(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.bid(project)
    factory.perform(project, "withdraw", "issuer", {"reason": "停止"})
    factory.at("2024-11-01 09:00")
    assert seen(factory, project, "issuer") == []
    assert factory.mails("bidder")[-1].startswith("揭榜申请未选中")


def test_the_issuer_never_bids_for_its_own_entry(factory: ProjectFactory) -> None:
    project = factory.listed()
    with pytest.raises(Forbidden):
        factory.perform(project, "open_bid", "issuer")
    row = member_row(factory, "issuer")
    bid = factory.open_bid(project, lead_share="60", members=[row])
    assert "A6.issuer" in factory.blocked(project, "submit_bid", "bidder")
    factory.save_bid(bid, "bidder", lead_share="100", members=[], team=[team_of_issuer()])
    assert "合作单位" in factory.blocked(project, "submit_bid", "bidder")["A6.issuer"]
    with pytest.raises(Forbidden):
        factory.perform(project, "confirm_membership", "issuer", {"bid": str(bid.id)})


def member_row(factory: ProjectFactory, name: str, share: str = "40") -> dict[str, str]:
    organisation = factory.organisations[name]
    return {
        "name": organisation.name,
        "uscc": organisation.uscc,
        "kind": organisation.kind,
        "task": "材料",
        "share": share,
    }


def team_of_issuer() -> dict[str, str]:
    return {"name": "王", "title": "工程师", "organisation": "湘潭电机有限公司", "role": "试验"}


def test_the_edition_says_who_leads_a_bid(factory: ProjectFactory) -> None:
    project = factory.listed()
    assert "贵单位类别为“企业”（《办法》第六条）" in factory.why_not(project, "open_bid", "firm")["A6.bidder"]
    assert factory.why_not(project, "open_bid", "rival") == {}


def test_in_2021_anyone_fit_leads_a_bid(factory: ProjectFactory) -> None:
    project = factory.regular(edition="2021")
    assert factory.bid(project, "firm").status == "submitted"


def test_one_bid_by_each_lead(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.open_bid(project)
    assert "正在填写" in factory.why_not(project, "open_bid", "bidder")["A6.bid"]
    factory.perform(project, "submit_bid", "bidder")
    assert "已提交" in factory.why_not(project, "open_bid", "bidder")["A6.bid"]
    assert "A6.bid" in factory.why_not(project, "submit_bid", "bidder")


def test_a_bid_is_complete_before_it_is_handed_in(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.perform(project, "open_bid", "bidder")
    assert "F.required" in factory.why_not(project, "submit_bid", "bidder")


def test_what_is_handed_in_is_frozen(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid = factory.bid(project)
    assert [version.data["price"] for version in bid.document.versions] == ["90"]
    assert (bid.status, bid.submitted_at) == ("submitted", factory.now)


def test_restricted_organisations_do_not_bid(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.open_bid(project, lead_share="60", members=[member_row(factory, "member")])
    restrict(factory, "rival")
    restrict(factory, "member")
    assert "《办法》第十三条" in factory.why_not(project, "open_bid", "rival")["A13"]
    assert "湘潭材料研究院" in factory.blocked(project, "submit_bid", "bidder")["A13"]


class TestConsortium:
    def test_members_confirm_the_very_draft(self, factory: ProjectFactory) -> None:
        project = factory.listed()
        bid = factory.open_bid(project, lead_share="60", members=[member_row(factory, "member")])
        assert "“湘潭材料研究院”尚未确认" in factory.blocked(project, "submit_bid", "bidder")["A6.member_draft"]
        assert seen(factory, project, "member") == ["湘潭大学"]
        data = {"bid": str(bid.id), "draft_version": bid.document.draft_version}
        factory.perform(project, "confirm_membership", "member", data)
        assert factory.mails("bidder")[-1].startswith("联合体成员已确认")
        factory.save_bid(bid, "bidder", route="改动后的技术路线")
        assert "重新确认" in factory.blocked(project, "submit_bid", "bidder")["A6.member_draft"]
        assert "又有修改" in factory.blocked(project, "confirm_membership", "member", data)["A6.member_draft"]
        factory.perform(project, "confirm_membership", "member", {"bid": str(bid.id)})
        assert "没有待确认" in factory.why_not(project, "confirm_membership", "member")["A6.member"]
        factory.perform(project, "submit_bid", "bidder")
        assert factory.mails("member")[-1].startswith("揭榜申请已提交")

    def test_a_stranger_in_the_consortium_is_named(self, factory: ProjectFactory) -> None:
        project = factory.listed()
        row = member_row(factory, "member") | {"name": "某公司", "uscc": "91110108551385082Q"}
        bid = factory.open_bid(project, lead_share="60", members=[row])
        assert "“某公司”尚未在本系统登记" in factory.blocked(project, "submit_bid", "bidder")["A6.member"]
        with pytest.raises(Blocked) as refused:
            factory.perform(project, "submit_bid", "bidder")
        assert "members.0.uscc" in {reason.field for reason in refused.value.reasons}
        assert bid.members == []

    def test_who_is_taken_out_of_the_draft_is_no_member_any_longer(self, factory: ProjectFactory) -> None:
        project = factory.listed()
        bid = factory.open_bid(project, lead_share="60", members=[member_row(factory, "member")])
        factory.save_bid(bid, "bidder", lead_share="100", members=[])
        with pytest.raises(Forbidden):
            factory.perform(project, "confirm_membership", "member", {"bid": str(bid.id)})
        factory.perform(project, "submit_bid", "bidder")
        assert bid.status == "submitted"

    def test_a_member_of_two_bids_says_which(self, factory: ProjectFactory) -> None:
        project = factory.listed()
        row = member_row(factory, "member")
        one = factory.open_bid(project, lead_share="60", members=[row])
        two = factory.open_bid(project, "rival", lead_share="60", members=[row])
        factory.perform(project, "confirm_membership", "member", {"bid": str(two.id)})
        assert [bid.members[0].confirmed_draft for bid in (one, two)] == [None, two.document.draft_version]
        assert "A6.member" in factory.blocked(project, "confirm_membership", "member", {"bid": "999"})

    def test_the_lead_is_not_its_own_member(self, factory: ProjectFactory) -> None:
        project = factory.listed()
        factory.open_bid(project, lead_share="60", members=[member_row(factory, "bidder")])
        assert "A6.twice" in factory.blocked(project, "submit_bid", "bidder")


def test_a_draft_that_was_never_handed_in_is_deleted(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.open_bid(project, lead_share="60", members=[member_row(factory, "member")])
    factory.perform(project, "withdraw_bid", "bidder")
    assert factory.session.scalar(select(func.count()).select_from(Bid)) == 0
    assert factory.session.scalar(select(func.count()).where(Document.kind == "bid")) == 0
    assert factory.bid(project).status == "submitted"


def test_a_bid_that_was_taken_back_can_be_made_again(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid = factory.bid(project)
    factory.perform(project, "withdraw_bid", "bidder")
    assert bid.status == "withdrawn"
    assert factory.session.scalars(select(Paper.state).where(Paper.name == "bid")).all() == ["cancelled"]
    factory.perform(project, "open_bid", "bidder")
    assert (bid.status, bid.document.draft["price"]) == ("draft", "90")
    factory.perform(project, "submit_bid", "bidder")
    assert [version.number for version in bid.document.versions] == [1, 2]


def test_the_market_opens_bids_at_once(factory: ProjectFactory) -> None:
    project = factory.regular()
    bid = factory.bid(project)
    assert factory.mails("issuer")[-1] == "请查看揭榜申请：高温合金涂层关键技术"
    assert seen(factory, project, "issuer") == ["湘潭大学"]
    factory.choose(project, bid)
    assert (project.state, project.application_id) == ("bidding", None)


def test_promoting_gives_the_bids_back_to_their_writers(factory: ProjectFactory) -> None:
    project = factory.regular()
    bid = factory.bid(project)
    factory.perform(project, "promote", "science")
    assert (project.state, project.track, bid.status) == ("appraisal", None, "draft")
    assert factory.mails("bidder")[-1].startswith("揭榜申请转为草稿")
    factory.concluded(project, "appraisal", (3, 0, 0))
    factory.both(project, "list_major", WINDOW)
    factory.at("2024-10-08 09:00")
    factory.perform(project, "submit_bid", "bidder")
    assert seen(factory, project, "issuer") == []


def test_only_market_demands_are_promoted(factory: ProjectFactory) -> None:
    assert "A5.1" in factory.why_not(factory.listed(), "promote", "science")
    factory.at("2024-09-02 10:00")
    supply = factory.regular(kind="tech_supply", edition="2021")
    assert "A5.2" in factory.why_not(supply, "promote", "science")


def test_a_project_is_recommended_to_the_province_once(factory: ProjectFactory) -> None:
    project = factory.regular()
    factory.perform(project, "recommend_province", "industry")
    assert project.provincial is True
    assert "（《办法》第五条（三））" in factory.why_not(project, "recommend_province", "science")["A5.3"]


def test_a_window_without_bids_is_opened_again_but_never_over_opened_bids(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.at("2024-11-01 09:00")
    factory.perform(project, "extend_bids", "science", {"bids_until": "2024-11-20T17:30", "reason": "无人揭榜"})
    factory.bid(project)
    factory.at("2024-11-20 17:40:59")
    assert "（2024年11月20日 17:40:59）后方可办理" in factory.why_not(project, "extend_bids", "science")["A5.opened"]
    factory.at("2024-11-20 17:41:00")
    assert "不能再延长" in factory.why_not(project, "extend_bids", "science")["A5.opened"]
