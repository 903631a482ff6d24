"""The policy as frozen values: states, actions, editions, as ``workflows/`` says them."""

from dataclasses import dataclass, field

from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition


@dataclass(frozen=True)
class State:
    """A state of a project's life."""

    id: str
    name: str
    about: str = ""
    turn: tuple[str, ...] = ()  # whose turn it is
    final: bool = False
    path: bool = False  # stands on the path 征集 … 尾拨


@dataclass(frozen=True)
class Action:
    """A transition, or an act beside the project (``to`` is empty: the state stays)."""

    trigger: str
    name: str
    sources: tuple[str, ...]
    to: str
    who: tuple[str, ...]
    both: bool
    needs: tuple[str, ...]
    article: str
    confirm: str
    danger: bool
    by_hand: bool
    exclusive: bool  # an act that, like a move, outdates the page others have open
    form: FormDefinition

    @property
    def moves(self) -> bool:
        """Whether it changes the state."""
        return bool(self.to)

    @property
    def outdates(self) -> bool:
        """Whether it counts the project's version up."""
        return self.moves or self.exclusive


@dataclass(frozen=True)
class Policy:
    """Everything that ``workflows/`` says."""

    states: dict[str, State]
    actions: dict[str, Action]
    editions: dict[str, Edition]
    path: tuple[State, ...] = field(default=())

    def edition(self, key: str) -> Edition:
        """The edition; KeyError when there is none."""
        return self.editions[key]
