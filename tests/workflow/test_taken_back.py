"""“不能撤销” is said only of what no act takes back, and whatever is said to take something back can be done afterwards."""

from tests.workflow.conftest import WORKFLOWS
from xtbang.rules.lives import Action
from xtbang.workflow.definition import load_policy

POLICY = load_policy(WORKFLOWS)
# what is asked once more and stays: an end that its party has chosen, a word that is given once, what ends a correction
FOR_GOOD = set(
    """
    withdraw discard extend_bids reopen give_up_bid give_up_entry give_up
    state_in_inquiry make_statement
    """.split()
)


def asked_once_more(action: Action) -> bool:
    return bool(action.confirm) or action.danger or action.ledger


def test_only_what_no_act_takes_back_is_said_to_stay() -> None:
    said = {name for name, action in POLICY.actions.items() if action.final and asked_once_more(action)}
    assert said == FOR_GOOD


def test_what_takes_something_back_can_be_done_where_the_project_is_afterwards() -> None:
    states = {state.id for state in POLICY.states.values()}
    checked = 0
    for action in POLICY.actions.values():
        after = {action.to} & states if action.to else set(action.sources)
        after |= {way.to for way in action.ways}
        for name in filter(None, (action.undo, action.corrected_by)):
            checked += 1
            assert after & set(POLICY.actions[name].sources), f"{action.trigger} is not taken back by {name}"
    assert checked > 50


def test_what_is_handed_in_can_be_taken_back_in_every_state_where_it_then_is() -> None:
    checked = 0
    for action in POLICY.actions.values():
        if action.undo:
            after = {action.to} if action.to else set(action.sources)
            checked += 1
            assert after <= set(POLICY.actions[action.undo].sources), f"{action.trigger} and {action.undo}"
    assert checked > 6


def test_whatever_a_second_person_confirms_says_which_paper_follows() -> None:
    """What the others issue beforehand is held by the random lives (`papers_are_told`)."""
    confirmed = [action for action in POLICY.actions.values() if action.second]
    assert [action.trigger for action in confirmed if not action.issues] == []
    assert len(confirmed) > 10
