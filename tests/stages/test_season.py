"""A season in which forty things go wrong, in the order of a project's life: each is put right, to the last yuan.

A road is the straight way of one project; on it lie the mishaps, each with what puts it right. After every mishap the ledger
balances, the chain of events holds, and no paper is current that says what is not so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.factories.values import APPLICATION, WINDOW
from tests.stages.test_changes import ACCOUNT, ask, begin, sign
from tests.workflow.life_laws import papers_agree
from xtbang.actions import audit
from xtbang.actions.registry import OPTIONS
from xtbang.models import Event, LedgerEntry, Objection, Panel, Project, Recusal

WHY = "经复查，登记或者决定有误。"
SAMPLE = 9  # mishaps of one road in `make test`
TREASURIES = ("city", "county")


@dataclass
class Season:
    """One project, what goes wrong with it, and what must come out in the end."""

    factory: ProjectFactory
    mishaps: frozenset[str]  # those that happen
    project: Project
    happened: int = 0
    bidder: str = "bidder"
    first: str = ""  # 万元 that were paid first
    granted: str = "40"  # 万元 for the city, and as much for the county

    @property
    def today(self) -> str:
        return self.factory.now.date().isoformat()

    def suffer(self, mishap: "Mishap") -> None:
        """Let it happen, and be put right."""
        mishap(self)

    def do(self, trigger: str, who: str, **data: Any) -> None:
        self.factory.perform(self.project, trigger, who, data)

    def both(self, trigger: str, **data: Any) -> None:
        """By both bureaus."""
        self.factory.both(self.project, trigger, data)

    def twice(self, trigger: str, first: str, second: str, **data: Any) -> None:
        """Asked for by one, confirmed by another."""
        self.do(trigger, first, **data)
        self.do(trigger, second)

    def choice(self, trigger: str, who: str, field: str, part: str = "") -> str:
        """The first choice of a field whose label has that part."""
        action = self.factory.engine.action(self.project, trigger)
        role = who.rstrip("2")
        context = self.factory.engine.context(self.factory.session, self.project, self.factory.actor(who), role, action)
        labels = OPTIONS[action.form.field(field).options](context)
        return next(key for key, label in labels.items() if part in label)

    def revoked(self) -> None:
        """The last decision is revoked by those who made it, and a second person."""
        first = self.factory.engine.action(self.project, "revoke").who[0]
        second = "science" if first == "industry" else "industry"
        self.twice("revoke", first, second, decision=self.choice("revoke", first, "decision"), reason=WHY)

    def taken_back(self, first: str, second: str, part: str) -> None:
        record = self.choice("take_back", first, "record", part)
        self.twice("take_back", first, second, record=record, reason=WHY)

    def reversed_line(self, who: str, second: str, part: str, cause: str = "returned") -> None:
        line = self.choice("reverse_line", who, "line", part)
        self.twice("reverse_line", who, second, line=line, cause=cause, dated=self.today, reason=WHY)

    def amended_line(self, who: str, second: str, part: str, note: str) -> None:
        line = self.choice("amend_line", who, "line", part)
        self.twice("amend_line", who, second, line=line, note=note, dated=self.today, amount="", reason=WHY)

    def set_aside(self, again: str) -> None:
        panel = self.choice("set_aside", "industry", "panel")
        self.both("set_aside", panel=panel, again=again, reason=WHY)

    def file(self, name: str) -> str:
        return self.factory.file(name)

    def resolution(self, city: str) -> dict[str, Any]:
        return {"resolution_date": self.today, "resolution_number": "潭科党〔2024〕9号", "subsidy_city": city} | {
            "minutes": self.file(f"纪要{city}-{self.happened}.pdf"),
            "reason": WHY,
        }


Mishap = Callable[[Season], None]
ROADS: dict[str, list[Mishap]] = {"paid": [], "ended": [], "stopped": []}


def on(road: str) -> Callable[[Mishap], Mishap]:
    """A mishap on that road."""

    def register(mishap: Mishap) -> Mishap:
        ROADS[road].append(mishap)
        return mishap

    return register


def may(season: Season, *mishaps: Mishap) -> None:
    """Let those of these happen that are drawn; everything agrees after each."""
    for mishap in mishaps:
        if mishap.__name__ in season.mishaps:
            state = season.project.state
            season.suffer(mishap)
            assert season.project.state == state, f"{mishap.__name__} is not put right"
            season.happened += 1
            agrees(season)


# ---------------------------------------------------------------- what holds after each


def agrees(season: Season) -> None:
    """Ledger, chain and papers say the same."""
    project, session = season.project, season.factory.session
    events = session.scalars(select(Event).where(Event.stream == f"project:{project.id}").order_by(Event.sequence))
    assert audit.broken(events) == []
    sums = later.sums(season.factory, project)
    for source in TREASURIES:
        granted = getattr(project, f"subsidy_{source}") or Decimal(0)
        assert 0 <= sums.outstanding.get(source, 0) <= sums.paid.get(source, 0) <= granted
    papers_agree(session, project.id)


# ---------------------------------------------------------------- from 征集 to 签约


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


# ---------------------------------------------------------------- the first payment, the work


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


# ---------------------------------------------------------------- acceptance and the end


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


# ---------------------------------------------------------------- a termination


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


# ---------------------------------------------------------------- an end without money


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


# ---------------------------------------------------------------- what the mishaps share


def asked_to_extend(season: Season) -> None:
    audited = season.file("审计.pdf")
    season.do("request_extension", "issuer", reason="上游停产", new_end="2027-05-19", audit_file=audited)


def again(season: Season) -> None:
    """Acceptance asked for once more."""
    later.fill_acceptance(season.factory, season.project)
    later.request(season.factory, season.project)


def came_back(season: Season, source: str, amount: str, note: str, **more: str) -> None:
    data = {"source": source, "amount": amount, "dated": season.today, "note": note, "file": ""} | more
    season.do("record_recovery", "finance", **data)


def write_off(season: Season, source: str, amount: str, decision: str) -> None:
    paper = {"document": "（2026）湘03破1号裁定", "dated": season.today, "reason": "无财产"}
    file = season.file("裁定.pdf")
    season.do("propose_write_off", "finance", **paper, file=file, source=source, amount=amount)
    season.both(decision, reason="仍有财产") if decision == "refuse_write_off" else season.both(decision)


def choose(season: Season) -> None:
    bid = season.choice("agree", "issuer", "bid")
    season.do("agree", "issuer", bid=bid, satisfaction="satisfied", reason="方案可行")


def applied(season: Season) -> None:
    """Applied for funding."""
    factory, project = season.factory, season.project
    factory.at(max(factory.now.date().isoformat(), "2024-11-04") + " 19:00")
    definition = factory.engine.policy.edition(project.edition).documents["application"]
    filled = APPLICATION | {"contract_file": factory.file("技术合同.pdf")}
    factory.fill(project.application, definition, filled, "issuer")
    season.do("confirm_reading", season.bidder)
    season.do("apply", "issuer")


def score_all(season: Season) -> None:
    """Whoever has not, scores."""
    panel = season.factory.session.scalars(select(Panel).where(Panel.project_id == season.project.id)).all()[-1]
    season.factory.session.refresh(panel)
    for who in season.factory.seats(panel, "invited"):
        season.factory.score(season.project, panel, who)


def half(season: Season) -> str:
    """The first instalment: half of the subsidy, down to the 分."""
    season.first = season.first or str((Decimal(season.granted) / 2).quantize(Decimal("0.000001"), ROUND_DOWN))
    return season.first


def rest(season: Season) -> str:
    return str(Decimal(season.granted) - Decimal(half(season)))


# ---------------------------------------------------------------- the roads


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


def test_a_season_has_forty_mishaps() -> None:
    assert sum(map(len, ROADS.values())) >= 40


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("road", ROADS)
def test_a_season_with_some_of_the_mishaps(factory: ProjectFactory, road: str) -> None:
    """The same ones each time, others on every road."""
    names = sorted(mishap.__name__ for mishap in ROADS[road])
    live(factory, road, frozenset(Random(road).sample(names, min(SAMPLE, len(names)))))


@pytest.mark.faults
@pytest.mark.parametrize("road", ROADS)
def test_a_season_with_all_of_the_mishaps(factory: ProjectFactory, road: str) -> None:
    live(factory, road, frozenset(mishap.__name__ for mishap in ROADS[road]))
