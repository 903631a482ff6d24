"""``workflows/`` → frozen dataclasses, once. Any unknown name stops the start with file, line and expectation."""

from collections.abc import Collection
from dataclasses import fields
from pathlib import Path
from typing import Any

from xtbang.actions.registry import EFFECTS, GUARDS, OPTIONS
from xtbang.enums import ROLE_LABELS
from xtbang.errors import DefinitionError
from xtbang.rules.crosschecks import CHECKS, COMPUTATIONS
from xtbang.rules.edition import Criterion, Edition, Parameter, Sheet, Source
from xtbang.rules.fields import Field, FormDefinition, Section
from xtbang.rules.policy import Action, Policy, State
from xtbang.rules.reasons import Force
from xtbang.workflow.forms import Reader, load_form

KINDS = ("tech_demand", "tech_supply", "scene_demand", "scene_supply")
DOCUMENTS = ("bid", "application", "contract", "report", "acceptance")
SHEETS = ("appraisal", "roadshow", "acceptance", "liability")
AGGREGATES = ("mean", "trimmed")
ACTORS = frozenset(ROLE_LABELS) - {"applicant", "system"}


def load_policy(folder: Path) -> Policy:
    """Read ``lifecycle.toml``, ``editions/*.toml`` and ``forms/*.toml``; DefinitionError on anything unknown."""
    states, actions = LifecycleReader(folder / "lifecycle.toml", CHECKS, COMPUTATIONS, OPTIONS).lifecycle()
    editions = {}
    for path in sorted((folder / "editions").glob("*.toml")):
        editions[path.stem] = EditionReader(path, CHECKS, COMPUTATIONS, OPTIONS).edition(folder / "forms")
    if not editions:
        raise DefinitionError(folder / "editions", 0, "expected at least one edition, found none")
    return Policy(states, actions, editions, tuple(state for state in states.values() if state.path))


class StrictReader(Reader):
    """What the readers of editions and of the lifecycle share."""

    def _flag(self, table: dict[str, Any], name: str, hint: tuple[str, ...], default: bool = False) -> bool:
        return bool(self._typed(table, name, bool, default, hint))

    def _text(self, table: dict[str, Any], name: str, hint: tuple[str, ...]) -> str:
        return str(self._typed(table, name, str, "", hint))


