"""草稿 (draft): the issuer fills in the form, prints and stamps it, and submits the entry."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, written
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_issuer, to_role
from xtbang.actions.registry import answered, effect, form_guard, guard
from xtbang.domain.bids import close_bids
from xtbang.domain.common import unfinished_project_of
from xtbang.domain.experts import cancel_panels
from xtbang.domain.late_reading import read_later
from xtbang.domain.printed_forms import form_code, form_document, form_facts, printed_at
from xtbang.domain.receipts import give_receipt
from xtbang.domain.stamped_scans import doubt_on, else_on, not_scanned
from xtbang.models import Call, Document, EarlierPrint, Event, Mail, Project, StoredFile
from xtbang.rules import eligibility
from xtbang.rules.dates import SHANGHAI, last_moment_of
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.needs import ENTRIES, reads
from xtbang.rules.plan import FORM
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.subsidy import check_funding, check_term
from xtbang.rules.term import in_chinese


def form_of(context: Context) -> FormDefinition:
    """Return the edition's form for this kind of entry."""
    return context.edition.forms[context.project.kind]


def draft_of(context: Context) -> Document:
    """Return the form document of the entry. Raise LookupError when there is none."""
    return form_document(context.project)


@guard
def form_valid(context: Context) -> Iterator[Reason]:
    """Yield reasons unless every field is complete and within its limit."""
    yield from check(form_of(context), draft_of(context).draft, complete=True)


@guard
def window_open(context: Context) -> Iterator[Reason]:
    """Yield a reason outside the window of the call; for a returned entry after its correction deadline."""
    call, project = context.project.call, context.project
    until, article = call.closes_at.astimezone(SHANGHAI), context.edition.articles["window"]
    if project.number:
        if project.correct_by and not context.in_time(close := last_moment_of(project.correct_by)):
            text = f"修改期限{in_chinese(project.correct_by)}已过。{context.late_words(close)}"
            yield Reason("N1.correction", text, article)
    elif context.now < call.opens_at:
        start = call.opens_at.astimezone(SHANGHAI)
        yield Reason("N1.window", f"征集自{start:%Y年%m月%d日 %H:%M}开始。", article)
    elif not context.in_time(call.closes_at):
        text = f"征集已于{until:%Y年%m月%d日 %H:%M:%S}截止。{context.late_words(call.closes_at)}"
        yield Reason("N1.window", text, article)


@guard
def may_post(context: Context) -> Iterator[Reason]:
    """Yield reasons why the issuer may not post this kind of entry in this call."""
    project, issuer = context.project, context.project.issuer
    if project.kind not in project.call.kinds:
        yield Reason("A4.kind", "本批次不征集这一类项目。", context.cite("entries"))
    yield from eligibility.check_posting(context.edition, project.kind, issuer.kind, issuer.region)


