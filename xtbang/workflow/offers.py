"""Offers (可办事项): what a person may do with a project, what not and why, by the same guards as ``perform()``."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session, object_session

from xtbang.actions.context import Context
from xtbang.actions.registry import ASKS_FORM, FORMS, GUARDS, LEADS_BACK, OPTIONS
from xtbang.actions.relations import in_turn, relations
from xtbang.domain.payments import state_after_payment, unpaid_after
from xtbang.domain.revocation import REVOKE, revoking
from xtbang.errors import Blocked
from xtbang.models import Countersignature, Project, Waiver
from xtbang.queries.caller import Caller
from xtbang.queries.project_rows import ProjectRows
from xtbang.rules.actor import Actor
from xtbang.rules.city import Signed
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import keyed, readable
from xtbang.rules.lives import Action, Life
from xtbang.rules.needs import needs_of_functions
from xtbang.rules.policy import Policy
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.site import Site
from xtbang.workflow.action_forms import ActionForms
from xtbang.workflow.machine import LifeMachine
from xtbang.workflow.unchecked import answer_of

CONFLICT = "您所在单位是本项目的一方，应当回避，不能办理本项目。"


@dataclass(frozen=True)
class Offer:
    """One action as one person sees it: open, or closed with all reasons."""

    action: Action
    role: str
    reasons: tuple[Reason, ...]  # that block it
    hints: tuple[Reason, ...] = ()  # advice, never blocks
    signed: Countersignature | None = None  # the first open signature of another office or person
    last: bool = True  # whether this signature completes the others
    signers: tuple[str, ...] = ()  # the roles that have signed
    known: ProjectRows | None = field(default=None, repr=False, compare=False)  # rows already loaded
    form: FormDefinition | None = field(default=None, repr=False, compare=False)  # with the choices of the project

    @property
    def open(self) -> bool:
        """Return whether no reason blocks it."""
        return not self.reasons


class Asking(ActionForms):
    """The read-only half of the engine."""

    def __init__(self, policy: Policy, site: Site, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.policy = policy
        self.machines: dict[str, tuple[Life, LifeMachine]] = {}
        self.site = site
        self.clock = clock

    @property
    def collected(self) -> datetime:
        """Return the moment up to which everything has arrived, see `Caller.collected`."""
        return self.clock() - self.site.grace

    def life(self, project: Project) -> Life:
        """Return the states and actions that projects of this edition have."""
        return self.policy.life(project.edition)

    def machine(self, project: Project) -> LifeMachine:
        """Return the machine of the project's edition."""
        life, known = self.life(project), self.machines.get(project.edition)
        if known is None or known[0] is not life:
            known = self.machines[project.edition] = (life, LifeMachine(life))
        return known[1]

    def action(self, project: Project, trigger: str, known: ProjectRows | None = None) -> Action:
        """Return an action as the project's edition has it; as others have it where this edition has none.

        ``known`` as in `offers`. Raise KeyError when there is no such action at all.
        """
        action = self.life(project).actions.get(trigger) or self.policy.actions[trigger]
        session = object_session(project)
        if trigger != REVOKE or session is None:
            return action
        return revoking(self.policy, known or ProjectRows(session, project), action)

    def caller(self, session: Session, actor: Actor) -> Caller:
        """Return actor, moment, installation and policy as a caller."""
        return Caller(session, actor, self.clock(), self.site, self.policy)

    def offers(self, session: Session, project: Project, actor: Actor, known: ProjectRows | None = None) -> list[Offer]:
        """Return every action of this state that this person may do, open or with all reasons against it.

        Also those lost to a conflict of interest. ``known`` holds rows of the project that are already loaded.
        """
        mine, conflict = relations(session, project, actor)
        known = known or ProjectRows(session, project)
        legal = self.machine(project).legal(project.state)
        here = (self.action(project, trigger, known) for trigger in self.life(project).actions if trigger in legal)
        found = (self._offered(session, project, actor, action, mine, conflict, known) for action in here)
        return [offer for offer in found if offer]

    def offer(
        self, session: Session, project: Project, actor: Actor, trigger: str, known: ProjectRows | None = None
    ) -> Offer | None:
        """Return one of the ``offers()`` for the page of that action, with its form; closed too when that cannot be made.

        None when it is not this person's in this state, or lost to a conflict of interest.
        """
        offer = self._asked(session, project, actor, self.action(project, trigger, known), known)
        if offer is None or not offer.role:
            return None
        context = self.context(session, project, actor, offer.role, offer.action, known=offer.known)
        try:
            return replace(offer, form=self.form(context, offer.action))
        except Blocked as blocked:
            return replace(offer, reasons=(*offer.reasons, *blocked.reasons))

    def _asked(
        self, session: Session, project: Project, actor: Actor, action: Action, known: ProjectRows | None
    ) -> Offer | None:
        if action.trigger not in self.machine(project).legal(project.state):
            return None
        mine, conflict = relations(session, project, actor)
        return self._offered(session, project, actor, action, mine, conflict, known or ProjectRows(session, project))

    def _offered(
        self,
        session: Session,
        project: Project,
        actor: Actor,
        action: Action,
        mine: Collection[str],
        conflict: bool,
        known: ProjectRows,
    ) -> Offer | None:
        begun = [item.trigger for item in known.of(Countersignature) if item.status == "open"] if action.second else ()
        doers = self.doers(action, begun)
        role = self.acting_role(session, project, actor, action, doers, mine, known)
        if role and role != "public":
            context = self.context(session, project, actor, role, action, known=known)
            if action.offered_with and not self._any_choice(context, action.offered_with):
                return None
            return self._offer(context, action)
        if conflict and actor.roles & set(doers):
            return Offer(
                action, "", (Reason("conflict", CONFLICT, self.policy.edition(project.edition).cite("conflict")),)
            )
        return None

    @staticmethod
    def doers(action: Action, begun: Collection[str]) -> tuple[str, ...]:
        """Return who may do an action, or confirm it (复核) where it is among those that have been begun."""
        return action.second if action.second and action.trigger in begun else action.who

    def acting_role(
        self,
        session: Session,
        project: Project,
        actor: Actor,
        action: Action,
        doers: Collection[str],
        mine: Collection[str],
        known: ProjectRows,
    ) -> str:
        """Return the role in which the actor acts, blank for none: of several the first in which the action is open."""
        roles = in_turn(session, project, actor, action.trigger, [who for who in doers if who in mine])
        if len(roles) < 2:
            return next(iter(roles), "")
        contexts = (self.context(session, project, actor, role, action, known=known) for role in roles)
        return next((context.role for context in contexts if self._offer(context, action).open), roles[0])

    def needed(self, action: Action) -> int:
        """Return how many people an action takes."""
        return self.policy.city.signs(action.who) if action.both else 2 if action.second else 1

    @staticmethod
    def _any_choice(context: Context, name: str) -> bool:
        """Return whether there is anything to choose from; True where that is not known."""
        try:
            return bool(answer_of(lambda: OPTIONS[name](context), name, context.project.id))
        except Blocked:
            return True

    def why_not(
        self, session: Session, project: Project, actor: Actor, trigger: str, known: ProjectRows | None = None
    ) -> tuple[Reason, ...]:
        """Return every reason against one action, before anything is filled in; empty when it is open."""
        action = self.action(project, trigger, known)
        if action.trigger not in self.machine(project).legal(project.state):
            return (self._illegal(project, action),)
        offer = self._asked(session, project, actor, action, known)
        if offer:
            return offer.reasons
        mine, _conflict = relations(session, project, actor)
        if action.offered_with and mine & {*action.who, *action.second}:
            return (Reason("choice", f"没有需要办理{quoted(action.name)}的内容。", action.article),)
        return (Reason("role", f"{quoted(action.name)}不由您办理。", action.article),)

    def context(
        self, session: Session, project: Project, actor: Actor, role: str, action: Action, **more: Any
    ) -> Context:
        """Return the context that guards and effects of that action get."""
        return Context.about(self.caller(session, actor), project, role, trigger=action.trigger, **more)

    def _offer(self, context: Context, action: Action) -> Offer:
        signed = self._signed(context, action)
        first, signers = self.first(context, signed), tuple(item.role for item in signed)
        against, hints = self._signing(context, action, first) if first else self.guards(context, action, filled=False)
        if action.signed:
            against += self._against_signing(context, action)
        last = len(signed) + 1 >= self.needed(action)
        return Offer(action, context.role, tuple(against), tuple(hints), first, last, signers, context.known)

    def _signing(self, context: Context, action: Action, first: Countersignature) -> tuple[list[Reason], list[Reason]]:
        """Return what stands in the way of a further signature, and the advice: what the first one filled in is known."""
        try:
            context.data = keyed(self.form(context, action), first.data)
        except Blocked as blocked:
            return blocked.reasons, []
        return self.guards(context, action, filled=True)

    def guards(
        self, context: Context, action: Action, filled: bool, wrong: Collection[str] = ()
    ) -> tuple[list[Reason], list[Reason]]:
        """Return every binding reason of every guard that is not waived, and the advice.

        ``wrong`` are the keys of fields with errors: guards that read one of them are not asked.
        """
        asked = [name for name in action.needs if name not in ASKS_FORM or (filled and _answers(name, action, wrong))]
        every = [reason for name in asked for reason in self._answer(context, name)]
        hints = [reason for reason in every if reason.force is Force.ADVICE]
        binding = [reason for reason in every if reason.force is not Force.ADVICE]
        if any(reason.force is Force.PRINCIPLE for reason in binding):
            waived = self._waived(context)
            binding = [r for r in binding if not (r.force is Force.PRINCIPLE and (r.rule, r.waiver_sentence) in waived)]
        return binding, hints

    def asked_back(
        self, context: Context, action: Action, values: Mapping[str, Any], wrong: Collection[str] = ()
    ) -> tuple[list[Reason], list[Reason]]:
        """Return what blocks the action with these values, and the advice to confirm before; nothing is changed.

        ``wrong`` as in `guards`.
        """
        context.data = readable(self.form(context, action), values)
        return self.guards(context, action, filled=True, wrong=wrong)

    def _answer(self, context: Context, name: str) -> list[Reason]:
        """Return the reasons of a guard; a fault in it is a reason against this one action (`answer_of`)."""
        try:
            return answer_of(lambda: list(GUARDS[name](context)), name, context.project.id)
        except Blocked as blocked:
            return blocked.reasons

    def _waived(self, context: Context) -> set[tuple[str, str]]:
        """Return what all offices have waived, as rule and sentence: a rule in other words or figures binds again."""
        given: dict[tuple[str, str], set[Signed]] = {}
        for waiver in context.rows.of(Waiver):
            if waiver.voided_at is None:
                given.setdefault((waiver.rule, waiver.sentence), set()).add((waiver.role, waiver.person_id))
        return {case for case, signed in given.items() if context.policy.city.all_signed(signed)}

    def _signed(self, context: Context, action: Action) -> list[Countersignature]:
        if not action.signed:
            return []
        waiting = (item for item in context.rows.of(Countersignature) if item.status == "open")
        return [item for item in waiting if item.trigger == action.trigger]

    def _against_signing(self, context: Context, action: Action) -> list[Reason]:
        signed, city = self._signed(context, action), context.policy.city
        if action.second:
            if any(item.person_id == context.actor.person_id for item in signed):
                text = f"本人已提交{quoted(action.name)}，须由另一人复核；要收回的，办理{quoted(self.policy.actions['withhold'].name)}。"
                return [Reason("countersign", text, action.article)]
            return []
        if city.has_signed(_signers(signed), context.role, context.actor.person_id, action.who):
            awaited = city.awaited((item.role for item in signed), action.who)
            text = f"{city.by_role[context.role].short}已会签{quoted(action.name)}，等待{awaited}会签。"
        elif any(item.person_id == context.actor.person_id for item in signed):
            text = f"会签须由{city.signers(action.who)}分别作出。"
        else:
            return []
        return [Reason("countersign", text, action.article)]

    def first(self, context: Context, signed: Sequence[Countersignature]) -> Countersignature | None:
        """Return the first of these signatures, unless the actor's office, or the only office's person, is among them."""
        action = self.action(context.project, context.trigger, context.rows)
        if action.second:
            return next((item for item in signed if item.person_id != context.actor.person_id), None)
        mine = context.policy.city.has_signed(_signers(signed), context.role, context.actor.person_id, action.who)
        return None if mine else next(iter(signed), None)

    def state_after(self, context: Context, action: Action) -> str:
        """Return the state after an action, by the machine of the project's edition. Raise Blocked when illegal.

        What pays an instalment moves on with the last one that is paid in its state. A state in which nothing is to be
        paid any more, since the subsidy has fallen, is passed over.
        """
        project = context.project
        after = self.machine(project).after(project.state, action.trigger)
        if after is None:
            raise Blocked([self._illegal(project, action)])
        if action.leads_back:
            return LEADS_BACK[action.trigger](context)
        states = self.life(project).states
        if states[project.state].paid_by == action.trigger:
            return state_after_payment(context, after)
        state = states[after]
        if after != project.state and state.pays and not unpaid_after(context, state.pays):
            return self.machine(project).after(after, state.paid_by) or after
        return after

    def _illegal(self, project: Project, action: Action) -> Reason:
        if action.trigger not in self.life(project).actions:
            return Reason("state", f"本项目所属的版本没有{quoted(action.name)}这一事项。", action.article)
        states = self.life(project).states
        names = "、".join(states[state].name for state in action.sources)
        here = states[project.state].name
        return Reason(
            "state", f"项目现处于{quoted(here)}，{quoted(action.name)}只能在{quoted(names)}时办理。", action.article
        )


def _answers(name: str, action: Action, wrong: Collection[str]) -> bool:
    """Return whether a guard of the form can be asked although these fields are wrong: it declares which ones it reads."""
    if not wrong:
        return True
    read = needs_of_functions(GUARDS[name]).keys()
    return bool(read) and not read & {*wrong} and "" not in wrong and action.trigger not in FORMS


def _signers(signed: Iterable[Countersignature]) -> list[Signed]:
    return [(item.role, item.person_id) for item in signed]
