"""Thousands of random sequences by random people: nothing happens that the table of the life does not allow.

Short lives begin anywhere: at a step that the demo has taken on one of its ways, kept since it was first reached. Whole
lives begin with a draft. One rule takes a sensible next step, one lets anyone try anything with right, borderline and
nonsensical values, one lets time pass. After each, what the database says is held against what was there before.
"""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy.exc import NoResultFound

from tests.support.databases import Database
from tests.workflow.filling import SCAN, fill
from tests.workflow.life_database import Life, LifeDatabase, Way, beginnings, lives, policy
from tests.workflow.life_laws import (
    SECOND,
    WHO,
    chain_holds,
    ledger_balances,
    moves_are_in_the_table,
    new_events,
    papers_agree,
    papers_are_told,
)
from tests.workflow.life_offers import accept, open_to
from tests.workflow.life_players import HEARING, RECLAIMING, SITTING
from tests.workflow.life_waits import WatchedEngine
from tests.workflow.test_role_state_trigger import BY_ANYONE
from xtbang.errors import Blocked, Forbidden, Refusal
from xtbang.rules.actor import Actor
from xtbang.workflow.offers import Offer

TIMES = settings().max_examples // 60  # 1 in `make test`, where they are the same each time
NEXT = {
    "draft": ("submit",), "solicitation": ("accept",), "appraisal": ("appraise", "list_major", "list_regular"),
    "listing": ("bid", "revoke", "agree"), "bidding": ("write_application", "pay_bidder", "apply", "register_deal"),
    "roadshow": ("show", "recommend"), "publicity": ("publish", "revoke", "confirm"),
    "contracting": ("issue_contract", "sign", "revoke", "conclude"),
    "first_payment": ("check_payment", "match", "approve_less", "correct_record", "disburse_first"),
    "execution": (
        "county_pays", "report", "take_back", "revoke", "correct_record", "lower_subsidy", "recover", "request_acceptance",
        "request_extension",
    ),
    "extension": ("grant_extension",),
    "acceptance": ("examine", "take_back", "pass_acceptance"), "final_payment": ("match_second", "quash", "revoke", "disburse_final"),
    "closed": ("county_pays_second", "recover", "quash", "take_back", "revoke", "find_fraud"),
    "terminated": ("pay_too_much", "take_back", "revoke"), "rejected": ("quash", "revoke"),
    "termination": (
        "county_pays", "county_denies", "pay_by_parts", "recover", "pay_too_much", "ask_to_write_off", "take_back", "quash",
        "revoke", "settle",
    ),
}  # fmt: skip
# the same, the sittings of experts in single steps
SHORT_STEPS = NEXT | {
    "solicitation": ("accept", "change_call"),
    "appraisal": (*SITTING, "set_aside", "hold_meeting", "list_major", "list_regular"),
    "roadshow": (*SITTING, "set_aside", "hold_meeting", "visit", "recommend", "recommend_less"),
    "contracting": (*NEXT["contracting"], *HEARING, "sign_unread"),
    "execution": (*NEXT["execution"], *HEARING, "ask_for_account", "hold_meeting"),
    "closed": (*NEXT["closed"], *RECLAIMING),
    "acceptance": (*SITTING, *HEARING, "set_aside", "take_back", "ask_for_account", "pass_acceptance"),
}  # fmt: skip
# the last step before a short life begins: each part of the life is a test of its own
PARTS = {
    "posting": "submit send_back accept convene one_scores all_score conclude_panel list_regular promote drop list_major bid",
    "choosing": "agree register_deal write_application pay_bidder apply visit decline recommend",
    "awarding": "recommend_less publish object decide decide_upheld uphold confirm issue_contract sign conclude check_payment match",
    "working": "disburse_first county_pays report request_extension grant_extension request_acceptance rectify",
    "ending": "pass_acceptance match_second disburse_final county_pays_second terminate_objective "
    "inquire tell serve waive_answer decide_subjective decide_reclaim recover settle",
}
DID_NOT_FIT = (Refusal, LookupError, ValueError, NoResultFound)


