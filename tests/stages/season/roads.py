"""The roads: the straight way of one project, with the mishaps that lie on it."""

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy import func, select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.factories.values import WINDOW
from tests.stages.season.season import TREASURIES, Season, agrees, may
from tests.stages.season.steps import again, applied, came_back, choose, half, rest, score_all, write_off
from tests.stages.season.to_contract import (
    a_bid_is_withdrawn_and_handed_in_again,
    a_fault_of_the_panel_is_found_in_the_notice,
    a_scan_has_no_stamp,
    an_expert_had_a_stake_and_another_is_drawn,
    an_expert_is_refused_to_be_excluded_and_then_is,
    an_objection_is_upheld_by_mistake,
    another_amount_was_resolved,
    declined_by_mistake,
    dropped_by_mistake,
    left_to_the_market_by_mistake,
    listed_too_early,
    refused_by_a_wrong_click,
    sent_back_for_a_paper_and_handed_in_again,
    the_appraisal_was_badly_added_up,
    the_contract_was_not_in_force,
    the_funding_document_has_another_number,
    the_inspection_was_of_another_project,
    the_notice_was_closed_too_early,
)
from tests.stages.season.to_end import (
    a_receipt_has_another_amount,
    a_review_quashes_the_refusal,
    a_review_upholds_the_acceptance,
    a_write_off_is_refused,
    acceptance_was_asked_for_too_early,
    other_days_are_refused_and_then_granted,
    passed_by_mistake,
    recovered_money_was_of_another_project,
    sent_away_to_rectify_by_mistake,
    settled_too_early,
    terminated_by_mistake,
    the_acceptance_panel_had_a_fault,
    the_agreed_bidder_gives_up_and_another_one_is_chosen,
    the_bank_returns_the_last_payment,
    the_county_confirmed_the_rest_too_early,
    the_county_said_that_it_had_not_paid,
    the_county_takes_its_last_payment_back,
    too_much_comes_back,
)
from tests.stages.season.to_work import (
    a_change_is_declined,
    a_change_is_withdrawn,
    a_payment_was_approved_too_early,
    a_voucher_is_refused_by_mistake,
    a_voucher_is_withdrawn,
    an_extension_is_granted_by_mistake,
    less_is_needed_than_was_granted,
    the_account_changes,
    the_bank_returns_the_first_payment,
    the_county_confirmed_too_early,
    the_county_paid_twice_on_paper,
    the_county_slip_has_another_number,
    the_first_slip_has_another_number,
    the_other_party_wants_no_extension,
)
from xtbang.models import LedgerEntry, Project


