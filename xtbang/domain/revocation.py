"""撤销: a decision is taken back by the offices that made it; the project returns to the state before, with what it had then."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.actions.notify import Receivers, notify, to_bureaus, to_county, to_members, to_parties, to_role
from xtbang.actions.registry import AGAINST_REVOCATION, REVOCATIONS, REVOKED_PAPERS, effect, guard, leads_back, options
from xtbang.domain.common import chosen_id
from xtbang.domain.corrections import office_of, proposed_by
from xtbang.domain.ledger_lines import reverse
from xtbang.domain.overpayment import claim_overpaid
from xtbang.domain.payments import owed_again, pays
from xtbang.domain.recovery import COMPLETED, ENDED
from xtbang.domain.repayment import follow_plan
from xtbang.models import Countersignature, Event, LedgerEntry, Paper, Ruling
from xtbang.papers.facts import correction as facts_correction
from xtbang.queries.ledger import standing
from xtbang.queries.project_rows import ProjectRows
from xtbang.rules.dates import day_of
from xtbang.rules.lives import Action
from xtbang.rules.needs import reads
from xtbang.rules.policy import Policy
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

REVOKE = "revoke"
RECLAIM = "reclaim"  # the decision that leaves 办结
CLAIMS = ("recovery_due", "written_off")  # kinds of ledger lines
TAKES_BACK = (REVOKE, "execute_ruling")  # the actions that take the last decision back


def standing_moves(policy: Policy, events: Iterable[Event]) -> list[Event]:
    """Return those of a project's events that have brought it to its state, oldest first.

    Without those that were revoked, withdrawn by the action that takes them back, undone by the correction that came
    last, or made good by a payment made again.
    """
    standing: list[Event] = []
    for event in (event for event in events if event.outcome == "moved"):
        last = policy.actions.get(standing[-1].trigger) if standing else None
        detour = next((place for place, item in enumerate(standing) if _is_detour(policy, item, event)), None)
        if event.trigger in TAKES_BACK:
            standing = _without_what_a_correction_undid(policy, standing)[:-1]
        elif last is not None and last.undo == event.trigger:
            standing = standing[:-1]
        elif detour is not None:
            standing = standing[:detour]
        else:
            standing.append(event)
    return _without_what_a_correction_undid(policy, standing)


def _without_what_a_correction_undid(policy: Policy, moves: list[Event]) -> list[Event]:
    """Return the moves up to the one that led to where a correction, the last of them, has taken the project back to."""
    action = policy.actions.get(moves[-1].trigger) if moves else None
    if action is None or not action.leads_back:
        return moves
    there = [place for place, move in enumerate(moves[:-1]) if move.to_state == moves[-1].to_state]
    return moves[: there[-1] + 1] if there else moves


def _is_detour(policy: Policy, earlier: Event, event: Event) -> bool:
    """Return whether the event brings the project back to where a correction has taken it from."""
    action = policy.actions.get(earlier.trigger)
    return action is not None and action.leads_back and earlier.from_state == event.to_state


def last_decision(policy: Policy, rows: ProjectRows) -> Event | None:
    """Return the decision that has brought the project to its state, if it is one that can be revoked."""
    project, moves = rows.project, standing_moves(policy, rows.of(Event))
    last = moves[-1] if moves else None
    made = policy.life(project.edition).actions.get(last.trigger) if last else None
    return last if last and made and made.revocable and last.to_state == project.state else None


def revoking(policy: Policy, rows: ProjectRows, action: Action) -> Action:
    """Return the action of a revocation as it is done now: by the offices that made the decision, and two people."""
    project = rows.project
    last = last_decision(policy, rows) if project.state in action.sources else None
    if last is None:
        return replace(action, who=())
    made = policy.life(project.edition).actions[last.trigger]
    second = () if made.both else tuple(dict.fromkeys((*made.who, *policy.city.roles)))
    return replace(action, who=made.who, both=made.both, second=second)


def _decision(context: Context) -> Event | None:
    """Return the event of the decision that is chosen; before that the one that can be revoked."""
    if chosen := chosen_id(context, "decision"):
        return context.session.get(Event, chosen)
    return last_decision(context.policy, context.rows)


@options
def revocable_decisions(context: Context) -> dict[str, str]:
    """Return the decision that can be revoked: the last one, with its day."""
    last = last_decision(context.policy, context.rows)
    if last is None:
        return {}
    return {str(last.id): f"{quoted(named(context, last))}（{day_of_event(last)}）"}


def named(context: Context, event: Event) -> str:
    """Return what the action of an event is called."""
    action = context.life.actions.get(event.trigger)
    return action.name if action else event.trigger


def day_of_event(event: Event) -> str:
    """Return the day of an event in words."""
    return in_chinese(day_of(event.at))


@guard
@reads("decision:choice")
def decision_revocable(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the decision can be revoked: what was done on the ground of it may stand in the way."""
    decision = _decision(context)
    if decision is None or decision.trigger not in REVOCATIONS:
        yield Reason("revoke", "没有可以撤销的决定。", context.life.actions[REVOKE].article, nothing=True)
        return
    if decision.trigger in AGAINST_REVOCATION:
        yield from AGAINST_REVOCATION[decision.trigger](context, decision)