class RandomLife(RuleBasedStateMachine):
    """One project, anybody, anything."""

    def __init__(self, lives: LifeDatabase, ways: Sequence[Sequence[Way]]) -> None:
        super().__init__()
        self.lives = lives
        self.ways = ways

    @initialize(data=st.data(), seed=st.integers(0, 10_000))
    def begin(self, data: st.DataObject, seed: int) -> None:
        way = data.draw(st.sampled_from(data.draw(st.sampled_from(self.ways))))
        self.life = Life(self.lives, way, seed)
        self.before = self.life.shot()

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self.life.close()

    @precondition(lambda self: self.before.state in NEXT)
    @rule(data=st.data())
    def someone_takes_a_step(self, data: st.DataObject) -> None:
        self.step(data.draw(st.sampled_from(SHORT_STEPS[self.before.state])))

    def step(self, name: str) -> None:
        try:
            getattr(self.life.walk, name)()
        except DID_NOT_FIT:
            self.life.session.rollback()
        self.look()

    @precondition(lambda self: self.before.state)
    @rule(person=st.sampled_from(Life.PEOPLE), seed=st.integers(0, 10_000), alone=st.booleans(), data=st.data())
    def someone_does_what_is_offered(self, person: str, seed: int, alone: bool, data: st.DataObject) -> None:
        offered = open_to(self.life, person)
        if offered:
            trigger = data.draw(st.sampled_from(offered))
            try:
                accept(self.life, person, trigger, Random(seed), alone=alone)
            except DID_NOT_FIT:
                self.life.session.rollback()
            self.look()

    @precondition(lambda self: self.before.state)
    @rule(person=st.sampled_from(Life.PEOPLE), seed=st.integers(0, 10_000), data=st.data())
    def anyone_tries_anything(self, person: str, seed: int, data: st.DataObject) -> None:
        here = [trigger for trigger, (states, _who) in WHO.items() if self.before.state in states]
        trigger = data.draw(st.sampled_from(here or sorted(WHO)) | st.sampled_from(sorted(WHO)))
        life, actor = self.life, self.life.actor(person)
        project = life.project
        assert project is not None
        offer, values = self.offer(actor, trigger, Random(seed))
        version = data.draw(st.sampled_from((None, project.version, project.version, project.version - 1)))
        life.session.rollback()
        trace = life.database.look()
        try:
            life.engine.perform(
                life.session, life.project_id, trigger, actor, values, version, uploads={SCAN.sha256: SCAN}
            )
        except Refusal as refusal:
            assert says_why(refusal)
            life.session.rollback()
            assert life.database.look() == trace, "a refusal left a trace"
        else:
            assert offer is None or offer.open, "done, although the page says that it cannot be"
            assert offer or trigger in BY_ANYONE, "done, although it is not offered"
            self.look(person, actor, trigger)

    def offer(self, actor: Actor, trigger: str, rng: Random) -> tuple[Offer | None, dict[str, object]]:
        """What the page offers this person, and something for every field of its form."""
        life, project, action = self.life, self.life.project, policy().actions[trigger]
        assert project is not None
        offer = life.engine.offer(life.session, project, actor, trigger)
        form = offer.form if offer else None
        if "public" in action.who:
            form = life.engine.form(life.engine.context(life.session, project, actor, "public", action), action)
        return offer, fill(form, rng, life.today, life.amounts()) if form else {}

    @rule(days=st.sampled_from((0, 1, 6, 20, 35, 200)))
    def time_passes(self, days: int) -> None:
        self.life.clock.now += timedelta(days=days)

    def look(self, person: str = "", actor: Actor | None = None, trigger: str = "") -> None:
        """Hold what is there now against what was there before; somebody may have done something."""
        after = self.life.shot()
        events = new_events(self.life, self.before)
        if actor:
            assert events, "no event for a deed"
            assert (events[0].trigger, events[0].actor_id) == (trigger, actor.person_id)
            assert is_for(person, trigger), f"{trigger} by {person}"
        moves_are_in_the_table(self.before, events, after)
        ledger_balances(self.life)
        if events:
            papers_agree(self.life.session, self.life.project_id)
            papers_are_told(self.life, self.before, events)
            chain_holds(self.life)
        self.before = after


class WholeLife(RandomLife):
    """Long enough to get from the draft to the end."""

    @rule(steps=st.integers(1, 12))
    def everyone_does_what_is_next(self, steps: int) -> None:
        for _ in range(steps):
            for name in NEXT.get(self.before.state, ()):
                self.step(name)


def is_for(person: str, trigger: str) -> bool:
    """Whether the table names that kind of person; the agency's organisation may bid as any outsider may."""
    _states, who = WHO[trigger]
    return (
        trigger in BY_ANYONE
        or person in who
        or person in SECOND.get(trigger, ())
        or (person == "agency" and "outsider" in who)
    )


def says_why(refusal: Refusal) -> bool:
    """Whether a person can read what stands against it."""
    if isinstance(refusal, Blocked):
        return bool(refusal.reasons) and all(str(reason).strip() for reason in refusal.reasons)
    return bool(str(refusal)) if isinstance(refusal, Forbidden) else True


def live(database: Database, kind: type[RandomLife], ways: Sequence[Sequence[Way]], examples: int, steps: int) -> None:
    """So many lives of so many rules."""
    place = lives(database)
    run_state_machine_as_test(
        lambda: kind(place, ways),
        settings=settings(
            max_examples=examples * TIMES, stateful_step_count=steps, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


SHORT, WHOLE = {"sqlite": 60, "postgresql": 12}, {"sqlite": 10, "postgresql": 2}
if TIMES == 1:  # a sample; the whole in `make faults`
    SHORT, WHOLE = {"sqlite": 6, "postgresql": 1}, {"sqlite": 1, "postgresql": 1}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_is_waited_for_was_told(database: Database) -> None:
    place = lives(database)
    for way in beginnings():
        place.at(way)
    assert {key for _since, (_person, key, _trigger) in WatchedEngine.begun} >= {
        "accept",
        "sign",
        "approve",
        "match",
        "panels",
    }
    assert not WatchedEngine.untold, "\n".join(sorted(WatchedEngine.untold))


@pytest.mark.hypothesis
@pytest.mark.timeout(300 * TIMES)
@pytest.mark.parametrize("part", PARTS)
def test_random_short_lives(database: Database, part: str) -> None:
    every = beginnings()
    ways = [[way for way in every if way.steps[-1:] == (step,)] for step in PARTS[part].split()]
    assert all(ways)
    live(database, RandomLife, ways, SHORT[database.name], 6)


@pytest.mark.hypothesis
@pytest.mark.timeout(300 * TIMES)
def test_random_whole_lives(database: Database) -> None:
    drafts = [way for way in beginnings() if not way.steps]
    live(database, WholeLife, [drafts], WHOLE[database.name], 15)
