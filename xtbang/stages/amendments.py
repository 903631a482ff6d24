"""更正 of what was decided or recorded before the contract is in force: amount, objection, signature, funding document, deal."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import delete, select

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_county, to_organisation, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard, leads_back, options, prefill
from xtbang.domain.budgets import hold_budget, within_budget
from xtbang.domain.corrections import correct, make_void, only_proposed
from xtbang.domain.notices import notice_of, supersede_within
from xtbang.domain.payments import amount_in, date_in, ledger
from xtbang.domain.signatures import signatures, signers_of
from xtbang.models import CountyMatch, Finding, NoticeItem, Objection, Signature
from xtbang.papers.facts import common as facts
from xtbang.papers.facts.correction import Change
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.money import format_wan, wan, yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import county_share, is_self_managed
from xtbang.rules.term import in_chinese
from xtbang.stages.contracting import funding_of
from xtbang.stages.revocations import announce
from xtbang.stages.roadshow import add_resolution

# ---------------------------------------------------------------- the approved amount


@prefill
def approved_subsidy(context: Context) -> str:
    """Return the approved amount as it is now, in 万元; blank before there is one."""
    approved = context.project.subsidy_city
    return "" if approved is None else wan(approved)


@form_guard
@reads("subsidy_city:money")
def subsidy_changes(context: Context) -> Iterator[Reason]:
    """Yield a reason when the amount is the one that is approved already."""
    if yuan_from_wan(context.data["subsidy_city"]) == context.project.subsidy_city:
        yield Reason("A7.same", "与已核定的金额相同，没有需要更正的内容。", context.cite("money"), field="subsidy_city")


@guard
def subsidy_unpaid(context: Context) -> Iterator[Reason]:
    """Yield a reason once public money has been paid by the approved amount."""
    if any(ledger(context).paid.values()):
        text = "已按核定的金额拨付补助资金，不能再更正；登记有误的拨款先冲正。"
        yield Reason("A7.paid", text, context.cite("money"))


@leads_back("amend_subsidy")
@reads("subsidy_city:money")
def announced_or_signed_anew(context: Context) -> str:
    """Return 公示 where more is approved than was announced, 签约 where less is; in 公示 the project stays."""
    state, typed = context.project.state, context.data.get("subsidy_city")
    if state == "publicity" or not typed:
        return state
    more = yuan_from_wan(typed) > (context.project.subsidy_city or 0)
    return "publicity" if more and "publicity" not in context.edition.without else "contracting"


@effect
@reads("resolution_date:date resolution_number:text minutes:file subsidy_city:money reason:long")
def amend_subsidy(context: Context) -> None:
    """Set another approved amount (拟立项金额): a published notice is superseded, a contract is issued and signed anew.

    The days of the notice begin anew in 公示, and where more is approved than was announced.
    """
    project, old = context.project, context.project.subsidy_city
    new = yuan_from_wan(context.data["subsidy_city"])
    hold_budget(context, within_budget)
    for finding in context.rows.of(Finding):
        if finding.kind == "resolution" and finding.voided_at is None:
            finding.voided_at = context.now
    add_resolution(context, favourable=True)
    project.subsidy_city, project.subsidy_county = new, county_share(context.edition, new)
    if project.starts_on and project.ends_on:
        project.self_managed = is_self_managed(context.edition, project.starts_on, project.ends_on, new)
    notice = notice_of(context)
    changes = [Change("市级补助资金", format_wan(old) if old is not None else "", format_wan(new))]
    if notice is not None and notice.status == "published":
        renewed = supersede_within(
            context,
            notice.id,
            {"title": notice.title, "number": "", "body": notice.body, "reason": context.data["reason"]},
            [project.id],
        )
        days = [in_chinese(item.last_day) if item.last_day else "" for item in (notice, renewed)]
        changes += [Change("公示截止", *days)] if days[0] != days[1] else []
    elif notice is not None:
        own = (NoticeItem.notice_id == notice.id, NoticeItem.project_id == project.id)
        context.session.scalars(select(NoticeItem).where(*own)).one().figures = facts.figures(project)
    changes += _what_follows(context)
    told = to_parties(), to_bureaus(), to_role("finance"), to_county()
    paper = correct(context, "拟立项金额更正单", "核定的补助金额", changes, *told, dated=context.today)
    if context.life.states[context.acted_in].pays:  # the contract was in force
        announce(context, "award", "核定的补助金额已更正，合同书重新签订，原中榜通告撤销")
        make_void(context, paper, "funding")
    version = context.rows.newest(project.contract_id)
    if version is not None:
        context.session.execute(delete(Signature).where(Signature.version_id == version.id))
        make_void(context, paper, "contract")


def _what_follows(context: Context) -> Iterator[Change]:
    """Mark what the county has confirmed of the old amount as void, and yield what else changes with the amount."""
    for match in context.rows.of(CountyMatch):
        if match.voided_at is None:
            match.voided_at = context.now
            name = context.edition.instalments[match.instalment - 1].name
            notify(context, "confirm_again_county", to_county(), instalment=name)
            yield Change("县市区（园区）配套确认", format_wan(match.amount), "须重新确认")
    states, before, after = context.life.states, context.acted_in, context.project.state
    if after != before:
        yield Change("项目环节", states[before].name, states[after].name)


# ---------------------------------------------------------------- objections


OUTCOMES = {"upheld": "异议成立", "dismissed": "异议不成立"}


def _decided(context: Context) -> dict[str, Objection]:
    rows = {str(row.id): row for row in context.rows.of(Objection) if row.status in OUTCOMES}
    return only_proposed(context, "objection", rows)


@options
def decided_objections(context: Context) -> dict[str, str]:
    """Return the objections that were decided, with the decision."""
    return {
        key: f"{row.received_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {row.name}（{OUTCOMES[row.status]}）"
        for key, row in _decided(context).items()
    }


@form_guard
@reads("objection:choice outcome:choice(upheld dismissed)")
def objection_decided_otherwise(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the decision changes."""
    row = _decided(context).get(context.data["objection"])
    if row is None or row.status == context.data["outcome"]:
        yield Reason("A9.objection", "复核的结论与原结论相同。", context.cite("examination"), field="outcome")


