"""The two bureaus' word that a 原则上 rule does not bind a project."""

from collections.abc import Iterator

from sqlalchemy import select

from xtbang.models import Waiver
from xtbang.rules.reasons import Force, Reason
from xtbang.stages.context import Context
from xtbang.stages.mailing import tell_parties, tell_role
from xtbang.stages.registry import GUARDS, effect, guard, options

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
    """Rules that stand against the project now, that both bureaus may waive and this one has not yet."""
    open_ones, _ = _waivable(context)
    return open_ones


@guard
def rule_waivable(context: Context) -> Iterator[Reason]:
    """There is a rule left for this bureau; the other bureau's word was given by somebody else."""
    open_ones, against = _waivable(context)
    if not open_ones:
        yield from against or [Reason("waiver", "目前没有可由两局同意例外的原则性条款。")]


@effect
def record_waiver(context: Context) -> None:
    """One bureau's word, with its reason; the rule is waived once both have given theirs."""
    rule, reason = context.data["rule"], context.data["reason"]
    sentence = waivable_rules(context).get(rule, rule)
    row = Waiver(
        project_id=context.project.id,
        rule=rule,
        role=context.role,
        person_id=context.actor.person_id,
        reason=reason,
        at=context.now,
    )
    context.session.add(row)
    here, title = BUREAUS[context.role], context.project.title
    query = select(Waiver.role).where(Waiver.project_id == context.project.id, Waiver.rule == rule)
    if set(context.session.scalars(query)) - {context.role}:
        body = f"两局已同意例外：{sentence}理由：{reason}"
        tell_parties(context, f"已同意例外：{title}", body)
        tell_role(context, "finance", f"已同意例外：{title}", body)
    else:
        other = next(role for role in BUREAUS if role != context.role)
        tell_role(context, other, f"请审核例外：{title}", f"{here}已同意例外：{sentence}理由：{reason}")


def _waivable(context: Context) -> tuple[dict[str, str], list[Reason]]:
    """Rule → its sentence for what this person may waive now, and why the others are closed."""
    names = WAIVABLE.get(context.project.state, ())
    standing = [reason for name in names for reason in GUARDS[name](context) if reason.force is Force.PRINCIPLE]
    rows = context.session.scalars(select(Waiver).where(Waiver.project_id == context.project.id)).all()
    given = {(row.rule, row.role): row for row in rows}
    found, against = {}, []
    for reason in standing:
        others = [row for (rule, role), row in given.items() if rule == reason.rule and role != context.role]
        if (reason.rule, context.role) in given:
            tail = "两局均已同意例外" if others else "等待另一局同意"
            text = f"{BUREAUS.get(context.role, '')}已同意例外，{tail}：{reason.text}"
            against.append(Reason("waiver", text, reason.article))
        elif any(row.person_id == context.actor.person_id for row in others):
            against.append(Reason("waiver", f"例外须由两局的两名不同人员分别同意：{reason.text}", reason.article))
        else:
            found[reason.rule] = str(reason)
    return found, against
