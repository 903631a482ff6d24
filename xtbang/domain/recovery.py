"""Recovery (追缴) by source: the ledger line of what is due and the 财政资金追缴通知书."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.domain.ledger_lines import enter, reverse
from xtbang.domain.payments import ledger, payee
from xtbang.models import Termination
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import decision as facts_decision
from xtbang.queries.ledger import lines, standing
from xtbang.queries.receiving_accounts import account_of
from xtbang.rules.money import format_wan
from xtbang.rules.recovery import SOURCES, Cause, recovery_due
from xtbang.rules.repayment import Part
from xtbang.rules.term import in_chinese

ENDED = ("termination", "terminated")  # the states after the decision 终止


def decision_of(context: Context) -> Termination:
    """Return the decision that ended the project. Raise LookupError when there is none."""
    query = select(Termination).where(Termination.project_id == context.project.id, Termination.revoked_at.is_(None))
    found = context.session.scalars(query).first()
    if found is None:
        raise LookupError("a project in 终止 without a decision")
    return found


def claim(context: Context, decision: Termination, source: str, amount: Decimal) -> None:
    """Enter the amount due to that source; yuan, above 0."""
    note = f"终止决定，{in_chinese(decision.recover_by)}前退回"
    enter(context, "recovery_due", source, amount, context.today, note=note)


def order(context: Context, decision: Termination, source: str, plan: Sequence[Part] = ()) -> None:
    """Issue the 财政资金追缴通知书 for everything due to that source; it supersedes the one before.

    With a ``plan`` it says what of it is done with, and by when the rest is to be back.
    """
    project, sums = context.project, ledger(context)
    (line,) = facts_decision.recovery(
        context.edition, Cause(decision.cause), {source: sums.paid[source]}, {source: sums.due[source]}
    )
    payments = [
        {"instalment": row.instalment, "dated": row.dated.isoformat(), "amount": facts.money(row.amount)}
        for row in standing(lines(context.session, project.id))
        if row.kind == "instalment" and row.source == source
    ]
    account = account_of(context.session, source, project.region, context.today)
    printed = facts_decision.recovery_notice(
        project, context.edition, context.policy.city, decision, line, payments, payee(context), account,
        ordered_on=context.today, done_with=sums.done_with[source], plan=plan,
    )  # fmt: skip
    issue(context, "recovery_notice", "财政资金追缴通知书", printed, subject=source)


def claim_back(context: Context, source: str) -> None:
    """Claim what is due after what was paid has changed since the decision, at the same rate."""
    decision, sums = decision_of(context), ledger(context)
    due = recovery_due(context.edition, Cause(decision.cause), {source: sums.paid[source]})[source]
    known = sums.due.get(source, Decimal(0))
    more = due - known
    if more == 0:
        return
    if more < 0:  # less was paid than the claim supposed
        _claim_less(context, decision, source, due)
        return
    claim(context, decision, source, more)
    order(context, decision, source)
    tell_owed(context, decision, [f"{SOURCES[source]} {format_wan(due)}"])


def _claim_less(context: Context, decision: Termination, source: str, due: Decimal) -> None:
    """Take back what was claimed for that source and claim what is still due (yuan), with a new notice or none."""
    for line in standing(lines(context.session, context.project.id)):
        if line.kind == "recovery_due" and line.source == source:
            reverse(context, line, "recomputed", context.today)
    if due > 0:
        claim(context, decision, source, due)
        order(context, decision, source)
        tell_owed(context, decision, [f"{SOURCES[source]} {format_wan(due)}"])
    else:
        cancel(context, "recovery_notice", source)


def tell_owed(context: Context, decision: Termination, owed: list[str]) -> None:
    """Ask the parties to pay back what is owed, each item a source with its amount, and the offices to claim it."""
    notify(context, "recovery_due", to_parties(), recover_by=decision.recover_by, owed=owed)
    offices = to_role("finance", "county")
    notify(context, "recovery_due_offices", offices, recover_by=decision.recover_by, owed=owed)


def next_of_recovery(left: Decimal) -> str:
    """Return the trigger that follows while so much is still to be recovered (yuan): a receipt, or the settlement."""
    return "record_recovery" if left else "settle"
