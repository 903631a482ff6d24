"""The state machine of an edition: ``transitions`` decides what is legal in a state, and which state comes after."""

from collections.abc import Iterator

from transitions import Machine

from xtbang.rules.lives import Life


class LifeMachine:
    """The machine of one edition. Acts (不变动状态的事项) are transitions that stay in their state."""

    def __init__(self, life: Life) -> None:
        self._machine = Machine(
            model=None,
            states=list(life.states),
            transitions=[
                {"trigger": action.trigger, "source": list(action.sources), "dest": action.to or None}
                for action in life.actions.values()
            ],
            initial=next(iter(life.states)),
            auto_transitions=False,
        )
        self._legal = {state: frozenset(self._machine.get_triggers(state)) for state in life.states}

    @property
    def initial(self) -> str:
        """Return the state in which a project begins."""
        return str(self._machine.initial)

    def legal(self, state: str) -> frozenset[str]:
        """Return the triggers that are legal in a state."""
        return self._legal[state]

    def after(self, state: str, trigger: str) -> str | None:
        """Return the state after that trigger, which is the same after an act; None when it is illegal there."""
        found = self._machine.get_transitions(trigger, source=state)
        return (found[0].dest or state) if found else None

    def moves(self) -> Iterator[tuple[str, str, str]]:
        """Yield every transition that changes the state, as (from, to, trigger), in the order of life."""
        order = {state: number for number, state in enumerate(self._machine.states)}
        every = [
            (transition.source, transition.dest, trigger)
            for trigger in self._machine.events
            for transition in self._machine.get_transitions(trigger)
            if transition.dest is not None
        ]
        yield from sorted(every, key=lambda move: order[move[0]])
