"""The printed table of a form (``[print]`` in ``workflows/forms/*.toml``): its columns, its rows, what stands in a cell."""

import re
from dataclasses import fields as attributes
from decimal import Decimal

from xtbang.rules.fields import Cell, FormDefinition
from xtbang.rules.quotation import quoted
from xtbang.workflow.field_sense import CHOOSING, printed_limit
from xtbang.workflow.reading import Reader, Table

STYLES = frozenset({"", "label", "value", "section", "long"})
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
BOX = "□"


class LayoutReader(Reader):
    """Reader of the printed table of a form."""

    tables: dict[str, Table]  # the form's fields, by key

    def _widths(self, table: Table) -> tuple[Decimal, ...]:
        if not table:
            return ()
        before = len(self.mistakes)
        self._keys(table, {"widths", "row"}, needs=("widths", "row"))
        read = [self._decimal(value, table, "widths", value) for value in self._typed(table, "widths", list, [])]
        widths = tuple(width for width in read if width is not None)
        if len(self.mistakes) == before and (sum(widths) != 100 or min(widths) <= 0):
            self._fail(f"各列宽度（百分比）须为正数，合计 100，现在合计 {sum(widths)}。", table, "widths")
        return widths

    def _layout(self, table: Table) -> tuple[tuple[Cell, ...], ...]:
        rows = []
        for row in self._tables(table, "row", []):
            self._keys(row, {"cells"}, needs=("cells",))
            rows.append(tuple(self._cell(cell) for cell in self._tables(row, "cells")))
        return tuple(rows)

    def _cell(self, table: Table) -> Cell:
        self._keys(table, {attribute.name for attribute in attributes(Cell)})
        style = self._typed(table, "style", str, "")
        self._among(style, STYLES, "一种单元格样式", table, "style")
        return Cell(
            text=self._typed(table, "text", str, ""),
            field=self._typed(table, "field", str, ""),
            cols=self._typed(table, "cols", int, 1),
            rows=self._typed(table, "rows", int, 1),
            style=style,
        )

    def _printed(self, form: FormDefinition, printed: Table) -> None:
        """Check that every printed field is in the table once and that the cells exactly fill the columns."""
        known = {field.key: field for field in form.fields if field.key in self.tables}
        shown: list[str] = []
        before = len(self.mistakes)
        for table in (cell for row in printed["row"] for cell in row["cells"]):
            name, text = table.get("field", ""), table.get("text", "")
            for key, where in [(name, "field")] * bool(name) + [(key, "text") for key in PLACEHOLDER.findall(text)]:
                if not self._among(key, known, "这份表的一个填写项", table, where):
                    continue
                if key in shown:
                    self._fail(f"{key} 在印刷的表格里写了两次。", table, where)
                shown.append(key)
            if name in known and (told := printed_limit(text)) and told[1] != known[name].limit:
                said = f"里印着{quoted(told[0])}，但是 {name} 的 limit 是 {known[name].limit or '没有'}：两处须一致。"
                self._fail(said, table, "text")
            if name in known and text and known[name].kind in CHOOSING:
                drawn = re.findall(BOX + r"([^\s" + BOX + "]+)", text)
                if drawn != [choice.label for choice in known[name].choices]:
                    sentence = f"方框后面的文字与 {name} 的选项（choices）不一致，须逐字相同、次序相同。"
                    self._fail(sentence, table, "text")
        for key, field in known.items() if len(self.mistakes) == before else ():
            if field.printed != (key in shown):
                sentence = "没有印在表格里" if field.printed else "印在了表格里，却写着 printed = false"
                self._fail(f"{sentence}：在 [print] 里加上或删去，或者改 printed。", self.tables[key])
        self._grid(form, printed)

    def _grid(self, form: FormDefinition, printed: Table) -> None:
        waiting = [0] * len(form.widths)  # for each column, the rows still covered by a cell above
        for number, row in enumerate(form.layout):
            table = printed["row"][number]
            free = [column for column, rows in enumerate(waiting) if not rows]
            if sum(cell.cols for cell in row) != len(free) or any(cell.rows < 1 or cell.cols < 1 for cell in row):
                have = sum(cell.cols for cell in row)
                self._fail(
                    f"第 {number + 1} 行各格的列数（cols）合计须为 {len(free)}，现在是 {have}。",
                    table,
                    also=[(cell,) for cell in table["cells"]],
                )
            for cell in row:
                for column in free[: cell.cols]:
                    waiting[column] = cell.rows
                free = free[cell.cols :]
            waiting = [max(rows - 1, 0) for rows in waiting]
        if any(waiting):
            self._fail("有一格（rows）伸到了表格最后一行的下面。", printed["row"][-1])
