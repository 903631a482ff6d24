"""The due dates and tasks (期限, 待办) of ``lifecycle.toml``."""

from collections.abc import Collection

from xtbang.enums import RoleName
from xtbang.queries.desk.bureau import ROADSHOW_LEFT
from xtbang.queries.desk.due_dates import DUE_DATES
from xtbang.queries.desk.tasks import TASKS
from xtbang.rules.tasks import Deed, DueDate, OtherWords, Task
from xtbang.workflow.life_checks import WRITTEN, LifeChecker
from xtbang.workflow.reading import Table
from xtbang.workflow.shapes import ACTORS, OFFICES

DOERS = ACTORS - {"auditor", "admin"}  # an auditor reads, an administrator manages accounts: neither acts on projects
MOST_DAYS = 365
PLACES = ("", "project", "seat", "bid", "notice", "organisation", "mail")


class DueReader(LifeChecker):
    """Reader of due dates and tasks."""

    def _all(self, data: Table, tables: list[Table], asked: Collection[str], name: str) -> None:
        """Check that every due date or task of the program has its table, once."""
        self._once(tables, "key")
        given = [str(table.get("key")) for table in tables]
        missing = [key for key in asked if key not in given]
        strange = [key for key in given if key not in asked]  # reported with the nearest known key
        if len(missing) > len(strange) and not self.found.faults:
            self._fail(f'缺 [[{name}]] key = "{missing[0]}"：程序要用它（xtbang/queries/desk），不能删去。', data)

    def _due(self, table: Table) -> DueDate:
        texts = ("key", "label", "name", "todo")
        known = {*texts, "in", "tell", "days", "over", "badge", "only_if", "again", "letter", "other"}
        self._keys(table, known, needs=(*texts, "in", "tell", "days"))
        if "key" in table:
            self._among(table["key"], DUE_DATES, "程序知道的期限（xtbang/queries/desk/due_dates.py）", table, "key")
        days = int(self._typed(table, "days", int, 0))
        if not 0 <= days <= MOST_DAYS:
            self._fail(f"写的是 {days}，提前提醒的天数应在 0 到 {MOST_DAYS} 之间。", table, "days")
        again = int(self._typed(table, "again", int, 0))
        if not 0 <= again <= MOST_DAYS:
            self._fail(f"写的是 {again}，逾期后再次催办相隔的天数应在 0 到 {MOST_DAYS} 之间。", table, "again")
        return DueDate(
            again=again,
            letter=self._text(table, "letter"),
            states=self._in_states(table, "in"),
            tell=self._roles(table, "tell", DOERS - {"public"}),
            days=days,
            over=self._flag(table, "over"),
            badge=self._flag(table, "badge", default=True),
            only_if=self._only_if(table),
            others=tuple(map(self._other_words, self._tables(table, "other", []))),
            **{name: self._text(table, name) for name in texts},
        )

    def _other_words(self, table: Table) -> OtherWords:
        self._keys(table, {"who", "todo"}, needs=("who", "todo"))
        return OtherWords(self._roles(table, "who", DOERS - {"public"}), self._text(table, "todo"))

    def _task(self, table: Table) -> Task:
        texts = ("key", "title", "trigger", "document", "opens", "button", "step")
        self._keys(table, {*texts, "in", "who", "only_if", "deed"}, needs=("key", "title", "who"))
        found = {name: self._text(table, name) for name in texts}
        self._among(found["key"], {"", *TASKS}, "程序知道的待办（xtbang/queries/desk）", table, "key")
        self._among(found["trigger"], {"", "*", *self.triggers}, "一个事项", table, "trigger")
        self._among(found["document"], {"", *WRITTEN}, "一种文书", table, "document")
        self._among(found["opens"], PLACES, "一个页面", table, "opens")
        who = self._texts(table, "who")
        self._each(who, (OFFICES, *RoleName), "一个角色", table, "who")
        if "who" in table and not who:
            self._fail("是空的：这件待办不会出现在任何人的工作台上，至少写一个角色。", table, "who")
        who, only_if = self._unfolded(who), self._only_if(table)
        deeds = tuple(map(self._deed, self._tables(table, "deed", [])))
        return Task(states=self._in_states(table, "in"), who=who, only_if=only_if, deeds=deeds, **found)

    def _deed(self, table: Table) -> Deed:
        self._keys(table, {"trigger", "unless"}, needs=("trigger",))
        trigger, unless = self._text(table, "trigger"), self._text(table, "unless")
        self._among(trigger, {"", *self.triggers}, "一个事项", table, "trigger")
        self._among(unless, {"", *ROADSHOW_LEFT}, "程序知道的情况（xtbang/queries/desk/bureau.py）", table, "unless")
        return Deed(trigger, unless)
