"""终止 (termination), and 办结后追回: the cause, the recovery of the money (追缴), and the end of the procedure."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import select, update

from xtbang.actions.context import Context
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_organisation, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.changes import overtake_changes
from xtbang.domain.county_funds import county_unsaid
from xtbang.domain.event_dates import odd_repayment_day
from xtbang.domain.experts import cancel_panels, concluded_panel
from xtbang.domain.payments import date_in, ledger
from xtbang.domain.prior_notices import close_notice, fault_found, restriction_to_come, statements_on
from xtbang.domain.recovery import COMPLETED, claim, decision_of, due_from, order, tell_owed
from xtbang.domain.repayment import follow_plan
from xtbang.models import (
    Acceptance,
    Event,
    Extension,
    Notice,
    NoticeItem,
    Panel,
    Restriction,
    Termination,
)
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import decision as facts_decision
from xtbang.papers.facts.common import PARTIES
from xtbang.papers.facts.prior_notice import heard
from xtbang.papers.facts.text import Facts
from xtbang.queries.ledger import granted_to
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES, Cause, check_recovered, recovery_rule
from xtbang.rules.term import in_chinese
from xtbang.stages.extension import bureau_signatures
from xtbang.stages.publicity import publish

# ---------------------------------------------------------------- the decision


@form_guard
@reads("cause:choice(objective subjective) audit_file:file restrict_until:date")
def cause_proved(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the cause is proved.

    An objective cause needs the audit report of a third party, a subjective one a panel with technical, financial and
    legal experts that names the responsible party.
    """
    cause = Cause(context.data["cause"])
    restricted = context.data.get("restrict_until")
    if cause is Cause.OBJECTIVE:
        if not context.data.get("audit_file"):
            text = "因客观原因或不可抗力终止，须提供第三方审计报告。"
            yield Reason("A11.audit", text, context.cite("objective"), field="audit_file")
        if restricted:
            text = "限制申报仅适用于主观原因，客观原因终止的不填。"
            yield Reason("A13.objective", text, context.cite("integrity"), field="restrict_until")
    else:
        yield from fault_found(context)
        yield from restriction_to_come(context)


