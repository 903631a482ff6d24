"""The policy as frozen values: states, actions, due dates, tasks and editions, as defined in ``workflows/``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xtbang.rules.city import City
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition
from xtbang.rules.law import Cite


@dataclass(frozen=True)
class When:
    """A value that applies where a named fact about the project is true (see ``queries/project_facts.py``)."""

    fact: str
    value: tuple[str, ...]


@dataclass(frozen=True)
class Wait:
    """Something that a state waits for, as long as its fact holds (see ``queries/desk/waits.py``)."""

    fact: str
    who: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Way:
    """Another target of a transition, in an edition for which a fact holds (see ``rules/edition_facts.py``)."""

    fact: str
    to: str
    then: str = ""  # what happens besides, a name of ``actions/registry.py::CONSEQUENCES``


@dataclass(frozen=True)
class LeftOut:
    """The replacement of a stage in an edition that leaves it out.

    With a name the decision remains; without, what led to the stage leads to another one, or is not done at all.
    """

    name: str = ""  # of what remains
    about: str = ""
    turn: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()  # triggers that are not done in it then
    unneeded: tuple[str, ...] = ()  # guards that are not asked anywhere then
    to: str = ""  # where nothing remains: the state to which what led here leads
    then: str = ""  # and what happens besides

    @property
    def remains(self) -> bool:
        """Return whether the project still passes the state."""
        return bool(self.name)


@dataclass(frozen=True)
class State:
    """A state in the life of a project."""

    id: str
    name: str
    about: str = ""
    turn: tuple[str, ...] = ()  # roles whose turn it is, unless an entry of turn_when applies
    turn_when: tuple[When, ...] = ()
    waits: tuple[Wait, ...] = ()  # what it waits for, in order; whose turn it is follows from those that hold
    then: str = ""  # what comes when nothing is left of them; of a final state what the parties may do now
    final: bool = False
    path: bool = False  # on the main path 征集 … 尾拨
    market: bool = False  # also on the shorter path of the market track (常态化对接)
    market_name: str = ""  # its name on that path
    public: bool = True  # on the public lists, once listed
    funded: bool = False  # the city has promised money and not yet paid or recovered all of it
    documents: tuple[str, ...] = ()  # kinds of document that are written in this state
    pays: str = ""  # the event after which instalments are paid in this state, one of rules/edition.py::EVENTS
    paid_by: str = ""  # the trigger that pays them
    only_if: str = ""  # only editions have it for which this fact holds
    left_out: LeftOut | None = None  # for a stage that an edition may leave out
    tone: str = ""  # its look on pages: done, stop, muted
    days: int = 0  # that a project should wait in it at most; 0: no plan
    left: str = ""  # for a state that is not on the path: the state from which the project left the path
    left_when: tuple[When, ...] = ()


@dataclass(frozen=True)
class Action:
    """A transition, or an action that leaves the state unchanged (``to`` is empty)."""

    trigger: str
    name: str
    sources: tuple[str, ...]
    to: str
    who: tuple[str, ...]
    both: bool
    needs: tuple[str, ...]
    cites: tuple[Cite, ...]  # what it is about
    article: str  # the citation of that, as the edition says; of all editions together as the city says
    confirm: str
    danger: bool
    by_hand: bool
    exclusive: bool  # leaves the state unchanged, but outdates open pages as a transition does
    form: FormDefinition
    shows: tuple[str, ...] = ()  # names of the parts that its page shows in addition to the form
    hands_in: str = ""  # the kind of document that it hands in
    scan_of: str = ""  # the kind of document whose stamped scan is uploaded
    only_if: str = ""  # only editions have it for which this fact holds
    ways: tuple[Way, ...] = ()  # where it leads in some editions
    then: str = ""  # what happens besides its effect
    also: tuple[When, ...] = ()  # further states in which it is done in some editions
    ledger: bool = False  # adds a line to the ledger (资金台账); refuses an outdated page
    known_to: str = "parties"  # who sees it in the history: offices, parties, everyone (who has bid), bidder
    reason_told: bool = False  # the parties see its reason
    tone: str = ""  # its look in the history: stop, wait, done
    page: str = ""  # the name of the page of its own on which it is done
    next: str = ""  # what comes after it, where the state does not say it
    aside: bool = False  # can be chosen for every group of the desk
    undo: str = ""  # the action that takes it back, while no one has acted on it
    many: bool = False  # it can be done for many projects at once
    each: tuple[str, ...] = ()  # then these fields are filled in for each project, all others once for all
    corrected_by: str = ""  # the action that corrects it afterwards, by two people
    remedy: str = ""  # the sentence on its correction, where no single action corrects it
    issues: str = ""  # the papers and notices that follow
    second: tuple[str, ...] = ()  # who may confirm it (复核), another person: it takes effect with the second one
    offered_with: str = ""  # choices (``actions/registry.py::OPTIONS``) without any of which it is not offered
    revocable: bool = False  # a decision that the offices which made it may revoke (撤销)
    personal: tuple[str, ...] = ()  # its fields that name a person: the trail of events does not keep what they hold
    leads_back: bool = False  # a function says to which state it leads (``actions/registry.py::LEADS_BACK``)

    @property
    def confirmed_by(self) -> str:
        """Return what the button says that confirms the action: 确认 and its name, 确认 once."""
        return self.name if self.name.startswith("确认") else f"确认{self.name}"

    @property
    def moves(self) -> bool:
        """Return whether the action changes the state."""
        return bool(self.to)

    @property
    def outdates(self) -> bool:
        """Return whether the action refuses an outdated page, and makes the pages that others have open outdated."""
        return self.moves or self.exclusive or self.ledger or bool(self.second) or self.leads_back

    @property
    def final(self) -> bool:
        """Return whether nothing takes it back or corrects it; what leads back leads to where it can be done again."""
        return not (self.undo or self.corrected_by or self.remedy or self.revocable or self.leads_back)

    @property
    def signed(self) -> bool:
        """Return whether it takes more than one person."""
        return self.both or bool(self.second)


@dataclass(frozen=True)
class OtherWords:
    """Other words for some of those who are reminded of a date, as the act is another one's."""

    who: tuple[str, ...]  # roles
    todo: str


