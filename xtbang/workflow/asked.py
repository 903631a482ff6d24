"""Read which stages an edition leaves out, and which guards and papers it adds to actions."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xtbang.actions.registry import ASKS_FORM, GUARDS
from xtbang.rules.edition import Asked, Edition, MidtermRule
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.life import life_of
from xtbang.rules.lives import Action, Life
from xtbang.rules.quotation import quoted
from xtbang.workflow.change_reader import ChangeReader
from xtbang.workflow.reading import Offered, Table

CHECKERS = ("panel", "officers")
ACTION, PAPER = ("trigger", "needs", "paper"), ("key", "label", "hint", "required")


class AskedReader(ChangeReader):
    """Reader of ``without`` and ``[[action]]``, which name states and actions of ``lifecycle.toml``."""

    life: Life | None  # what lifecycle.toml says; None where it has mistakes

    def _without(self, data: Table) -> tuple[str, ...]:
        """Return the stages that the edition leaves out."""
        found = self._texts(data, "without")
        if self.life is not None:
            possible = [state.id for state in self.life.states.values() if state.left_out]
            for name in found:
                if name in self.life.states and self.life.states[name].pays:
                    self._fail(
                        f"里有 {name}：有没有这一环节由各期 [[instalment]] 的 after 决定。", data, "without", name
                    )
                else:
                    self._among(name, possible, "可以省去的环节", data, "without", name)
        return found

    def _midterm(self, data: Table) -> MidtermRule | None:
        """Return how the midterm check is made; None where there is none."""
        names = ("by", "at", "article")
        if "midterm" not in data:
            self._possible_table(("midterm",), names, names)
            self.offered.append(Offered(("midterm",), "by", CHECKERS))
            return None
        table = self._typed(data, "midterm", dict, Table())
        self._keys(table, names, needs=names)
        by = self._text(table, "by")
        if "by" in table:
            self._among(by, CHECKERS, "一种检查方式", table, "by")
        at = self._decimal(table["at"], table, "at") if "at" in table else None
        if at is not None:
            self._within("at", at, table, "at")
        return MidtermRule(by, at or Decimal(0), self._article(table))

    def _asks(self, data: Table) -> tuple[Asked, ...]:
        """Return what the edition asks of actions besides."""
        tables = self._tables(data, "action", [])
        if not tables:
            self._possible_table(("action", 0), ACTION, ("trigger",))
            self._possible_table(("action", 0, "paper", 0), PAPER, ("key", "label"))
        self._once(tables, "trigger")
        return tuple(map(self._asked_of, tables))

    def _asked_of(self, table: Table) -> Asked:
        self._keys(table, ACTION, needs=("trigger",))
        trigger, needs = self._text(table, "trigger"), self._texts(table, "needs")
        known: Mapping[str, Action] = self.life.actions if self.life else {}
        if "trigger" in table and self.life is not None:
            self._among(trigger, known, "lifecycle.toml 里的一个事项", table, "trigger")
        action = known.get(trigger)
        for name in needs:
            if name in ASKS_FORM:
                self._fail(f"里有 {name}：它核对某一事项自己的填写项，不能加在别的事项上。", table, "needs", name)
            else:
                self._among(name, GUARDS, "程序里的一个条件（xtbang/stages 里的函数）", table, "needs", name)
            if action and name in action.needs:
                self._fail(f"里有 {name}，这一事项本来就要核对，不必再写。", table, "needs", name)
        tables = self._tables(table, "paper", [])
        self._once(tables, "key")
        if tables and action and (not action.by_hand or action.page):
            self._fail("不在办理事项的页面上办，不能另要材料。", table, "trigger")
        if not needs and not tables and table.place not in self.wrong:
            self._fail("既没有 needs，也没有 [[action.paper]]：什么也没有多要。", table, "trigger")
        return Asked(trigger, needs, tuple(self._paper(item, action) for item in tables))

    def _paper(self, table: Table, action: Action | None) -> Field:
        self._keys(table, PAPER, needs=("key", "label"))
        key, texts = self._text(table, "key"), {name: self._text(table, name) for name in ("label", "hint")}
        if key and not re.fullmatch("[a-z][a-z0-9_]*", key):
            self._fail(f"写的是 {key}，只能用小写英文字母、数字和下划线。", table, "key")
        same = next((item for item in action.form.fields if item.key == key), None) if action else None
        if same and same.kind is not FieldKind.FILE:
            self._fail(f"写的是 {key}：这一事项已有同名的填写项{quoted(same.label)}，它不是文件。", table, "key")
        plain: dict[str, Any] = {**texts, "required": self._flag(table, "required", default=True)}
        return Field(key, plain.pop("label"), FieldKind.FILE, **plain)

    def _lives(self, edition: Edition, data: Table) -> None:
        """Check that every state of the edition's life can be reached and left."""
        if self.life is None:
            return
        life = life_of(self.life, edition)
        moves = [action for action in life.actions.values() if action.moves]
        lost = [action.name for action in moves if action.to not in life.states]
        reached = {next(iter(life.states))}
        while new := {move.to for move in moves if reached & {*move.sources}} - reached:
            reached |= new
        stuck = [
            state.name
            for state in life.states.values()
            if state.id not in reached or not (state.final or any(state.id in move.sources for move in moves))
        ]
        for names, what in ((lost, "没有去处"), (stuck, "到不了或离不开")):
            if names:
                self._fail(f"这样省去环节以后，{'、'.join(names)}{what}。", data, "without")