@effect
@reads("objection:choice outcome:choice(upheld dismissed) reason:long")
def review_objection(context: Context) -> None:
    """Decide anew on an objection (异议复核); the finding before is in the paper and in the event."""
    row = context.session.get_one(Objection, int(context.data["objection"]))
    changes = [
        Change("核查结论", OUTCOMES[row.status], OUTCOMES[context.data["outcome"]]),
        Change("核查情况", row.finding[:200], context.data["reason"][:200]),
    ]
    row.status, row.finding = context.data["outcome"], context.data["reason"]
    row.decided_at, row.decided_by_id = context.now, context.actor.person_id
    correct(context, "异议复核单", f"{row.name}提出的异议", changes, to_bureaus(), dated=context.today, internal=True)


# ---------------------------------------------------------------- a scan without a stamp


@options
def signed_parties(context: Context) -> dict[str, str]:
    """Return the parties whose scan of the newest version was uploaded."""
    names = signers_of(context)
    return {party: names.get(party, party) for party in signatures(context)}


@guard
def scan_uploaded(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a scan that can be sent back."""
    if not signatures(context):
        yield Reason("A9.signed", "还没有上传的签章扫描件。", context.cite("examination"), nothing=True)


@effect
@reads("party:choice reason:long")
def return_signature(context: Context) -> None:
    """Send a scan back to the one who uploaded it: there is no stamp on it, or not the right one."""
    party = context.data["party"]
    row = signatures(context)[party]
    name = signers_of(context)[party]
    signers = to_organisation(row.organisation_id, party.split(":")[0]) if row.organisation_id else to_role(party)
    context.session.delete(row)
    notify(context, "return_signature", signers, signer=name, reason=context.data["reason"])


# ---------------------------------------------------------------- funding document and deal


@prefill
def funding_number(context: Context) -> str:
    """Return the number of the funding document that is recorded."""
    row = funding_of(context)
    return row.number if row else ""


@prefill
def funding_day(context: Context) -> str:
    """Return the day of the funding document that is recorded."""
    row = funding_of(context)
    return row.dated.isoformat() if row else ""


@options
def funding_documents(context: Context) -> dict[str, str]:
    """Return the funding document that is recorded."""
    row = funding_of(context)
    return {str(row.id): f"{row.number}，{in_chinese(row.dated)}"} if row else {}


@guard
def funding_recorded(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a funding document."""
    if funding_of(context) is None:
        yield Reason("N5.funding", "尚未登记立项及资金文件。", context.cite("approval"))


@effect
@reads("number:text dated:date file:file reason:long")
def amend_funding_document(context: Context) -> None:
    """Replace number, date and file of the funding document; the file before stays in the project."""
    row = funding_of(context)
    if row is None:
        raise LookupError("no funding document")
    number, dated, file_id = context.data["number"], date_in(context, "dated"), context.file_id("file")
    changes = [Change("文号", row.number, number), Change("发文日期", in_chinese(row.dated), in_chinese(dated))]
    if file_id is not None and file_id != row.file_id:
        changes.append(Change("文件", "原文件", "新文件"))
        row.file_id = file_id
    row.number, row.dated = number, dated
    told = to_parties(), to_bureaus(), to_role("finance"), to_county()
    shown = [item for item in changes if item.old != item.new]
    correct(context, "立项及资金文件更正单", "立项及资金文件", shown, *told, dated=context.today)


def _deal(context: Context) -> Finding | None:
    rows = (row for row in context.rows.of(Finding) if row.kind == "deal" and row.voided_at is None)
    return next(rows, None)


@prefill
def deal_number(context: Context) -> str:
    """Return the number of the contract of the deal that is registered."""
    row = _deal(context)
    return row.number if row else ""


@prefill
def deal_day(context: Context) -> str:
    """Return the day on which that contract was signed."""
    row = _deal(context)
    return row.dated.isoformat() if row else ""


@prefill
def deal_amount(context: Context) -> str:
    """Return the amount of that contract, in 万元."""
    amount = context.project.contract_amount
    return wan(amount) if _deal(context) and amount is not None else ""


@options
def registered_deals(context: Context) -> dict[str, str]:
    """Return the deal that is registered, with its amount."""
    row, amount = _deal(context), context.project.contract_amount
    return {str(row.id): f"{row.number}，{format_wan(amount)}"} if row and amount is not None else {}


@guard
def deal_registered(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a deal."""
    if _deal(context) is None:
        yield Reason("A10.deal", "没有登记的对接成功。", context.cite("property"), nothing=True)


@effect
@reads("contract_number:text contract_amount:money contract_signed_on:date reason:long")
def amend_deal(context: Context) -> None:
    """Correct number, amount and day of the technical contract of a deal (技术合同成交额)."""
    row, project = _deal(context), context.project
    if row is None or project.contract_amount is None:
        raise LookupError("no deal")
    amount, number = amount_in(context, "contract_amount"), context.data["contract_number"]
    signed_on = date.fromisoformat(context.data["contract_signed_on"])
    changes = [
        Change("技术合同金额", format_wan(project.contract_amount), format_wan(amount)),
        Change("技术合同编号", row.number, number),
        Change("签订日期", in_chinese(row.dated), in_chinese(signed_on)),
    ]
    project.contract_amount, row.number, row.dated = amount, number, signed_on
    shown = [item for item in changes if item.old != item.new]
    correct(context, "对接成功更正单", "技术合同", shown, to_parties(), to_bureaus(), dated=context.today)
