"""Recovery (追缴) by source: the ledger line of what is due and its notice, after a termination or a lowered subsidy."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.domain.ledger_lines import enter, reverse
from xtbang.domain.payments import ledger, payee
from xtbang.models import Change, Termination
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import decision as facts_decision
from xtbang.queries.ledger import granted_to, lines, standing
from xtbang.queries.receiving_accounts import account_of
from xtbang.rules.money import format_wan
from xtbang.rules.recovery import SOURCES, Cause, recovery_due, recovery_rule
from xtbang.rules.repayment import Part
from xtbang.rules.term import in_chinese

ENDED = ("termination", "terminated")  # the states after the decision 终止


def ended_by(context: Context) -> Termination | None:
    """Return the decision that ended the project, if there is one that stands."""
    query = select(Termination).where(Termination.project_id == context.project.id, Termination.revoked_at.is_(None))
    return context.session.scalars(query).first()


def decision_of(context: Context) -> Termination:
    """Return the decision that ended the project. Raise LookupError when there is none."""
    found = ended_by(context)
    if found is None:
        raise LookupError("a project in 终止 without a decision")
    return found


def lowered_by(context: Context) -> Change:
    """Return the last change after which money was to come back. Raise LookupError when there is none."""
    found = [row for row in context.rows.of(Change) if row.status == "in_force" and row.recover_by]
    if not found:
        raise LookupError("money is claimed without a ground")
    return max(found, key=lambda row: row.number or 0)


def due_from(context: Context, paid: Mapping[str, Decimal], cause: Cause | None) -> dict[str, Decimal]:
    """Return what is to come back of what each source has paid, in yuan; ``cause`` of the termination, if there is one."""
    return recovery_due(context.edition, cause, paid, granted_to(context.edition, context.project))


def article_of_claim(context: Context) -> str:
    """Return the citation for what is claimed: that of the termination's cause, else that of the subsidy."""
    decision = ended_by(context)
    return recovery_rule(context.edition, Cause(decision.cause)).article if decision else context.cite("money")


def claim(context: Context, source: str, amount: Decimal) -> None:
    """Enter the amount due to that source; yuan, above 0."""
    ground = facts_decision.ground_of(ended_by(context) or lowered_by(context))
    what = f"补充合同（{ground['supplement']}）调减补助" if ground["supplement"] else "终止决定"
    note = f"{what}，{in_chinese(date.fromisoformat(ground['recover_by']))}前退回"
    enter(context, "recovery_due", source, amount, context.today, note=note)


def order(context: Context, source: str, plan: Sequence[Part] = ()) -> None:
    """Issue the notice of recovery for everything due to that source; it supersedes the one before.

    With a ``plan`` it says what of it is done with, and by when the rest is to be back.
    """
    project, sums, decision = context.project, ledger(context), ended_by(context)
    cause, paid = Cause(decision.cause) if decision else None, {source: sums.paid[source]}
    granted = granted_to(context.edition, project)
    (line,) = facts_decision.recovery(context.edition, cause, paid, {source: sums.due[source]}, granted)
    payments = [
        {"instalment": row.instalment, "dated": row.dated.isoformat(), "amount": facts.money(row.amount)}
        for row in standing(lines(context.session, project.id))
        if row.kind == "instalment" and row.source == source
    ]
    account = account_of(context.session, source, project.region, context.today)
    ground = facts_decision.ground_of(decision or lowered_by(context))
    printed = facts_decision.recovery_notice(
        project, context.edition, context.policy.city, ground, line, payments, payee(context), account,
        ordered_on=context.today, done_with=sums.done_with[source], plan=plan,
    )  # fmt: skip
    title = "财政资金追缴通知书" if decision else "财政资金退回通知书"
    issue(context, "recovery_notice", title, printed, subject=source)


def claim_back(context: Context, source: str) -> None:
    """Claim what is due by now, after what was paid or granted has changed: more or less than was claimed before."""
    decision, sums = ended_by(context), ledger(context)
    due = due_from(context, sums.paid, Cause(decision.cause) if decision else None)[source]
    known = sums.due.get(source, Decimal(0))
    if due == known:
        return
    if due < known:  # less was paid than the claim supposed
        for line in standing(lines(context.session, context.project.id)):
            if line.kind == "recovery_due" and line.source == source:
                reverse(context, line, "recomputed", context.today)
    if due > 0:
        claim(context, source, due - (known if due > known else Decimal(0)))
        order(context, source)
        tell_owed(context, [f"{SOURCES[source]} {format_wan(due)}"])
    else:
        cancel(context, "recovery_notice", source)


def tell_owed(context: Context, owed: list[str]) -> None:
    """Ask the parties to pay back what is owed, each item a source with its amount, and the offices to claim it."""
    decision = ended_by(context)
    recover_by = decision.recover_by if decision else lowered_by(context).recover_by
    ended = decision is not None
    notify(context, "recovery_due", to_parties(), recover_by=recover_by, owed=owed, ended=ended)
    offices = to_role("finance", "county")
    notify(context, "recovery_due_offices", offices, recover_by=recover_by, owed=owed, ended=ended)


def next_of_recovery(left: Decimal) -> str:
    """Return the trigger that follows while so much is still to be recovered (yuan): a receipt, or the settlement."""
    return "record_recovery" if left else "settle"
