"""Mishaps of the first payment and the work, each with what puts it right."""

from decimal import Decimal

from tests.factories import later
from tests.stages.season.season import WHY, Season, on
from tests.stages.season.steps import asked_to_extend, half
from tests.stages.test_changes import ACCOUNT, ask, begin, sign


@on("paid")
def a_voucher_is_withdrawn(season: Season) -> None:
    later.voucher(season.factory, season.project, "HD-错", "1")
    season.do("withdraw_voucher", "issuer", voucher=str(later.newest(season.factory, season.project)))


@on("paid")
def a_voucher_is_refused_by_mistake(season: Season) -> None:
    later.voucher(season.factory, season.project, "HD-2", "0.01")
    voucher = str(later.newest(season.factory, season.project))
    season.do("check_voucher", "science2", voucher=voucher, outcome="refused", note="金额不符")
    season.twice("recheck_voucher", "science", "industry", voucher=voucher, outcome="accepted", reason=WHY)
    season.twice("recheck_voucher", "industry", "science2", voucher=voucher, outcome="refused", reason=WHY)


@on("paid")
def the_county_confirmed_too_early(season: Season) -> None:
    season.taken_back("county", "finance", "配套资金的确认")
    later.matched(season.factory, season.project, half(season))


@on("paid")
def a_payment_was_approved_too_early(season: Season) -> None:
    later.approved(season.factory, season.project)
    season.taken_back("science", "industry", "拨款审批")


@on("paid")
def the_bank_returns_the_first_payment(season: Season) -> None:
    season.reversed_line("finance", "science", "市级")
    later.pay(season.factory, season.project, "disburse_first", half(season), note="再拨一")


@on("paid")
def the_first_slip_has_another_number(season: Season) -> None:
    season.amended_line("finance", "science", "市级", "更正一")


@on("paid")
def the_county_paid_twice_on_paper(season: Season) -> None:
    season.reversed_line("county", "finance", "县", "mistaken")
    later.county_pays(season.factory, season.project, "1", half(season), note="县再拨一")


@on("paid")
def the_county_slip_has_another_number(season: Season) -> None:
    season.amended_line("county", "finance", "县", "县更正一")


@on("paid")
def an_extension_is_granted_by_mistake(season: Season) -> None:
    asked_to_extend(season)
    season.do("join_extension", "bidder")
    season.both("grant_extension")
    season.revoked()
    season.both("deny_extension", reason="理由不足")


@on("paid")
def the_other_party_wants_no_extension(season: Season) -> None:
    asked_to_extend(season)
    season.do("refuse_extension", "bidder", reason="可以按期完成")


@on("paid")
def the_account_changes(season: Season) -> None:
    ask(season.factory, season.project, "account", ACCOUNT)
    season.do("agree_change", "bidder")
    season.both("grant_change", reason="同意")
    sign(season.factory, season.project, "issuer", "bidder", "science", "industry")
    season.do("conclude_change", "science")


@on("paid")
def less_is_needed_than_was_granted(season: Season) -> None:
    known = begin(season.factory, season.project, "budget")
    freed = sum(Decimal(known[source]) - 30 for source in ("src_city", "src_county"))
    own = {"src_city": "30", "src_county": "30", "src_issuer_own": str(Decimal(known["src_issuer_own"]) + freed)}
    asked = known | {"reason": "设备降价", "file": season.file("申请.pdf")} | own
    season.do("propose_change", "issuer", **asked)
    season.do("agree_change", "bidder")
    season.both("grant_change", reason="同意")
    sign(season.factory, season.project, "issuer", "bidder", "science", "industry")
    season.do("conclude_change", "science")
    season.granted = "30"


@on("paid")
def a_change_is_declined(season: Season) -> None:
    ask(season.factory, season.project, "account", ACCOUNT | {"payee_account": "6217000099997777"})
    season.do("decline_change", "bidder", reason="账户不明")


@on("paid")
def a_change_is_withdrawn(season: Season) -> None:
    ask(season.factory, season.project, "account", ACCOUNT | {"payee_account": "6217000099996666"})
    season.do("withdraw_change", "issuer")
