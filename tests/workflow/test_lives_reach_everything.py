"""The people of the random lives come to every action of the life at least once: none is left out of what is tried there."""

from random import Random

import pytest

from tests.support.databases import Database
from tests.workflow.life_database import Life, Way, beginnings, lives
from tests.workflow.life_laws import SECOND, WHO, new_events
from tests.workflow.life_offers import accept, open_to
from tests.workflow.test_life_at_random import DID_NOT_FIT, SHORT_STEPS

NEVER = {
    "import_project": "a line of a county's table, not a draft, comes in by it",
    "revoke_import": "only what came in by a table",
    "file_objection": "the public has no offers; it is the step `object` of a way",
}
ROUNDS, STEPS = 6, 6
STEP, ALONE = 0.5, 0.2  # how often a step of the walk is taken, and how often nobody signs after the first


@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_action_is_taken_in_some_life(database: Database) -> None:
    taken: set[str] = set()
    for number in range(ROUNDS):
        for way in beginnings():
            if set(WHO) - taken != set(NEVER):
                taken |= _lived(database, way, Random(f"{number}:{way}"), taken)
    assert set(WHO) - taken == set(NEVER), sorted(set(WHO) - taken)


def _lived(database: Database, way: Way, rng: Random, known: set[str]) -> set[str]:
    """What was done in one life, above all what was never done before."""
    life, taken = Life(lives(database), way, rng.randint(0, 99_999)), set[str]()
    before = life.shot()
    for _ in range(STEPS):
        wanted = {
            (person, trigger)
            for trigger, (states, who) in WHO.items()
            if before.state in states and trigger not in known | taken | set(NEVER)
            for person in (*who, *SECOND.get(trigger, ()))
        }
        if not wanted:
            break
        try:
            _something(life, before.state, sorted(wanted), rng)
        except DID_NOT_FIT:
            life.session.rollback()
        taken |= {event.trigger for event in new_events(life, before)}
        before = life.shot()
    life.close()
    return taken


def _something(life: Life, state: str, wanted: list[tuple[str, str]], rng: Random) -> None:
    """One of those that nobody did yet where it is offered, otherwise something that may lead there."""
    offered = {person: open_to(life, person) for person in sorted({person for person, _trigger in wanted})}
    new = [(person, trigger) for person, trigger in wanted if trigger in offered[person]]
    steps, anybody = SHORT_STEPS.get(state, ()), rng.choice(Life.PEOPLE)
    others = [] if new else [(anybody, trigger) for trigger in open_to(life, anybody)]
    if steps and not new and (not others or rng.random() < STEP):
        getattr(life.walk, rng.choice(steps))()
    elif new or others:
        accept(life, *rng.choice(new or others), rng, alone=rng.random() < ALONE)
