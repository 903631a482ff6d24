"""草稿: the form is filled in, printed, stamped and submitted."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, update

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, written
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_issuer, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.bids import close_bids
from xtbang.domain.common import unfinished_project_of
from xtbang.domain.experts import cancel_panels
from xtbang.domain.printed_forms import form_code, form_data, form_document, printed_at
from xtbang.domain.stamped_scans import doubt_on, else_on, not_scanned
from xtbang.models import Call, Document, Mail, StoredFile
from xtbang.rules import eligibility
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.subsidy import check_funding, check_term
from xtbang.rules.term import in_chinese


def form_of(context: Context) -> FormDefinition:
    """The edition's form for this kind of entry."""
    return context.edition.forms[context.project.kind]


def draft_of(context: Context) -> Document:
    """The entry's own form."""
    return form_document(context.project)


@guard
def form_valid(context: Context) -> Iterator[Reason]:
    """Every field is complete and within its limit (第四条)."""
    yield from check(form_of(context), draft_of(context).draft, complete=True)


@guard
def window_open(context: Context) -> Iterator[Reason]:
    """The call takes submissions now; a returned entry until its deadline for correction."""
    call, project = context.project.call, context.project
    until, article = call.closes_at.astimezone(SHANGHAI), context.edition.articles["window"]
    if project.number:
        if project.correct_by and context.today > project.correct_by:
            text = f"修改期限{in_chinese(project.correct_by)}已过。"
            yield Reason("N1.correction", text, article)
    elif context.now < call.opens_at:
        start = call.opens_at.astimezone(SHANGHAI)
        yield Reason("N1.window", f"征集自{start:%Y年%m月%d日 %H:%M}开始。", article)
    elif context.now > call.closes_at:
        yield Reason("N1.window", f"征集已于{until:%Y年%m月%d日 %H:%M:%S}截止。", article)


@guard
def may_post(context: Context) -> Iterator[Reason]:
    """The issuer may post this kind of entry in this call (第四条)."""
    project, issuer = context.project, context.project.issuer
    if project.kind not in project.call.kinds:
        yield Reason("A4.kind", "本批次不征集这一类项目。", "《办法》第四条")
    yield from eligibility.may_post(context.edition, project.kind, issuer.kind, issuer.region)


@guard
def region_registered(context: Context) -> Iterator[Reason]:
    """The form names the county or park that the issuer is registered in: that one matches the subsidy (第七条)."""
    said, issuer = written(context, draft_of(context)).get("region"), context.project.issuer
    if said and said != issuer.region:
        text = (
            f"项目表所填县市区（园区）为“{said}”，“{issuer.name}”登记在“{issuer.region}”，两者须一致；"
            "登记有误的，请联系市科技局核实后更正单位资料。"
        )
        yield Reason("A7.region", text, "《办法》第七条", field="region")


@guard
def form_money_rules(context: Context) -> Iterator[Reason]:
    """The budget in the official form keeps 第七条; what both bureaus may waive is only a hint here."""
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
        yield Reason(reason.rule, reason.text, reason.article, force, reason.field)


@guard
def no_unfinished_project(context: Context) -> Iterator[Reason]:
    """An enterprise with an unfinished city project cannot apply, where the edition says so."""
    if not context.edition.one_project_at_a_time:
        return
    other = unfinished_project_of(context, context.project.issuer_id)
    if other:
        text = f"贵单位承担的市级“揭榜挂帅”项目 {other.number}“{other.title}”尚未结题，结题前不得申报。"
        yield Reason("N.unfinished", text, context.edition.articles["unfinished"])


@guard
def stamped_scan(context: Context) -> Iterator[Reason]:
    """The stamped scan of exactly this draft has been uploaded, where the edition asks for one."""
    if not context.edition.scan_required:
        return
    document = draft_of(context)
    if document.scan_id is None:
        text = "尚未上传加盖公章的扫描件。请打印当前填报内容，盖章后上传；填报内容改动后须重新打印盖章。"
        yield Reason("N.scan", text, context.edition.articles["papers"])


