"""Prior notices (告知书): before a decision against a party the offices say what they intend, and hear it (陈述申辩)."""

from collections.abc import Iterator
from datetime import date

from xtbang.actions.context import Context
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import Receivers, notify, to_organisation, to_role
from xtbang.actions.registry import effect, form_guard, guard, prefill
from xtbang.domain.experts import came_here, concluded_panel, open_panel
from xtbang.domain.panels import locked
from xtbang.domain.payments import ledger
from xtbang.domain.recovery import COMPLETED, due_from
from xtbang.models import Addressee, Panel, PartyStatement, PriorNotice
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import prior_notice as facts_notice
from xtbang.papers.facts.decision import recovery, responsible
from xtbang.queries.ledger import granted_to
from xtbang.rules.dates import last_moment_of
from xtbang.rules.law import Cite
from xtbang.rules.money import format_wan, wan, yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.recovery import SOURCES, Cause
from xtbang.rules.term import in_chinese

HEARD: tuple[Cite, ...] = ("subjective", "integrity")  # the rules that a decision against a party rests on


def standing_notice(context: Context) -> PriorNotice | None:
    """Return the prior notice that stands: issued, not used for a decision, not withdrawn."""
    return next((row for row in context.rows.of(PriorNotice) if row.status == "open"), None)


def statements_on(context: Context, notice: PriorNotice) -> list[PartyStatement]:
    """Return what the parties have stated on the notice, oldest first, without what was taken back."""
    rows = context.rows.of(PartyStatement)
    return [row for row in rows if row.prior_notice_id == notice.id and row.voided_at is None]


def to_addressees(notice: PriorNotice) -> list[Receivers]:
    """Return receivers: the people of every organisation to which the notice is addressed."""
    return [to_organisation(row.organisation_id, row.relation) for row in notice.addressees]


def _said_before(context: Context, rule: str, text: str, field: str = "") -> Reason:
    return Reason(rule, text, context.edition.cite_all(HEARD), field=field)


# ---------------------------------------------------------------- issued


@guard
def fault_found(context: Context) -> Iterator[Reason]:
    """Yield reasons unless a liability panel of technical, financial and legal experts has named who is at fault."""
    panel, sitting = concluded_panel(context, "liability"), open_panel(context)
    over = context.project.state == COMPLETED
    if panel and panel.concluded_at and over and panel.concluded_at < came_here(context):
        panel = None  # what was found before 办结 has been decided on by 办结
    if sitting and sitting.kind == "liability":
        yield Reason("A12.panel", "责任论证专家组尚未形成结论。", context.cite("subjective"))
        return
    if panel is None:
        what = "办结后追回资金" if over else "因主观原因终止"
        text = f"{what}，须先组织技术、财务、法律专家进行责任论证，形成结论。"
        yield Reason("A12.panel", text, context.cite("subjective"))
        return
    if not panel.favourable:
        yield Reason("A12.panel", "责任论证的结论为“不通过”，不能认定主观原因。", context.cite("subjective"))
    kinds = {seat.kind for seat in locked(panel)}
    missing = [kind for kind in context.edition.sheets["liability"].kinds_required if kind not in kinds]
    if missing:
        yield Reason("A12.kinds", f"责任论证缺少{'、'.join(missing)}专家的意见。", context.cite("subjective"))
    if panel.favourable and not panel.responsible:
        yield Reason("A12.responsible", "责任论证结论未明确责任方。", context.cite("subjective"))


@form_guard
@reads("restrict_until:date")
def restriction_to_come(context: Context) -> Iterator[Reason]:
    """Yield a reason when the last day of the restriction is not to come."""
    until = context.data.get("restrict_until")
    if until and date.fromisoformat(until) <= context.today:
        text = "限制申报的截止日期须晚于今天。"
        yield Reason("A13.until", text, context.cite("integrity"), field="restrict_until")


@prefill
def liability_opinion(context: Context) -> str:
    """Return the opinion of the liability panel: the facts that it has found."""
    panel = concluded_panel(context, "liability")
    return panel.opinion if panel else ""


@effect
@reads("reason:long evidence:long restrict_until:date file:file")
def issue_prior_notice(context: Context) -> None:
    """Issue the prior notice to the parties and to whom the decision would restrict; it takes the place of an earlier one."""
    panel, until = concluded_panel(context, "liability"), context.data.get("restrict_until")
    if panel is None:
        raise LookupError("no panel has found a fault")
    if earlier := standing_notice(context):
        _end(context, earlier, "superseded")
    paid = ledger(context).paid
    due = due_from(context, paid, Cause.SUBJECTIVE)
    notice = PriorNotice(
        project_id=context.project.id,
        panel_id=panel.id,
        reason=context.data["reason"],
        evidence=context.data["evidence"],
        file_id=context.file_id("file"),
        restrict_until=date.fromisoformat(until) if until else None,
        due={source: wan(amount) for source, amount in due.items()},
        issued_at=context.now,
        addressees=_addressees(context, panel, restricts=bool(until)),
    )
    context.session.add(notice)
    context.session.flush()
    context.session.refresh(notice)
    now = context.trigger, context.role, context.actor.name, context.now
    printed = facts_notice.prior_notice(
        context.project,
        context.edition,
        notice,
        panel=facts.panel(panel),
        recoveries=recovery(context.edition, Cause.SUBJECTIVE, paid, due, granted_to(context.edition, context.project)),
        signed=facts.signers(context.session, context.policy.city, context.project.id, *now),
        reached=context.site.reached,
    )
    issue(context, "prior_notice", facts_notice.title_of(notice), printed)
    days = context.edition.statement_days
    notify(context, "serve_prior_notice", to_role(context.policy.city.lead.role), title=facts_notice.title_of(notice))
    notify(context, "issue_prior_notice", *to_addressees(notice), title=facts_notice.title_of(notice), workdays=days)


