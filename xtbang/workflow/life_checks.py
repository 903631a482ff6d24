"""Check ``lifecycle.toml`` as a whole: nothing of the program is left out, and every state can be reached and left."""

import difflib

from xtbang.actions.registry import EFFECTS, GUARDS
from xtbang.queries.action_page import SHOWS
from xtbang.queries.desk.payments import CONDITIONS
from xtbang.rules.lives import Action
from xtbang.workflow.editions import DOCUMENTS
from xtbang.workflow.reading import NEAR, Table
from xtbang.workflow.shapes import ShapeReader

WRITTEN = ("form", *DOCUMENTS)
MOST_NEAR = 8  # places that are named where a guard was lost
PAGES_OF_ACTION = ("bid", "invitation", "score_sheet", "objection", "notice")


class LifeChecker(ShapeReader):
    """Reader that checks what it has read of states and actions against each other."""

    actions: dict[str, Action]  # read so far
    triggers: dict[str, Table]  # their tables

    def _left_out(self, data: Table) -> None:
        """Check that every effect and every guard of the program is used, so that no line gets lost unnoticed."""
        named = {*CONDITIONS, *(name for action in self.actions.values() for name in action.needs)}
        for what, known, used in (("事项", EFFECTS, self.actions), ("条件", GUARDS, named)):
            if missing := sorted(set(known) - set(used)):
                near = self._near(missing[0]) if known is GUARDS else []
                where = "（大概是在这几行的 needs 里）" if near else ""
                told = f"哪里都没有写{where}：不能删去。确实不再需要的，请系统维护人员改程序。"
                self._fail(f"{what} {'、'.join(missing)} {told}", data, also=near)

    def _near(self, guard: str) -> list[tuple[Table, str]]:
        """Return the actions whose functions are in the file of a guard; none where there are many."""
        module = GUARDS[guard].__module__
        found = [table for trigger, table in self.triggers.items() if EFFECTS[trigger].__module__ == module]
        return [(table, "needs") for table in found] if len(found) <= MOST_NEAR else []

    def _paid(self, tables: list[Table]) -> None:
        """Check that what pays the instalments of a state is a transition that leaves it."""
        for state, table in zip(self.states.values(), tables, strict=True):
            leaving = [
                action.trigger for action in self.actions.values() if action.moves and state.id in action.sources
            ]
            if state.paid_by:
                self._among(state.paid_by, leaving, "能离开这个状态的事项", table, "paid_by")

    def _all_shown(self, data: Table) -> None:
        """Check that everything that pages can show next to a form is shown by an action."""
        shown = {name for action in self.actions.values() for name in action.shows}
        if unused := sorted(set(SHOWS) - shown):
            self._fail(
                f"没有事项显示 {'、'.join(unused)}（shows）：程序里有（xtbang/queries/action_page），不能删去。", data
            )

    def _handed_in(self, data: Table) -> None:
        """Check that every kind of document is submitted by exactly one action, and written in some state."""
        for kind in WRITTEN:
            actions = [action for action in self.actions.values() if action.hands_in == kind]
            if len(actions) != 1:
                named = "、".join(action.name for action in actions)
                held = f"有几个事项提交它：{named}，只能有一个" if actions else "没有事项提交它，某个事项须写 hands_in"
                hint = (self.triggers[actions[-1].trigger], "hands_in") if actions else (data,)
                self._fail(f"文书 {kind}：{held}。", *hint, also=[] if actions else self._writing(data, kind))
            if not any(kind in state.documents for state in self.states.values()):
                self._fail(f"文书 {kind} 在哪个状态都不能填写：某个状态的 documents 须写上它。", data)

    def _writing(self, data: Table, kind: str) -> list[tuple[Table, str]]:
        """Return the states in which that kind of document is written."""
        return [(table, "documents") for table in self._tables(data, "state") if kind in table.get("documents", [])]

    def _done_on_pages(self, data: Table) -> None:
        """Check that every page of its own carries exactly one action."""
        for page in PAGES_OF_ACTION:
            actions = [action for action in self.actions.values() if action.page == page]
            if len(actions) != 1:
                named = "、".join(action.name for action in actions)
                held = f"有几个事项从它办：{named}，只能有一个" if actions else "没有事项从它办，某个事项须写 page"
                self._fail(f"页面 {page}：{held}。", self.triggers[actions[-1].trigger] if actions else data, "page")

    def _unused(self, tables: list[Table], transitions: list[Table]) -> None:
        """Add a mistake for each state that no transition names: often its name is misspelt where it is defined."""
        used = {str(name) for table in transitions for name in (table.get("to"), *self._typed(table, "from", list, []))}
        for table in tables:
            if "id" in table and str(table["id"]) not in used:
                near = difflib.get_close_matches(str(table["id"]), sorted(used - self.names), 1, NEAR)
                self._fail(f"没有事项用到这个状态{f'，别处写的是 {near[0]}' if near else ''}。", table, "id")

    def _whole(self, actions: list[Action], tables: list[Table]) -> None:
        """Check that every state can be reached, and every state that is not final can be left.

        A final state is left by what re-opens it alone, which leads out of no other state.
        """
        moves = [action for action in actions if action.moves]
        first = next(iter(self.states))
        reached, new = {first}, {first}
        while new:
            new = {
                to for a in moves if reached & set(a.sources) for to in (a.to, *(way.to for way in a.ways))
            } - reached
            reached |= new
        for state, table in zip(self.states.values(), tables, strict=True):
            if state.id not in reached:
                self._fail("没有事项能到这个状态。", table)
            leaving = [action.reopens for action in moves if state.id in action.sources]
            if not state.final and False not in leaving:
                self._fail("不是终点（final），却没有事项能离开。", table)
            elif (not state.final) in leaving:
                final, other = (
                    "已是终点（final），却有没写 reopens 的事项能离开",
                    "不是终点（final），却有写了 reopens 的事项",
                )
                self._fail(f"{final if state.final else other}。", table)
