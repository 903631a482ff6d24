"""签约 (contracting): the contract is issued and signed by every party, the funding document recorded."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, frozen, written
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_bureaus, to_county, to_members, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard, prefill
from xtbang.domain.event_dates import day_or_today, out_of_order, record_day
from xtbang.domain.notices import notice_of, period_of
from xtbang.domain.payments import IN_FORCE, awaited, date_in, other_payee, too_long
from xtbang.domain.reports import report_days
from xtbang.domain.shared_notices import publish_for
from xtbang.domain.signatures import contract_of, contract_paper, issued_on, signatures, version_of
from xtbang.models import Finding, FundingDocument, Notice, NoticeItem, Project
from xtbang.papers.facts import common as facts
from xtbang.papers.facts.contract import contract
from xtbang.papers.facts.older import facts_of
from xtbang.rules.forms import check, keyed, worded
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

# ---------------------------------------------------------------- the text


def contract_facts(context: Context) -> dict[str, Any]:
    """Return the facts with which the contract (合同书) would be printed now."""
    project, edition = context.project, context.edition
    dues = report_days(context, project)
    bid = project.agreed_bid
    return contract(
        project,
        edition,
        context.policy.city,
        draft=worded(edition.documents["contract"], written(context, contract_of(context))),
        application=frozen(context, project.application),
        bid=frozen(context, bid.document if bid else None),
        form=worded(edition.forms[project.kind], frozen(context, project.form)),
        reports=dues,
        exceptions=facts.waivers(context.session, context.policy.city, project.id),
    )


@guard
def contract_valid(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the fields of the officers are complete."""
    document = contract_of(context)
    yield from check(context.edition.documents["contract"], document.draft, complete=True)
    values = written(context, document)
    yield from too_long(values, number=60)
    yield from other_payee(context, str(values.get("payee_name") or ""))


@guard
def contract_changed(context: Context) -> Iterator[Reason]:
    """Yield a reason when nothing has changed since the last issued version."""
    version, definition = version_of(context), context.edition.documents["contract"]
    if version is None or keyed(definition, version.data) != keyed(definition, contract_of(context).draft):
        return
    paper = contract_paper(context)
    if paper and facts_of(paper) == contract_facts(context):
        text = f"合同书自第 {version.number} 版（{issued_on(version)}出具）后没有改动，不必重新出具。"
        yield Reason("A9.contract", text, context.cite("examination"))


@effect
def issue_contract(context: Context) -> None:
    """Freeze the next version and issue its paper; signatures of older versions no longer count."""
    document = contract_of(context)
    version = freeze(context, document)
    data = contract_facts(context)
    title = context.edition.documents["contract"].title
    issue(context, "contract", title, data, version=version.number, number=data["number"])
    signers = to_parties(), to_members(context.project.agreed_bid), to_bureaus()
    notify(context, "issue_contract", *signers, version=version.number)


# ---------------------------------------------------------------- the funding document, and the contract's effect


def funding_of(context: Context) -> FundingDocument | None:
    """Return the joint funding document (立项及资金文件) of the project, or None."""
    return next(iter(context.rows.of(FundingDocument)), None)


@prefill
def number_of_funding(context: Context) -> str:
    """Return the number of the funding document that was recorded for another project of the same 公示."""
    notice = notice_of(context)
    if notice is None:
        return ""
    query = select(FundingDocument.number).join(NoticeItem, NoticeItem.project_id == FundingDocument.project_id)
    newest = query.where(NoticeItem.notice_id == notice.id).order_by(FundingDocument.id.desc())
    return context.session.scalars(newest.limit(1)).first() or ""


@guard
@reads("number:text")
def no_funding_document(context: Context) -> Iterator[Reason]:
    """Yield a reason when the funding document has already been recorded (2024 方案四)."""
    found = funding_of(context)
    if found:
        text = f"立项及资金文件 {found.number}（{in_chinese(found.dated)}）已登记。"
        yield Reason("N5.funding", text, context.cite("approval"))
    yield from too_long(context.data, number=60)