@form_guard
@reads("recover_by:date")
def repayment_day_to_come(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the day on which the money is to be back is to come."""
    if date_in(context, "recover_by") <= context.today:
        yield Reason("A11.recover_by", "资金退回期限须晚于今天。", context.cite("recovery"), field="recover_by")
    yield from odd_repayment_day(context, date_in(context, "recover_by"), "资金退回期限")


@guard
def money_to_reclaim(context: Context) -> Iterator[Reason]:
    """Yield a reason when no public money was paid to a project that is 办结: then there is nothing to claim back."""
    if context.project.state == COMPLETED and not any(ledger(context).paid.values()):
        text = "没有可以追回的资金：项目没有拨付财政补助。"
        yield Reason("A12.paid", text, context.cite("subjective"), nothing=True)


@effect
@reads(
    "cause:choice(objective subjective) reason:long audit_file:file recover_by:date restrict_until:date "
    "notice_number:document_number considered:long"
)
def terminate(context: Context) -> None:
    """Terminate the project: enter the amounts due in the ledger, issue and announce the decision, add its restrictions."""
    cause = Cause(context.data["cause"])
    panel = concluded_panel(context, "liability") if cause is Cause.SUBJECTIVE else None
    _end_with(context, cause, panel, audit_file_id=context.file_id("audit_file"))


@effect
@reads("reason:long recover_by:date restrict_until:date notice_number:document_number considered:long")
def reclaim(context: Context) -> None:
    """Claim all that was paid back after 办结, for a fraud found since; the project is 终止 from then on."""
    project = context.project
    project.completed_at, project.closed_at = project.closed_at, None
    cancel(context, "certificate")
    _end_with(context, Cause.SUBJECTIVE, concluded_panel(context, "liability"))


def _end_with(context: Context, cause: Cause, panel: Panel | None, audit_file_id: int | None = None) -> None:
    project, session, data = context.project, context.session, context.data
    restricted = data.get("restrict_until")
    decision = Termination(
        project_id=project.id,
        cause=cause.value,
        reason=data["reason"],
        responsible=panel.responsible if panel else "",
        decided_at=context.now,
        from_state=context.event.from_state if context.event else "",
        audit_file_id=audit_file_id,
        recover_by=date_in(context, "recover_by"),
        restrict_until=date.fromisoformat(restricted) if restricted else None,
    )
    session.add(decision)
    session.flush()
    _close_open_matters(context)
    notice = close_notice(context, used=cause is Cause.SUBJECTIVE)
    sums = ledger(context)
    paid, due = sums.paid, due_from(context, sums.paid, cause)
    for source, amount in due.items():
        if (more := amount - sums.due.get(source, Decimal(0))) > 0:
            claim(context, source, more)
    told = heard(notice, statements_on(context, notice), data.get("considered") or "") if notice else None
    _issue_papers(context, decision, panel, paid, due, told)
    _announce(context, decision, any(paid.values()))
    _begin_restrictions(context, decision)
    follow_plan(context)
    if not any(due.values()):
        context.follow = "settle"
    _notify_termination(context)


def _close_open_matters(context: Context) -> None:
    """Close requests and panels that will not be decided; cancel a contract that is not in force."""
    if context.event and context.event.from_state == "contracting":
        cancel(context, "contract")
    extensions = update(Extension).where(Extension.project_id == context.project.id, Extension.status == "open")
    context.session.execute(extensions.values(status="overtaken", decided_at=context.now))
    requests = update(Acceptance).where(Acceptance.project_id == context.project.id)
    requests = requests.where(Acceptance.status.in_(("draft", "open")))
    context.session.execute(requests.values(status="ended", decided_at=context.now))
    overtake_changes(context)
    cancel_panels(context)


def _issue_papers(
    context: Context,
    decision: Termination,
    panel: Panel | None,
    paid: dict[str, Decimal],
    due: dict[str, Decimal],
    told: Facts | None,
) -> None:
    """Issue the decision (终止决定书) and a recovery notice (财政资金追缴通知书) for each source with an amount due."""
    project, edition = context.project, context.edition
    granted = granted_to(edition, project)
    recoveries = facts_decision.recovery(edition, Cause(decision.cause), paid, due, granted)
    printed = facts_decision.termination(
        project,
        edition,
        decision,
        recoveries=recoveries,
        liability=facts.panel(panel) if panel else None,
        heard=told,
        signed=bureau_signatures(context),
    )
    issue(context, "termination", "追回财政资金决定书" if project.completed_at else "项目终止决定书", printed)
    for source, amount in due.items():
        if amount > 0:
            order(context, source)


def _announce(context: Context, decision: Termination, paid: bool) -> None:
    """Publish the notice of termination (终止公告)."""
    project, edition, until = context.project, context.edition, decision.restrict_until
    cited = edition.cite_all(facts_decision.FRAUD) if project.completed_at else ""
    (article,) = edition.cite_in_full(cited or recovery_rule(edition, Cause(decision.cause)).article)
    cause = facts_decision.cause_of(decision)
    money = "已拨付的财政补助资金按规定收回。" if paid else "该项目尚未拨付财政补助资金。"
    name = f"{quoted(project.title)}项目（编号{project.number}）"
    body = f"因{cause}，依据{article}，终止{name}。{money}"
    if project.completed_at:
        body = f"{name}办结后查实弄虚作假，责任方为{PARTIES[decision.responsible]}。依据{article}，收回已拨付的全部财政补助资金，验收证书作废。"
    if until:
        names = "、".join(facts_decision.restricted(project, decision))
        days = f"自{in_chinese(context.today)}起至{in_chinese(until)}止"
        body += (
            f"依据{context.cite('integrity')}，对{names}在科研项目申报、财政资金支持、相关奖励等方面予以限制，{days}。"
        )
    body += "特此公告。"
    notice = Notice(
        kind="termination",
        call_id=project.call_id,
        number=context.data.get("notice_number", ""),
        title=f"关于{'追回' if project.completed_at else '终止'}{quoted(project.title)}项目{'财政资金' if project.completed_at else ''}的公告"[
            :200
        ],
        body=body,
        created_at=context.now,
        items=[NoticeItem(project_id=project.id, figures=facts.figures(project))],
    )
    publish(context, notice)


def _notify_termination(context: Context) -> None:
    rest = ledger(context).outstanding
    owed = [f"{SOURCES[source]} {format_wan(amount)}" for source, amount in rest.items() if amount > 0]
    if owed:
        tell_owed(context, owed)
    else:
        notify(context, "terminate", to_parties())
    if unsaid := county_unsaid(context):
        notify(context, "terminate_county", to_role("county"), unsaid=list(unsaid.values()))


# ---------------------------------------------------------------- recovery


@guard
def everything_recovered(context: Context) -> Iterator[Reason]:
    """Yield a reason for each source that has not got back what is due to it."""
    sums = ledger(context)
    yield from check_recovered(context.edition, Cause(decision_of(context).cause), sums.due, sums.done_with)


@effect
def settle(context: Context) -> None:
    """Close the project."""
    context.project.closed_at = context.now
    _begin_restrictions(context, decision_of(context))  # decided by an earlier release, in which they began only now
    notify(context, "settle", to_parties())
    notify(context, "settle_science", to_role("science"))


def _begin_restrictions(context: Context, decision: Termination) -> None:
    """Add a restriction from today on of each organisation that the decision names, unless there is one."""
    until, rows = decision.restrict_until, context.rows.of(Restriction)
    known = {row.organisation_id for row in rows if row.created_at >= decision.decided_at}
    if until and until >= context.today:
        for organisation in facts_decision.responsible(context.project, decision.responsible):
            if organisation.id not in known:
                _restrict(context, organisation.id, until)


def _restrict(context: Context, organisation_id: int, until: date) -> None:
    project = context.project
    decided = select(Event.actor_id).where(
        Event.project_id == project.id, Event.trigger.in_(("terminate", "reclaim")), Event.outcome == "moved"
    )
    why = "办结后查实弄虚作假" if project.completed_at else "因主观原因终止"
    reason = f"承担的项目 {project.number} {why}"
    context.session.add(
        Restriction(
            organisation_id=organisation_id,
            project_id=project.id,
            starts_on=context.today,
            ends_on=until,
            reason=reason,
            created_at=context.now,
            created_by_id=context.session.scalars(decided.order_by(Event.id.desc()).limit(1)).one(),
        )
    )
    lead_id = project.agreed_bid.lead_id if project.agreed_bid else None
    relation = {project.issuer_id: "issuer", lead_id: "bidder"}.get(organisation_id, "member")
    responsible = to_organisation(organisation_id, relation)
    starts = context.today
    notify(
        context,
        "terminate_restricted",
        responsible,
        cause=reason,
        article=context.cite("integrity"),
        starts_on=starts,
        ends_on=until,
    )
