"""拨款审批: before the city pays an instalment, every office and the treasury sign its order (拨款审批单)."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from xtbang.actions.context import Context
from xtbang.actions.documents import canonical
from xtbang.actions.issue import cancel, issue
from xtbang.actions.notify import notify, to_bureaus, to_role
from xtbang.actions.registry import effect, form_guard, guard, options, prefill
from xtbang.domain.budgets import hold_budget, payment_within_budget
from xtbang.domain.payments import (
    city_instalment,
    due_now,
    funding_of,
    instalment_due,
    ledger,
    match_of,
    other_payee,
    paid_of,
    payee,
)
from xtbang.domain.waivers import standing
from xtbang.models import Countersignature, PaymentApproval, Voucher
from xtbang.papers.facts import common as facts
from xtbang.papers.facts.decision import payment_order
from xtbang.queries.desk.waits import waits_of
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.payment import not_approved
from xtbang.rules.reasons import Reason

ORDER, APPROVE = "payment_order", "approve_payment"
SHOWN = 12  # characters of a digest
NAMES = {"payee": "收款账户", "funding": "立项及资金文件", "match": "配套资金的确认"}
KEPT = {"vouchers": "付款凭证", "waivers": "同意的例外"}  # what may grow, but not shrink


def subject_of(number: int) -> str:
    """Return the subject of the order of that instalment."""
    return f"instalment:{number}"


def approval_of(context: Context, number: int) -> PaymentApproval | None:
    """Return the approval of that instalment that is not void."""
    rows = context.rows.of(PaymentApproval)
    return next((row for row in rows if row.instalment == number and row.voided_at is None), None)


def said_of(context: Context, row: PaymentApproval) -> str:
    """Return an approval in words."""
    name = context.edition.instalments[row.instalment - 1].name
    return _said(name, format_wan(row.amount), row.relied_on["payee"])


def _said(name: str, amount: str, receiver: dict[str, Any]) -> str:
    account = f"{receiver['bank_name'] or ''} {receiver['bank_account'] or ''}".strip()
    return f"{name} {amount}，付给{receiver['name']}" + (f"（{account}）" if account else "")


def grounds_of(context: Context, number: int) -> dict[str, Any]:
    """Return what the approval of an instalment relies on, as it is now."""
    accepted = [row.id for row in context.rows.of(Voucher) if row.status == "accepted"]
    return {
        "payee": payee(context),
        "funding": funding_of(context),
        "match": match_of(context, number),
        "vouchers": accepted,
        "waivers": [row.id for row in standing(context)],
    }


def changed(context: Context, row: PaymentApproval) -> list[str]:
    """Return the names of what an approval relied on that is not so any more; vouchers and waivers may have been added."""
    now, then = grounds_of(context, row.instalment), row.relied_on
    amount = ["拨付金额"] if city_instalment(context, row.instalment) != row.amount else []
    other = [name for key, name in NAMES.items() if now[key] != then[key]]
    return amount + other + [name for key, name in KEPT.items() if not {*then[key]} <= {*now[key]}]


@options
def payments_to_approve(context: Context) -> dict[str, str]:
    """Return the payment that is due and not approved: its key stands for exactly this amount and this payee."""
    item = instalment_due(context)
    if item is None or context.project.subsidy_city is None:
        return {}
    row = approval_of(context, item.number)
    if row is not None and not changed(context, row):
        return {}
    amount, receiver = city_instalment(context, item.number), payee(context)
    shown = sha256(canonical({"amount": str(amount), "payee": receiver}).encode()).hexdigest()[:SHOWN]
    return {f"{item.number}-{shown}": _said(item.name, format_wan(amount), receiver)}


@prefill
def payment_to_approve(context: Context) -> str:
    """Return the payment that is due and not approved; blank when there is none."""
    return next(iter(payments_to_approve(context)), "")


@form_guard
@reads("payment:choice")
def payment_as_shown(context: Context) -> Iterator[Reason]:
    """Yield a reason when amount or payee are others than those that the first one has signed; as advice, another payee."""
    if context.data["payment"] not in payments_to_approve(context):
        text = "本期拨款已经审批，或者会签以后金额、收款账户有变动：请办理不予会签，按现在的内容重新审批。"
        yield Reason("A7.approval", text, context.cite("money"), field="payment")
    yield from other_payee(context, payee(context)["name"])


@guard
def payment_approved(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the instalment that is due is approved as it is now, and by another person than the one who pays."""
    item = instalment_due(context)
    if item is None:
        return
    row = approval_of(context, item.number)
    if row is None:
        yield not_approved(context.edition, item)
    elif what := changed(context, row):
        text = f"{item.name}的拨款审批单出具以后，{'、'.join(what)}有变动，须重新审批。"
        yield Reason("A7.approval", text, context.cite("money"))
    elif row.finance_id == context.actor.person_id:
        text = f"{item.name}由您代表{context.policy.city.finance.short}审批，须由另一人办理拨付。"
        yield Reason("A7.two_people", text, context.cite("money"))