@guard
def submitted_once(context: Context) -> Iterator[Reason]:
    """A draft that was never submitted is deleted instead of withdrawn."""
    if context.project.state == "draft" and not context.project.number:
        yield Reason("withdraw.draft", "草稿从未提交，可直接删除，无须撤回。", "《办法》第五条")


@guard
def never_submitted(context: Context) -> Iterator[Reason]:
    """Only a draft that was never submitted can be deleted."""
    if context.project.number:
        yield Reason("discard.submitted", "项目已提交过，只能撤回，不能删除。", "《办法》第四条")


@effect
def discard(context: Context) -> None:
    """Delete the draft; its events stay."""
    session, project = context.session, context.project
    document = draft_of(context)
    project.form_id = document.scan_id = None
    session.flush()
    session.execute(delete(Document).where(Document.project_id == project.id))
    session.execute(delete(StoredFile).where(StoredFile.project_id == project.id))
    mails = update(Mail).where(Mail.project_id == project.id)
    session.execute(mails.values(project_id=None, key=None))  # the next project may get the same id
    session.delete(project)


@effect
def upload_scan(context: Context) -> None:
    """Keep the stamped scan, or refuse it because it is of something else."""
    document = draft_of(context)
    document.scan_id = context.file_id("scan")
    document.scan_note = doubt_on(context, "scan", form_code(context, context.project)) or "read"


@form_guard
def scan_of_this_draft(context: Context) -> Iterator[Reason]:
    """It is a scan, and one in which a code can be read bears the code of this very draft."""
    yield from not_scanned(context, "scan", context.edition.articles["papers"])
    known = else_on(context, "scan", form_code(context, context.project))
    if known:
        text = f"扫描件与当前填报内容不符：{known}。请打印当前内容，盖章后重新上传。"
        yield Reason("scan.other", text, context.edition.articles["papers"], field="scan")


@effect
def submit(context: Context) -> None:
    """Freeze the form, number the entry, hand out the receipt (受理回执).

    The form is issued as it was printed and stamped, byte for byte: number and time of submission are the receipt's.
    """
    project, document = context.project, draft_of(context)
    data = form_data(project, document)
    if not project.number:
        call = context.session.get_one(Call, project.call_id, with_for_update=True, populate_existing=True)
        call.last_number += 1  # nobody else counts until this is committed
        project.number = f"XTJB-{call.code}-{call.last_number:04d}"
        project.submitted_at = context.now
    project.correct_by = None
    values = written(context, document)
    project.title = values["title"]
    project.domain = values.get("domain", "")
    project.region = values["region"]
    project.planned_total = _yuan(values.get("planned_investment") or values.get("planned_total"))
    version = freeze(context, document)
    form = form_of(context)
    issue(context, "form", form.title, data, version=version.number, made_at=printed_at(project, document))
    receipt = {
        "number": project.number,
        "title": project.title,
        "issuer": project.issuer.name,
        "uscc": project.issuer.uscc,
        "call": project.call.title,
        "submitted_at": context.now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "version": version.number,
        "digest": version.sha256,
        "form": f"{form.attachment} {form.title}{form.subtitle}".strip(),
    }
    issue(context, "receipt", "受理回执", receipt, version=version.number)
    context.result["number"] = project.number
    notify(context, "submit", to_issuer())
    notify(context, "submit_science", to_role("science"))


@effect
def withdraw(context: Context) -> None:
    """Taken back by the issuer: its form and its board notice do not hold any longer; whoever has bid is told."""
    context.project.closed_at = context.now
    cancel(context, "form")
    cancel(context, "notice")
    cancel_panels(context)
    close_bids(context, "项目已由发榜方撤回")


def _yuan(text: Any) -> Decimal | None:
    return yuan_from_wan(text) if text else None


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
