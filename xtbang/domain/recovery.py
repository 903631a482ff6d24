"""Recovery (追缴) by source: the ledger line of what is due and its notice, after a termination or a lowered subsidy."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.domain.ledger_lines import enter, reverse
from xtbang.domain.payments import ledger, payee
from xtbang.models import Change, RepaymentPlan, Termination
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import decision as facts_decision
from xtbang.queries.ledger import granted_to, last_lowering, lines, standing
from xtbang.queries.receiving_accounts import account_of
from xtbang.rules.money import format_wan, yuan_from_wan
from xtbang.rules.recovery import SOURCES, Cause, recovery_due, recovery_rule
from xtbang.rules.repayment import Part, still_open
from xtbang.rules.term import in_chinese

COMPLETED = "closed"  # 办结, with or without public money
ENDED = ("termination", "terminated")  # the states after the decision 终止


def ended_by(context: Context) -> Termination | None:
    """Return the decision that ended the project, if there is one that stands."""
    if context.project.state not in ENDED:
        return None
    query = select(Termination).where(Termination.project_id == context.project.id, Termination.revoked_at.is_(None))
    return context.session.scalars(query).first()


def decision_of(context: Context) -> Termination:
    """Return the decision that ended the project. Raise LookupError when there is none."""
    found = ended_by(context)
    if found is None:
        raise LookupError("a project in 终止 without a decision")
    return found


def ground(context: Context) -> Termination | Change | None:
    """Return on which ground money is claimed: the decision that ended the project, else the last change that lowered its subsidy."""
    return ended_by(context) or last_lowering(context.rows.of(Change))


def ground_of_claim(context: Context) -> Termination | Change:
    """Return the `ground` of what is claimed. Raise LookupError when there is none."""
    found = ground(context)
    if found is None:
        raise LookupError("money is claimed without a ground")
    return found


def plans(context: Context, status: str) -> list[RepaymentPlan]:
    """Return the repayment plans of the present ground with that status, oldest first."""
    found = ground(context)
    key = (found.id, None) if isinstance(found, Termination) else (None, found.id if found else None)
    rows = context.rows.of(RepaymentPlan)
    return [row for row in rows if row.status == status and (row.termination_id, row.change_id) == key]


def parts_of(rows: list[Mapping[str, Any]]) -> list[Part]:
    """Return the typed or stored rows of a plan as parts."""
    return [Part(row["source"], date.fromisoformat(row["due_on"]), yuan_from_wan(row["amount"])) for row in rows]


def _as_planned(context: Context, source: str) -> list[Part]:
    """Return what is left of the approved plan for that source, while its parts still are what is owed."""
    approved, owed = plans(context, "approved"), ledger(context).outstanding
    left = still_open(parts_of(approved[-1].parts), owed) if approved else []
    mine = [part for part in left if part.source == source]
    return mine if sum((part.amount for part in mine), Decimal(0)) == owed[source] else []


def due_from(context: Context, paid: Mapping[str, Decimal], cause: Cause | None) -> dict[str, Decimal]:
    """Return what is to come back of what each source has paid, in yuan; ``cause`` of the termination, if there is one."""
    return recovery_due(context.edition, cause, paid, granted_to(context.edition, context.project))


def article_of_claim(context: Context) -> str:
    """Return the citation for what is claimed: that of the termination's cause, else that of the subsidy."""
    decision = ended_by(context)
    return recovery_rule(context.edition, Cause(decision.cause)).article if decision else context.cite("money")


def claim(context: Context, source: str, amount: Decimal) -> None:
    """Enter the amount due to that source; yuan, above 0."""
    said = facts_decision.ground_of(ground_of_claim(context))
    decided = "追回决定" if context.project.completed_at else "终止决定"
    what = f"补充合同（{said['supplement']}）调减补助" if said["supplement"] else decided
    note = f"{what}，{in_chinese(date.fromisoformat(said['recover_by']))}前退回"
    enter(context, "recovery_due", source, amount, context.today, note=note)


def order(context: Context, source: str) -> None:
    """Issue the notice of recovery for everything due to that source; it supersedes the one before.

    It says what of it is done with, and by when the rest is to be back where a plan (分期) was approved.
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
    said = facts_decision.ground_of(ground_of_claim(context))
    printed = facts_decision.recovery_notice(
        project, context.edition, context.policy.city, said, line, payments, payee(context), account,
        ordered_on=context.today, done_with=sums.done_with[source], plan=_as_planned(context, source),
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
        if (left := ledger(context).outstanding[source]) > 0:
            tell_owed(context, [f"{SOURCES[source]} {format_wan(left)}"])
    else:
        cancel(context, "recovery_notice", source)


def tell_owed(context: Context, owed: list[str]) -> None:
    """Ask the parties to pay back what is owed, each item a source with its amount, and the offices to claim it."""
    recover_by, ended = ground_of_claim(context).recover_by, ended_by(context) is not None
    notify(context, "recovery_due", to_parties(), recover_by=recover_by, owed=owed, ended=ended)
    offices = to_role("finance", "county")
    notify(context, "recovery_due_offices", offices, recover_by=recover_by, owed=owed, ended=ended)


def next_of_recovery(left: Decimal) -> str:
    """Return the trigger that follows while so much is still to be recovered (yuan): a receipt, or the settlement."""
    return "record_recovery" if left else "settle"
