"""Mishaps from 征集 to 签约, each with what puts it right."""

from sqlalchemy import select

from tests.factories import later
from tests.factories.values import WINDOW
from tests.stages.season.season import WHY, Season, on
from tests.stages.season.steps import score_all
from xtbang.models import Objection, Recusal


@on("paid")
def refused_by_a_wrong_click(season: Season) -> None:
    season.do("refuse", "science", rule="《办法》第六条", reason=WHY)
    season.revoked()


@on("paid")
def sent_back_for_a_paper_and_handed_in_again(season: Season) -> None:
    season.do("send_back", "science", reason="请补充指标", correct_by="2024-09-30")
    season.do("upload_scan", "issuer", scan=season.file("重新盖章.pdf"))
    season.do("submit", "issuer")


@on("paid")
def an_expert_is_refused_to_be_excluded_and_then_is(season: Season) -> None:
    season.do("name_recusal", "issuer", person="技术0", employer="", reason="有诉讼")
    for outcome in ("refused", "granted"):
        key = season.choice("decide_recusal", "science", "recusal")
        season.do("decide_recusal", "science", recusal=key, answer=outcome, finding="查明")
        if outcome == "refused":
            season.taken_back("science", "industry", "回避申请")
    assert season.factory.session.get_one(Recusal, int(key)).status == "granted"


@on("paid")
def left_to_the_market_by_mistake(season: Season) -> None:
    season.both("list_regular")
    season.revoked()


@on("paid")
def dropped_by_mistake(season: Season) -> None:
    season.both("drop", reason=WHY)
    season.revoked()


@on("paid")
def an_expert_had_a_stake_and_another_is_drawn(season: Season) -> None:
    sheet = season.choice("void_sheet", "science", "sheet")
    season.do("void_sheet", "science", sheet=sheet, reason="应当回避")
    season.do("draw_more", "science", technical=1, financial=0, legal=0)
    score_all(season)


@on("paid")
def the_appraisal_was_badly_added_up(season: Season) -> None:
    season.set_aside("same")
    season.do("conclude_panel", "science", favourable="passed", opinion="同意")


@on("paid")
def listed_too_early(season: Season) -> None:
    season.revoked()
    season.both("list_major", **WINDOW)


@on("paid")
def a_bid_is_withdrawn_and_handed_in_again(season: Season) -> None:
    season.do("withdraw_bid", "bidder")
    season.factory.bid(season.project)


@on("paid")
def declined_by_mistake(season: Season) -> None:
    data = season.resolution("40")
    del data["subsidy_city"]
    season.do("decline", "leader", **data)
    season.revoked()


@on("paid")
def the_inspection_was_of_another_project(season: Season) -> None:
    season.taken_back("science", "industry", "考察情况")
    season.do("record_inspection", "science", dated="2024-11-08", text="属实")


@on("paid")
def a_fault_of_the_panel_is_found_in_the_notice(season: Season) -> None:
    season.revoked()
    season.set_aside("anew")
    season.factory.concluded(season.project, "roadshow", (3, 2, 0))
    season.do("recommend", "leader", **season.resolution(season.granted))
    season.do("publish_notice", "science", title="拟立项公示", body="现予公示。")


@on("paid")
def another_amount_was_resolved(season: Season) -> None:
    season.granted = "39.999999"
    season.twice("amend_subsidy", "leader", "industry", **season.resolution(season.granted))


@on("paid")
def an_objection_is_upheld_by_mistake(season: Season) -> None:
    later.object_to(season.factory, season.project)
    objection = season.factory.session.scalars(select(Objection.id).order_by(Objection.id.desc()).limit(1)).one()
    season.do("decide_objection", "science", objection=str(objection), outcome="upheld", finding="属实")
    season.both("uphold", reason=WHY)
    season.revoked()
    season.twice("review_objection", "science", "industry", objection=str(objection), outcome="dismissed", reason=WHY)


@on("paid")
def the_notice_was_closed_too_early(season: Season) -> None:
    season.do("confirm", "science")
    season.revoked()


@on("paid")
def a_scan_has_no_stamp(season: Season) -> None:
    later.sign(season.factory, season.project, "bidder")
    season.do("return_signature", "science", party="bidder", reason="没有盖章")


@on("paid")
def the_funding_document_has_another_number(season: Season) -> None:
    document = season.choice("amend_funding_document", "finance", "document")
    data = {"document": document, "number": "潭财教〔2024〕89号", "dated": "2024-11-19", "file": ""}
    season.twice("amend_funding_document", "finance", "science", **data, reason=WHY)


@on("paid")
def the_contract_was_not_in_force(season: Season) -> None:
    season.do("conclude", "science")
    season.revoked()
