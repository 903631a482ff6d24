"""What is handed in at the last moment: in time by its first byte before the close, and its last within the grace."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.factories.later import published
from tests.factories.participants import ParticipantFactory
from tests.factories.projects import ProjectFactory
from xtbang.domain.new_project import begin_entry
from xtbang.errors import Blocked
from xtbang.models import Project
from xtbang.queries.rights.sealed_bids import hidden_projects, visible_to
from xtbang.rules.actor import PUBLIC, Actor
from xtbang.rules.arrival import Arrival
from xtbang.rules.dates import last_moment_of

GRACE = timedelta(minutes=10)
MOMENT = timedelta(milliseconds=1)
NONE = timedelta()
# first byte after the close, last byte after the close, what it is told
ARRIVALS = [
    (-GRACE, -MOMENT, ""),
    (NONE, NONE, ""),
    (-MOMENT, GRACE, ""),
    (NONE, GRACE + MOMENT, "才传完，超过了收齐的时间"),
    (MOMENT, MOMENT, "到达，已过截止时间"),
]


def entry(factory: ProjectFactory) -> tuple[Project, str, Actor, datetime]:
    project = factory.draft()
    return project, "submit", factory.actor("issuer"), project.call.closes_at


def returned_entry(factory: ProjectFactory) -> tuple[Project, str, Actor, datetime]:
    project = factory.submitted()
    factory.perform(project, "send_back", "science", {"reason": "请补充指标", "correct_by": "2024-09-30"})
    return project, "submit", factory.actor("issuer"), last_moment_of(date(2024, 9, 30))


def bid(factory: ProjectFactory) -> tuple[Project, str, Actor, datetime]:
    project = factory.listed()
    factory.open_bid(project)
    return project, "submit_bid", factory.actor("bidder"), project.bids_until


def objection(factory: ProjectFactory) -> tuple[Project, str, Actor, datetime]:
    project = published(factory)
    return project, "file_objection", PUBLIC, last_moment_of(date(2024, 11, 18))


@pytest.mark.parametrize("case", [entry, returned_entry, bid, objection])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_first_byte_before_the_close_and_last_within_the_grace(
    factory: ProjectFactory, case: Callable[[ProjectFactory], tuple[Project, str, Actor, datetime]]
) -> None:
    project, trigger, who, close = case(factory)
    action = factory.engine.action(project, trigger)
    for first, last, told in ARRIVALS:
        factory.now = close + last + timedelta(seconds=30)  # it waited for a thread
        sender = replace(who, arrived=Arrival(close + first, close + last))
        context = factory.engine.context(factory.session, project, sender, action.who[0], action)
        against, _hints = factory.engine.guards(context, action, filled=False)
        found = [
            str(reason) for reason in against if reason.rule in ("N1.window", "N1.correction", "A5.window", "A9.notice")
        ]
        assert len(found) == (told != "")
        assert all(told in sentence for sentence in found)
        assert context.received_at == close + first


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_entry_is_begun_in_time_by_the_same_measure(factory: ProjectFactory) -> None:
    call = factory.calls["2024"]
    with factory.writing():
        call.published_at = factory.now
    close = call.closes_at

    def begin(first: timedelta, last: timedelta) -> Project:
        factory.now = close + last
        sender = replace(factory.actor("issuer"), arrived=Arrival(close + first, close + last))
        return begin_entry(factory.engine.caller(factory.session, sender), call.id, "tech_demand")[0]

    assert begin(NONE, GRACE).id
    for first, last in ((MOMENT, MOMENT), (NONE, GRACE + MOMENT)):
        with pytest.raises(Blocked, match="现在不接受申报"):
            begin(first, last)


def test_bids_stay_sealed_while_the_last_may_arrive(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.bid(project)
    factory.open_bid(project, "rival")
    close = project.bids_until
    sender = replace(factory.actor("rival"), arrived=Arrival(close, close + GRACE))
    factory.now = close + GRACE
    assert _seen(factory, project) == ([], True)
    assert "收齐（2024年10月28日 17:40:59）" in factory.why_not(project, "agree", "issuer")["A5.sealed"]
    factory.engine.perform(factory.session, project.id, "submit_bid", sender)
    assert not any("揭榜申请" in subject for subject in factory.mails("issuer"))
    factory.now = close + GRACE + MOMENT
    assert _seen(factory, project) == (["湘潭大学", "中南大学"], False)
    assert "A5.sealed" not in factory.why_not(project, "agree", "issuer")


def _seen(factory: ParticipantFactory, project: Project) -> tuple[list[str], bool]:
    """The bids that the bureau may read, and whether they are among those that nobody may know of."""
    session, collected = factory.session, factory.caller("science").collected
    bids = visible_to(session, project, factory.actor("science"), collected)
    return [bid.lead.name for bid in bids], project.id in session.scalars(hidden_projects(collected)).all()
