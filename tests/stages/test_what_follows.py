"""What comes next is told with each success, and the reason to whoever is not chosen."""

from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.models import Bid, Mail
from xtbang.queries.next_step import what_follows
from xtbang.rules.policy import Policy


def test_each_action_says_what_comes_next(factory: ProjectFactory, policy: Policy) -> None:
    """By its own sentence, by what may be done after the end, or by whose turn it is in the state where it leads."""
    for action in policy.actions.values():
        for state in [action.to] if action.to else action.sources:
            there = policy.states[state]
            assert there.then if there.final else action.next or there.turn, action.trigger
    project = factory.submitted()
    assert what_follows(factory.caller("issuer"), project, "submit") == (
        "下一步：征集（已提交，正在核对完整性和申报条件），由市科技局办理，计划在2024年9月12日前办完。"
    )
    factory.at("2024-09-20 09:00")  # a day that is over is not promised
    assert what_follows(factory.caller("issuer"), project, "submit").endswith("由市科技局办理。")


def test_a_day_that_has_passed_is_no_promise(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    for today, told in (("2025-05-19 09:00", True), ("2025-05-20 09:00", False)):
        factory.at(today)
        said = what_follows(factory.caller("bidder"), project, "open_change")
        assert ("2025年5月19日" in said) == told, said


def test_whoever_is_not_chosen_learns_the_reason_for_the_choice(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.bid(project, "rival")
    chosen = factory.bid(project, "bidder")
    factory.at("2024-10-29 09:00")
    factory.choose(project, chosen)
    other = factory.session.scalars(select(Bid).where(Bid.status == "not_chosen")).one()
    reason = other.closed_reason.partition("理由：")[2]
    assert reason
    mail = factory.session.scalars(select(Mail).where(Mail.kind == "bid_not_chosen")).first()
    assert mail is not None and f"理由：{reason}" in mail.body
    assert mail.body.endswith("\n贵单位可以揭榜其他项目；对结果有疑问的，请联系市科技局。")


def told(factory: ProjectFactory, kind: str) -> str:
    """The mail of that kind to a party, with the end of its project told once."""
    mails = list(factory.session.scalars(select(Mail).where(Mail.kind == kind, Mail.project_id.is_not(None))))
    bodies = {mail.body for mail in mails if "下一步：" in mail.body}
    assert len(bodies) == 1, kind
    return bodies.pop()


def test_whoever_is_refused_learns_what_may_be_done_now(factory: ProjectFactory) -> None:
    project = factory.submitted()
    factory.perform(project, "refuse", "science", {"rule": "《办法》第六条（一）4", "reason": "不属于本市产业"})
    body = told(factory, "refuse")
    assert "可以自知道该决定之日起六十日内依法向湘潭市人民政府申请行政复议" in body
    assert "可以把本项目复制为新申报" in body
    assert body.endswith("如有疑问，请致电市科技局。")


def test_whoever_is_terminated_and_owes_nothing_learns_it_too(factory: ProjectFactory) -> None:
    """The end follows at once from the decision: both mails say what comes after both."""
    project = later.contracting(factory)
    later.ended(factory, project)
    assert project.state == "terminated"
    for kind in ("terminate", "settle"):
        assert "按决定书写明的期限申请行政复议" in told(factory, kind)
