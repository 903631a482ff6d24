"""Reports (执行情况报告), due half-yearly or yearly within the term; the bidder fills them in and submits them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, frozen, open_document
from xtbang.actions.findings import found
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_issuer, to_organisation, to_role
from xtbang.actions.registry import effect, form_of_trigger, guard, options
from xtbang.domain.receipts import give_receipt
from xtbang.domain.spending import beside, carried, spending_reasons
from xtbang.models import Acceptance, Project, Report
from xtbang.papers.facts.common import project as project_facts
from xtbang.rules.dates import day_of
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.forms import check, clean, worded
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason, as_advice
from xtbang.rules.term import in_chinese, report_dues


def report_days(context: Context, project: Project) -> tuple[date, ...]:
    """Return when reports are due within the term: half-yearly when bureau-tracked, yearly when self-managed."""
    if project.starts_on is None or project.ends_on is None:
        return ()
    edition = context.edition
    months = edition.report_months_self if project.self_managed else edition.report_months_tracked
    return report_dues(project.starts_on, project.ends_on, months)


@reads("milestones:rows(content) indicators:rows(name target)", "application", "report")
def open_reports(context: Context) -> None:
    """Open a report with its document for every due date that has none yet; none from before the project came in (导入)."""
    project, session = context.project, context.session
    bid = project.agreed_bid
    said = frozen(context, project.application)
    milestones = [{"content": row.get("content"), "date": row.get("date")} for row in said.get("milestones", [])]
    indicators = promised(said)
    known = set(session.scalars(select(Report.due_on).where(Report.project_id == project.id)))
    for due in report_days(context, project):
        if due in known or due < day_of(project.created_at):
            continue
        document = open_document(
            session,
            project,
            "report",
            context.edition.documents["report"],
            bid.lead_id if bid else project.issuer_id,
            milestones=milestones,
            indicators=indicators,
        )
        session.add(Report(project_id=project.id, due_on=due, document_id=document.id))


def promised(application: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the indicators of the application with unit and target, for reports and the request for acceptance."""
    return [{key: row.get(key) for key in ("name", "unit", "target")} for row in application.get("indicators", [])]


def carry_over(context: Context, last: Mapping[str, Any]) -> None:
    """Let the drafts that no one has touched yet begin from the report handed in last."""
    requests = (row.document for row in context.rows.of(Acceptance) if row.status == "draft")
    following = (row.document for row in reports(context) if row.submitted_at is None)
    for document in (*following, *requests):
        if document.draft_version == 0:
            definition = context.edition.documents[document.kind]
            document.draft = clean(definition, document.draft | carried(last))


def reports(context: Context) -> list[Report]:
    """Return the project's reports by due date."""
    return sorted(context.rows.of(Report), key=lambda report: report.due_on)


def waiting(context: Context) -> dict[str, Report]:
    """Return the reports not submitted whose period has begun, by their id."""
    every = reports(context)
    begun = [row for i, row in enumerate(every) if i == 0 or every[i - 1].due_on < context.today]
    return {str(row.id): row for row in begun if row.submitted_at is None}


@options
def waiting_reports(context: Context) -> dict[str, str]:
    """Return the reports that can be submitted now."""
    return {key: f"{in_chinese(row.due_on)}到期的报告" for key, row in waiting(context).items()}


@form_of_trigger("submit_report")
def report_form(context: Context) -> tuple[Field, ...]:
    """Return the field that chooses the report to submit."""
    return (Field("report", "报告", FieldKind.CHOICE, options="waiting_reports"),)


@guard
def report_valid(context: Context) -> Iterator[Reason]:
    """Yield reasons unless there is a report to submit and the chosen one is complete."""
    open_ones = waiting(context)
    if not open_ones:
        yield Reason("A8.report", "目前没有应提交的执行情况报告。", context.cite("tracking"), nothing=True)
        return
    chosen = open_ones.get(context.data.get("report", ""))
    if chosen:
        yield from check(context.edition.documents["report"], chosen.document.draft, complete=True)
        yield from spending_reasons(context, chosen.document)


@guard
def report_asked_back(context: Context) -> Iterator[Reason]:
    """Yield as advice what the bidder had to confirm in the last report, for the check of the work."""
    handed_in = [row for row in reports(context) if row.submitted_at]
    if handed_in:
        yield from as_advice(spending_reasons(context, handed_in[-1].document))


@effect
def submit_report(context: Context) -> None:
    """Freeze the report, issue it, and notify the science bureau, the agency and the issuer."""
    row = waiting(context)[context.data["report"]]
    version = freeze(context, row.document)
    row.submitted_at = context.now
    carry_over(context, frozen(context, row.document))
    project = context.project
    data = {
        "definition": row.document.definition,
        "edition": context.edition.key,
        "values": worded(context.edition.documents["report"], version.data),
        "project": project_facts(project, context.edition),
        "due_on": row.due_on.isoformat(),
        "beside": beside(context, row.document),
        "version": version.number,
        "digest": version.sha256,
    }
    title = context.edition.documents["report"].title
    issue(context, "report", title, data, subject=f"report:{row.id}", version=version.number)
    late, agency = (context.today - row.due_on).days, to_organisation(project.agency_id, "agency")
    notify(context, "submit_report_review", to_role("science"), agency, due_on=row.due_on, late=late)
    notify(context, "submit_report", to_issuer(), due_on=row.due_on, late=late)
    receipt = give_receipt(context, version, f"{in_chinese(row.due_on)}到期的{title}", f"report:{row.id}")
    own = to_organisation(context.actor.organisation_id, "bidder")
    notify(context, "submit_report_bidder", own, due_on=row.due_on, receipt=receipt)


@options
def withdrawable_reports(context: Context) -> dict[str, str]:
    """Return the report handed in last, unless the work was checked since: it may be taken back."""
    handed_in = [row for row in reports(context) if row.submitted_at]
    last = max(handed_in, key=lambda row: (row.submitted_at, row.due_on), default=None)
    checks = (row.at for row in found(context, "check"))
    if last is None or last.submitted_at is None or any(at >= last.submitted_at for at in checks):
        return {}
    return {str(last.id): f"{in_chinese(last.due_on)}到期的报告"}


@guard
def report_withdrawable(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a last report and the work was not checked since."""
    if not withdrawable_reports(context):
        text = "没有可以撤回的报告：只能撤回最近提交、尚未据以跟踪检查的报告。"
        yield Reason("A8.report", text, context.cite("tracking"), nothing=True)


@effect
@reads("report:choice")
def withdraw_report(context: Context) -> None:
    """Take back the report handed in last: it can be corrected and handed in again."""
    row = context.session.get_one(Report, int(context.data["report"]))
    row.submitted_at = None
    cancel(context, "report", f"report:{row.id}")
    agency = to_organisation(context.project.agency_id, "agency")
    notify(context, "withdraw_report", to_role("science"), agency, to_issuer(), due_on=row.due_on)


@guard
def reports_handed_in(context: Context) -> Iterator[Reason]:
    """Yield a reason unless every report that has fallen due was submitted."""
    late = [row.due_on for row in reports(context) if row.due_on <= context.today and row.submitted_at is None]
    if late:
        days = "、".join(in_chinese(day) for day in late)
        yield Reason("A8.reports", f"有 {len(late)} 份到期的执行情况报告尚未提交：{days}。", context.cite("tracking"))
