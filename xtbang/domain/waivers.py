"""Waivers (同意例外): all offices that countersign agree that a 原则上 rule does not bind a project."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from sqlalchemy import ColumnElement, update

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.actions.registry import GUARDS, effect, guard, options
from xtbang.models import Waiver
from xtbang.rules.edition import ISSUER_PAYS_FIRST
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason

# the guards whose 原则上 rules may be waived, by state
BEFORE = {
    "contract": "contracting",
    "midterm": "midterm",
    "acceptance": "acceptance",
}  # event → the state that ends with it
WAIVABLE = {"bidding": ("funding_rules",), "execution": ("asked_in_time",)}


@options
def waivable_rules(context: Context) -> dict[str, str]:
    """Return the rules that block the project now, may be waived, and that this office has not waived yet."""
    open_ones, _ = _waivable(context)
    return {_key(reason): str(reason) for reason in open_ones}


@guard
def rule_waivable(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a rule is left for this office, and the others' waivers are of different people."""
    open_ones, against = _waivable(context)
    if not open_ones:
        text = f"目前没有可由{context.policy.city.together}同意例外的原则性条款。"
        yield from against or [Reason("waiver", text, nothing=True)]


@effect
@reads("rule:choice reason:long")
def record_waiver(context: Context) -> None:
    """Record one waiver; the rule is waived when all offices have waived the same sentence."""
    city = context.policy.city
    open_ones, _ = _waivable(context)
    waived = next(reason for reason in open_ones if _key(reason) == context.data["rule"])
    why = context.data["reason"]
    own = (Waiver.role == context.role) if len(city.offices) > 1 else (Waiver.person_id == context.actor.person_id)
    void(context, Waiver.rule == waived.rule, own)
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
    context.session.flush()
    given = {(other.role, other.person_id) for other in standing(context) if _about(other, waived)}
    if city.all_signed(given):
        notify(context, "record_waiver_both", to_parties(), to_role("finance"), waived=waived, reason=why)
    else:
        signed = {role for role, _person in given} if len(city.offices) > 1 else set()
        awaited, here = to_role(*(role for role in city.roles if role not in signed)), city.by_role[context.role].short
        notify(context, "record_waiver", awaited, bureau=here, waived=waived, reason=why)


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


def _names(context: Context) -> list[str]:
    """Return the guards that may be waived here; the issuer's payment, while the instalment that asks for it is near."""
    state, item = context.project.state, context.edition.issuer_pays_before
    used = {name for action in context.life.actions.values() for name in action.needs}
    names = [name for name in WAIVABLE.get(state, ()) if name in used]
    if item and (context.life.states[state].pays == item.after or state == BEFORE.get(item.after)):
        names.append(ISSUER_PAYS_FIRST)
    return names


def _waivable(context: Context) -> tuple[list[Reason], list[Reason]]:
    """Return the reasons that this person may waive now, and why the others cannot be waived."""
    names = _names(context)
    binding = [reason for name in names for reason in GUARDS[name](context) if reason.force is Force.PRINCIPLE]
    city, given = context.policy.city, standing(context)
    found, against = [], []
    for reason in binding:
        signed = [(row.role, row.person_id) for row in given if _about(row, reason)]
        done = city.all_signed(signed)
        if done or city.has_signed(signed, context.role, context.actor.person_id):
            tail = f"{city.together}均已同意例外" if done else f"等待{city.awaited({role for role, _ in signed})}同意"
            text = f"{city.by_role[context.role].short}已同意例外，{tail}：{reason.text}"
            against.append(Reason("waiver", text, reason.article))
        elif any(person == context.actor.person_id for _role, person in signed):
            text = f"例外须由{city.together}的{city.people}不同人员分别同意：{reason.text}"
            against.append(Reason("waiver", text, reason.article))
        else:
            found.append(reason)
    return found, against
