"""``lifecycle.toml`` → states, actions, due dates and tasks, in the order of life."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from xtbang.actions.registry import EFFECTS, GUARDS, KNOWN, LEADS_BACK, OPTIONS, REVOCATIONS
from xtbang.enums import RoleName
from xtbang.queries.action_page import SHOWS
from xtbang.queries.desk.due_dates import DUE_DATES
from xtbang.queries.desk.tasks import TASKS
from xtbang.rules.edition import EVENTS
from xtbang.rules.fields import Field, FormDefinition, one_section
from xtbang.rules.lives import Action, State
from xtbang.rules.needs import needs_of_functions
from xtbang.rules.tasks import DueDate, Task
from xtbang.workflow.due_reader import DOERS, DueReader
from xtbang.workflow.life_checks import PAGES_OF_ACTION, WRITTEN
from xtbang.workflow.reading import Table
from xtbang.workflow.shapes import OFFICES

FINANCE = RoleName.FINANCE.value  # may sign with the offices that countersign
BIDDERS = frozenset({"bidder", "member"})
TONES = ("", "done", "stop", "wait", "muted")
KNOWN_TO = ("offices", "parties", "everyone", "bidder")
MOST_PLANNED = 1000  # days for a state
FLAGS_OF_ACTION = (
    *("danger", "exclusive", "ledger", "reason_told", "many", "aside"),
    *("leads_back", "revocable", "reopens"),
)
TEXTS_OF_ACTION = (
    *("name", "confirm", "hands_in", "scan_of", "tone", "page", "undo", "next"),
    *("offered_with", "corrected_by", "remedy", "issues"),
)


@dataclass(frozen=True)
class Lifecycle:
    """The contents of ``lifecycle.toml``."""

    states: dict[str, State]
    actions: dict[str, Action]
    due_dates: tuple[DueDate, ...]
    tasks: tuple[Task, ...]
    known_lines: dict[str, str]  # line of a checklist → the fact that the program checks


class LifecycleReader(DueReader):
    """Reader of the whole file: states, transitions and acts, and what `DueReader` reads."""

    def lifecycle(self) -> Lifecycle:
        """Return everything in the order of the file; mistakes are in `mistakes`."""
        data = self._load()
        known = {"state", "transition", "act", "shared", "due", "task", "known"}
        self._keys(data, known, needs=("state", "transition"))
        tables = self._tables(data, "state")
        self._once(tables, "id")
        self._once(tables, "name")
        self.names = {str(table.get("id", "")) for table in tables}
        self.states = {state.id: state for state in map(self._state, tables)}
        self.shared = self._shared(data)
        kinds = {"transition": self._tables(data, "transition"), "act": self._tables(data, "act", [])}
        self.triggers = {str(table.get("trigger")): table for of_kind in kinds.values() for table in of_kind}
        written = list(self._in_order(kinds))
        self._once([table for _, table in written], "trigger")
        self._once([table for _, table in written], "name")
        made = [self._action(table, kind) for kind, table in written]
        self.actions = {action.trigger: action for action in made if action}
        due_dates = self._tables(data, "due", [])
        self._all(data, due_dates, DUE_DATES, "due")
        tasks = self._tables(data, "task", [])
        self._all(data, tasks, TASKS, "task")
        dues, found = tuple(map(self._due, due_dates)), tuple(map(self._task, tasks))
        life = Lifecycle(self.states, self.actions, dues, found, self._known_lines(data))
        if self.sound:
            self._whole(list(self.actions.values()), tables)
            self._handed_in(data)
            self._done_on_pages(data)
            self._left_out(data)
            self._paid(tables)
            self._all_shown(data)
        elif not self.found.faults:
            self._unused(tables, kinds["transition"])
        return life

    def _in_order(self, kinds: dict[str, list[Table]]) -> Iterator[tuple[str, Table]]:
        """Yield the tables of several kinds, each with its kind, in the order of the file."""
        left = {kind: iter(tables) for kind, tables in kinds.items()}
        heads = re.findall(rf"^\s*\[\[\s*({'|'.join(kinds)})\s*]]", self.found.text, re.MULTILINE)
        for kind in heads:
            yield from ((kind, table) for table in islice(left[kind], 1))

    def _known_lines(self, data: Table) -> dict[str, str]:
        lines: dict[str, str] = {}
        self._once(tables := self._tables(data, "known", []), "fact")
        for table in tables:
            self._keys(table, {"fact", "lines"}, needs=("fact", "lines"))
            fact = self._text(table, "fact")
            self._among(fact, {"", *KNOWN}, "程序能核对的情况（xtbang/stages/solicitation.py）", table, "fact")
            lines |= dict.fromkeys(self._texts(table, "lines"), fact)
        return lines

    def _shared(self, data: Table) -> dict[str, tuple[Field, ...]]:
        shared = {}
        self._once(tables := self._tables(data, "shared", []), "name")
        for table in tables:
            self._keys(table, {"name", "field"}, needs=("name", "field"))
            shared[self._text(table, "name")] = tuple(self._field(item) for item in self._tables(table, "field"))
        return shared

    def _state(self, table: Table) -> State:
        known = {"id", "name", "about", "turn", "turn_when", "final", "path", "market", "name_when", "documents"}
        more = {"public", "funded", "pays", "paid_by", "tone", "left", "left_when", "wait", "then", "days"}
        self._keys(table, known | more | {"only_if", "left_out"}, needs=("id", "name"))
        turn = self._roles(table, "turn")
        documents = self._texts(table, "documents")
        self._each(documents, WRITTEN, "一种文书", table, "documents")
        tone = self._text(table, "tone")
        self._among(tone, TONES, "一种色调", table, "tone")
        pays = self._text(table, "pays")
        self._among(pays, ("", *EVENTS), "一件拨付以前要完成的事", table, "pays")
        if pays and "paid_by" not in table:
            self._fail("写了 pays 的状态须写 paid_by：办理拨付的事项。", table, "pays")
        left = self._text(table, "left")
        self._among(left, {"", *self.names}, "一个状态", table, "left")
        texts = ("id", "name", "about", "paid_by", "then")
        plain: dict[str, Any] = {name: self._text(table, name) for name in texts}
        plain |= {name: self._flag(table, name) for name in ("final", "path", "market", "funded")}
        return State(
            **plain,
            public=self._flag(table, "public", default=True),
            days=self._planned(table),
            turn=turn,
            turn_when=tuple(self._turn_when(item) for item in self._tables(table, "turn_when", [])),
            waits=self._waits(table),
            documents=documents,
            pays=pays,
            only_if=self._only_if(table),
            tone=tone,
            left=left,
            name_when=tuple(self._name_when(item) for item in self._tables(table, "name_when", [])),
            left_when=tuple(self._left_when(item) for item in self._tables(table, "left_when", [])),
            left_out=self._rest(table["left_out"]) if type(table.get("left_out")) is Table else None,
        )

    def _planned(self, table: Table) -> int:
        days = int(self._typed(table, "days", int, 0))
        if not 0 <= days <= MOST_PLANNED:
            self._fail(f"写的是 {days}，办理天数应在 0 到 {MOST_PLANNED} 之间；0 是没有计划。", table, "days")
        return days

    def _action(self, table: Table, kind: str) -> Action | None:
        before = len(self.mistakes)
        source = "from" if kind == "transition" else "in"
        known = {"trigger", source, "who", "needs", "file", "shows", "known_to", "field", "fields", "each", "personal"}
        known |= {"cites", "only_if", "second", *FLAGS_OF_ACTION, *TEXTS_OF_ACTION} - (
            {"exclusive"} if kind == "transition" else {"reopens"}
        )
        known |= {"both"} | ({"to", "way"} if kind == "transition" else {"by_hand", "also"})
        needs = ("trigger", "name", source, "who", "needs", "cites", *(("to",) if kind == "transition" else ()))
        self._keys(table, known, needs=needs)
        trigger = self._text(table, "trigger")
        self._among(trigger, {"", *EFFECTS}, "程序里的一个事项（xtbang/stages 里的函数）", table, "trigger")
        sources = self._in_states(table, source)
        who, guards = self._roles(table, "who", DOERS), self._guards(table, "needs")
        self._possible(table, source, sources, who)
        to = self._text(table, "to")
        if kind == "transition":
            self._among(to, {"", *self.states}, "一个状态", table, "to")
        both = self._flag(table, "both")
        if both and {*who} - {FINANCE} != {*self.offices}:
            text = f'须会签（both = true）的事项由会签的部门办理：who = ["{OFFICES}"]，可以加上 "{FINANCE}"。'
            self._fail(text, table, "who")
        second = self._roles(table, "second", DOERS)
        if both and second:
            self._fail("会签的事项（both = true）不写 second：会签的人就是第二个人。", table, "second")
        texts = {name: self._text(table, name) for name in TEXTS_OF_ACTION}
        cites = self._cited(table)
        self._among(texts["tone"], TONES, "一种色调", table, "tone")
        for name in ("undo", "corrected_by"):
            self._among(texts[name], {"", *self.triggers}, "一个事项", table, name)
        self._among(texts["offered_with"], {"", *OPTIONS}, "程序提供的选项", table, "offered_with")
        for name in ("hands_in", "scan_of"):
            self._among(texts[name], {"", *WRITTEN}, "一种文书", table, name)
        self._among(texts["page"], {"", *PAGES_OF_ACTION}, "一个另外的页面", table, "page")
        known_to = self._text(table, "known_to") or "parties"
        self._among(known_to, KNOWN_TO, "一种公开范围", table, "known_to")
        shows = self._texts(table, "shows")
        self._each(shows, SHOWS, "页面能显示的内容（xtbang/queries/action_page）", table, "shows")
        plain: dict[str, Any] = texts | {name: self._flag(table, name) for name in FLAGS_OF_ACTION}
        action = Action(
            trigger=trigger,
            sources=sources,
            to=to,
            who=who,
            both=both,
            second=second,
            needs=guards,
            cites=cites,
            article=self.city.cite_all(cites) if self.city else "",
            only_if=self._only_if(table),
            ways=tuple(map(self._way, self._tables(table, "way", []))),
            also=tuple(map(self._also, self._tables(table, "also", []))),
            by_hand=self._flag(table, "by_hand", default=True),
            form=(form := self._form(table, trigger, texts["name"])),
            each=self._for_many(table, form),
            personal=self._personal(table, form),
            shows=shows,
            known_to=known_to,
            **plain,
        )
        said = self._text(table, "file")
        if len(self.mistakes) > before or not trigger:
            return None
        self._lies_in(trigger, said or f"stages/{sources[0]}", table)
        self._lacks(action, table)
        return action

    def _possible(self, table: Table, source: str, sources: tuple[str, ...], who: tuple[str, ...]) -> None:
        """Check that the action has states and that someone can do it there."""
        if source in table and not sources:
            self._fail("是空的：这一事项在哪个状态都不能办，至少写一个状态。", table, source)
        if "who" in table and not who:
            self._fail("是空的：没有人能办这一事项，至少写一个角色。", table, "who")
        order = list(self.states)
        bids = next((order.index(state.id) for state in self.states.values() if "bid" in state.documents), 0)
        early = sources and all(state in order and order.index(state) < bids for state in sources)
        if early and who and BIDDERS.issuperset(who):
            names = "、".join(self.states[state].name for state in sources)
            self._fail(f"只有揭榜方或联合体成员能办，可是{names}时还没有人揭榜：没有人能办。", table, "who")

    def _lacks(self, action: Action, table: Table) -> None:
        """Check that the action has the fields that its functions read."""
        fields = {str(item.get("key")): item for item in self._tables(table, "field", [])}
        readers = (EFFECTS[action.trigger], *(GUARDS[name] for name in action.needs))
        if action.revocable != (action.trigger in REVOCATIONS):
            self._fail(
                "revocable 与程序不符：能撤销的决定，程序里须有撤销以后恢复什么的函数（REVOCATIONS）。",
                table,
                "trigger",
            )
        if action.leads_back != (action.trigger in LEADS_BACK):
            told = "没有写" if action.leads_back else "写了"
            self._fail(
                f"程序里{told}它回到哪个状态（LEADS_BACK），这里却{'写了' if action.leads_back else '没有写'} leads_back = true。",
                table,
                "trigger",
            )
        self._require(needs_of_functions(*readers), action.form.fields, fields, table, "trigger")
        if action.reason_told and not any(field.key == "reason" for field in action.form.fields):
            self._fail("写了 true，但是没有填写项 reason：没有理由可以告知。", table, "reason_told")

    def _form(self, table: Table, trigger: str, title: str) -> FormDefinition:
        tables = self._tables(table, "field", [])
        self._once(tables, "key")
        self._once(tables, "label")
        form = tuple(map(self._field, tables))
        if name := self._text(table, "fields"):
            self._among(name, self.shared, "一组共用的填写项（[[shared]]）", table, "fields")
            form += self.shared.get(name, ())
        return one_section(trigger, title, form)

    def _lies_in(self, trigger: str, said: str, table: Table) -> None:
        """Check that the function of an action is in the file that is named here."""
        lies = EFFECTS[trigger].__module__.removeprefix("xtbang.").replace(".", "/")
        if lies != said:
            place = f"函数在 xtbang/{lies}.py，不在 xtbang/{said}.py"
            self._fail(f'：{trigger} 的{place}。写 file = "{lies}"（或者第一个状态写错了）。', table, "file")