def paid(season: Season) -> None:
    """From the form to the last payment: everything granted is paid, nothing else."""
    factory, project = season.factory, season.project
    may(season, refused_by_a_wrong_click, sent_back_for_a_paper_and_handed_in_again)
    lines = list(factory.engine.policy.edition(project.edition).checklist)
    season.do("accept", "science", checklist=lines, scan_looked_at=True)
    may(season, an_expert_is_refused_to_be_excluded_and_then_is, left_to_the_market_by_mistake, dropped_by_mistake)
    factory.panel(project, "appraisal", (3, 0, 0))
    score_all(season)
    may(season, an_expert_had_a_stake_and_another_is_drawn)
    season.do("conclude_panel", "science", favourable="passed", opinion="同意")
    may(season, the_appraisal_was_badly_added_up)
    season.both("list_major", **WINDOW)
    may(season, listed_too_early)
    factory.at("2024-10-08 09:00")
    factory.bid(project)
    may(season, a_bid_is_withdrawn_and_handed_in_again)
    factory.at("2024-10-28 18:00")
    choose(season)
    applied(season)
    factory.concluded(project, "roadshow", (3, 2, 0))
    factory.at("2024-11-11 09:00")
    may(season, declined_by_mistake)
    season.do("record_inspection", "science", dated="2024-11-08", text="属实")
    may(season, the_inspection_was_of_another_project)
    for who in ("science", "industry"):
        season.do("record_opinion", who, favourable="agreed", text="可行")
    season.do("recommend", "leader", **season.resolution(season.granted))
    season.do("publish_notice", "science", title="拟立项公示", body="现予公示。")
    may(
        season,
        a_fault_of_the_panel_is_found_in_the_notice,
        another_amount_was_resolved,
        an_objection_is_upheld_by_mistake,
    )
    factory.at("2024-11-19 09:00")
    may(season, the_notice_was_closed_too_early)
    season.do("confirm", "science")
    later.fill_contract(factory, project)
    if not factory.why_not(project, "accept_own_share", "issuer"):  # less was granted than applied for
        season.do("accept_own_share", "issuer")
    season.do("issue_contract", "science")
    may(season, a_scan_has_no_stamp)
    later.sign(factory, project, "issuer", "bidder", "science", "industry")
    later.funded(factory, project)
    may(season, the_funding_document_has_another_number, the_contract_was_not_in_force)
    season.do("conclude", "science")
    may(season, a_voucher_is_withdrawn, a_voucher_is_refused_by_mistake)
    later.checked(factory, project, "HD-1", "80")
    later.matched(factory, project, half(season))
    may(season, the_county_confirmed_too_early)
    factory.at("2024-11-20 09:00")
    may(season, a_payment_was_approved_too_early)
    later.pay(factory, project, "disburse_first", half(season))
    may(season, the_bank_returns_the_first_payment, the_first_slip_has_another_number)
    later.county_pays(factory, project, "1", half(season))
    may(season, the_county_paid_twice_on_paper, the_county_slip_has_another_number)
    factory.at("2025-03-10 09:00")
    may(season, an_extension_is_granted_by_mistake, the_other_party_wants_no_extension)
    may(season, the_account_changes, a_change_is_declined, a_change_is_withdrawn, less_is_needed_than_was_granted)
    factory.at("2025-05-10 09:00")
    again(season)
    may(season, acceptance_was_asked_for_too_early)
    factory.concluded(project, "acceptance", (2, 1, 0))
    may(season, the_acceptance_panel_had_a_fault, sent_away_to_rectify_by_mistake, passed_by_mistake)
    factory.at("2025-05-20 09:00")
    season.both("pass_acceptance", reason="达到考核要求")
    later.matched(factory, project, rest(season))
    may(season, the_county_confirmed_the_rest_too_early)
    later.pay(factory, project, "disburse_final", rest(season))
    may(season, the_bank_returns_the_last_payment)
    later.county_pays(factory, project, "2", rest(season))
    may(season, the_county_takes_its_last_payment_back, a_review_upholds_the_acceptance)
    found, whole = later.sums(factory, project), Decimal(season.granted) * 10_000
    assert (project.state, found.paid, found.issuer_paid) == ("closed", dict.fromkeys(TREASURIES, whole), 800_000)
    assert set(found.due.values()) <= {0}


def ended(season: Season) -> None:
    """Terminated for an objective cause: half of what was paid comes back, in part it is written off."""
    factory, project = season.factory, season.project
    may(season, terminated_by_mistake)
    later.ended(factory, project)
    may(season, the_county_said_that_it_had_not_paid)
    later.county_pays(factory, project, "1", "20")
    may(season, recovered_money_was_of_another_project, a_receipt_has_another_amount)
    may(season, other_days_are_refused_and_then_granted, a_write_off_is_refused, too_much_comes_back)
    came_back(season, "city", "10", "还1")
    came_back(season, "county", "7", "还2")
    write_off(season, "county", "3", "approve_write_off")
    season.do("settle", "finance")
    may(season, settled_too_early)
    found, ten = later.sums(factory, project), Decimal(100_000)
    assert (project.state, found.paid) == ("terminated", dict.fromkeys(TREASURIES, Decimal(200_000)))
    assert found.due == dict.fromkeys(TREASURIES, ten)
    assert (found.recovered, found.written_off) == (
        {"city": ten, "county": Decimal(70_000)},
        {"county": Decimal(30_000)},
    )
    assert not any(found.surplus_held.values())


def stopped(season: Season) -> None:
    """Given up before anything is paid: nothing is owed."""
    may(season, the_agreed_bidder_gives_up_and_another_one_is_chosen)
    factory, project = season.factory, season.project
    applied(season)
    may(season, a_review_quashes_the_refusal)
    season.do("give_up", "issuer", reason="市场变化")
    assert project.state == "given_up"
    assert factory.session.scalar(select(func.count(LedgerEntry.id))) == 0


BEGIN: dict[str, tuple[Callable[[ProjectFactory], Project], Callable[[Season], None]]] = {
    "paid": (lambda factory: factory.submitted(), paid),
    "ended": (later.executing, ended),
    "stopped": (lambda factory: factory.agreed(), stopped),
}


def live(factory: ProjectFactory, road: str, mishaps: frozenset[str]) -> None:
    begin, walk = BEGIN[road]
    season = Season(factory, mishaps, begin(factory))
    walk(season)
    assert season.happened == len(mishaps)
    agrees(season)