@effect
def approve_payment(context: Context) -> None:
    """Record the approval of every office, and issue the order (拨款审批单) by which the treasury pays."""
    item, city, project = due_now(context), context.policy.city, context.project
    hold_budget(context, payment_within_budget)
    void_approval(context, item.number)
    grounds, amount = grounds_of(context, item.number), city_instalment(context, item.number)
    context.session.add(
        PaymentApproval(
            project_id=project.id,
            instalment=item.number,
            amount=amount,
            relied_on=grounds,
            approved_at=context.now,
            finance_id=_for_finance(context),
        )
    )
    who = context.policy.actions[APPROVE].who
    last = context.trigger, context.role, context.actor.name, context.now
    order = payment_order(
        project,
        context.edition,
        instalment=item,
        amount=amount,
        payee=grounds["payee"],
        funding=grounds["funding"],
        match=grounds["match"],
        issuer_paid=ledger(context).issuer_paid,
        exceptions=facts.waivers(context.session, city, project.id),
        signed=facts.signers(context.session, city, project.id, *last, who=who),
        paid=paid_of(context, "city"),
    )
    issue(context, "payment_order", f"{item.name}拨款审批单", order, subject=subject_of(item.number))
    notify(
        context,
        "approve_payment",
        to_role("finance"),
        instalment=item.name,
        amount=amount,
        name=grounds["payee"]["name"],
    )


def _for_finance(context: Context) -> int | None:
    """Return the person who has signed for the finance office."""
    signed = (row for row in context.rows.of(Countersignature) if (row.trigger, row.status) == (APPROVE, "used"))
    others = [row.person_id for row in signed if row.role == "finance"]
    return context.actor.person_id if context.role == "finance" else others[-1]


def void_approval(context: Context, number: int) -> None:
    """Make void the approval of that instalment; its order is not marked."""
    row = approval_of(context, number)
    if row is not None:
        row.voided_at = context.now
        context.session.flush()


def review_approvals(context: Context) -> None:
    """Make void the approval of an unpaid instalment when an action has changed what it relied on, or where the project is.

    Offices and treasury are asked by mail to approve, once for each approval, as soon as nothing else is missing.
    """
    states = context.life.states
    due = [item.number for item in context.edition.paid_after(states[context.project.state].pays)]
    if not (due or states[context.acted_in].pays):
        return
    paid, signers = ledger(context).instalments, (to_bureaus(), to_role("finance"))
    for row in context.rows.of(PaymentApproval):
        if row.voided_at is None and ("city", row.instalment) not in paid:
            what = changed(context, row) if row.instalment in due else ["项目所处的环节"]
            if what:
                row.voided_at = context.now
                cancel(context, ORDER, subject_of(row.instalment))
                name = context.edition.instalments[row.instalment - 1].name
                notify(context, "void_approval", *signers, key=_asked(context), instalment=name, what="、".join(what))
    if key := _asked(context):
        item = due_now(context)
        amount = city_instalment(context, item.number)
        notify(context, "ask_approval", *signers, key=key, instalment=item.name, amount=amount)


def _asked(context: Context) -> str | None:
    """Return the key of the mails that ask for the approval that is missing now; None while something else is missing, too."""
    context.session.flush()
    project, item = context.project, instalment_due(context)
    waits = waits_of(context, [project.id], [project.state]).get(project.id, ()) if item else ()
    if item is None or all(wait.fact != "approval_missing" for wait in waits):
        return None
    earlier = [row for row in context.rows.of(PaymentApproval) if row.instalment == item.number]
    return f"approve:{project.id}:{item.number}:{len(earlier)}"
