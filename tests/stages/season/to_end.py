"""Mishaps of acceptance, of a termination and of an end without money, each with what puts it right."""

from tests.factories import later
from tests.stages.season.season import WHY, Season, on
from tests.stages.season.steps import came_back, choose, rest, write_off


@on("paid")
def acceptance_was_asked_for_too_early(season: Season) -> None:
    season.do("withdraw_acceptance", "bidder")
    season.do("request_acceptance", "bidder")


@on("paid")
def the_acceptance_panel_had_a_fault(season: Season) -> None:
    season.set_aside("anew")
    season.factory.concluded(season.project, "acceptance", (2, 1, 0))


@on("paid")
def sent_away_to_rectify_by_mistake(season: Season) -> None:
    season.both("rectify", rectify_by="2025-08-31", reason=WHY)
    season.revoked()


@on("paid")
def passed_by_mistake(season: Season) -> None:
    season.both("pass_acceptance", reason=WHY)
    season.revoked()


@on("paid")
def the_county_confirmed_the_rest_too_early(season: Season) -> None:
    season.taken_back("county", "finance", "配套资金的确认")
    later.matched(season.factory, season.project, rest(season))


@on("paid")
def the_bank_returns_the_last_payment(season: Season) -> None:
    season.reversed_line("finance", "science", "尾款")
    later.pay(season.factory, season.project, "disburse_final", rest(season), note="再拨二")


@on("paid")
def the_county_takes_its_last_payment_back(season: Season) -> None:
    season.reversed_line("county", "finance", "尾款", "mistaken")
    later.county_pays(season.factory, season.project, "2", rest(season), note="县再拨二")


@on("paid")
def a_review_upholds_the_acceptance(season: Season) -> None:
    data = {"decision": season.choice("record_ruling", "science", "decision"), "body": "review", "result": "upheld"}
    data |= {"number": "潭政复决〔2025〕8号", "dated": season.today, "file": season.file("决定书.pdf"), "reason": WHY}
    season.twice("record_ruling", "science", "industry", **data)


@on("ended")
def terminated_by_mistake(season: Season) -> None:
    later.ended(season.factory, season.project)
    season.revoked()


@on("ended")
def the_county_said_that_it_had_not_paid(season: Season) -> None:
    season.do("declare_county_unpaid", "county", instalment="1", reason="未拨付")
    season.taken_back("county", "finance", "未拨付")


@on("ended")
def recovered_money_was_of_another_project(season: Season) -> None:
    came_back(season, "city", "3", "误1")
    season.reversed_line("finance", "science", "已收回", "mistaken")


@on("ended")
def a_receipt_has_another_amount(season: Season) -> None:
    came_back(season, "city", "1", "误2")
    line = season.choice("amend_line", "finance", "line", "误2")
    data = {"line": line, "note": "误3", "dated": season.today, "amount": "1.000001", "reason": WHY}
    season.twice("amend_line", "finance", "science", **data)
    season.reversed_line("finance", "industry", "误3", "mistaken")


@on("ended")
def other_days_are_refused_and_then_granted(season: Season) -> None:
    asked = {"recover_by": "2026-11-30", "reason": "资金周转困难"}
    season.do("propose_plan", "finance", **asked)
    season.both("refuse_plan", reason="有能力退回")
    season.do("propose_plan", "finance", **asked)
    season.both("approve_plan")


@on("ended")
def a_write_off_is_refused(season: Season) -> None:
    write_off(season, "city", "1", "refuse_write_off")


@on("ended")
def too_much_comes_back(season: Season) -> None:
    came_back(season, "county", "12.5", "多1", surplus="true")
    data = {"source": "county", "amount": "2.5", "dated": season.today, "note": "退1", "reason": "退回原账户"}
    season.twice("return_surplus", "finance", "science", **data)
    for part in ("退还多缴", "多缴", "已收回"):
        season.reversed_line("finance", "industry", part, "mistaken")


@on("ended")
def settled_too_early(season: Season) -> None:
    season.revoked()
    season.do("settle", "finance")


@on("stopped")
def the_agreed_bidder_gives_up_and_another_one_is_chosen(season: Season) -> None:
    season.do("give_up_bid", "bidder", reason="人员变动")
    season.do("extend_bids", "science", bids_until="2024-11-20T17:30", reason="揭榜方放弃")
    season.bidder = "rival"
    season.factory.bid(season.project, season.bidder)
    season.factory.at("2024-11-20 18:00")
    choose(season)


@on("stopped")
def a_review_quashes_the_refusal(season: Season) -> None:
    data = season.resolution("40")
    del data["subsidy_city"]
    season.do("decline", "leader", **data)
    ruling = {"decision": season.choice("record_ruling", "science", "decision"), "body": "court", "result": "redo"}
    ruling |= {"number": "（2024）湘03行终8号", "dated": season.today, "file": season.file("判决.pdf"), "reason": WHY}
    season.twice("record_ruling", "science", "industry", **ruling)
    season.both("execute_ruling", ruling=season.choice("execute_ruling", "science", "ruling"), reason="依法执行")
