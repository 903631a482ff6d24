"""Whatever any one party, member, expert, agency or county never does again, the others bring a project to an end.

The machine of every edition is explored with who does each action and whom its guards wait for. A guard that is not named
here counts as waiting for everybody.
"""

import pytest

from tests.workflow.conftest import WORKFLOWS
from xtbang.rules.life import life_of
from xtbang.rules.lives import Action, Life
from xtbang.workflow.definition import load_policy

POLICY = load_policy(WORKFLOWS)
GONE = ("issuer", "bidder", "member", "expert", "agency", "county")
# what looks at facts, or at what whoever acts fills in
FREE = frozenset(
    """
    nothing_paid once_submitted call_stands ending_proved cause_proved repayment_day_to_come county_unrecorded notice_number_free no_bid_agreed
    submitted_once new_bid_window resolution_recorded remark_written objection_upheld deadline_ahead scan_looked_at
    checklist_ticked no_restriction
    """.split()
)
# guard: acts, any of which answers it
ANSWERED = {
    "county_has_spoken": ("declare_county_unpaid",),
    "everything_recovered": ("approve_write_off",),
    "surplus_paid_back": ("return_surplus",),
    "parties_heard": ("record_service",),
}


def does(action: Action, gone: str) -> bool:
    """Whether somebody else does it: a party is issuer or bidder, an officer has colleagues."""
    return bool(set(action.who) - {gone})


def possible(life: Life, action: Action, state: str, gone: str) -> bool:
    """Whether the others do it in that state, without waiting for whoever is gone."""
    if state not in action.sources or not does(action, gone):
        return False
    for guard in action.needs:
        acts = [life.actions[name] for name in ANSWERED.get(guard, ())]
        if guard not in FREE and not any(state in act.sources and does(act, gone) for act in acts):
            return False
    return True


def ends(life: Life, gone: str) -> set[str]:
    """The states from which the others reach a final one."""
    found = {state.id for state in life.states.values() if state.final}
    while more := {
        state
        for state in life.states.keys() - found
        for action in life.actions.values()
        if action.to in found and possible(life, action, state, gone)
    }:
        found |= more
    return found


@pytest.mark.parametrize("edition", POLICY.editions.values(), ids=lambda edition: edition.key)
@pytest.mark.parametrize("gone", GONE)
def test_the_others_bring_every_project_to_an_end(edition: object, gone: str) -> None:
    life = life_of(Life(POLICY.states, POLICY.actions), edition)  # type: ignore[arg-type]
    assert life.states.keys() - ends(life, gone) == set()


def test_what_a_guard_waits_for_is_seen() -> None:
    """Without the write-off the one who owes the money would keep the project open for ever."""
    edition = POLICY.editions["2024"]
    whole = Life(POLICY.states, {key: item for key, item in POLICY.actions.items() if key != "approve_write_off"})
    with pytest.raises(KeyError):
        ends(life_of(whole, edition), "issuer")