@dataclass(frozen=True)
class DueDate:
    """A date that people have to meet (期限)."""

    key: str  # also of its source in queries/desk/due_dates.py
    states: tuple[str, ...]
    label: str  # on pages, before the date
    name: str  # on the desk and in the calendar
    todo: str  # the subject of the reminder
    tell: tuple[str, ...]  # roles that are reminded
    days: int  # the reminder is sent so many calendar days before
    over: bool = False  # a passed date is over, not late
    only_if: str = ""  # only where an edition has this fact
    badge: bool = True  # shown on the page of the project and in lists, not only in calendar and reminders
    others: tuple[OtherWords, ...] = ()
    again: int = 0  # once it has passed, asked for again every so many days; 0: not
    letter: str = ""  # the title of the letter (催办函) that is printed when it is asked for a second time

    def acts(self, role: str) -> bool:
        """Return whether a reader in this role is the one who has to do it."""
        return self.todo_of(role) == self.todo

    def todo_of(self, role: str) -> str:
        """Return the words for a reader in this role."""
        return next((other.todo for other in self.others if role in other.who), self.todo)


@dataclass(frozen=True)
class Deed:
    """An action that the button of a task opens, the first of them that can be done."""

    trigger: str
    unless: str = ""  # a column of the row: not opened where it says that this has been done


@dataclass(frozen=True)
class Task:
    """Something that waits on the desk of a person or an office (待办) and is their next step."""

    key: str  # also the name of the query in queries/desk that returns the waiting rows
    title: str
    who: tuple[str, ...]
    states: tuple[str, ...] = ()  # states in which it can wait; empty: the query decides
    trigger: str = ""  # the next action; "*": the row names it
    document: str = ""  # the kind of document to be written next
    opens: str = ""  # another page that its button opens: project, seat, bid, notice, organisation, mail
    button: str = ""  # label of the button on the desk, when it is not the name of the action
    only_if: str = ""  # only where an edition has this fact
    step: str = ""  # label of the button in the list of own projects, with {columns} of its row
    deeds: tuple[Deed, ...] = ()  # what its button opens, where the task has no single next action

    @property
    def triggers(self) -> tuple[str, ...]:
        """Return the actions that its rows wait for, the first one first; none where the row names it."""
        return tuple(deed.trigger for deed in self.deeds) or ((self.trigger,) if self.trigger not in ("", "*") else ())


@dataclass(frozen=True)
class Life:
    """The states and actions of the projects of an edition, in the order of life."""

    states: dict[str, State]
    actions: dict[str, Action]

    @property
    def path(self) -> tuple[State, ...]:
        """Return the states on the main path."""
        return tuple(state for state in self.states.values() if state.path)


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
