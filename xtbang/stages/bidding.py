"""揭榜 (bidding): issuer and bidder sign the technical contract.

Then the issuer applies for funding, or the deal is registered (对接成功).
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, open_document, written
from xtbang.actions.findings import add_finding
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_bidder, to_bureaus, to_issuer, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.bids import in_shanghai, last_moment
from xtbang.domain.common import signed_already
from xtbang.domain.consents import reading_of
from xtbang.domain.event_dates import accepted_on, far_ahead
from xtbang.domain.funding import funding_reasons
from xtbang.domain.giving_up import release
from xtbang.domain.receipts import give_receipt
from xtbang.domain.waivers import void_all_but
from xtbang.models import Bid, Document, Finding, Meeting, MeetingItem, Panel
from xtbang.papers.facts.bid import application_facts
from xtbang.rules import eligibility
from xtbang.rules.dates import day_of
from xtbang.rules.forms import check
from xtbang.rules.funding_facts import day, funding_facts, yuan
from xtbang.rules.money import format_sum, format_wan, yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.plan import milestones_outside
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.term import in_chinese
from xtbang.stages.appraisal import publish_board


@reads(
    "leader_name:text leader_title:text price:money route:long milestones:rows(date content indicator money) "
    "response:rows(indicator commitment) team:rows(name title organisation role)",
    "bid",
)
@reads(
    "contract_amount:money src_paid_to_bidder:money total_investment:money src_city:money term_start:date "
    "term_end:date new_tax:money route:long milestones:rows(date content indicator money) "
    "indicators:rows(name target) team:rows(name title organisation role)",
    "application",
)
def open_application(context: Context, bid: Bid) -> None:
    """Open the application (项目申报书), filled in from the form and the bid."""
    project = context.project
    form, offer = written(context, project.form), written(context, bid.document)
    leader = {"name": offer.get("leader_name"), "title": offer.get("leader_title")}
    known = {
        "contract_amount": offer.get("price"),
        "src_paid_to_bidder": offer.get("price"),
        "total_investment": form.get("planned_investment") or form.get("planned_total"),
        "src_city": form.get("subsidy_asked"),
        "term_start": form.get("term_start"),
        "term_end": form.get("term_end"),
        "new_tax": form.get("new_tax"),
        "route": offer.get("route"),
        "milestones": offer.get("milestones"),
        "indicators": [
            {"name": row.get("indicator"), "target": row.get("commitment")} for row in offer.get("response", [])
        ],
        "team": [leader | {"organisation": bid.lead.name, "role": "项目负责人"}, *offer.get("team", [])],
    }
    definition = context.edition.documents["application"]
    document = open_document(context.session, project, "application", definition, project.issuer_id, **known)
    project.application = document
    project.application_id = document.id


def _application(context: Context) -> Document | None:
    return context.project.application


@form_guard
@reads("bids_until:datetime")
def new_bid_window(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a new bid window on the board ends in the future."""
    if context.project.track != "funded":
        return
    end = last_moment(context.data["bids_until"])
    if end <= context.now:
        text = f"新的揭榜截止时间须晚于现在（{in_shanghai(context.now)}）。"
        yield Reason("A5.window", text, context.cite("matching"), field="bids_until")
    yield from far_ahead(context, day_of(end), "bids_until", "揭榜截止时间")


@effect
@reads("reason:long bids_until:datetime")
def reopen(context: Context) -> None:
    """Release the agreed bid and take bids again: application, contract, vouchers and waivers no longer count."""
    project, bid, reason = context.project, context.project.agreed_bid, context.data["reason"]
    if bid is None:
        raise LookupError("nothing was agreed")
    release(context, bid, reason)
    project.bids_from = context.now
    project.bids_until = last_moment(context.data["bids_until"]) if project.track == "funded" else None
    if project.track == "funded":
        publish_board(context)
    until = in_shanghai(project.bids_until) if project.bids_until else ""
    notify(context, "reopen_released", to_bidder(bid), until=until, reason=reason)
    notify(context, "reopen", to_issuer(), to_role("science"), until=until, reason=reason)
    others = select(Bid).where(Bid.project_id == project.id, Bid.status.in_(("not_chosen", "withdrawn", "draft")))
    for other in context.session.scalars(others):
        notify(context, "reopen_bidders", to_bidder(other), until=until, reason=reason)


@form_guard
@reads("contract_signed_on:date contract_amount:money")
def deal_within_bounds(context: Context) -> Iterator[Reason]:
    """Yield a reason when the contract is dated in the future; an early one, or one above what was planned, is asked back."""
    signed = day(context.data["contract_signed_on"])
    if signed and signed > context.today:
        text = f"技术合同签订日期{in_chinese(signed)}晚于今天。"
        yield Reason("A10.signed", text, context.cite("property"), field="contract_signed_on")
    yield from _signed_early(context, signed)
    amount, planned = yuan(context.data["contract_amount"]), context.project.planned_total
    if amount and planned and amount > planned:
        text = f"技术合同金额 {format_sum(amount)}，超过项目表填报的计划投入 {format_sum(planned)}。"
        yield Reason("A10.amount", text, context.cite("property"), Force.ADVICE, field="contract_amount")


def _signed_early(context: Context, signed: date | None) -> Iterator[Reason]:
    taken_in = accepted_on(context.project)
    if signed and taken_in and signed < taken_in:
        text = f"技术合同签订日期{in_chinese(signed)}早于项目受理日期{in_chinese(taken_in)}。"
        yield Reason("A10.signed", text, context.cite("property"), Force.ADVICE, field="contract_signed_on")


