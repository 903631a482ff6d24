"""揭榜: released and listed again, registered as a deal, or applied for."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories.later import waive
from tests.factories.projects import ProjectFactory
from tests.factories.values import APPLICATION
from xtbang.domain.waivers import waivable_rules
from xtbang.errors import Forbidden
from xtbang.models import Finding, Notice, Paper, Project, StoredFile, Voucher, Waiver
from xtbang.papers.facts import common as facts
from xtbang.rules.policy import Policy

DEAL = {
    "contract_number": "JS-1",
    "contract_signed_on": "2024-09-02",
    "contract_amount": "12.5",
    "ip_clause": "归发榜方",
}
MILESTONE = APPLICATION["milestones"][0]
AGAIN = {"reason": "揭榜方放弃", "bids_until": "2024-12-01T17:30"}


def filled(factory: ProjectFactory, project: Project, **values: object) -> Project:
    """The application as it would be, with these values instead."""
    definition = factory.engine.policy.edition(project.edition).documents["application"]
    known = APPLICATION | {"contract_file": factory.file("技术合同.pdf")} | values
    factory.at("2024-11-04 09:00")
    factory.fill(project.application, definition, known, "issuer")
    return project


def test_a_new_window_on_the_board_lies_ahead(factory: ProjectFactory) -> None:
    project = factory.agreed()
    against = factory.blocked(project, "reopen", "issuer", AGAIN | {"bids_until": "2024-10-29T08:59"})
    assert "须晚于现在（2024年10月29日 09:00）" in against["A5.window"]


def test_reopening_releases_the_bid_and_keeps_it(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid, other = factory.bid(project), factory.bid(project, "rival")
    factory.at("2024-10-29 09:00")
    factory.choose(project, bid)
    filled(factory, project)
    factory.perform(project, "reopen", "science", AGAIN)
    assert (project.state, project.agreed_bid_id, project.application_id) == ("listing", None, None)
    assert (bid.status, bid.closed_reason) == ("released", "揭榜方放弃")
    assert project.bids_until is not None
    board = factory.session.scalars(select(Notice).where(Notice.kind == "board").order_by(Notice.id)).all()
    assert [notice.status for notice in board] == ["superseded", "published"]
    assert board[1].items[0].figures["bids_until"] == "2024-12-01T17:30+08:00"
    assert factory.mails("bidder")[-1].startswith("揭榜意向已解除")
    assert factory.mails("rival")[-1].startswith("可以再次揭榜")
    assert "已解除（揭榜方放弃）" in factory.why_not(project, "open_bid", "bidder")["A6.bid"]
    factory.perform(project, "open_bid", "rival")
    factory.perform(project, "submit_bid", "rival")
    factory.at("2024-12-02 09:00")
    factory.choose(project, other)
    assert (project.state, project.agreed_bid.lead.name) == ("bidding", "中南大学")
    assert project.application.draft["contract_number"] == ""


def test_what_was_paid_to_the_released_bidder_does_not_count(factory: ProjectFactory) -> None:
    project = factory.agreed()
    with factory.writing() as session:
        slip = StoredFile(sha256="0" * 64, name="回单.pdf", mime="application/pdf", size=1, uploaded_at=factory.now)
        session.add(slip)
        session.flush()
        paid = Voucher(project_id=project.id, number="1", amount=Decimal(80), paid_on=date(2024, 10, 29))
        paid.file_id, paid.uploaded_at, paid.status = slip.id, factory.now, "open"
        session.add(paid)
    factory.perform(project, "reopen", "issuer", AGAIN)
    assert (paid.status, paid.checked_at) == ("refused", factory.now)


def test_the_market_takes_bids_all_the_time_again(factory: ProjectFactory) -> None:
    project = factory.regular()
    bid = factory.bid(project)
    factory.choose(project, bid)
    factory.perform(project, "reopen", "issuer", AGAIN | {"bids_until": "2024-01-01T00:00"})
    assert (project.track, project.bids_until) == ("market", None)
    assert factory.bid(project, "rival").status == "submitted"


def test_a_deal_closes_a_market_entry(factory: ProjectFactory) -> None:
    project = factory.regular()
    factory.choose(project, factory.bid(project))
    factory.perform(project, "register_deal", "science", DEAL | {"contract_file": factory.file("合同.pdf")})
    assert (project.state, project.contract_amount) == ("closed", Decimal(125_000))
    assert project.closed_at == factory.now
    deal = factory.session.scalars(select(Finding).where(Finding.kind == "deal")).one()
    assert (deal.number, deal.dated, deal.text) == ("JS-1", date(2024, 9, 2), "归发榜方")
    assert factory.mails("bidder")[-1] == "对接成功：高温合金涂层关键技术"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"contract_signed_on": "2024-09-03"}, "A10.signed"),
        ({"contract_amount": "0"}, "F.range"),
        ({"ip_clause": ""}, "F.required"),
        ({"contract_file": ""}, "F.required"),
    ],
)
def test_a_deal_lies_within_its_bounds(factory: ProjectFactory, change: dict[str, str], rule: str) -> None:
    project = factory.regular()
    factory.choose(project, factory.bid(project))
    data = DEAL | {"contract_file": factory.file("合同.pdf")} | change
    assert rule in factory.blocked(project, "register_deal", "science", data)


def test_each_track_has_its_own_way_on(factory: ProjectFactory) -> None:
    project = factory.agreed()
    assert "A5.1" in factory.why_not(project, "register_deal", "science")
    factory.at("2024-09-02 10:00")
    market = factory.regular()
    factory.choose(market, factory.bid(market))
    assert {"A5.2", "A7.application"} <= factory.why_not(market, "apply", "issuer").keys()


def test_applying_freezes_the_application(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed())
    factory.apply(project)
    assert (project.state, project.total_investment) == ("roadshow", Decimal(2_000_000))
    assert (project.contract_amount, project.subsidy_city) == (Decimal(900_000), None)
    assert (project.starts_on, project.ends_on) == (date(2024, 11, 20), date(2026, 11, 19))
    assert [version.number for version in project.application.versions] == [1]
    paper = factory.session.scalars(select(Paper).where(Paper.name == "application")).one()
    assert paper.data["values"]["src_city"] == "40"
    assert factory.mails("science")[-1] == "请组织路演：高温合金涂层关键技术"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("values", "rule", "said"),
    [
        ({"ip_ownership": ""}, "A10.ip", "未约定知识产权的归属，不能申报立项（《办法》第十条）"),
        ({"contract_file": ""}, "A10.contract", "尚未上传"),
        ({"contract_signed_on": "2024-11-05"}, "A10.signed", "2024年11月5日晚于今天"),
        ({"contract_amount": "89.9999"}, "A10.amount", "90.00 万元，超过技术合同金额 89.9999 万元"),
        ({"term_start": "2022-01-01", "term_end": "2023-12-31"}, "A7.term_over", "2023年12月31日已过"),
        ({"team": []}, "F.required", "主要研究人员"),
        ({"src_city": "50", "src_county": "50", "src_issuer_own": "10"}, "A7.match", "100.00 万元，不得低于"),
        ({"src_county": "41", "src_issuer_own": "29"}, "A7.county", "41.00 万元，超过按 1:1 配套的 40.00 万元"),
        ({"milestones": [MILESTONE | {"date": "2024-11-19"}]}, "A7.milestones", "第 1 行的完成日期2024年11月19日早于"),
        ({"milestones": [MILESTONE | {"date": "2026-11-20"}]}, "A7.milestones", "2026年11月20日晚于结束日期"),
        ({"new_tax": "99"}, "N.new_tax", "99.00 万元，原则上不低于 100.00 万元"),
        ({"new_tax": "-1"}, "F.range", "不得小于 0 万元"),
        (
            {"term_end": "2026-11-20"},
            "A7.term",
            "超过 2 年，最迟应于2026年11月19日结束（《2024年征集通知》第三部分第1项）",
        ),
    ],
)
def test_what_stands_against_an_application(
    factory: ProjectFactory, values: dict[str, object], rule: str, said: str
) -> None:
    project = filled(factory, factory.agreed(), **values)
    assert said in factory.why_not(project, "apply", "issuer")[rule]


def test_a_term_that_ends_before_it_begins_is_told_once(factory: ProjectFactory, policy: Policy) -> None:
    """By the check of the form, which every form with a term has."""
    project = filled(factory, factory.agreed(), term_start="2027-11-20", term_end="2027-11-19")
    offer = factory.engine.offer(factory.session, project, factory.actor("issuer"), "apply")
    assert offer is not None
    assert [reason.rule for reason in offer.reasons if reason.field == "term_end"] == ["F.end_after_start"]
    forms = {
        form for edition in policy.editions.values() for form in (*edition.forms.values(), *edition.documents.values())
    }
    asked = [form for form in forms if {"term_start", "term_end"} <= {field.key for field in form.fields}]
    assert len(asked) >= 3
    assert all("end_after_start" in form.checks for form in asked)


def test_the_county_may_come_on_top_of_the_total(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed(), src_county="0", src_issuer_own="70")
    factory.perform(project, "confirm_reading", "bidder")
    assert factory.why_not(project, "apply", "issuer") == {}


def test_a_payment_that_will_be_too_small_is_advised_against(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed(), src_paid_to_bidder="79", src_issuer_own="41")
    factory.perform(project, "confirm_reading", "bidder")
    offer = factory.engine.offer(factory.session, project, factory.actor("issuer"), "apply")
    assert offer and offer.open and ["79.00 万元，低于" in hint.text for hint in offer.hints] == [True]


def test_every_reason_comes_at_once(factory: ProjectFactory) -> None:
    project = factory.agreed()
    against = factory.why_not(project, "apply", "issuer")
    assert {"F.required", "A10.ip", "A10.contract"} <= against.keys()


def test_an_investment_below_the_minimum_is_refused(factory: ProjectFactory) -> None:
    halves = {"src_issuer_own": "19.9999", "src_paid_to_bidder": "40", "src_city": "19.9999", "src_county": "19.9999"}
    small = {"total_investment": "99.9997", "use_equipment": "50", "use_material": "49.9997"} | halves
    project = filled(factory, factory.agreed(), **small)
    assert "99.9997 万元，不得低于 100.00 万元" in factory.why_not(project, "apply", "issuer")["A7.investment"]


def test_what_both_bureaus_waived_does_not_bind(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed(), term_end="2026-11-20")
    for role in ("science", "industry"):
        assert "A7.term" in factory.why_not(project, "apply", "issuer")
        waive(factory, project, "A7.term", role, "设备到货晚")
    factory.apply(project)
    assert project.ends_on == date(2026, 11, 20)
    span = "实施周期2024年11月20日至2026年11月20日，超过2年，最迟应于2026年11月19日结束。"
    assert [row["sentence"] for row in facts.waivers(factory.session, factory.engine.policy.city, project.id)] == [
        span,
        span,
    ]


def test_a_waiver_holds_for_the_figures_that_were_waived(factory: ProjectFactory) -> None:
    """Both said yes to a day more, not to thirteen years more."""
    project = filled(factory, factory.agreed(), term_end="2026-11-20")
    for role in ("science", "industry"):
        waive(factory, project, "A7.term", role)
    assert set(factory.why_not(project, "apply", "issuer")) == {"A9.read"}
    filled(factory, project, term_end="2039-12-31")
    assert "至2039年12月31日，超过 2 年" in factory.why_not(project, "apply", "issuer")["A7.term"]
    waive(factory, project, "A7.term", "science")
    assert "A7.term" in factory.why_not(project, "apply", "issuer")
    filled(factory, project, term_end="2026-11-20")  # what industry has waived, and science has not any longer
    assert "A7.term" in factory.why_not(project, "apply", "issuer")
    rows = factory.session.scalars(select(Waiver).order_by(Waiver.id)).all()
    assert [(row.role, row.voided_at is None) for row in rows] == [
        ("science", False), ("industry", True), ("science", True),
    ]  # fmt: skip


def test_nobody_waives_what_was_changed_before_their_eyes(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed(), term_end="2026-11-20")
    action = factory.engine.policy.actions["record_waiver"]
    (seen,) = waivable_rules(
        factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    )
    filled(factory, project, term_end="2039-12-31")
    assert set(factory.blocked(project, "record_waiver", "science", {"rule": seen, "reason": "同意"})) == {"F.choice"}


def test_waivers_of_what_was_not_asked_for_in_the_end_are_void(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed(), term_end="2026-11-20")
    for role in ("science", "industry"):
        waive(factory, project, "A7.term", role)
    filled(factory, project)
    factory.apply(project)
    assert facts.waivers(factory.session, factory.engine.policy.city, project.id) == []


def test_waivers_go_with_the_bid_that_is_released(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid, other = factory.bid(project), factory.bid(project, "rival")
    factory.at("2024-10-29 09:00")
    factory.choose(project, bid)
    filled(factory, project, term_end="2026-11-20")
    for role in ("science", "industry"):
        waive(factory, project, "A7.term", role)
    factory.perform(project, "reopen", "science", AGAIN | {"bids_until": "2024-11-05T17:30"})
    factory.perform(project, "open_bid", "rival")
    factory.perform(project, "submit_bid", "rival")
    factory.at("2024-11-06 09:00")
    factory.choose(project, other)
    filled(factory, project, term_end="2026-11-20")
    assert "A7.term" in factory.why_not(project, "apply", "issuer")


def test_only_the_issuer_applies(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed())
    for who in ("bidder", "science", "rival"):
        with pytest.raises(Forbidden):
            factory.perform(project, "apply", who)
