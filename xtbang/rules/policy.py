"""The policy as frozen values: states, actions, dates to keep, tasks and editions, as ``workflows/`` says them."""

from dataclasses import dataclass, field

from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition


@dataclass(frozen=True)
class When:
    """A value that holds where a named fact about the project is true (see ``queries/project_facts.py``)."""

    fact: str
    value: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """A state of a project's life."""

    id: str
    name: str
    about: str = ""
    turn: tuple[str, ...] = ()  # whose turn it is, unless one of turn_when says otherwise
    turn_when: tuple[When, ...] = ()
    final: bool = False
    path: bool = False  # on the path 征集 … 尾拨
    market: bool = False  # also on the shorter path of what the market matches
    market_name: str = ""  # its name on that path
    documents: tuple[str, ...] = ()  # kinds of document that are written in this state
    tone: str = ""  # how it is drawn: done, stop, muted
    left: str = ""  # the state of the path that was left, for a state beside the path
    left_when: tuple[When, ...] = ()


@dataclass(frozen=True)
class Action:
    """A transition, or an act that leaves the state as it is (``to`` is empty)."""

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
    shows: tuple[str, ...] = ()  # what its page shows beside the form, by name
    hands_in: str = ""  # the kind of document that it hands in
    scan_of: str = ""  # the kind of document whose stamped scan it takes
    ledger: bool = False  # adds a line to the ledger; refuses a page that is out of date
    known_to: str = "parties"  # who finds it in the history: offices, parties, everyone (who has bid), bidder
    reason_told: bool = False  # its reason is told to the parties
    tone: str = ""  # how it is drawn in the history: stop, wait, done

    @property
    def moves(self) -> bool:
        """Whether it changes the state."""
        return bool(self.to)

    @property
    def outdates(self) -> bool:
        """Whether it refuses a page that is out of date, and outdates the pages that others have open."""
        return self.moves or self.exclusive or self.ledger


@dataclass(frozen=True)
class DueDate:
    """A date that people have to keep (期限)."""

    key: str  # also of its source in queries/desk/due_dates.py
    states: tuple[str, ...]
    label: str  # on pages, before the date
    name: str  # on the desk and in the calendar
    todo: str  # the subject of the reminder
    tell: tuple[str, ...]  # who is reminded
    days: int  # how many days before
    over: bool = False  # once it has passed it is over, not late
    badge: bool = True  # on the project's page and in lists, not only in calendar and reminders


@dataclass(frozen=True)
class Task:
    """Something that waits for somebody on the desk (待办) and is their next step."""

    key: str  # also the name of the function in queries/desk that asks for what waits
    title: str
    who: tuple[str, ...]
    states: tuple[str, ...] = ()  # in which it can wait; none: the query says it
    trigger: str = ""  # the action that is next; "*": the row names it
    document: str = ""  # the kind of document that is written next
    opens: str = ""  # another page that its button opens: project, seat, bid, notice, organisation, mail
    button: str = ""  # on the desk, where it is not the action's name
    step: str = ""  # the same among one's own projects, with {columns} of its row


@dataclass(frozen=True)
class Policy:
    """Everything that ``workflows/`` says."""

    states: dict[str, State]
    actions: dict[str, Action]
    editions: dict[str, Edition]
    path: tuple[State, ...] = field(default=())
    due_dates: tuple[DueDate, ...] = field(default=())
    tasks: tuple[Task, ...] = field(default=())

    def edition(self, key: str) -> Edition:
        """Return the edition; KeyError when there is none."""
        return self.editions[key]

    def handed_in_by(self, document: str) -> Action:
        """Return the action that hands in that kind of document; KeyError when there is none."""
        for action in self.actions.values():
            if action.hands_in == document:
                return action
        raise KeyError(document)

    def written_in(self, document: str) -> tuple[str, ...]:
        """Return the states in which that kind of document is written."""
        return tuple(state.id for state in self.states.values() if document in state.documents)
