"""Read the parts of states and actions that depend on facts about the project or its edition."""

from collections.abc import Callable, Collection, Iterator, Mapping

from xtbang.actions.registry import CONSEQUENCES, GUARDS
from xtbang.enums import BUREAU_ROLES, ROLE_LABELS, RoleName
from xtbang.queries.desk.waits import OFFICE_WAITS, WAITS, office_wait
from xtbang.queries.project_facts import FACTS
from xtbang.rules.city import City
from xtbang.rules.edition_facts import EDITION_FACTS
from xtbang.rules.fields import FieldKind, FormDefinition
from xtbang.rules.law import CITES, Cite
from xtbang.rules.lives import LeftOut, State, Wait, Way, When
from xtbang.rules.quotation import quoted
from xtbang.workflow.form_reader import OF_FIELD, FormReader
from xtbang.workflow.layout_reader import PLACEHOLDER
from xtbang.workflow.reading import Reader, Table

ACTORS = frozenset([*RoleName, *ROLE_LABELS]) - {"applicant", "system"}
OFFICES = "offices"  # in lists of roles: every office of the city that countersigns
OFFICE = "office"  # in the words of what each office is waited for
OF_CITY: Mapping[str, Callable[[City], str]] = {
    "lead": lambda city: city.lead.short,
    "together": lambda city: city.together,
    "finance": lambda city: city.finance.short,
    "parties": lambda city: city.parties,
    "government": lambda city: city.government,
}
OWN_NAMES = ("step", "title")  # texts whose brackets hold columns of their rows, or the state in which it waits
EDITION_FACT = "程序知道的版本的情况（xtbang/rules/edition_facts.py）"