@form_guard
@reads("dated:date")
def funding_in_order(context: Context) -> Iterator[Reason]:
    """Yield a reason when the funding document is dated before the notice was over or, without one, before the resolution."""
    dated, notice = date_in(context, "dated"), notice_of(context)
    last_day = period_of(context, notice)[0] if notice else None
    if last_day:
        if dated <= last_day:
            text = f"发文日期{in_chinese(dated)}早于公示期满，公示至{in_chinese(last_day)}24时止。"
            yield Reason("N5.order", text, context.cite("approval"), field="dated")
        return
    resolutions = (row.dated for row in context.rows.of(Finding) if row.kind == "resolution")
    met = max(resolutions, default=None)
    if met and dated < met:
        text = f"发文日期{in_chinese(dated)}早于党组会日期{in_chinese(met)}。"
        yield Reason("N5.order", text, context.cite("approval"), field="dated")


@guard
def funding_document_recorded(context: Context) -> Iterator[Reason]:
    """Yield a reason until the finance office has recorded the funding document (2024 方案四)."""
    if funding_of(context) is None:
        yield Reason(
            "N5.funding", f"{context.policy.city.finance.short}尚未登记立项及资金文件。", context.cite("approval")
        )


@effect
@reads("number:text dated:date file:file")
def record_funding_document(context: Context) -> None:
    """Record number, date and file of the funding document."""
    file_id = context.file_id("file")
    if file_id is None:
        raise LookupError("a funding document without its file")
    context.session.add(
        FundingDocument(
            project_id=context.project.id,
            number=context.data["number"],
            dated=date_in(context, "dated"),
            file_id=file_id,
            recorded_at=context.now,
            recorded_by_id=context.actor.person_id,
        )
    )
    notify(context, "record_funding_document", to_role("science"), number=context.data["number"])


def _passed(context: Context) -> str:
    """Return the words for the stages that the project has passed."""
    without = set(context.edition.without)
    judged = ["专家论证"] if not {"appraisal", "roadshow"} <= without else []
    passed = [*judged, *([] if "publicity" in without else ["公示"])]
    return f"经{'、'.join(passed)}，" if passed else ""


@form_guard
@reads("in_force_on:date")
def in_force_in_order(context: Context) -> Iterator[Reason]:
    """Yield reasons when the contract is in force in the future, or before the funding document or the last signature."""
    funding, signed = funding_of(context), [row.signed_on for row in signatures(context).values()]
    before = [("立项及资金文件", funding.dated, context.cite("approval"))] if funding else []
    before += [("最后一方签订", max(signed), context.cite("examination"))] if signed else []
    day = day_or_today(context, context.data.get("in_force_on"))
    yield from out_of_order(context, day, "in_force_on", "合同生效日期", "N5.in_force", before)


@effect
@reads("notice_number:document_number in_force_on:date")
def conclude(context: Context) -> None:
    """Record the day on which the contract is in force, publish the award notice (中榜通告) and issue the table of the funding document."""
    project, funding = context.project, funding_of(context)
    if funding is None:
        raise LookupError("a contract without a funding document")
    record_day(context, IN_FORCE, day_or_today(context, context.data.get("in_force_on")))
    named = facts.figures(project)
    bidder = "、".join([named["bidder"], *named["members"]])
    body = (
        f"根据{context.edition.measures.full}，{quoted(project.title)}（编号{project.number}）{_passed(context)}"
        f"由{named['issuer']}发榜，{bidder}揭榜，合同书已由各方签订并生效。现予通告。"
    )
    notice = Notice(
        kind="award",
        call_id=project.call_id,
        number=context.data["notice_number"],
        title=f"关于{quoted(project.title)}项目的中榜通告"[:200],
        body=body,
        created_at=context.now,
        items=[NoticeItem(project_id=project.id, figures=named)],
    )
    publish_for(context, notice)
    same = select(Project).join(FundingDocument).where(FundingDocument.number == funding.number).order_by(Project.id)
    table = facts.funding_table(funding.number, funding.dated, context.session.scalars(same).all(), context.policy.city)
    issue(context, "funding", "立项及资金文件附表", table, number=funding.number)
    notify(context, "conclude", to_parties())
    for item in context.edition.paid_after("contract")[:1]:
        notify(context, "conclude_county", to_county(), instalment=item.name)
        notify(context, "conclude_finance", to_role("finance"), instalment=item.name, awaited=awaited(context, item))