@guard
def region_registered(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the form names the registered region of the issuer, which matches the subsidy."""
    region, issuer = written(context, draft_of(context)).get("region"), context.project.issuer
    if region and region != issuer.region:
        text = (
            f"项目表所填县市区（园区）为{quoted(region)}，{quoted(issuer.name)}登记在{quoted(issuer.region)}，两者须一致；"
            f"登记有误的，请联系{context.policy.city.lead.short}核实后更正单位资料。"
        )
        yield Reason("A7.region", text, context.cite("money"), field="region")


@guard
@reads("term_start:date term_end:date", "tech_demand", "scene_demand")
def form_money_rules(context: Context) -> Iterator[Reason]:
    """Yield reasons why the budget in the form breaks the rules about money; 原则上 rules are advice only at this stage."""
    values = written(context, draft_of(context))
    if "subsidy_asked" in values:
        amounts = [_yuan(values.get(key)) for key in ("planned_investment", "self_raised", "subsidy_asked", "new_tax")]
        total, own, subsidy, new_tax = amounts
        if total is None or own is None or subsidy is None:
            return
        start, end = _day(values.get("term_start")), _day(values.get("term_end"))
        found = check_funding(
            context.edition,
            total=total,
            self_raised=own,
            subsidy=subsidy,
            county=None,
            term_start=start,
            term_end=end,
            new_tax=new_tax,
        )
    else:
        start, end = _day(values.get("term_start")), _day(values.get("term_end"))
        found = check_term(context.edition, start, end) if start and end else []
    for reason in found:
        force = Force.ADVICE if reason.force is Force.PRINCIPLE else reason.force
        yield replace(reason, force=force, field=FORM.fields[reason.rule])


@guard
def issuer_confirmed(context: Context) -> Iterator[Reason]:
    """Yield a reason while the issuer's registration waits to be confirmed: until then it writes drafts only."""
    if context.project.issuer.status == "pending":
        lead, phone = context.policy.city.lead.short, f"（{context.site.phone}）" if context.site.phone else ""
        text = f"单位注册尚待{lead}确认，确认之前只能填写草稿，确认之后即可提交；如需询问，请致电{lead}{phone}。"
        yield Reason("A4.unconfirmed", text, context.cite("entries"))


@guard
def no_unfinished_project(context: Context) -> Iterator[Reason]:
    """Yield a reason when the issuer has an unfinished city project, where the edition forbids it."""
    if not context.edition.one_project_at_a_time:
        return
    other = unfinished_project_of(context, context.project.issuer_id)
    if other:
        text = f"贵单位承担的市级“揭榜挂帅”项目 {other.number}{quoted(other.title)}尚未结题，结题前不得申报。"
        yield Reason("N.unfinished", text, context.edition.articles["unfinished"])


@guard
def stamped_scan(context: Context) -> Iterator[Reason]:
    """Yield a reason when no stamped scan of the present draft was uploaded, where the edition requires one."""
    if not context.edition.scan_required:
        return
    document = draft_of(context)
    if document.scan_id is None:
        text = "尚未上传加盖公章的扫描件。请打印当前填报内容，盖章后上传；填报内容改动后须重新打印盖章。"
        yield Reason("N.scan", text, context.edition.articles["papers"])


@guard
def submitted_once(context: Context) -> Iterator[Reason]:
    """Yield a reason for a draft that was never submitted: it is deleted instead of withdrawn."""
    if context.project.state == "draft" and not context.project.number:
        yield Reason("withdraw.draft", "草稿从未提交，可直接删除，无须撤回。", context.cite("matching"))


@guard
def never_submitted(context: Context) -> Iterator[Reason]:
    """Yield a reason for an entry that has been submitted: it cannot be deleted."""
    if context.project.number:
        yield Reason("discard.submitted", "项目已提交过，只能撤回，不能删除。", context.cite("entries"))


@effect
def discard(context: Context) -> None:
    """Delete the draft; its events remain."""
    session, project = context.session, context.project
    document = draft_of(context)
    project.form_id = document.scan_id = None
    session.flush()
    session.execute(delete(EarlierPrint).where(EarlierPrint.document_id == document.id))
    session.execute(delete(Document).where(Document.project_id == project.id))
    session.execute(delete(StoredFile).where(StoredFile.project_id == project.id))
    mails = update(Mail).where(Mail.project_id == project.id)
    session.execute(mails.values(project_id=None, key=None))  # the next project may get the same id
    session.delete(project)


@effect
@reads("scan:file")
def upload_scan(context: Context) -> None:
    """Store the stamped scan of the draft, with the reason why an officer has to check it, if any."""
    document = draft_of(context)
    document.scan_id = context.file_id("scan")
    document.scan_note = doubt_on(context, "scan", form_code(context, context.project)) or "read"
    read_later(context, document)


@form_guard
@reads("scan:file")
def scan_of_this_draft(context: Context) -> Iterator[Reason]:
    """Yield a reason when the file is not a scan, or shows a check code other than that of the present draft."""
    yield from not_scanned(context, "scan", context.edition.articles["papers"])
    other = else_on(context, "scan", form_code(context, context.project))
    if other:
        text = f"扫描件与当前填报内容不符：{other}。请打印当前内容，盖章后重新上传。"
        yield Reason("scan.other", text, context.edition.articles["papers"], field="scan")


@effect
@reads("title:text domain:choice region:choice", *ENTRIES)
def submit(context: Context) -> None:
    """Freeze the form, assign the number of the entry, issue the receipt (受理回执).

    The issued form is byte for byte the one that was printed and stamped; number and time of submission are on the
    receipt.
    """
    project, document = context.project, draft_of(context)
    data, code = form_facts(context.edition, project, document), form_code(context, project)
    if not project.number:
        call = context.session.get_one(Call, project.call_id, with_for_update=True, populate_existing=True)
        call.last_number += 1  # locked until this is committed
        project.number = f"XTJB-{call.code}-{call.last_number:04d}"
        project.submitted_at = context.received_at
    project.correct_by = None
    values = written(context, document)
    project.title = values["title"]
    project.domain = form_of(context).field("domain").label_of(values.get("domain", ""))
    project.region = values["region"]
    project.planned_total = _yuan(values.get("planned_investment") or values.get("planned_total"))
    version = freeze(context, document)
    form = form_of(context)
    printed = printed_at(project, document)
    issue(context, "form", form.title, data, version=version.number, made_at=printed, code=code)
    receipt = give_receipt(context, version, f"{form.attachment} {form.title}{form.subtitle}".strip())
    context.result["number"] = project.number
    notify(context, "submit", to_issuer(), receipt=receipt)
    notify(context, "submit_science", to_role("science"))


@answered("submit")
def number_of_entry(session: Session, event: Event) -> dict[str, str | None]:
    """Return the number that the project got when it was handed in."""
    return {"number": session.scalars(select(Project.number).filter_by(id=event.project_id)).one()}


@effect
@reads("reason:long")
def withdraw(context: Context) -> None:
    """Close the withdrawn entry: cancel its form and board notice, close its bids and notify the bidders."""
    context.project.closed_at = context.now
    cancel(context, "form")
    cancel(context, "notice")
    cancel_panels(context)
    close_bids(context, "项目已由发榜方撤回", context.data["reason"])


def _yuan(text: Any) -> Decimal | None:
    return yuan_from_wan(text) if text else None


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