class ShapeReader(FormReader):
    """Reader of the parts of ``lifecycle.toml`` that hold only sometimes."""

    of_field = OF_FIELD - {"contract"}
    names: set[str]  # of all states
    states: dict[str, State]  # read so far
    city: City | None = None  # None: not known, its file has mistakes

    @property
    def offices(self) -> tuple[str, ...]:
        """Return the roles of the offices that countersign."""
        return self.city.roles if self.city else BUREAU_ROLES

    def _text(self, table: Table, name: str) -> str:
        """Return a text, in which the names between brackets stand for the offices of the city."""
        return self._named(super()._text(table, name), table, name)

    def _named(self, text: str, table: Table, name: str, office: str = "") -> str:
        known = dict.fromkeys((*OF_CITY, *CITES), "") | ({OFFICE: office} if office else {})
        for found in PLACEHOLDER.findall(text) if name not in OWN_NAMES else ():
            self._among(found, known, "可以写在大括号里的名称", table, name)
        if self.city is None:
            return text
        said = {word: name_of(self.city) for word, name_of in OF_CITY.items()} | self.city.cites | {OFFICE: office}
        return PLACEHOLDER.sub(lambda found: said.get(found[1]) or found[0], text)

    def _cited(self, table: Table) -> tuple[Cite, ...]:
        """Return what the action is about, by the names under which city and edition cite it."""
        about = self._texts(table, "cites")
        self._each(about, CITES, "一项依据（city.toml 的 [cites] 里的名称）", table, "cites")
        if "cites" in table and not about:
            self._fail("是空的：办这一事项总有依据，至少写一项。", table, "cites")
        named: dict[str, Cite] = {name: name for name in CITES}
        return tuple(named[name] for name in about if name in named)

    def _turn_when(self, table: Table) -> When:
        self._keys(table, {"fact", "turn"}, needs=("fact", "turn"))
        return When(self._fact(table), self._roles(table, "turn"))

    def _waits(self, table: Table) -> tuple[Wait, ...]:
        return tuple(wait for item in self._tables(table, "wait", []) for wait in self._wait(item))

    def _wait(self, table: Table) -> Iterator[Wait]:
        """Yield what is waited for; what every office is waited for is one for each of them."""
        self._keys(table, {"fact", "who", "words"}, needs=("fact", "who", "words"))
        fact, words = self._text(table, "fact"), Reader._text(self, table, "words")
        self._among(fact, {"", *WAITS, *OFFICE_WAITS}, "程序知道的情况（xtbang/queries/desk/waits.py）", table, "fact")
        who = self._roles(table, "who")
        if fact not in OFFICE_WAITS:
            yield Wait(fact, who, self._named(words, table, "words"))
            return
        for office in self.city.offices if self.city else ():
            yield Wait(office_wait(fact, office.role), (office.role,), self._named(words, table, "words", office.short))

    def _name_when(self, table: Table) -> When:
        self._keys(table, {"fact", "name"}, needs=("fact", "name"))
        return When(self._fact(table), (self._text(table, "name"),))

    def _left_when(self, table: Table) -> When:
        self._keys(table, {"fact", "left"}, needs=("fact", "left"))
        left = self._text(table, "left")
        self._among(left, {"", *self.names}, "一个状态", table, "left")
        return When(self._fact(table), (left,))

    def _fact(self, table: Table) -> str:
        fact = self._text(table, "fact")
        self._among(fact, {"", *FACTS}, "程序知道的情况（xtbang/queries/project_facts.py）", table, "fact")
        return fact

    def _roles(self, table: Table, name: str, known: Collection[str] = ACTORS) -> tuple[str, ...]:
        """Return the roles of a list; ``offices`` stands for every office of the city that countersigns."""
        roles = self._texts(table, name)
        self._each(roles, frozenset({*known, OFFICES}), "可以写在这里的角色或与项目的关系", table, name)
        if name == "tell" and name in table and not roles:
            self._fail("是空的：没有人会收到提醒，至少写一个角色。", table, name)
        return self._unfolded(roles)

    def _unfolded(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        parts = (self.offices if role == OFFICES else (role,) for role in roles)
        return tuple(dict.fromkeys(role for part in parts for role in part))

    def _in_states(self, table: Table, name: str) -> tuple[str, ...]:
        found = self._texts(table, name)
        self._each(found, self.states, "一个状态", table, name)
        if name in table and not found:
            self._fail("是空的：在哪个状态都用不上，至少写一个状态。", table, name)
        return found

    def _rest(self, table: Table) -> LeftOut:
        """Return what an edition does that leaves the stage out: a decision remains, or it leads somewhere else."""
        remains, skips = ("name", "about", "turn", "drops", "unneeded"), ("to", "then", "unneeded")
        self._keys(table, {*remains, *skips}, needs=("name", "about", "turn") if "name" in table else ())
        if "to" in table and (both := [name for name in remains if name in table and name not in skips]):
            self._fail(f"写了 to：什么也不剩下，不写 {'、'.join(both)}。", table, "to")
        self._among(self._text(table, "to"), {"", *self.names}, "一个状态", table, "to")
        return LeftOut(
            name=self._text(table, "name"),
            about=self._text(table, "about"),
            turn=self._roles(table, "turn"),
            drops=self._texts(table, "drops"),
            unneeded=self._guards(table, "unneeded"),
            to=self._text(table, "to"),
            then=self._consequence(table),
        )

    def _guards(self, table: Table, name: str) -> tuple[str, ...]:
        guards = self._texts(table, name)
        self._each(guards, GUARDS, "程序里的一个条件（xtbang/stages 里的函数）", table, name)
        return guards

    def _consequence(self, table: Table) -> str:
        then = self._text(table, "then")
        self._among(then, {"", *CONSEQUENCES}, "程序里随之办理的事（xtbang/stages 里的函数）", table, "then")
        return then

    def _only_if(self, table: Table) -> str:
        fact = self._text(table, "only_if")
        self._among(fact, {"", *EDITION_FACTS}, EDITION_FACT, table, "only_if")
        return fact

    def _way(self, table: Table) -> Way:
        self._keys(table, {"fact", "to", "then"}, needs=("fact", "to"))
        fact, to = self._text(table, "fact"), self._text(table, "to")
        self._among(fact, EDITION_FACTS, EDITION_FACT, table, "fact")
        self._among(to, self.states, "一个状态", table, "to")
        return Way(fact, to, self._consequence(table))

    def _also(self, table: Table) -> When:
        self._keys(table, {"fact", "in"}, needs=("fact", "in"))
        fact = self._text(table, "fact")
        self._among(fact, EDITION_FACTS, EDITION_FACT, table, "fact")
        return When(fact, self._in_states(table, "in"))

    def _personal(self, table: Table, form: FormDefinition) -> tuple[str, ...]:
        """Return the fields that the trail of events does not keep."""
        personal = self._texts(table, "personal")
        self._each(personal, {field.key for field in form.fields}, "一个填写项", table, "personal")
        return personal

    def _for_many(self, table: Table, form: FormDefinition) -> tuple[str, ...]:
        """Return the fields that are filled in for each project, and check that the others can be filled in once for all."""
        each, many = self._texts(table, "each"), self._flag(table, "many")
        scans = FieldKind.FILE if "scan_of" in table else None  # each of them is assigned by its printed code
        single = {
            field.key
            for field in form.fields
            if field.kind not in (FieldKind.FILE, FieldKind.ROWS) or field.kind is scans
        }
        self._each(each, single, "一个填写项（文件和表格除外）", table, "each")
        if each and not many:
            self._fail("只用于可以批量办理的事项（many = true）。", table, "each")
        rows = [field.label for field in form.fields if field.kind is FieldKind.ROWS and field.required]
        shared = [field.label for field in form.fields if field.kind is scans and field.key not in each]
        if many and (rows or shared):
            what = f"{quoted((rows + shared)[0])}"
            self._fail(f"{what}要逐个项目填写，这一事项不能批量办理。", table, "many")
        return each
