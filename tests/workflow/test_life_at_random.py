"""Thousands of random sequences by random people: nothing happens that the table of the life does not allow.

The machine walks a real demo company. One rule takes the next sensible step (so that late states are reached), one lets
anyone try anything with right, borderline and nonsensical values, one lets time pass. After each, what the database says is
held against what was there before.
"""

import os
from datetime import timedelta
from decimal import Decimal
from random import Random

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import select

from tests.workflow.filling import SCAN, fill
from tests.workflow.life_world import Life, Shot
from tests.workflow.test_role_state_trigger import TABLE
from xtbang.errors import Blocked, Forbidden, Refusal
from xtbang.models import Event
from xtbang.stages import audit

# each example is a sequence of up to fifteen rules, some of which take a dozen steps
EXAMPLES = 2000 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 40

# trigger: the states it leads to, by hand; an act leads nowhere
LEADS = {
    "submit": "solicitation", "send_back": "draft", "withdraw": "withdrawn", "accept": "appraisal", "refuse": "rejected",
    "list_regular": "listing", "list_major": "listing", "promote": "appraisal", "drop": "rejected", "agree": "bidding",
    "reopen": "listing", "register_deal": "closed", "apply": "roadshow", "recommend": "publicity", "decline": "rejected",
    "confirm": "contracting", "uphold": "rejected", "conclude": "first_payment", "disburse_first": "execution",
    "request_extension": "extension", "grant_extension": "execution", "deny_extension": "execution",
    "request_acceptance": "acceptance", "rectify": "execution", "pass_acceptance": "final_payment",
    "disburse_final": "closed", "terminate": "termination", "settle": "terminated",
}  # fmt: skip
NEXT = {
    "draft": ("submit",), "solicitation": ("accept",), "appraisal": ("appraise", "list_major", "list_regular"),
    "listing": ("bid", "agree"), "bidding": ("write_application", "pay_bidder", "apply", "register_deal"),
    "roadshow": ("show", "recommend"), "publicity": ("publish", "confirm"), "contracting": ("issue_contract", "sign", "conclude"),
    "first_payment": ("check_payment", "match", "disburse_first"),
    "execution": ("county_pays", "report", "request_acceptance", "request_extension"), "extension": ("grant_extension",),
    "acceptance": ("examine", "pass_acceptance"), "final_payment": ("match_second", "disburse_final"),
    "closed": ("county_pays_second",), "termination": ("recover", "settle"),
}  # fmt: skip


class RandomLife(RuleBasedStateMachine):
    """One project, anybody, anything."""

    life: Life

    @initialize(seed=st.integers(0, 10_000), kind=st.sampled_from(("tech_demand", "scene_demand", "tech_supply")))
    def begin(self, seed: int, kind: str) -> None:
        self.life = Life(kind, seed)
        self.before = self.life.shot()

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self.life.close()

    @precondition(lambda self: hasattr(self, "life"))
    @rule(steps=st.integers(1, 12))
    def take_the_next_steps(self, steps: int) -> None:
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        for name in NEXT.get(self.before.state, ()):
            try:
                getattr(self.life.walk, name)()
            except (Refusal, LookupError, ValueError, AssertionError):  # the step does not fit here
                self.life.session.rollback()
            self.look(None)

    @rule(person=st.sampled_from(sorted(Life.PEOPLE)), seed=st.integers(0, 10_000), data=st.data())
    def anyone_tries_anything(self, person: str, seed: int, data: st.DataObject) -> None:
        here = [trigger for trigger, (states, _who) in TABLE.items() if self.before.state in states.split()]
        trigger = data.draw(st.sampled_from(sorted(here) or sorted(TABLE)) | st.sampled_from(sorted(TABLE)))
        engine, project, actor = self.life.engine, self.life.project, self.life.actor(person)
        if project is None:
            return
        offer = next((o for o in engine.offers(self.life.session, project, actor) if o.action.trigger == trigger), None)
        values = {}
        if offer and offer.role:
            context = engine.context(self.life.session, project, actor, offer.role, offer.action)
            form = engine.form(context, offer.action)
            values = fill(form, Random(seed), self.life.today, self.life.amounts())
        version = data.draw(st.sampled_from((None, project.version, project.version, project.version - 1)))
        done = False
        try:
            uploads = {SCAN.sha256: SCAN}
            engine.perform(self.life.session, project.id, trigger, actor, values, version, uploads=uploads)
            done = True
        except Blocked as blocked:
            assert blocked.reasons
            assert all(str(reason).strip() for reason in blocked.reasons)
        except Forbidden as forbidden:
            assert str(forbidden)
        except Refusal:
            pass
        assert not (done and offer is None)
        self.look(done)

    @rule(days=st.sampled_from((0, 1, 6, 20, 35, 200)))
    def time_passes(self, days: int) -> None:
        self.life.clock.now += timedelta(days=days)

    def look(self, done: bool | None) -> None:
        """Hold what is there now against what was there before."""
        after, before = self.life.shot(), self.before
        if done is False:
            assert after == before, "a refusal left a trace"
        if done:
            assert after.events > before.events, "no event for a deed"
        self.moves_are_in_the_table(before, after)
        self.ledger_balances()
        self.before = after

    def moves_are_in_the_table(self, before: Shot, after: Shot) -> None:
        new = select(Event).where(Event.project_id == self.life.project_id, Event.id > before.last_event)
        state = before.state
        for event in self.life.session.scalars(new.order_by(Event.id)):
            if event.trigger == "create_entry" or event.actor_name == "社会公众":
                continue
            assert event.from_state == state
            states, who = TABLE[event.trigger]
            assert state in states.split(), f"{event.trigger} in {state}"
            people = [*who.replace("issuer bidder", "issuer bidder party").split(), "system"]
            assert event.role in people, f"{event.trigger} by {event.role}"
            if event.outcome == "moved":
                state = LEADS[event.trigger]
            assert event.to_state == state
        assert after.state in (state, "")

    def ledger_balances(self) -> None:
        project = self.life.project
        if project is None:
            return
        paid, due, back = (self.life.sums(kind) for kind in ("instalment", "recovery_due", "recovered"))
        granted = {"city": project.subsidy_city or Decimal(0), "county": project.subsidy_county or Decimal(0)}
        for source in ("city", "county"):
            assert back.get(source, 0) <= due.get(source, 0) <= paid.get(source, 0) <= granted[source]
        if project.state == "terminated":
            assert back == due
        if project.state == "closed" and project.track == "funded":
            assert paid["city"] == granted["city"]
        events = select(Event).where(Event.stream == f"project:{project.id}").order_by(Event.sequence)
        assert audit.broken(self.life.session.scalars(events)) == []


TestRandomLife = RandomLife.TestCase
TestRandomLife.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=15, deadline=None, phases=[Phase.generate]
)
