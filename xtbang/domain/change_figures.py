"""Check a change of the contract (变更): the rules of bidders and money, asked of the new values once more."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from xtbang.actions.context import Context
from xtbang.domain.change_values import definition_for, named, whole
from xtbang.domain.common import restrictions_on
from xtbang.domain.funding import funding_reasons
from xtbang.domain.overpayment import beyond
from xtbang.domain.payments import ledger, other_payee
from xtbang.models import Organisation, Restriction
from xtbang.rules import eligibility
from xtbang.rules.forms import check
from xtbang.rules.funding_facts import yuan
from xtbang.rules.money import format_sum, format_wan
from xtbang.rules.plan import milestones_outside
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.recovery import SOURCES
from xtbang.rules.subsidy import check_issuer_payment
from xtbang.rules.term import in_chinese, last_day


def against(context: Context, kind: str, new: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield every reason against these new values, each at its field."""
    keys = {field.key for field in definition_for(context, kind).fields}
    values = whole(context, kind, new)
    yield from _of_the_form(context, kind, values, keys)
    if kind == "budget":
        yield from _money(context, values)
    elif kind == "members":
        yield from _members(context, new)
    elif kind == "account":
        yield from other_payee(context, str(new.get("payee_name") or ""))
    elif kind == "milestones":
        term = {"term_start": _iso(context.project.starts_on), "term_end": _iso(context.project.ends_on)}
        yield from milestones_outside(values | term, context.cite("money"))


def _of_the_form(context: Context, kind: str, values: Mapping[str, Any], keys: set[str]) -> Iterator[Reason]:
    """Yield what the form of the document says of these fields, sums and orders included."""
    definition = definition_for(context, kind)
    checks: tuple[str, ...] = ()
    if kind in ("budget", "milestones", "members"):
        name = "bid" if kind == "members" else "application"
        checks = tuple(item for item in context.edition.documents[name].checks if item != "end_after_start")
    for reason in check(replace(definition, checks=checks), values, complete=True):
        if reason.field.partition(".")[0] in keys | {""}:
            yield reason


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _money(context: Context, values: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield reasons of the rules of money: 100, 25 %, 3 : 1, 1 : 1, 40 %; the subsidy never rises.

    Until the instalment that asks for the issuer's payment is paid, the plan has to reach it; from then on what was paid.
    """
    edition, project, sums = context.edition, context.project, ledger(context)
    before = edition.issuer_pays_before
    paid_already = before is not None and ("city", before.number) in sums.instalments
    for reason in funding_reasons(edition, {**values, "term_start": "", "term_end": ""}):
        if reason.rule == "A7.issuer_payment" and not paid_already:
            yield replace(reason, force=edition.issuer_payment_ratio.force)
        elif reason.rule not in ("A7.issuer_payment", "N.new_tax"):  # the new tax is no part of what is changed
            yield reason
    total, city = yuan(values.get("total_investment")), yuan(values.get("src_city"))
    granted = project.subsidy_city
    if city is not None and granted is not None and city > granted:
        text = f"市级补助 {format_sum(city)}，超过已核定的 {format_sum(granted)}；变更不能增加补助。"
        yield Reason("A7.granted", text, context.cite("money"), field="src_city")
    if city is not None and city <= 0:
        yield Reason(
            "A7.granted", "市级补助须大于 0；不再需要补助的，按终止办理。", context.cite("money"), field="src_city"
        )
    if city is not None and granted is not None and 0 < city < granted:
        yield from _to_be_returned(context, city)
    if paid_already and total is not None and total >= 0:
        for reason in check_issuer_payment(edition, total, sums.issuer_paid):
            yield replace(reason, field="total_investment")
    paid, contract = yuan(values.get("src_paid_to_bidder")), project.contract_amount
    if paid is not None and contract is not None and paid > contract:
        text = f"发榜方支付揭榜方 {format_sum(paid)}，超过技术合同金额 {format_wan(contract)}。"
        yield Reason("A10.amount", text, context.cite("property"), field="src_paid_to_bidder")


def _to_be_returned(context: Context, city: Decimal) -> Iterator[Reason]:
    """Yield as advice what comes back of the money that was paid, when the subsidy falls to ``city`` (yuan)."""
    paid = ledger(context).paid
    for source, amount in beyond(context, city).items():
        text = (
            f"{SOURCES[source]}已拨付 {format_wan(paid[source])}，补助减少到 {format_sum(city)}后多拨的 {format_wan(amount)}"
            "不能从以后的拨款中扣足，须在补充合同生效后退回。"
        )
        yield Reason("A7.paid", text, context.cite("money"), Force.ADVICE, field="src_city")


def _members(context: Context, new: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield reasons: who joins is registered, is not the issuer, and has had no bad record for the years asked."""
    project, bid = context.project, context.project.agreed_bid
    if bid is None:
        return
    rows = named(context, new)
    for place, (row, organisation) in enumerate(rows):
        if organisation is None:
            text = f"{quoted(row.get('name', ''))}尚未在本系统登记或单位资料未经核实，不能加入联合体。"
            yield Reason("A6.member", text, context.cite("partners"), field=f"members.{place}.uscc")
        elif row.get("name") != organisation.name and organisation.id not in joined(context):
            text = f"统一社会信用代码 {organisation.uscc} 登记的单位是{quoted(organisation.name)}，填写的是{quoted(row.get('name', ''))}。"
            yield Reason("A6.member", text, context.cite("partners"), field=f"members.{place}.name")
    found = [organisation for _row, organisation in rows if organisation]
    ids = [bid.lead_id, *(organisation.id for organisation in found)]
    for reason in eligibility.check_bidding(context.edition, bid.lead.kind, project.issuer_id, ids, bid.lead.region):
        if reason.rule in ("A6.issuer", "A6.consortium", "A6.twice"):
            yield replace(reason, field="members")
    for organisation in found:
        if organisation.id not in joined(context):
            yield from unclean(context, organisation)


def joined(context: Context) -> set[int]:
    """Return the organisations that are members now."""
    bid = context.project.agreed_bid
    return {member.organisation_id for member in bid.members} if bid else set()


def unclean(context: Context, organisation: Organisation) -> Iterator[Reason]:
    """Yield a reason for each restriction of the organisation within the years in which a clean record is asked."""
    yield from restrictions_on(context, organisation.id)
    years = context.edition.clean_years
    query = select(Restriction).where(Restriction.organisation_id == organisation.id)
    query = query.where(Restriction.ends_on < context.today)
    query = query.where(or_(Restriction.lifted_at.is_(None), Restriction.lifted_at > context.now))
    for row in context.session.scalars(query.order_by(Restriction.id)):
        if last_day(row.ends_on, years.value) >= context.today:
            text = (
                f"{quoted(organisation.name)}限制申报至{in_chinese(row.ends_on)}，不足 {years.value} 年：{row.reason}。"
            )
            yield Reason("A6.clean", text, years.article, field="members")
