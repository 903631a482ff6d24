"""``lifecycle.toml`` → states, actions, dates to keep and tasks, in the order of life."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from xtbang.actions.registry import EFFECTS, GUARDS
from xtbang.enums import ROLE_LABELS
from xtbang.queries.action_page import SHOWS
from xtbang.queries.desk.due_dates import DUE_DATES
from xtbang.queries.desk.tasks import TASKS
from xtbang.queries.project_facts import FACTS
from xtbang.rules.fields import Field, FormDefinition, Section
from xtbang.rules.policy import Action, DueDate, State, Task, When
from xtbang.workflow.editions import DOCUMENTS
from xtbang.workflow.reading import StrictReader

ACTORS = frozenset(ROLE_LABELS) - {"applicant", "system"}
WRITTEN = ("form", *DOCUMENTS)
TONES = ("", "done", "stop", "wait", "muted")
KNOWN_TO = ("offices", "parties", "everyone", "bidder")
PLACES = ("", "project", "seat", "bid", "notice", "organisation", "mail")
FLAGS_OF_ACTION = ("danger", "exclusive", "ledger", "reason_told")
TEXTS_OF_ACTION = ("name", "article", "confirm", "hands_in", "scan_of", "tone")

TableOfToml = dict[str, Any]


@dataclass(frozen=True)
class Lifecycle:
    """Everything that ``lifecycle.toml`` says."""

    states: dict[str, State]
    actions: dict[str, Action]
    due_dates: tuple[DueDate, ...]
    tasks: tuple[Task, ...]


class LifecycleReader(StrictReader):
    """Reads states, transitions, acts, dates to keep and tasks."""

    def lifecycle(self) -> Lifecycle:
        """Return all of it in the order of the file."""
        data = self._load()
        self._keys(data, {"state", "transition", "act", "shared", "due", "task"}, needs=("state", "transition"))
        names = [str(table.get("id", "")) for table in self._tables(data, "state")]
        self._once(names, "[[state]]")
        self.names = set(names)
        self.states = {state.id: state for state in map(self._state, self._tables(data, "state"))}
        self.shared = self._shared(data)
        actions = [self._action(table, "transition") for table in self._tables(data, "transition")]
        actions += [self._action(table, "act") for table in self._tables(data, "act", default=[])]
        self._once([action.trigger for action in actions], "trigger")
        self._whole(actions)
        self._all_shown(actions)
        order = {action.trigger: number for number, action in enumerate(actions)}
        places = {name: self._line(f'trigger = "{name}"') for name in order}
        self.actions = {a.trigger: a for a in sorted(actions, key=lambda action: places[action.trigger])}
        due_dates = tuple(self._due(table) for table in self._tables(data, "due", default=[]))
        self._all([due.key for due in due_dates], DUE_DATES, "[[due]]")
        tasks = tuple(self._task(table) for table in self._tables(data, "task", default=[]))
        self._all([task.key for task in tasks], TASKS, "[[task]]")
        return Lifecycle(self.states, self.actions, due_dates, tasks)

    def _all(self, keys: list[str], asked: Collection[str], table: str) -> None:
        """Fail unless everything that the program asks for has its table, once."""
        self._once(keys, table)
        for key in asked:
            if key not in keys:
                self._fail(f'expected {table} key = "{key}": xtbang/queries/desk asks for it', table)

    def _line(self, needle: str) -> int:
        return next((number for number, line in enumerate(self.lines) if needle in line), 0)

    def _shared(self, data: TableOfToml) -> dict[str, tuple[Field, ...]]:
        shared = {}
        for table in self._tables(data, "shared", default=[]):
            hint = (f'name = "{table.get("name", "")}"',)
            self._keys(table, {"name", "field"}, hint, needs=("name", "field"))
            shared[table["name"]] = tuple(self._field(item) for item in self._tables(table, "field", hint))
        return shared

    def _state(self, table: TableOfToml) -> State:
        hint = (f'id = "{table.get("id", "")}"',)
        known = {"id", "name", "about", "turn", "turn_when", "final", "path", "market", "market_name", "documents"}
        self._keys(table, known | {"tone", "left", "left_when"}, hint, needs=("id", "name"))
        turn = self._roles(table, "turn", hint)
        documents = self._texts(table, "documents", hint)
        self._each(documents, WRITTEN, "a kind of document", *hint, "documents")
        tone = self._text(table, "tone", hint)
        self._among(tone, TONES, "a tone", *hint, "tone")
        left = self._text(table, "left", hint)
        self._among(left, {"", *self.names}, "a state", *hint, "left")
        plain: TableOfToml = {name: self._text(table, name, hint) for name in ("id", "name", "about", "market_name")}
        plain |= {name: self._flag(table, name, hint) for name in ("final", "path", "market")}
        return State(
            **plain,
            turn=turn,
            turn_when=tuple(self._turn_when(item, hint) for item in self._tables(table, "turn_when", hint, default=[])),
            documents=documents,
            tone=tone,
            left=left,
            left_when=tuple(self._left_when(item, hint) for item in self._tables(table, "left_when", hint, default=[])),
        )

    def _turn_when(self, table: TableOfToml, hint: tuple[str, ...]) -> When:
        hint = (*hint, "[[state.turn_when]]")
        self._keys(table, {"fact", "turn"}, hint, needs=("fact", "turn"))
        return When(self._fact(table, hint), self._roles(table, "turn", hint))

    def _left_when(self, table: TableOfToml, hint: tuple[str, ...]) -> When:
        hint = (*hint, "[[state.left_when]]")
        self._keys(table, {"fact", "left"}, hint, needs=("fact", "left"))
        self._among(table["left"], self.names, "a state", *hint, "left")
        return When(self._fact(table, hint), (str(table["left"]),))

    def _fact(self, table: TableOfToml, hint: tuple[str, ...]) -> str:
        self._among(table["fact"], FACTS, "a fact in xtbang/queries/project_facts.py", *hint, "fact")
        return str(table["fact"])

    def _roles(self, table: TableOfToml, name: str, hint: tuple[str, ...]) -> tuple[str, ...]:
        roles = self._texts(table, name, hint)
        self._each(roles, ACTORS, "a role or relation", *hint, name)
        return roles

    def _in_states(self, table: TableOfToml, name: str, hint: tuple[str, ...]) -> tuple[str, ...]:
        found = self._texts(table, name, hint)
        self._each(found, self.states, "a state", *hint, name)
        return found

    def _action(self, table: TableOfToml, kind: str) -> Action:
        trigger = table.get("trigger", "")
        hint = (f'trigger = "{trigger}"',)
        source = "from" if kind == "transition" else "in"
        known = {"trigger", source, "who", "needs", "file", "shows", "known_to", "field", "fields"}
        known |= {*FLAGS_OF_ACTION, *TEXTS_OF_ACTION} - ({"exclusive"} if kind == "transition" else set())
        known |= {"to", "both"} if kind == "transition" else {"by_hand"}
        needs = ("trigger", "name", source, "who", "needs", "article", *(("to",) if kind == "transition" else ()))
        self._keys(table, known, hint, needs=needs)
        self._among(trigger, EFFECTS, "a function in xtbang/stages", *hint)
        sources = self._in_states(table, source, hint)
        who, guards = self._roles(table, "who", hint), self._texts(table, "needs", hint)
        self._each(guards, GUARDS, "a guard in xtbang/stages", *hint, "needs")
        self._lies_in(trigger, self._text(table, "file", hint) or f"stages/{sources[0]}", hint)
        to = self._text(table, "to", hint)
        if kind == "transition":
            self._among(to, self.states, "a state", *hint, "to")
        both = self._flag(table, "both", hint)
        if both and set(who) != {"science", "industry"}:
            self._fail("both: expected who = science and industry", *hint)
        texts = {name: self._text(table, name, hint) for name in TEXTS_OF_ACTION}
        self._among(texts["tone"], TONES, "a tone", *hint, "tone")
        for name in ("hands_in", "scan_of"):
            self._among(texts[name], {"", *WRITTEN}, "a kind of document", *hint, name)
        known_to = self._text(table, "known_to", hint) or "parties"
        self._among(known_to, KNOWN_TO, "a circle of readers", *hint, "known_to")
        shows = self._texts(table, "shows", hint)
        self._each(shows, SHOWS, "shown by xtbang/queries/action_page", *hint, "shows")
        plain: TableOfToml = texts | {name: self._flag(table, name, hint) for name in FLAGS_OF_ACTION}
        return Action(
            trigger=trigger,
            sources=sources,
            to=to,
            who=who,
            both=both,
            needs=guards,
            by_hand=self._flag(table, "by_hand", hint, default=True),
            form=self._form(table, hint, trigger, texts["name"]),
            shows=shows,
            known_to=known_to,
            **plain,
        )

    def _form(self, table: TableOfToml, hint: tuple[str, ...], trigger: str, title: str) -> FormDefinition:
        form = tuple(self._field(item, hint) for item in self._tables(table, "field", hint, default=[]))
        if name := self._text(table, "fields", hint):
            self._among(name, self.shared, "a [[shared]] list of fields", *hint, "fields")
            form += self.shared[name]
        return FormDefinition(trigger, title, sections=(Section("", form),))

    def _lies_in(self, trigger: str, said: str, hint: tuple[str, ...]) -> None:
        """Fail unless the function of an action lies in the file that is said here."""
        lies = EFFECTS[trigger].__module__.removeprefix("xtbang.").replace(".", "/")
        if lies != said:
            self._fail(f'{trigger} lies in xtbang/{lies}.py, not in xtbang/{said}.py: say file = "{lies}"', *hint)

    def _due(self, table: TableOfToml) -> DueDate:
        hint = ("[[due]]", f'key = "{table.get("key", "")}"')
        texts = ("key", "label", "name", "todo")
        self._keys(table, {*texts, "in", "tell", "days", "over", "badge"}, hint, needs=(*texts, "in", "tell", "days"))
        self._among(table["key"], DUE_DATES, "a source in xtbang/queries/desk/due_dates.py", *hint)
        return DueDate(
            states=self._in_states(table, "in", hint),
            tell=self._roles(table, "tell", hint),
            days=int(self._typed(table, "days", int, 0, hint)),
            over=self._flag(table, "over", hint),
            badge=self._flag(table, "badge", hint, default=True),
            **{name: self._text(table, name, hint) for name in texts},
        )

    def _task(self, table: TableOfToml) -> Task:
        hint = ("[[task]]", f'key = "{table.get("key", "")}"')
        texts = ("key", "title", "trigger", "document", "opens", "button", "step")
        self._keys(table, {*texts, "in", "who"}, hint, needs=("key", "title", "who"))
        found = {name: self._text(table, name, hint) for name in texts}
        self._among(found["key"], TASKS, "a function in xtbang/queries/desk", *hint)
        self._among(found["trigger"], {"", "*", *self.actions}, "a trigger", *hint, "trigger")
        self._among(found["document"], {"", *WRITTEN}, "a kind of document", *hint, "document")
        self._among(found["opens"], PLACES, "a page", *hint, "opens")
        who = self._texts(table, "who", hint)
        self._each(who, ROLE_LABELS, "a role", *hint, "who")
        return Task(states=self._in_states(table, "in", hint), who=who, **found)

    def _all_shown(self, actions: list[Action]) -> None:
        """What pages can show beside a form is shown by one action at least."""
        unused = set(SHOWS) - {name for action in actions for name in action.shows}
        if unused:
            self._fail(f"no action shows {', '.join(sorted(unused))}, which xtbang/queries/action_page has", "shows")

    def _whole(self, actions: list[Action]) -> None:
        """Every state can be reached, every state that is not final can be left."""
        moves = [action for action in actions if action.moves]
        first = next(iter(self.states))
        reached, new = {first}, {first}
        while new:
            new = {a.to for a in moves if reached & set(a.sources)} - reached
            reached |= new
        for state in self.states.values():
            leaves = any(state.id in action.sources for action in moves)
            if state.id not in reached:
                self._fail(f"state {state.id} can never be reached", f'id = "{state.id}"')
            if leaves == state.final:
                wrong = "is final but has a way out" if leaves else "is not final but has no way out"
                self._fail(f"state {state.id} {wrong}", f'id = "{state.id}"')
