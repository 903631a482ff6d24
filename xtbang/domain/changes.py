"""Changes of the contract (变更): asked for by a party, agreed to by the others, decided, signed as a supplement, in force."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.actions.issue import cancel
from xtbang.actions.notify import Receivers, notify, to_bureaus, to_organisation, to_parties
from xtbang.actions.registry import answered, effect, form_guard, form_of_trigger, guard, options, prefill_form
from xtbang.domain.change_figures import against, joined
from xtbang.domain.change_values import definition_for, named, present
from xtbang.domain.common import signed_already
from xtbang.domain.consents import PARTIES, side
from xtbang.domain.supplement import issue_supplement, signed_by, subject_of
from xtbang.models import Change, ChangeMember, Event
from xtbang.models.change import UNDER_WAY
from xtbang.rules.changes import ALWAYS, DECIDERS, KINDS, NOTICE, OFFICES, decided_by, differs, rule_of
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason


def waiting(context: Context) -> Change | None:
    """Return the change that is under way; a project has one at a time."""
    return next((row for row in context.rows.of(Change) if row.status in UNDER_WAY), None)


def waiting_now(context: Context) -> Change:
    """Return the change that is under way. Raise LookupError when there is none."""
    change = waiting(context)
    if change is None:
        raise LookupError("no change is under way")
    return change


def begun(context: Context) -> Change | None:
    """Return the change that the actor's party has begun to write and not sent out."""
    drafts = (row for row in reversed(context.rows.of(Change)) if row.status == "draft")
    return next((row for row in drafts if row.side == side(context)), None)


def party_of(context: Context) -> str:
    """Return the party that the actor acts for: issuer, bidder, member:<organisation>."""
    bid, mine = context.project.agreed_bid, context.actor.organisation_id
    if mine == context.project.issuer_id:
        return "issuer"
    return "bidder" if bid and mine == bid.lead_id else f"member:{mine}"


def parties_to(context: Context, change: Change) -> dict[str, str]:
    """Return who has to agree, key of the party → name: every party that is bound afterwards, members that join included."""
    bid = context.project.agreed_bid
    if bid is None:
        raise LookupError("a contract without a bidder")
    found = {"issuer": f"发榜方{context.project.issuer.name}", "bidder": f"揭榜方{bid.lead.name}"}
    leaving = {row.organisation_id for row in change.members if not row.joins}
    members = [member.organisation for member in bid.members if member.organisation_id not in leaving]
    members += [row.organisation for row in change.members if row.joins]
    return found | {f"member:{row.id}": f"联合体成员{row.name}" for row in members}


def missing(context: Context, change: Change) -> dict[str, str]:
    """Return who has still to agree."""
    return {party: name for party, name in parties_to(context, change).items() if party not in change.agreed}


def to_whom(context: Context, parties: Iterable[str]) -> list[Receivers]:
    """Return receivers: the people of these parties."""
    bid = context.project.agreed_bid
    ids = {"issuer": context.project.issuer_id, "bidder": bid.lead_id if bid else None}
    return [
        to_organisation(ids[party] if party in ids else int(party.partition(":")[2]), party.partition(":")[0])
        for party in parties
    ]


def against_change(context: Context, text: str) -> Reason:
    """Return a reason that speaks of a change under way."""
    return Reason("A9.change", text, context.cite("examination"))


def without_change(context: Context, text: str) -> Reason:
    """Return the reason that there is no change: where it blocks, the action is not listed."""
    return Reason("A9.change", text, context.cite("examination"), nothing=True)


# ---------------------------------------------------------------- asked for


@options
def change_kinds(context: Context) -> dict[str, str]:
    """Return the kinds of change that the edition knows and that this state allows, each with who decides on it."""
    free = "report" in context.life.states[context.project.state].documents or not context.project.first_paid_on
    rules = (rule for rule in context.edition.changes if free or rule.kind in ALWAYS)
    return {rule.kind: f"{KINDS[rule.kind]}（{DECIDERS[rule.decided_by]}）" for rule in rules}


@guard
def no_change_waiting(context: Context) -> Iterator[Reason]:
    """Yield a reason while a change is under way: one at a time, and before the acceptance."""
    change = waiting(context)
    if change:
        yield against_change(context, f"合同变更（{KINDS[change.kind]}）正在办理，办结或者撤回后再办。")


@effect
@reads("kind:choice")
def open_change(context: Context) -> None:
    """Begin a change of that kind; what the party had begun before is dropped."""
    earlier = begun(context)
    if earlier:
        earlier.status, earlier.ended_at = "withdrawn", context.now
    row = Change(project_id=context.project.id, kind=context.data["kind"], side=side(context), opened_at=context.now)
    context.session.add(row)
    context.result["action"] = "propose_change"


@answered("open_change")
def form_of_change(_session: Session, _event: Event) -> dict[str, str]:
    """Return the action that comes next."""
    return {"action": "propose_change"}


@form_of_trigger("propose_change")
def change_form(context: Context) -> tuple[Field, ...]:
    """Return the fields of the kind of change that was begun, as the edition's document has them."""
    change = begun(context)
    return definition_for(context, change.kind).fields if change else ()


@prefill_form("propose_change")
def change_as_it_stands(context: Context) -> dict[str, Any]:
    """Return the values that hold now."""
    change = begun(context)
    return present(context, change.kind) if change else {}


