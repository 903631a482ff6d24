"""The policy as one frozen value: lives, due dates, tasks and editions, as defined in ``workflows/``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xtbang.rules.city import City
from xtbang.rules.edition import Edition
from xtbang.rules.lives import Action, Life, State
from xtbang.rules.tasks import DueDate, Task


@dataclass(frozen=True)
class Policy:
    """Everything that ``workflows/`` defines."""

    city: City
    states: dict[str, State]
    actions: dict[str, Action]
    editions: dict[str, Edition]
    path: tuple[State, ...] = field(default=())
    due_dates: tuple[DueDate, ...] = field(default=())
    tasks: tuple[Task, ...] = field(default=())
    known_lines: dict[str, str] = field(default_factory=dict)  # line of a checklist → the fact that the program checks
    # returns the life of the projects of an edition; None: all are alike
    shape: Callable[[Edition], Life] | None = field(default=None, compare=False, repr=False)
    lives: dict[str, tuple[Edition, Life]] = field(default_factory=dict, compare=False, repr=False)  # made so far
    # by key the statements of `queries.prepared`, with the editions for which they were built
    statements: dict[Any, tuple[tuple[Edition, ...], Any]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def life(self, key: str) -> Life:
        """Return the life of a project under the edition of that key. Raise KeyError when there is none."""
        edition, known = self.edition(key), self.lives.get(key)
        if known is None or known[0] is not edition:  # frozen meanwhile, with another content
            life = self.shape(edition) if self.shape else Life(self.states, self.actions)
            known = self.lives[key] = (edition, life)
        return known[1]

    def days_in(self, key: str, state: str) -> int:
        """Return how many days a project of that edition should wait in a state; 0 where nothing is planned."""
        known = self.life(key).states.get(state)
        return self.edition(key).days.get(state, known.days if known else 0)

    def edition(self, key: str) -> Edition:
        """Return the edition (版本) of that key. Raise KeyError when there is none."""
        return self.editions[key]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all editions, whatever their revisions."""
        return tuple(dict.fromkeys(edition.name for edition in self.editions.values()))

    def newest(self, name: str, today: date) -> Edition:
        """Return the revision of an edition under which new entries are taken that day. Raise KeyError without any.

        Before the day of its amendment a revision is not taken, unless there is no earlier one.
        """
        revisions = sorted((e for e in self.editions.values() if e.name == name), key=lambda e: e.revision)
        if not revisions:
            raise KeyError(name)
        return next((e for e in reversed(revisions) if not e.amended_on or e.amended_on <= today), revisions[0])

    def taken(self, today: date) -> tuple[Edition, ...]:
        """Return the revision of every edition under which new entries are taken that day, the oldest edition first."""
        return tuple(self.newest(name, today) for name in self.names)

    @property
    def final(self) -> tuple[str, ...]:
        """Return the states that end a project's life."""
        return tuple(state.id for state in self.states.values() if state.final)

    @property
    def funded(self) -> tuple[str, ...]:
        """Return the states in which the city has promised money and not yet paid or recovered all of it."""
        return tuple(state.id for state in self.states.values() if state.funded)

    @property
    def county_pays(self) -> bool:
        """Return whether counties pay a share under any edition."""
        return any(edition.county_ratio.value for edition in self.editions.values())

    @property
    def never_public(self) -> tuple[str, ...]:
        """Return the states whose projects are on no public list, even if they were listed before."""
        return tuple(state.id for state in self.states.values() if not state.public)

    @property
    def before_bids(self) -> tuple[str, ...]:
        """Return the states before the first one in which bids are written."""
        every = list(self.states)
        return tuple(every[: every.index(self.written_in("bid")[0])])

    def done_on(self, page: str) -> Action:
        """Return the action that is done on the page of its own with that name. Raise KeyError when there is none."""
        for action in self.actions.values():
            if action.page == page:
                return action
        raise KeyError(page)

    def handed_in_by(self, document: str) -> Action:
        """Return the action that hands in that kind of document. Raise KeyError when there is none."""
        for action in self.actions.values():
            if action.hands_in == document:
                return action
        raise KeyError(document)

    def written_in(self, document: str) -> tuple[str, ...]:
        """Return the states in which that kind of document is written."""
        return tuple(state.id for state in self.states.values() if document in state.documents)
