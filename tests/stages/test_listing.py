"""发榜: the bid window, sealed bids, who may bid, the choice."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.stages.values import WINDOW
from tests.stages.world import World
from xtbang.errors import Forbidden
from xtbang.models import Bid, Document, Paper, Project, Restriction
from xtbang.queries.rights.sealed_bids import visible_to

CHOICE = {"satisfaction": "satisfied", "reason": "方案可行"}


def seen(world: World, project: Project, who: str) -> list[str]:
    return [bid.lead.name for bid in visible_to(world.session, project, world.actor(who), world.now)]


def restrict(world: World, name: str) -> None:
    with world.writing() as session:
        barred = Restriction(organisation_id=world.organisations[name].id, reason="弄虚作假", created_at=world.now)
        barred.starts_on, barred.ends_on = world.now.date(), world.now.date() + timedelta(days=365)
        barred.created_by_id = world.people["science"].id
        session.add(barred)


def test_the_window_counts_to_its_last_second(world: World) -> None:
    project = world.listed()
    world.at("2024-10-08 07:59:59")
    assert "揭榜自2024年10月8日 08:00开始" in world.why_not(project, "open_bid", "bidder")["A5.window"]
    world.at("2024-10-08 08:00")
    world.open_bid(project)
    world.at("2024-10-28 17:30:59")
    world.perform(project, "submit_bid", "bidder")
    world.at("2024-10-28 17:31:00")
    assert "揭榜已于2024年10月28日 17:30:59截止" in world.why_not(project, "open_bid", "rival")["A5.window"]


def test_bids_are_sealed_until_the_window_is_over(world: World) -> None:
    project = world.listed()
    bid = world.bid(project)
    world.open_bid(project, "rival")
    everyone = ("issuer", "science", "industry", "leader", "auditor", "admin", "rival", "county")
    assert {who: seen(world, project, who) for who in everyone} == {who: [] for who in everyone} | {
        "rival": ["中南大学"]
    }
    assert seen(world, project, "bidder") == ["湘潭大学"]
    world.at("2024-10-28 17:31:00")
    readers = ("issuer", "science", "industry", "leader", "auditor")
    assert all(seen(world, project, who) == ["湘潭大学"] for who in readers)
    assert [seen(world, project, who) for who in ("admin", "county", "firm")] == [[], [], []]
    paper = world.session.scalars(select(Paper).where(Paper.name == "bid")).one()
    assert (paper.owner_id, paper.subject) == (bid.lead_id, f"bid:{bid.id}")


def test_the_issuer_learns_nothing_of_sealed_bids(world: World) -> None:
    project = world.listed()
    silent = world.why_not(project, "agree", "issuer")
    bid = world.bid(project)
    assert world.why_not(project, "agree", "issuer") == silent
    assert list(silent) == ["A5.sealed"]
    against = world.blocked(project, "agree", "issuer", CHOICE | {"bid": str(bid.id)})
    assert list(against) == ["A5.sealed"]
    assert not any("揭榜申请" in subject for subject in world.mails("issuer"))


def test_withdrawing_the_project_does_not_open_sealed_bids(world: World) -> None:
    project = world.listed()
    world.bid(project)
    world.perform(project, "withdraw", "issuer", {"reason": "停止"})
    world.at("2024-11-01 09:00")
    assert seen(world, project, "issuer") == []
    assert world.mails("bidder")[-1].startswith("揭榜申请未选中")


def test_the_issuer_never_bids_for_its_own_entry(world: World) -> None:
    project = world.listed()
    with pytest.raises(Forbidden):
        world.perform(project, "open_bid", "issuer")
    row = member_row(world, "issuer")
    bid = world.open_bid(project, lead_share="60", members=[row])
    assert "A6.issuer" in world.blocked(project, "submit_bid", "bidder")
    world.save_bid(bid, "bidder", lead_share="100", members=[], team=[team_of_issuer()])
    assert "合作单位" in world.blocked(project, "submit_bid", "bidder")["A6.issuer"]
    with pytest.raises(Forbidden):
        world.perform(project, "confirm_membership", "issuer", {"bid": str(bid.id)})


def member_row(world: World, name: str, share: str = "40") -> dict[str, str]:
    organisation = world.organisations[name]
    return {
        "name": organisation.name,
        "uscc": organisation.uscc,
        "kind": organisation.kind,
        "task": "材料",
        "share": share,
    }


def team_of_issuer() -> dict[str, str]:
    return {"name": "王", "title": "工程师", "organisation": "湘潭电机有限公司", "role": "试验"}


def test_the_edition_says_who_leads_a_bid(world: World) -> None:
    project = world.listed()
    assert "贵单位类别为“企业”（《办法》第六条）" in world.why_not(project, "open_bid", "firm")["A6.bidder"]
    assert world.why_not(project, "open_bid", "rival") == {}


def test_in_2021_anyone_fit_leads_a_bid(world: World) -> None:
    project = world.regular(edition="2021")
    assert world.bid(project, "firm").status == "submitted"


def test_one_bid_by_each_lead(world: World) -> None:
    project = world.listed()
    world.open_bid(project)
    assert "正在填写" in world.why_not(project, "open_bid", "bidder")["A6.bid"]
    world.perform(project, "submit_bid", "bidder")
    assert "已提交" in world.why_not(project, "open_bid", "bidder")["A6.bid"]
    assert "A6.bid" in world.why_not(project, "submit_bid", "bidder")


def test_a_bid_is_complete_before_it_is_handed_in(world: World) -> None:
    project = world.listed()
    world.perform(project, "open_bid", "bidder")
    assert "F.required" in world.why_not(project, "submit_bid", "bidder")


def test_what_is_handed_in_is_frozen(world: World) -> None:
    project = world.listed()
    bid = world.bid(project)
    assert [version.data["price"] for version in bid.document.versions] == ["90"]
    assert (bid.status, bid.submitted_at) == ("submitted", world.now)


def test_restricted_organisations_do_not_bid(world: World) -> None:
    project = world.listed()
    world.open_bid(project, lead_share="60", members=[member_row(world, "member")])
    restrict(world, "rival")
    restrict(world, "member")
    assert "《办法》第十三条" in world.why_not(project, "open_bid", "rival")["A13"]
    assert "湘潭材料研究院" in world.blocked(project, "submit_bid", "bidder")["A13"]


class TestConsortium:
    def test_members_confirm_the_very_draft(self, world: World) -> None:
        project = world.listed()
        bid = world.open_bid(project, lead_share="60", members=[member_row(world, "member")])
        assert "“湘潭材料研究院”尚未确认" in world.blocked(project, "submit_bid", "bidder")["A6.member_draft"]
        assert seen(world, project, "member") == ["湘潭大学"]
        data = {"bid": str(bid.id), "draft_version": bid.document.draft_version}
        world.perform(project, "confirm_membership", "member", data)
        assert world.mails("bidder")[-1].startswith("联合体成员已确认")
        world.save_bid(bid, "bidder", route="改动后的技术路线")
        assert "重新确认" in world.blocked(project, "submit_bid", "bidder")["A6.member_draft"]
        assert "又有修改" in world.blocked(project, "confirm_membership", "member", data)["A6.member_draft"]
        world.perform(project, "confirm_membership", "member", {"bid": str(bid.id)})
        assert "没有待确认" in world.why_not(project, "confirm_membership", "member")["A6.member"]
        world.perform(project, "submit_bid", "bidder")
        assert world.mails("member")[-1].startswith("揭榜申请已提交")

    def test_a_stranger_in_the_consortium_is_named(self, world: World) -> None:
        project = world.listed()
        row = member_row(world, "member") | {"name": "某公司", "uscc": "91110108551385082Q"}
        bid = world.open_bid(project, lead_share="60", members=[row])
        assert "“某公司”尚未在本系统登记" in world.blocked(project, "submit_bid", "bidder")["A6.member"]
        assert bid.members == []

    def test_who_is_taken_out_of_the_draft_is_no_member_any_longer(self, world: World) -> None:
        project = world.listed()
        bid = world.open_bid(project, lead_share="60", members=[member_row(world, "member")])
        world.save_bid(bid, "bidder", lead_share="100", members=[])
        with pytest.raises(Forbidden):
            world.perform(project, "confirm_membership", "member", {"bid": str(bid.id)})
        world.perform(project, "submit_bid", "bidder")
        assert bid.status == "submitted"

    def test_a_member_of_two_bids_says_which(self, world: World) -> None:
        project = world.listed()
        row = member_row(world, "member")
        one = world.open_bid(project, lead_share="60", members=[row])
        two = world.open_bid(project, "rival", lead_share="60", members=[row])
        world.perform(project, "confirm_membership", "member", {"bid": str(two.id)})
        assert [bid.members[0].confirmed_draft for bid in (one, two)] == [None, two.document.draft_version]
        assert "A6.member" in world.blocked(project, "confirm_membership", "member", {"bid": "999"})

    def test_the_lead_is_not_its_own_member(self, world: World) -> None:
        project = world.listed()
        world.open_bid(project, lead_share="60", members=[member_row(world, "bidder")])
        assert "A6.twice" in world.blocked(project, "submit_bid", "bidder")


def test_a_draft_that_was_never_handed_in_is_deleted(world: World) -> None:
    project = world.listed()
    world.open_bid(project, lead_share="60", members=[member_row(world, "member")])
    world.perform(project, "withdraw_bid", "bidder")
    assert world.session.scalar(select(func.count()).select_from(Bid)) == 0
    assert world.session.scalar(select(func.count()).where(Document.kind == "bid")) == 0
    assert world.bid(project).status == "submitted"


def test_a_bid_that_was_taken_back_can_be_made_again(world: World) -> None:
    project = world.listed()
    bid = world.bid(project)
    world.perform(project, "withdraw_bid", "bidder")
    assert bid.status == "withdrawn"
    assert world.session.scalars(select(Paper.state).where(Paper.name == "bid")).all() == ["cancelled"]
    world.perform(project, "open_bid", "bidder")
    assert (bid.status, bid.document.draft["price"]) == ("draft", "90")
    world.perform(project, "submit_bid", "bidder")
    assert [version.number for version in bid.document.versions] == [1, 2]


def test_the_market_opens_bids_at_once(world: World) -> None:
    project = world.regular()
    bid = world.bid(project)
    assert world.mails("issuer")[-1] == "请查看揭榜申请：高温合金涂层关键技术"
    assert seen(world, project, "issuer") == ["湘潭大学"]
    world.choose(project, bid)
    assert (project.state, project.application_id) == ("bidding", None)


def test_promoting_gives_the_bids_back_to_their_writers(world: World) -> None:
    project = world.regular()
    bid = world.bid(project)
    world.perform(project, "promote", "science")
    assert (project.state, project.track, bid.status) == ("appraisal", None, "draft")
    assert world.mails("bidder")[-1].startswith("揭榜申请转为草稿")
    world.concluded(project, "appraisal", (3, 0, 0))
    world.both(project, "list_major", WINDOW)
    world.at("2024-10-08 09:00")
    world.perform(project, "submit_bid", "bidder")
    assert seen(world, project, "issuer") == []


def test_only_market_demands_are_promoted(world: World) -> None:
    assert "A5.1" in world.why_not(world.listed(), "promote", "science")
    world.at("2024-09-02 10:00")
    supply = world.regular(kind="tech_supply", edition="2021")
    assert "A5.2" in world.why_not(supply, "promote", "science")


def test_a_project_is_recommended_to_the_province_once(world: World) -> None:
    project = world.regular()
    world.perform(project, "recommend_province", "industry")
    assert project.provincial is True
    assert "（《办法》第五条（三））" in world.why_not(project, "recommend_province", "science")["A5.3"]


def test_a_window_without_bids_is_opened_again_but_never_over_opened_bids(world: World) -> None:
    project = world.listed()
    world.at("2024-11-01 09:00")
    world.perform(project, "extend_bids", "science", {"bids_until": "2024-11-20T17:30", "reason": "无人揭榜"})
    world.bid(project)
    world.at("2024-11-20 17:31:00")
    assert "不能再延长" in world.why_not(project, "extend_bids", "science")["A5.opened"]