class LifecycleReader(StrictReader):
    """``lifecycle.toml``: states, transitions, acts."""

    def lifecycle(self) -> tuple[dict[str, State], dict[str, Action]]:
        """States and actions in the order of life."""
        data = self._load()
        self._keys(data, {"state", "transition", "act", "shared"}, needs=("state", "transition"))
        states = [self._state(table) for table in self._tables(data, "state")]
        self._once([state.id for state in states], "[[state]]")
        self.states = {state.id: state for state in states}
        self.shared = self._shared(data)
        actions = [self._action(table, "transition") for table in self._tables(data, "transition")]
        actions += [self._action(table, "act") for table in self._tables(data, "act", default=[])]
        self._once([action.trigger for action in actions], "trigger")
        self._whole(actions)
        order = {action.trigger: number for number, action in enumerate(actions)}
        places = {name: self._line(f'trigger = "{name}"') for name in order}
        return self.states, {a.trigger: a for a in sorted(actions, key=lambda action: places[action.trigger])}

    def _line(self, needle: str) -> int:
        return next((number for number, line in enumerate(self.lines) if needle in line), 0)

    def _shared(self, data: dict[str, Any]) -> dict[str, tuple[Field, ...]]:
        shared = {}
        for table in self._tables(data, "shared", default=[]):
            hint = (f'name = "{table.get("name", "")}"',)
            self._keys(table, {"name", "field"}, hint, needs=("name", "field"))
            shared[table["name"]] = tuple(self._field(item) for item in self._tables(table, "field", hint))
        return shared

    def _state(self, table: dict[str, Any]) -> State:
        hint = (f'id = "{table.get("id", "")}"',)
        self._keys(table, {item.name for item in fields(State)}, hint, needs=("id", "name"))
        turn = self._texts(table, "turn", hint)
        self._each(turn, ACTORS, "a role or relation", *hint, "turn")
        return State(
            id=self._text(table, "id", hint),
            name=self._text(table, "name", hint),
            about=self._text(table, "about", hint),
            turn=turn,
            final=self._flag(table, "final", hint),
            path=self._flag(table, "path", hint),
        )

    def _action(self, table: dict[str, Any], kind: str) -> Action:
        trigger = table.get("trigger", "")
        hint = (f'trigger = "{trigger}"',)
        source = "from" if kind == "transition" else "in"
        known = {"trigger", "name", source, "who", "needs", "article", "confirm", "danger", "field", "fields"}
        known |= {"to", "both"} if kind == "transition" else {"by_hand", "exclusive"}
        needs = ("trigger", "name", source, "who", "needs", "article", *(("to",) if kind == "transition" else ()))
        self._keys(table, known, hint, needs=needs)
        self._among(trigger, EFFECTS, "a function in xtbang/stages", *hint)
        sources, who, guards = (self._texts(table, name, hint) for name in (source, "who", "needs"))
        self._each(sources, self.states, "a state", *hint, source)
        self._each(who, ACTORS, "a role or relation", *hint, "who")
        self._each(guards, GUARDS, "a guard in xtbang/stages", *hint, "needs")
        to = self._text(table, "to", hint)
        if kind == "transition":
            self._among(to, self.states, "a state", *hint, "to")
        both = self._flag(table, "both", hint)
        if both and set(who) != {"science", "industry"}:
            self._fail("both: expected who = science and industry", *hint)
        form = tuple(self._field(item, hint) for item in self._tables(table, "field", hint, default=[]))
        if name := self._text(table, "fields", hint):
            self._among(name, self.shared, "a [[shared]] list of fields", *hint, "fields")
            form += self.shared[name]
        title = self._text(table, "name", hint)
        return Action(
            trigger=trigger,
            name=title,
            sources=sources,
            to=to,
            who=who,
            both=both,
            needs=guards,
            article=self._text(table, "article", hint),
            confirm=self._text(table, "confirm", hint),
            danger=self._flag(table, "danger", hint),
            by_hand=self._flag(table, "by_hand", hint, default=True),
            exclusive=self._flag(table, "exclusive", hint),
            form=FormDefinition(trigger, title, sections=(Section("", form),)),
        )

    def _each(self, names: tuple[str, ...], known: Collection[str], what: str, *hint: str) -> None:
        for name in names:
            self._among(name, known, what, *hint, f'"{name}"')

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


