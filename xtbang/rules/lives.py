"""The life of a project as frozen values: its states and actions, as ``workflows/lifecycle.toml`` defines them."""

from dataclasses import dataclass

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
    name_when: tuple[When, ...] = ()  # another name where a fact of the project holds
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
    reopens: bool = False  # it leaves a final state, the only kind of action that may
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
class Life:
    """The states and actions of the projects of an edition, in the order of life."""

    states: dict[str, State]
    actions: dict[str, Action]

    @property
    def path(self) -> tuple[State, ...]:
        """Return the states on the main path."""
        return tuple(state for state in self.states.values() if state.path)
