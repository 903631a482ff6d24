"""What comes next is told with each success, and the reason to whoever is not chosen."""

from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from xtbang.models import Bid, Mail
from xtbang.queries.next_step import what_follows
from xtbang.rules.policy import Policy


def test_each_action_says_what_comes_next(factory: ProjectFactory, policy: Policy) -> None:
    """By its own sentence, by the end of the project, or by whose turn it is in the state where it leads."""
    for action in policy.actions.values():
        for state in [action.to] if action.to else action.sources:
            assert action.next or policy.states[state].final or policy.states[state].turn, action.trigger
    project = factory.submitted()
    assert what_follows(factory.caller("issuer"), project, "submit") == (
        "下一步：征集（已提交，正在核对完整性和申报条件），由市科技局办理，计划在2024年9月12日前办完。"
    )
    factory.at("2024-09-20 09:00")  # a day that is over is not promised
    assert what_follows(factory.caller("issuer"), project, "submit").endswith("由市科技局办理。")


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
