"""Waivers (同意例外): both bureaus agree that a 原则上 rule does not bind a project."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from sqlalchemy import ColumnElement, update

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.actions.registry import GUARDS, effect, guard, options
from xtbang.models import Waiver
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason

BUREAUS = {"science": "市科技局", "industry": "市工信局"}
# the guards whose 原则上 rules both bureaus may waive, by state
WAIVABLE = {
    "bidding": ("funding_rules",),
    "contracting": ("issuer_has_paid",),
    "first_payment": ("issuer_has_paid",),
    "execution": ("asked_in_time",),
}


@options
def waivable_rules(context: Context) -> dict[str, str]:
    """Return the rules that block the project now, that both bureaus may waive and this one has not waived yet."""
    open_ones, _ = _waivable(context)
    return {_key(reason): str(reason) for reason in open_ones}


@guard
def rule_waivable(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a rule is left for this bureau, and the other bureau's waiver is of a different person."""
    open_ones, against = _waivable(context)
    if not open_ones:
        yield from against or [Reason("waiver", "目前没有可由两局同意例外的原则性条款。")]


@effect
@reads("rule:choice reason:long")
def record_waiver(context: Context) -> None:
    """Record one bureau's waiver; the rule is waived when both bureaus have waived the same sentence."""
    open_ones, _ = _waivable(context)
    waived = next(reason for reason in open_ones if _key(reason) == context.data["rule"])
    why = context.data["reason"]
    void(context, Waiver.rule == waived.rule, Waiver.role == context.role)
    row = Waiver(
        project_id=context.project.id,
        rule=waived.rule,
        role=context.role,
        person_id=context.actor.person_id,
        sentence=waived.waiver_sentence,
        reason=why,
        at=context.now,
    )
    context.session.add(row)
    if any(other.role != context.role and _about(other, waived) for other in standing(context)):
        notify(context, "record_waiver_both", to_parties(), to_role("finance"), waived=waived, reason=why)
    else:
        other_role = next(role for role in BUREAUS if role != context.role)
        here = BUREAUS[context.role]
        notify(context, "record_waiver", to_role(other_role), bureau=here, waived=waived, reason=why)


def standing(context: Context) -> list[Waiver]:
    """Return the waivers that are not void, oldest first."""
    return [row for row in context.rows.of(Waiver) if row.voided_at is None]


def void(context: Context, *which: ColumnElement[bool]) -> None:
    """Make these waivers void: another sentence has replaced theirs, or the reason for them is gone."""
    query = update(Waiver).where(Waiver.project_id == context.project.id, Waiver.voided_at.is_(None), *which)
    context.session.execute(query.values(voided_at=context.now))


def void_all_but(context: Context, reasons: Iterable[Reason]) -> None:
    """Make void all waivers except those of reasons that still hold in the same words."""
    reasons = list(reasons)
    for row in standing(context):
        if not any(_about(row, reason) for reason in reasons):
            row.voided_at = context.now


def _about(row: Waiver, reason: Reason) -> bool:
    return (row.rule, row.sentence) == (reason.rule, reason.waiver_sentence)


def _key(reason: Reason) -> str:
    """Return rule and sentence as one choice, so that a person who saw another sentence does not waive this one."""
    return f"{reason.rule}-{sha256(reason.waiver_sentence.encode()).hexdigest()[:12]}"


def _waivable(context: Context) -> tuple[list[Reason], list[Reason]]:
    """Return the reasons that this person may waive now, and why the others cannot be waived."""
    names = WAIVABLE.get(context.project.state, ())
    binding = [reason for name in names for reason in GUARDS[name](context) if reason.force is Force.PRINCIPLE]
    given = standing(context)
    found, against = [], []
    for reason in binding:
        rows = [row for row in given if _about(row, reason)]
        others = [row for row in rows if row.role != context.role]
        if len(others) < len(rows):
            tail = "两局均已同意例外" if others else "等待另一局同意"
            text = f"{BUREAUS.get(context.role, '')}已同意例外，{tail}：{reason.text}"
            against.append(Reason("waiver", text, reason.article))
        elif any(row.person_id == context.actor.person_id for row in others):
            against.append(Reason("waiver", f"例外须由两局的两名不同人员分别同意：{reason.text}", reason.article))
        else:
            found.append(reason)
    return found, against