@guard
def change_begun(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the actor's party has begun a change."""
    if begun(context) is None:
        yield without_change(context, "没有正在填写的变更，请先办理“申请变更”，选择变更的事项。")


@form_guard
@reads("file:file")
def change_sound(context: Context) -> Iterator[Reason]:
    """Yield reasons against the new values: nothing is changed, a rule is broken, no file."""
    change = begun(context)
    if change is None:
        return
    new = _new(context, change)
    if not differs(present(context, change.kind), new):
        yield against_change(context, f"{KINDS[change.kind]}没有改动。")
        return
    yield from against(context, change.kind, new)
    if _decider(context, change, new) == OFFICES and not context.data.get("file"):
        text = f"由{context.policy.city.together}审批的变更，须上传变更申请及有关证明材料。"
        yield Reason("A9.change", text, context.cite("examination"), field="file")


def _new(context: Context, change: Change) -> dict[str, Any]:
    return {field.key: context.data.get(field.key) for field in definition_for(context, change.kind).fields}


def _decider(context: Context, change: Change, new: dict[str, Any]) -> str:
    rule = rule_of(context.edition.changes, change.kind)
    return decided_by(rule, present(context, change.kind), new) if rule else OFFICES


@effect
@reads("reason:long file:file")
def propose_change(context: Context) -> None:
    """Send the change to the other parties, which have to agree before it goes out."""
    change = begun(context)
    if change is None:
        raise LookupError("no change was begun")
    change.old, change.new = present(context, change.kind), _new(context, change)
    change.decided_by = _decider(context, change, change.new)
    change.reason, change.file_id = context.data["reason"], context.file_id("file")
    change.status, change.asked_at = "asked", context.now
    if change.kind == "members":
        wanted = {organisation.id for _row, organisation in named(context, change.new) if organisation}
        now = joined(context)
        change.members = [ChangeMember(organisation_id=number, joins=True) for number in sorted(wanted - now)]
        change.members += [ChangeMember(organisation_id=number, joins=False) for number in sorted(now - wanted)]
        context.session.flush()
    change.agreed = {party_of(context): context.now.isoformat()}
    told = to_whom(context, missing(context, change))
    asker = PARTIES[change.side]
    notify(context, "propose_change", *told, asker=asker, what=KINDS[change.kind], reason=change.reason)


# ---------------------------------------------------------------- agreed to, or not


@guard
def change_to_agree(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a change waits for the consent of the actor's party."""
    change = waiting(context)
    if change is None or change.status != "asked":
        yield without_change(context, "没有等待本方同意的变更申请。")
    elif party_of(context) not in missing(context, change):
        yield against_change(context, f"等待{'、'.join(missing(context, change).values())}同意。")


def _joins(context: Context) -> bool:
    """Return whether the actor's organisation joins the consortium by the change."""
    change, mine = waiting(context), context.actor.organisation_id
    return change is not None and any(row.joins and row.organisation_id == mine for row in change.members)


@form_of_trigger("agree_change")
def consent_form(context: Context) -> tuple[Field, ...]:
    """Return the declaration of a member that joins; the others only agree."""
    label = f"我单位近 {context.edition.clean_years.value} 年内无不良信用记录和重大违法行为"
    return (Field("clean", label, FieldKind.FLAG, required=False),) if _joins(context) else ()


@form_guard
def joining_with_a_clean_record(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a member that joins declares the clean record that is asked of a bidder."""
    if _joins(context) and not context.data.get("clean"):
        years = context.edition.clean_years
        text = f"加入联合体的单位须承诺近 {years.value} 年内无不良信用记录。"
        yield Reason("A6.clean", text, years.article, field="clean")


@effect
def agree_change(context: Context) -> None:
    """Record the party's consent; with the last one the change goes to the offices, or to be signed."""
    change = waiting_now(context)
    change.agreed = change.agreed | {party_of(context): context.now.isoformat()}
    left = missing(context, change)
    what = KINDS[change.kind]
    if left:
        notify(context, "agree_change", *to_whom(context, [change.side]), what=what, awaited="、".join(left.values()))
    elif change.decided_by == NOTICE:
        issue_supplement(context, change)
    else:
        change.status = "deciding"
        notify(context, "agree_change_bureaus", to_bureaus(), what=what, reason=change.reason)


@effect
@reads("reason:long")
def decline_change(context: Context) -> None:
    """End a change to which this party does not agree; the contract stays as it is."""
    change, who = waiting_now(context), parties_to(context, waiting_now(context))[party_of(context)]
    end_change(context, change, "declined", context.data["reason"])
    notify(context, "decline_change", to_parties(), what=KINDS[change.kind], who=who, reason=context.data["reason"])


@guard
def change_untouched(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the actor's party has asked, and no one has decided or signed."""
    change = waiting(context)
    if change is None:
        if begun(context) is None:
            yield without_change(context, "没有可以撤回的变更申请。")
    elif change.side != side(context):
        yield against_change(context, f"变更由{PARTIES[change.side]}申请，由其撤回；不同意的可办理“不同意变更”。")
    elif change.status == "signing" and (change.decided_by == OFFICES or signed_by(context, change)):
        yield against_change(context, "变更已经批准或者已有一方签章，不能再撤回。")
    else:
        yield from signed_already(context)


@effect
def withdraw_change(context: Context) -> None:
    """Take back a change that no one has decided or signed."""
    change = waiting(context) or begun(context)
    if change is None:
        raise LookupError("no change to take back")
    sent = change.status != "draft"
    end_change(context, change, "withdrawn")
    if sent:
        notify(context, "withdraw_change", to_parties(), to_bureaus(), what=KINDS[change.kind])


def end_change(context: Context, change: Change, status: str, decision: str = "") -> None:
    """End a change in that status, with what was decided; its supplement is void."""
    change.status, change.ended_at, change.decision = status, context.now, decision
    cancel(context, "supplement", subject_of(change))


def overtake_changes(context: Context) -> None:
    """End whatever is under way: the project has ended."""
    for change in context.rows.of(Change):
        if change.status in ("draft", *UNDER_WAY):
            end_change(context, change, "overtaken")