@leads_back(REVOKE)
def state_before(context: Context) -> str:
    """Return the state in which the decision was made; where an instalment was reversed since, the one that pays it."""
    decision = _decision(context)
    return context.project.state if decision is None else state_before_of(context, decision)


def state_before_of(context: Context, decision: Event) -> str:
    """Return the state in which that decision was made; where an instalment paid before was reversed, the one that pays it."""
    before = [line.instalment for line in context.rows.of(LedgerEntry) if line.event_id < decision.id]
    again = owed_again(context) if decision.from_state not in ENDED else []
    owed = [item for item in again if item.number in before]
    return pays(context, owed[0]) if owed else decision.from_state


@effect
@reads("decision:choice reason:long")
def revoke(context: Context) -> None:
    """Take the decision back: what it changed is as before, its papers are void, a 撤销决定书 says so."""
    undo(context, context.session.get_one(Event, int(context.data["decision"])), context.data["reason"])


def undo(context: Context, decision: Event, reason: str) -> None:
    """Make everything as it was before the decision, void its papers, issue the 撤销决定书 with that reason and tell it."""
    project, name = context.project, named(context, decision)
    project.closed_at = project.completed_at if project.state == COMPLETED else None
    project.completed_at = None if decision.trigger == RECLAIM else project.completed_at
    if project.state != decision.from_state:
        project.resumes = project.resumes or decision.from_state
    for line in standing(context.rows.of(LedgerEntry)):
        if line.kind in CLAIMS and decision.from_state not in ENDED:  # nothing is claimed any more
            reverse(context, line, "revoked", context.today)
    REVOCATIONS[decision.trigger](context, decision)
    for ruling in context.rows.of(Ruling):
        if ruling.decision_id == decision.id:
            ruling.executed_at = ruling.executed_at or context.now
    papers = papers_on(context.session, decision)
    printed = facts_correction.revocation(
        project,
        context.edition,
        decision=name,
        decided_on=day_of(decision.at),
        back_to=context.life.states[project.state].name,
        void=[{"title": paper.title, "code": paper.code} for paper in papers],
        reason=reason,
        signed=_signed(context),
        revoked_on=context.today,
        article=context.life.actions[decision.trigger].article,
    )
    by = issue(context, "revocation", "撤销决定书", printed, subject=f"event:{decision.id}")
    for paper in papers:
        paper.state, paper.voided_by_id = "cancelled", by.id
    if decision.from_state not in ENDED:
        claim_overpaid(context)  # what a change has claimed before is claimed as before
    follow_plan(context)
    notify(
        context, "revoke", *everyone(context), name=name, stage=context.life.states[project.state].name, reason=reason
    )


def papers_on(session: Session, decision: Event) -> Sequence[Paper]:
    """Return the papers in force that were issued on the ground of the decision: they become void with it."""
    names = REVOKED_PAPERS.get(decision.trigger, ())
    query = select(Paper).where(Paper.project_id == decision.project_id, Paper.made_at >= decision.at)
    return session.scalars(query.where(Paper.state == "current", Paper.name.in_(names)).order_by(Paper.id)).all()


def everyone(context: Context) -> list[Receivers]:
    """Return all whom a decision concerns: parties, members and offices; the treasuries once a subsidy is fixed."""
    project = context.project
    told = [to_parties(), to_members(project.agreed_bid), to_bureaus(), to_role("leader")]
    return told + ([to_role("finance"), to_county()] if project.subsidy_city is not None else [])


def _signed(context: Context) -> list[tuple[str, str]]:
    """Return office and person of every signature under what takes the decision back, the present one last."""
    used = [row for row in context.rows.of(Countersignature) if row.trigger == context.trigger and row.status == "used"]
    made = context.policy.city.signatures - 1 if proposed_by(context) else 0
    last = sorted(used, key=lambda row: row.id)[-made:] if made else []
    before = [(office_of(context, row.role), row.person.name) for row in last]
    return [*before, (office_of(context, context.role), context.actor.name)]
