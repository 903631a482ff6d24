"""论证: what may be listed, as what, and what becomes of the rest."""

from datetime import datetime

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.factories.values import WINDOW
from xtbang.errors import Forbidden
from xtbang.models import Notice, Panel
from xtbang.rules.dates import SHANGHAI


def test_a_demand_needs_a_panel_before_it_goes_on_the_board(factory: ProjectFactory) -> None:
    project = factory.accepted()
    against = factory.blocked(project, "list_major", "science", WINDOW)
    assert against == {"N3.panel": "尚未组织专家论证需求（《2024年实施方案》第二部分）。"}


def test_a_supply_entry_is_neither_appraised_nor_put_on_the_board(factory: ProjectFactory) -> None:
    project = factory.accepted(kind="tech_supply", edition="2021")
    assert "A5.2" in factory.why_not(project, "convene_appraisal", "science")
    assert "《办法》第五条（二）" in factory.blocked(project, "list_major", "industry", WINDOW)["A5.2"]
    factory.both(project, "list_regular")
    assert (project.state, project.track) == ("listing", "market")


def test_both_bureaus_put_a_demand_on_the_board(factory: ProjectFactory) -> None:
    project = factory.accepted()
    factory.concluded(project, "appraisal", (3, 0, 0))
    assert factory.perform(project, "list_major", "science", WINDOW).kind == "signed"
    assert factory.perform(project, "list_major", "industry").kind == "moved"
    assert (project.state, project.track) == ("listing", "funded")
    assert project.bids_from == datetime(2024, 10, 8, 8, tzinfo=SHANGHAI)
    assert project.bids_until == datetime(2024, 10, 28, 17, 30, 59, 999_999, tzinfo=SHANGHAI)
    assert factory.mails("issuer")[-1] == "已列入榜单：高温合金涂层关键技术"


def test_the_board_notice_names_the_project_with_its_figures(factory: ProjectFactory) -> None:
    project = factory.listed()
    notice = factory.session.scalars(select(Notice).where(Notice.kind == "board")).one()
    assert (notice.status, notice.call_id) == ("published", project.call_id)
    assert "2024年10月8日 08:00至2024年10月28日 17:30" in notice.body
    figures = notice.items[0].figures
    assert (figures["total"], figures["issuer"]) == ("200", "湘潭电机有限公司")
    assert figures["bids_until"] == "2024-10-28T17:30+08:00"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2024-10-08T08:00", "2024-10-08T08:00", "揭榜截止时间须晚于开始时间"),
        ("2024-09-01T08:00", "2024-09-02T09:59", "已过"),
    ],
)
def test_the_bid_window_ends_after_it_begins_and_in_the_future(
    factory: ProjectFactory, start: str, end: str, said: str
) -> None:
    project = factory.accepted()
    factory.concluded(project, "appraisal", (3, 0, 0))
    against = factory.blocked(project, "list_major", "science", {"bids_from": start, "bids_until": end})
    assert said in against["A5.window"]


def test_a_window_may_end_within_this_very_minute(factory: ProjectFactory) -> None:
    project = factory.accepted()
    factory.concluded(project, "appraisal", (3, 0, 0))
    factory.at("2024-09-02 10:00")
    window = {"bids_from": "2024-09-02T08:00", "bids_until": "2024-09-02T10:00"}
    assert factory.both(project, "list_major", window).state == "listing"


def test_an_unfavourable_panel_keeps_a_demand_off_the_board(factory: ProjectFactory) -> None:
    project = factory.accepted()
    factory.concluded(project, "appraisal", (3, 0, 0), share=0.5, favourable="not_passed")
    assert "50.00" in factory.why_not(project, "list_major", "science")["N3.result"]


def test_what_the_experts_found_stands_until_the_road_leads_back(factory: ProjectFactory) -> None:
    project = factory.accepted()
    factory.concluded(project, "appraisal", (3, 0, 0), share=0.5, favourable="not_passed")
    sentence = "需求论证专家组已于2024年9月2日形成结论（不通过），结论有效期间不再另行组建专家组（《办法》第九条）。"
    assert factory.why_not(project, "convene_appraisal", "science") == {"A9.concluded": sentence}
    data = {"technical": 3, "financial": 0, "legal": 0}
    assert "A9.concluded" in factory.blocked(project, "convene_appraisal", "science", data)
    factory.later(hours=1)
    factory.both(project, "list_regular")
    factory.perform(project, "promote", "science")
    assert "N3.result" in factory.why_not(project, "list_major", "science")
    factory.concluded(project, "appraisal", (3, 0, 0))
    assert factory.why_not(project, "list_major", "science") == {}


@pytest.mark.parametrize("registered", [True, False])
def test_an_expert_who_joined_the_issuer_spoils_the_appraisal(factory: ProjectFactory, registered: bool) -> None:
    project = factory.accepted()
    panel = factory.concluded(project, "appraisal", (3, 0, 0))
    with factory.writing():
        expert = factory.people[factory.seats(panel)[0]]
        expert.organisation_id = project.issuer_id if registered else None
        expert.employer = "" if registered else project.issuer.name
    assert "应当回避" in factory.why_not(project, "list_major", "science")["N3.recusal"]
    factory.concluded(project, "appraisal", (3, 0, 0))
    assert factory.why_not(project, "list_major", "science") == {}


def test_regular_listing_needs_no_panel_and_ends_one_that_still_sits(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (2, 0, 0))
    factory.both(project, "list_regular")
    assert (project.track, project.bids_until) == ("market", None)
    assert factory.session.get_one(Panel, panel.id).status == "cancelled"
    assert factory.mails(factory.seats(panel)[0])[-1] == "评审已取消：需求论证"
    assert factory.session.scalars(select(Notice)).all() == []


def test_a_sitting_panel_keeps_the_board_waiting(factory: ProjectFactory) -> None:
    project = factory.accepted()
    factory.panel(project, "appraisal", (1, 0, 0))
    assert "N3.open" in factory.why_not(project, "list_major", "science")


def test_drop_ends_the_entry_with_its_reason(factory: ProjectFactory) -> None:
    project = factory.accepted()
    factory.both(project, "drop", {"reason": "需求不明确"})
    assert (project.state, project.closed_at is not None) == ("rejected", True)
    assert factory.mails("issuer")[-1].startswith("论证未通过")


def test_withdrawing_ends_the_panel_too(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (2, 0, 0))
    factory.perform(project, "withdraw", "issuer", {"reason": "自行解决"})
    assert factory.session.get_one(Panel, panel.id).status == "cancelled"


def test_nobody_but_the_bureaus_lists(factory: ProjectFactory) -> None:
    project = factory.accepted()
    for who in ("leader", "finance", "issuer", "admin"):
        with pytest.raises(Forbidden):
            factory.perform(project, "list_regular", who)