class EditionReader(StrictReader):
    """``editions/<key>.toml``: the numbers, the forms, the sheets."""

    def edition(self, folder: Path) -> Edition:
        """The edition with its forms loaded."""
        data = self._load()
        plain = {"title": str, "consortium_allowed": bool, "one_project_at_a_time": bool}
        plain |= {"scan_required": bool, "report_months_tracked": int, "report_months_self": int}
        lists = ("regions", "checklist", "bidder_kinds")
        tables = ("articles", "forms", "documents", "issuers", "parameters", "sheet", "source")
        needs = (*plain, *lists, *tables)
        self._keys(data, {*plain, *lists, *tables, "starts_on"}, needs=needs)
        values = {name: self._typed(data, name, kind, None) for name, kind in plain.items()}
        values |= {name: self._texts(data, name) for name in lists}
        forms = self._forms(data["forms"], KINDS, folder)
        articles = data["articles"]
        cited = ("window", "papers", *(("unfinished",) if values["one_project_at_a_time"] else ()))
        self._keys(articles, {"window", "papers", "unfinished"}, ("[articles]",), needs=cited)
        issuers = data["issuers"]
        self._keys(issuers, set(forms), ("[issuers",), needs=tuple(forms))
        for kind, table in issuers.items():
            self._keys(table, {"kinds", "local"}, (f"[issuers.{kind}]",), needs=("kinds", "local"))
        sheets = [self._sheet(table) for table in self._tables(data, "sheet")]
        self._once([sheet.key for sheet in sheets], "[[sheet]]")
        for key in SHEETS:
            self._among(key, [sheet.key for sheet in sheets], "a sheet of this edition", "[[sheet]]")
        documents = self._forms(data["documents"], DOCUMENTS, folder)
        self._keys(data["documents"], set(DOCUMENTS), ("[documents]",), needs=DOCUMENTS)
        return Edition(
            key=self.path.stem,
            forms=forms,
            documents=documents,
            sheets={sheet.key: sheet for sheet in sheets},
            issuer_kinds={kind: self._texts(table, "kinds", (f"[issuers.{kind}]",)) for kind, table in issuers.items()},
            issuer_local={kind: self._flag(t, "local", (f"[issuers.{kind}]",)) for kind, t in issuers.items()},
            starts_on=data.get("starts_on"),
            sources=self._sources(data),
            articles={name: self._typed(articles, name, str, None) for name in articles},
            **values,
            **self._parameters(data["parameters"]),
        )

    def _forms(self, table: dict[str, str], kinds: tuple[str, ...], folder: Path) -> dict[str, FormDefinition]:
        forms = {}
        for kind, name in table.items():
            self._among(kind, kinds, "a kind of form", f"{kind} =")
            names = [path.stem for path in folder.glob("*.toml")]
            self._among(name, names, "a file in forms/", f'"{name}"')
            forms[kind] = load_form(folder / f"{name}.toml", CHECKS, COMPUTATIONS, OPTIONS)
        return forms

    def _parameters(self, table: dict[str, Any]) -> dict[str, Any]:
        known = {item.name for item in fields(Edition) if item.type in (Parameter, Parameter | None)}
        self._keys(table, known, ("[parameters",), needs=tuple(sorted(known - {"new_tax_minimum"})))
        found: dict[str, Parameter | None] = dict.fromkeys(known)
        for name, item in table.items():
            hint = (f"[parameters.{name}]",)
            self._keys(item, {"value", "force", "article"}, hint, needs=("value", "force", "article"))
            self._among(item["force"], [force.value for force in Force], "a force", *hint, "force")
            value = self._decimal(item["value"], *hint, "value")
            if value < 0:
                self._fail(f"{name}: expected a number from 0 up, found {value}", *hint, "value")
            found[name] = Parameter(value, Force(item["force"]), self._text(item, "article", hint))
        return found

    def _sources(self, data: dict[str, Any]) -> tuple[Source, ...]:
        hint = ("[[source]]",)
        for table in (tables := self._tables(data, "source")):
            self._keys(table, {"short", "title", "number"}, hint, needs=("short", "title"))
        self._among("《办法》", [tables[0]["short"]], "the first source", *hint)
        return tuple(Source(**{key: self._text(table, key, hint) for key in table}) for table in tables)

    def _sheet(self, table: dict[str, Any]) -> Sheet:
        hint = ("[[sheet]]", f'key = "{table.get("key", "")}"')
        known = {"key", "title", "experts_minimum", "kinds_required", "aggregate", "pass_mark", "article", "criterion"}
        self._keys(table, known, hint, needs=tuple(sorted(known)))
        self._among(table["key"], SHEETS, "a kind of panel", *hint)
        self._among(table["aggregate"], AGGREGATES, "a way to bring scores together", *hint, "aggregate")
        criteria = tuple(self._criterion(item, hint) for item in self._tables(table, "criterion", hint))
        self._once([criterion.key for criterion in criteria], *hint)
        return Sheet(
            key=table["key"],
            title=self._text(table, "title", hint),
            criteria=criteria,
            experts_minimum=int(self._typed(table, "experts_minimum", int, 0, hint)),
            kinds_required=self._texts(table, "kinds_required", hint),
            aggregate=table["aggregate"],
            pass_mark=self._decimal(table["pass_mark"], *hint, "pass_mark"),
            article=self._text(table, "article", hint),
        )

    def _criterion(self, table: dict[str, Any], hint: tuple[str, ...]) -> Criterion:
        self._keys(table, {item.name for item in fields(Criterion)}, hint, needs=("key", "label", "maximum"))
        maximum = int(self._typed(table, "maximum", int, 0, hint))
        return Criterion(table["key"], self._text(table, "label", hint), maximum, self._text(table, "note", hint))