@effect
@reads("contract_number:text contract_signed_on:date contract_amount:money ip_clause:long contract_file:file")
def register_deal(context: Context) -> None:
    """Register the deal (对接成功): the amount of the contract is its 技术合同成交额."""
    project, data = context.project, context.data
    project.contract_amount = yuan_from_wan(data["contract_amount"])
    project.closed_at = context.now
    add_finding(
        context,
        "deal",
        dated=date.fromisoformat(data["contract_signed_on"]),
        number=data["contract_number"],
        favourable=True,
        text=data["ip_clause"],
        file_id=context.file_id("contract_file"),
    )
    notify(context, "register_deal", to_parties(), amount=project.contract_amount)


@guard
def may_be_funded(context: Context) -> Iterator[Reason]:
    """Yield reasons why the issuer may no longer post such a demand: outside the city no county matches."""
    project, issuer = context.project, context.project.issuer
    yield from eligibility.check_posting(context.edition, project.kind, issuer.kind, issuer.region)


@guard
def application_valid(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the application is complete and its term ends in the future."""
    document = _application(context)
    if document is None:
        yield Reason("A7.application", "尚无项目申报书。", context.cite("money"))
        return
    yield from check(context.edition.documents["application"], document.draft, complete=True)
    end = day(written(context, document).get("term_end"))
    if end and end <= context.today:
        yield Reason("A7.term_over", f"结束日期{in_chinese(end)}已过。", context.cite("money"), field="term_end")
    yield from milestones_outside(written(context, document), context.cite("money"))


@guard
@reads(
    "contract_signed_on:date contract_file:file ip_ownership:long contract_amount:money src_paid_to_bidder:money",
    "application",
)
def technical_contract(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the technical contract is signed and complete.

    It assigns the intellectual property, and its amount covers the payment to the bidder.
    """
    document = _application(context)
    if document is None:
        return
    values = written(context, document)
    signed = day(values.get("contract_signed_on"))
    if signed and signed > context.today:
        text = f"技术合同签订日期{in_chinese(signed)}晚于今天，须先签订技术合同。"
        yield Reason("A10.signed", text, context.cite("property"), field="contract_signed_on")
    yield from _signed_early(context, signed)
    if not values.get("contract_file"):
        yield Reason("A10.contract", "尚未上传技术合同文本。", context.cite("property"), field="contract_file")
    if not values.get("ip_ownership"):
        text = "技术合同未约定知识产权的归属，不能申报立项。"
        yield Reason("A10.ip", text, context.cite("property"), field="ip_ownership")
    amount, paid = yuan(values.get("contract_amount")), yuan(values.get("src_paid_to_bidder"))
    if amount is not None and paid is not None and amount < paid:
        text = f"发榜方支付揭榜方 {format_wan(paid)}，超过技术合同金额 {format_wan(amount)}。"
        yield Reason("A10.amount", text, context.cite("property"), field="src_paid_to_bidder")
    total = yuan(values.get("total_investment"))
    if amount is not None and total is not None and amount > total:
        text = f"技术合同金额 {format_sum(amount)}，超过科研投入总额 {format_sum(total)}。"
        yield Reason("A10.amount", text, context.cite("property"), Force.ADVICE, field="contract_amount")


@guard
def funding_rules(context: Context) -> Iterator[Reason]:
    """Yield reasons from every money and term rule of the law and of the notice of the year, each at its field."""
    yield from funding_reasons(context.edition, written(context, _application(context)))


@effect
def apply(context: Context) -> None:
    """Freeze the application: project amounts and term are taken from it."""
    project, document = context.project, _application(context)
    values = written(context, document)
    facts = funding_facts(values, context.edition.documents["application"])
    if document is None or facts is None:
        raise LookupError("no application")
    project.region = project.issuer.region  # the registered one: this county or park matches the subsidy
    project.total_investment = facts["total"]
    project.contract_amount = yuan_from_wan(values["contract_amount"])
    project.starts_on, project.ends_on = facts["term_start"], facts["term_end"]
    void_all_but(context, funding_rules(context))
    version = freeze(context, document)
    title = context.edition.documents["application"].title
    read = reading_of(context, document)
    printed = application_facts(project, version, context.edition.documents["application"], read)
    issue(context, "application", title, printed, version=version.number)
    receipt = give_receipt(context, version, title, "application")
    total, subsidy = facts["total"], facts["subsidy"]
    notify(context, "apply", to_parties(), total=total, subsidy=subsidy, receipt=receipt)
    stage = context.life.states[project.state].name
    notify(context, "apply_science", to_role("science"), stage=stage, total=total, subsidy=subsidy)
    notify(context, "apply_industry", to_bureaus(lead=False), total=total, subsidy=subsidy)


@guard
def application_unexamined(context: Context) -> Iterator[Reason]:
    """Yield reasons once the application is examined: a roadshow or a panel is set, or an office has said something."""
    since, turns = context.project.state_since, (row for row in context.rows.of(MeetingItem) if row.left_at is None)
    held: list[Panel | Meeting] = [*context.rows.of(Panel), *(row.meeting for row in turns)]
    said = (row for row in context.rows.of(Finding) if row.kind in ("inspection", "opinion"))
    if any(row.kind == "roadshow" and row.status != "cancelled" for row in held) or any(
        row.at >= since for row in said
    ):
        text = f"已安排路演或者登记考察、意见，不能再撤回；需要改正的，请与{context.policy.city.lead.short}联系。"
        yield Reason("A7.examined", text, context.cite("money"))
    yield from signed_already(context)


@effect
def withdraw_application(context: Context) -> None:
    """Take back an application that is not being examined: it is a draft again."""
    project = context.project
    project.total_investment = project.contract_amount = project.starts_on = project.ends_on = None
    cancel(context, "application")
    notify(context, "withdraw_application", to_parties())
    notify(context, "withdraw_application_bureaus", to_bureaus())
