"""验收 (acceptance): the work is examined, returned for rectification (整改), or accepted."""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_bureaus, to_county, to_parties, to_role
from xtbang.actions.registry import CONSEQUENCES, effect, form_guard, guard
from xtbang.domain.common import signed_already
from xtbang.domain.consents import reading_of
from xtbang.domain.event_dates import day_or_today, far_ahead, out_of_order, record_day
from xtbang.domain.experts import cancel_panels, concluded_panel, open_panel
from xtbang.domain.payments import ACCEPTED, awaited, date_in, unpaid_after
from xtbang.domain.spending import beside, spending_reasons
from xtbang.models import Acceptance, Panel
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import decision as facts_decision
from xtbang.rules.dates import day_of
from xtbang.rules.forms import worded
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason, as_advice
from xtbang.stages.execution import open_acceptance
from xtbang.stages.extension import bureau_signatures


def _open_request(context: Context) -> Acceptance | None:
    return next((row for row in reversed(context.rows.of(Acceptance)) if row.status == "open"), None)


def request_of(context: Context) -> Acceptance:
    """Return the request that is being examined. Raise LookupError when there is none."""
    request = _open_request(context)
    if request is None:
        raise LookupError("a project in 验收 without a request")
    return request


def panel_of(context: Context, request: Acceptance) -> Panel | None:
    """Return the newest concluded panel that was convened for this request, or None."""
    panel = concluded_panel(context, "acceptance")
    if panel and request.requested_at and panel.convened_at >= request.requested_at:
        return panel
    return None


@form_guard
@reads("rectify_by:date")
def deadline_ahead(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the deadline for rectification is in the future."""
    until = date_in(context, "rectify_by")
    if until <= context.today:
        yield Reason("A8.deadline", "整改期限须晚于今天。", context.cite("acceptance"), field="rectify_by")
    yield from far_ahead(context, until, "rectify_by", "整改期限")


@guard
def nobody_examines_yet(context: Context) -> Iterator[Reason]:
    """Yield reasons once the request is examined: a panel was convened, or a bureau has signed."""
    request = _open_request(context)
    if request is None:
        yield Reason("A8.request", "没有待审核的验收申请。", context.cite("acceptance"), nothing=True)
        return
    since = request.requested_at
    if any(row.kind == "acceptance" and since and row.convened_at >= since for row in context.rows.of(Panel)):
        yield Reason(
            "A8.panel",
            f"已组建验收专家组，不能再撤回；需要改正的可由{context.policy.city.together}限期整改。",
            context.cite("acceptance"),
        )
    yield from signed_already(context)


@effect
def withdraw_acceptance(context: Context) -> None:
    """Take back a request that is not being examined: it is a draft again."""
    request = request_of(context)
    cancel(context, "acceptance", f"acceptance:{request.id}")
    request.status, request.requested_at = "draft", None
    notify(context, "withdraw_acceptance", to_parties())
    notify(context, "withdraw_acceptance_bureaus", to_bureaus())


@guard
@reads("self_grade:choice(not_reached …)", "acceptance")
def acceptance_examined(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the work was found to meet the requirements.

    The self-evaluation says so for a self-managed project, otherwise a panel does.
    """
    request = _open_request(context)
    if request is None:
        yield Reason("A8.request", "没有待审核的验收申请。", context.cite("acceptance"), nothing=True)
        return
    grade = frozen(context, request.document).get("self_grade", "")
    if context.project.self_managed and grade == "not_reached":
        grade = context.edition.documents["acceptance"].field("self_grade").label_of(grade)
        yield Reason(
            "A8.self_grade", f"自评结论为{quoted(grade)}，不能通过验收，可限期整改。", context.cite("acceptance")
        )
    sitting = open_panel(context)
    if sitting and sitting.kind == "acceptance":
        yield Reason("A8.panel", "验收专家组尚未形成结论。", context.cite("acceptance"))
        return
    panel = panel_of(context, request)
    if panel and not panel.favourable:
        yield Reason("A8.panel", "验收专家组的结论为“不通过”，不能通过验收，可限期整改。", context.cite("acceptance"))
    elif panel is None and not context.project.self_managed:
        yield Reason(
            "A8.panel",
            f"本项目由{context.policy.city.together}跟踪管理，须由验收专家组验收，尚未组织。",
            context.cite("acceptance"),
        )


@guard
def acceptance_asked_back(context: Context) -> Iterator[Reason]:
    """Yield as advice what the bidder had to confirm about its figures, for the decision about them."""
    if request := _open_request(context):
        yield from as_advice(spending_reasons(context, request.document))


@effect
@reads("reason:long rectify_by:date")
def rectify(context: Context) -> None:
    """Send the project back for rectification, with findings and deadline; a new request starts from the last one."""
    request = request_of(context)
    cancel(context, "acceptance", f"acceptance:{request.id}")
    request.status = "rectify"
    request.findings = context.data["reason"]
    request.rectify_by = date_in(context, "rectify_by")
    request.decided_at = context.now
    _dismiss(context)
    open_acceptance(context, **frozen(context, request.document))
    notify(context, "rectify", to_parties(), rectify_by=request.rectify_by, findings=request.findings)


@form_guard
@reads("accepted_on:date")
def accepted_in_order(context: Context) -> Iterator[Reason]:
    """Yield reasons when the work is accepted in the future, or before it was asked for or the panel concluded."""
    request = _open_request(context)
    panel = panel_of(context, request) if request else None
    steps = (("申请验收", request and request.requested_at), ("专家组形成结论", panel and panel.concluded_at))
    before = [(what, day_of(at), context.cite("acceptance")) for what, at in steps if at]
    day = day_or_today(context, context.data.get("accepted_on"))
    yield from out_of_order(context, day, "accepted_on", "通过验收日期", "A8.order", before)


@effect
@reads("reason:long accepted_on:date")
def pass_acceptance(context: Context) -> None:
    """Accept the work as of a day and issue the acceptance opinion (验收意见书)."""
    request = request_of(context)
    record_day(context, ACCEPTED, day_or_today(context, context.data.get("accepted_on")))
    request.status = "passed"
    request.findings = context.data["reason"]
    request.decided_at = context.now
    project, panel = context.project, panel_of(context, request)
    data = facts_decision.acceptance(
        project,
        context.edition,
        request,
        worded(context.edition.documents["acceptance"], frozen(context, request.document)),
        opinion=request.findings,
        beside=beside(context, request.document),
        read=reading_of(context, request.document),
        panel=facts.panel(panel) if panel else None,
        signed=bureau_signatures(context),
    )
    issue(context, "acceptance_opinion", "项目验收意见书", data, subject=f"acceptance:{request.id}")
    left = unpaid_after(context, "acceptance")
    if not left and context.edition.paid_after("acceptance"):  # the subsidy has fallen to what was paid
        CONSEQUENCES["close_project"](context)
    notify(context, "pass_acceptance", to_parties(), more=bool(left))
    for item in left[:1]:
        notify(context, "pass_acceptance_county", to_county(), instalment=item.name)
        notify(
            context, "pass_acceptance_finance", to_role("finance"), instalment=item.name, awaited=awaited(context, item)
        )


def _dismiss(context: Context) -> None:
    """Cancel an acceptance panel without a conclusion."""
    sitting = open_panel(context)
    if sitting and sitting.kind == "acceptance":
        cancel_panels(context)