def _addressees(context: Context, panel: Panel, *, restricts: bool) -> list[Addressee]:
    """Return whom the notice is addressed to: both parties, and the members of a consortium that is at fault."""
    project, bid = context.project, context.project.agreed_bid
    blamed = [one.id for one in responsible(project, panel.responsible)]
    found = dict.fromkeys((project.issuer_id, *([bid.lead_id] if bid else []), *blamed))
    relations = {bid.lead_id: "bidder"} if bid else {}
    relations[project.issuer_id] = "issuer"
    return [
        Addressee(
            project_id=project.id,
            organisation_id=number,
            relation=relations.get(number, "member"),
            restricted=restricts and number in blamed,
        )
        for number in found
    ]


def _end(context: Context, notice: PriorNotice, status: str) -> None:
    notice.status, notice.ended_at = status, context.now
    context.session.flush()


@guard
def notice_stands(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a prior notice stands."""
    if standing_notice(context) is None:
        text = "没有出具后尚未作出决定的告知书。"
        yield Reason("A12.told", text, context.edition.cite_all(HEARD), nothing=True)


@effect
@reads("reason:long")
def withdraw_prior_notice(context: Context) -> None:
    """Withdraw the notice: nothing is decided on its ground; what the parties have stated stays readable."""
    notice = standing_notice(context)
    if notice is None:
        raise LookupError("no notice to withdraw")
    _end(context, notice, "withdrawn")
    cancel(context, "prior_notice")
    notify(context, "withdraw_prior_notice", *to_addressees(notice), reason=context.data["reason"])


# ---------------------------------------------------------------- asked before the decision


@form_guard
@reads("cause:choice(objective subjective)")
def parties_heard(context: Context) -> Iterator[Reason]:
    """Yield reasons unless each party has had its days to answer a notice of the termination for a subjective cause."""
    if context.data["cause"] == Cause.SUBJECTIVE:
        yield from parties_answered(context)


@form_guard
@reads("restrict_until:date considered:long")
def parties_answered(context: Context) -> Iterator[Reason]:
    """Yield reasons unless each party has had its days to answer a notice of the decision."""
    notice = standing_notice(context)
    if notice is None:
        what = "办结后追回资金" if context.project.state == COMPLETED else "因主观原因终止项目"
        text = f"{what}、限制申报的，作出决定前须先出具并送达告知书，听取各方的陈述、申辩。"
        yield _said_before(context, "A12.told", text)
        return
    yield from _not_as_told(context, notice)
    yield from _not_answered(context, notice)
    if any(row.kind == "stated" for row in statements_on(context, notice)) and not context.data.get("considered"):
        text = "已收到陈述、申辩，请写明复核情况：哪些采纳、哪些不采纳和理由。"
        yield _said_before(context, "A12.considered", text, "considered")


def _not_as_told(context: Context, notice: PriorNotice) -> Iterator[Reason]:
    """Yield a reason for everything in which the decision would go beyond the notice."""
    again, panel = "须重新出具告知书。", concluded_panel(context, "liability")
    if panel is not None and panel.id != notice.panel_id:
        yield _said_before(context, "A12.told_panel", f"告知以后责任论证有了新的结论，{again}")
    elif panel is not None:
        told = {row.organisation_id for row in notice.addressees}
        more = [one.name for one in responsible(context.project, panel.responsible) if one.id not in told]
        if more:
            yield _said_before(context, "A12.told_whom", f"告知书没有列明{'、'.join(more)}，{again}")
    due = due_from(context, ledger(context).paid, Cause.SUBJECTIVE)
    for source, amount in due.items():
        before = yuan_from_wan(notice.due.get(source, "0"))
        if amount > before:
            text = f"{SOURCES[source]}应收回 {format_wan(amount)}，告知的是 {format_wan(before)}，{again}"
            yield _said_before(context, "A12.told_due", text)
    until = context.data.get("restrict_until")
    if until and (notice.restrict_until is None or date.fromisoformat(until) > notice.restrict_until):
        before_words = f"限制至{in_chinese(notice.restrict_until)}" if notice.restrict_until else "不限制申报"
        text = f"拟限制申报至{in_chinese(date.fromisoformat(until))}，告知的是{before_words}，{again}"
        yield _said_before(context, "A13.told", text, "restrict_until")


def _not_answered(context: Context, notice: PriorNotice) -> Iterator[Reason]:
    """Yield a reason for each party that was not served, or whose days are not over and who has not waived its statement."""
    unserved = [row.organisation.name for row in notice.addressees if row.served_on is None]
    if unserved:
        yield _said_before(context, "A12.served", f"告知书尚未登记送达{'、'.join(unserved)}。")
    waived = {row.organisation_id for row in statements_on(context, notice) if row.kind == "waived"}
    for row in notice.addressees:
        until = row.answer_until
        if until and row.organisation_id not in waived and last_moment_of(until) >= context.collected:
            text = f"{row.organisation.name}可以陈述、申辩至{in_chinese(until)}24时，期满前不作出决定。"
            yield _said_before(context, "A12.days", text)


def close_notice(context: Context, *, used: bool) -> PriorNotice | None:
    """End the notice with the decision: used for it, or overtaken by one for an objective cause; return it if it was used."""
    notice = standing_notice(context)
    if notice is None:
        return None
    _end(context, notice, "used" if used else "overtaken")
    if not used:
        cancel(context, "prior_notice")
    return notice if used else None
