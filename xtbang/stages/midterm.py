"""中期检查 (midterm check): the work is examined half way; it passes, has to be mended, or the project is terminated."""

from collections.abc import Iterator
from datetime import date, timedelta

from xtbang.actions.context import Context
from xtbang.actions.findings import found
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_bureaus, to_county, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.common import signed_already
from xtbang.domain.experts import cancel_panels, concluded_panel, open_panel
from xtbang.domain.payments import awaited, date_in, unpaid_after
from xtbang.domain.receipts import give_receipt_of_file
from xtbang.models import Midterm, Panel
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import midterm as facts_midterm
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.term import in_chinese
from xtbang.stages.extension import bureau_signatures


def plan_midterm(context: Context) -> None:
    """Set the day of the check when the work begins, if the edition has one."""
    project, rule = context.project, context.edition.midterm
    if rule and project.starts_on and project.ends_on:
        days = int((project.ends_on - project.starts_on).days * rule.at)
        due = project.starts_on + timedelta(days=days)
        context.session.add(Midterm(project_id=project.id, due_on=due, status="planned"))


def _article(context: Context) -> str:
    return context.edition.midterm.article if context.edition.midterm else ""


def _newest(context: Context, status: str) -> Midterm | None:
    return next((row for row in reversed(context.rows.of(Midterm)) if row.status == status), None)


def check_of(context: Context) -> Midterm:
    """Return the check that is being made. Raise LookupError when there is none."""
    row = _newest(context, "open")
    if row is None:
        raise LookupError("a project in 中期检查 without a check")
    return row


@guard
def midterm_wanted(context: Context) -> Iterator[Reason]:
    """Yield a reason when the check was passed already."""
    if _newest(context, "planned") is None:
        yield Reason("A8.midterm", "中期检查已经通过，不再申请。", _article(context))


@guard
def midterm_passed(context: Context) -> Iterator[Reason]:
    """Yield a reason until the check is passed, where the edition has one."""
    if context.edition.midterm and _newest(context, "passed") is None:
        planned = _newest(context, "planned")
        until = f"，应于{in_chinese(planned.due_on)}前申请" if planned else ""
        yield Reason("A8.midterm", f"尚未通过中期检查{until}。", _article(context))


@effect
@reads("text:long file:file")
def request_midterm(context: Context) -> None:
    """Record what the bidder hands in for the check, and notify the bureaus."""
    row = _newest(context, "planned")
    if row is None:
        raise LookupError("no midterm check is planned")
    row.status, row.requested_at = "open", context.now
    row.text, row.file_id = context.data["text"], context.file_id("file")
    notify(context, "request_midterm", to_role(*context.policy.city.roles))
    if row.file_id is not None:
        receipt = give_receipt_of_file(context, row.file_id, "中期检查申请", f"midterm:{row.id}")
        notify(context, "request_midterm_parties", to_parties(), receipt=receipt)


@guard
def midterm_unexamined(context: Context) -> Iterator[Reason]:
    """Yield reasons once the work is examined: a panel was convened, a check was recorded, or a bureau has signed."""
    since = check_of(context).requested_at
    panels = (row.convened_at for row in context.rows.of(Panel) if row.kind == "midterm" and row.status != "cancelled")
    checks = (row.at for row in found(context, "check"))
    if any(since and at >= since for at in (*panels, *checks)):
        yield Reason("A8.midterm", "中期检查已经开始，不能再撤回；需要改正的可由主管部门要求整改。", _article(context))
    yield from signed_already(context)


@effect
def withdraw_midterm(context: Context) -> None:
    """Take back a request for a check that has not begun: it is asked for again."""
    row = check_of(context)
    row.status, row.requested_at = "planned", None
    notify(context, "withdraw_midterm", to_parties())
    notify(context, "withdraw_midterm_bureaus", to_bureaus())


def _panel(context: Context, row: Midterm) -> Panel | None:
    panel = concluded_panel(context, "midterm")
    return panel if panel and row.requested_at and panel.convened_at >= row.requested_at else None


@guard
def midterm_examined(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the panel is for it or, where the officers check, one of them has recorded what was found."""
    row, rule, article = check_of(context), context.edition.midterm, _article(context)
    if rule and rule.by == "panel":
        panel = _panel(context, row)
        if open_panel(context):
            yield Reason("A8.midterm", "中期检查专家组尚未形成结论。", article)
        elif panel is None:
            yield Reason("A8.midterm", "尚未组织中期检查专家组。", article)
        elif not panel.favourable:
            yield Reason("A8.midterm", "中期检查专家组的结论为“不通过”，可限期整改，或者终止项目。", article)
        return
    made = [item for item in found(context, "check") if item.at >= (row.requested_at or item.at)]
    if not made:
        yield Reason("A8.midterm", "尚未登记跟踪检查，说明中期检查的情况。", article)
    elif not made[-1].favourable:
        yield Reason("A8.midterm", "最近一次跟踪检查的评价为“需要关注”，可限期整改，或者终止项目。", article)


@effect
@reads("reason:long")
def pass_midterm(context: Context) -> None:
    """Record that the check is passed; what is paid after it can be paid."""
    _conclude_check(context, "passed")
    left = unpaid_after(context, "midterm")
    notify(context, "pass_midterm", to_parties(), more=bool(left))
    for item in left[:1]:
        notify(context, "pass_midterm_county", to_county(), instalment=item.name)
        notify(
            context, "pass_midterm_finance", to_role("finance"), instalment=item.name, awaited=awaited(context, item)
        )


@form_guard
@reads("rectify_by:date")
def mended_within_term(context: Context) -> Iterator[Reason]:
    """Yield as advice that the day for mending lies after the end of the term: the check is half way through it."""
    until, end = date_in(context, "rectify_by"), context.project.ends_on
    if end and until > end:
        text = f"整改期限{in_chinese(until)}在实施期满（{in_chinese(end)}）以后。"
        yield Reason("A8.deadline", text, _article(context), Force.ADVICE, field="rectify_by")


@effect
@reads("reason:long rectify_by:date")
def mend_midterm(context: Context) -> None:
    """Send the project back to be mended; the check is asked for again until the day that is set."""
    due = date_in(context, "rectify_by")
    row = _conclude_check(context, "mend", due)
    context.session.add(Midterm(project_id=context.project.id, due_on=due, status="planned", text=row.text))
    if open_panel(context):
        cancel_panels(context)
    notify(context, "mend_midterm", to_parties(), rectify_by=due, findings=row.findings)


def _conclude_check(context: Context, status: str, until: date | None = None) -> Midterm:
    """Record the outcome and issue the opinion (中期检查意见书)."""
    row = check_of(context)
    row.status, row.findings, row.decided_at = status, context.data["reason"], context.now
    panel = _panel(context, row)
    printed = facts_midterm.midterm_opinion(
        context.project,
        context.edition,
        row,
        until=until,
        panel=facts.panel(panel) if panel else None,
        signed=bureau_signatures(context),
    )
    issue(context, "midterm_opinion", "中期检查意见书", printed, subject=f"midterm:{row.id}")
    return row
