"""``workflows/forms/*.toml`` → :class:`FormDefinition`. Anything unknown in the file is an error with its line.

The file's keys are the names of the dataclasses in ``xtbang.rules.fields``::

    title = "…"                     # and subtitle, attachment, checks
    [[section]]                     # title, note
    [[section.field]]               # every attribute of Field
    [[section.field.column]]        # the same, for the columns of a table (kind "rows")
    [print]
    widths = [15, 14, 21, 19, 31]   # percent of the table, together 100
    [[print.row]]
    cells = [{ text = "单位名称" }, { field = "org_name", cols = 2 }]

A printed cell has a text, a field, or both. ``{key}`` inside a text stands for the value of that field; the text
of a choice is the line of boxes as the official form draws it (``□高校  □企业``); the text of a long field is its
number on the form, followed by its label and note. A form that is never printed has no ``[print]``.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import fields as attributes
from decimal import Decimal
from pathlib import Path
from typing import Any

from xtbang.errors import DefinitionError
from xtbang.rules.fields import Cell, Field, FieldKind, FormDefinition, Section

PROFILES = frozenset(
    "name uscc address postcode legal_name legal_phone staff rd_staff revenue profit_tax rd_spend kind region "
    "person.name person.title person.mobile person.email".split()
)
STYLES = frozenset({"", "label", "value", "section", "long"})
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
BOX = "□"
CHOOSING = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})

Table = dict[str, Any]


def load_form(
    path: Path,
    checks: Collection[str] | None = None,
    computations: Collection[str] | None = None,
    providers: Collection[str] | None = None,
) -> FormDefinition:
    """Read one form. The names that exist in the program are given as sets; ``None`` accepts any name.

    Raises :class:`DefinitionError` with file, line and what was expected.
    """
    return Reader(path, checks, computations, providers).read()


@dataclass
class Reader:
    """One TOML file, read strictly; the readers of editions and of the lifecycle build on it."""

    path: Path
    checks: Collection[str] | None
    computations: Collection[str] | None
    providers: Collection[str] | None
    prefills: Collection[str] | None = None

    def read(self) -> FormDefinition:
        data = self._load()
        known = {"title", "subtitle", "attachment", "checks", "section", "print"}
        self._keys(data, known, needs=("title", "section"))
        sections = tuple(self._section(table) for table in self._tables(data, "section"))
        every = [field for section in sections for field in section.fields]
        self._once([field.key for field in every])
        printed = self._typed(data, "print", dict, {})
        form = FormDefinition(
            key=self.path.stem,
            title=self._typed(data, "title", str, ""),
            subtitle=self._typed(data, "subtitle", str, ""),
            attachment=self._typed(data, "attachment", str, ""),
            sections=sections,
            checks=self._texts(data, "checks"),
            widths=self._widths(printed),
            layout=self._layout(printed),
        )
        for name in form.checks:
            self._among(name, self.checks, "a check of rules.forms", f'"{name}"')
        if printed:
            self._printed(form)
        return form

    def _load(self) -> Table:
        text = self.path.read_text(encoding="utf-8")
        self.lines = text.splitlines()
        try:
            return tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            raise DefinitionError(self.path, int(found[1]) if found else 0, f"not TOML: {error}") from None

    # -- the fields

    def _section(self, table: Table) -> Section:
        hint = (f'"{table.get("title", "")}"',)
        self._keys(table, {"title", "note", "field"}, hint, needs=("title", "field"))
        fields = tuple(self._field(field) for field in self._tables(table, "field", hint))
        return Section(self._typed(table, "title", str, "", hint), fields, self._typed(table, "note", str, "", hint))

    def _field(self, table: Table, inside: tuple[str, ...] = ()) -> Field:
        hint = (*inside, f'key = "{table.get("key", "")}"')
        known = {attribute.name for attribute in attributes(Field)} - {"columns"} | {"column"}
        self._keys(table, known, hint, needs=("key", "label", "kind"))
        self._among(table["kind"], [kind.value for kind in FieldKind], "a kind of field", *hint, "kind")
        whole, text, flag = (dict.fromkeys(names.split()) for names in (
            "limit min_rows max_rows", "key label options unit note hint computed profile prefill dropped_without", "required public printed",
        ))  # fmt: skip
        values: Table = {}
        for name in table.keys() & {**whole, **text, **flag}:
            kind = int if name in whole else str if name in text else bool
            values[name] = self._typed(table, name, kind, None, hint)
        for name in table.keys() & {"minimum", "maximum"}:
            values[name] = self._decimal(table[name], *hint, name)
        field = Field(
            **values | {"kind": FieldKind(table["kind"])},
            choices=self._texts(table, "choices", hint),
            columns=tuple(self._field(column, hint) for column in self._tables(table, "column", hint, default=[])),
        )
        self._coherent(field, hint)
        return field

    def _coherent(self, field: Field, hint: tuple[str, ...]) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", field.key):
            self._fail(f"key {field.key!r}: expected lower-case letters, digits and _", *hint)
        columns = [column.key for column in field.columns]
        for name, known, what in (
            ("profile", PROFILES, "an attribute of organisation or person"),
            ("computed", self.computations, "a computation of rules.forms"),
            ("options", self.providers, "a provider of choices"),
            ("prefill", self.prefills, "a provider of prefilled values"),
            ("dropped_without", columns, "a column of this table"),
        ):
            if named := getattr(field, name):
                self._among(named, known, what, *hint, name)
        if (field.kind in CHOOSING) != (bool(field.choices) != bool(field.options)):
            self._fail(f"{field.key}: expected choices or options for choice and choices, and for no other kind", *hint)
        if len(set(field.choices)) < len(field.choices):
            self._fail(f"{field.key}: a choice stands twice", *hint, "choices")
        if (field.kind is FieldKind.ROWS) != bool(field.columns):
            self._fail(f"{field.key}: expected columns for rows, and for no other kind", *hint)
        if field.limit is not None and field.kind not in (FieldKind.TEXT, FieldKind.LONG):
            self._fail(f"{field.key}: expected a limit (字数) only for text and long", *hint, "limit")
        self._once(columns, *hint)

    # -- the printed table

    def _widths(self, table: Table) -> tuple[Decimal, ...]:
        if not table:
            return ()
        hint = ("[print]",)
        self._keys(table, {"widths", "row"}, hint, needs=("widths", "row"))
        widths = tuple(self._decimal(value, "widths") for value in self._typed(table, "widths", list, [], hint))
        if sum(widths) != 100:
            self._fail(f"widths: expected 100 together, found {sum(widths)}", "[print]", "widths")
        return widths

    def _layout(self, table: Table) -> tuple[tuple[Cell, ...], ...]:
        rows = []
        for row in self._tables(table, "row", ("[print]",), default=[]):
            self._keys(row, {"cells"}, ("[[print.row]]",), needs=("cells",))
            rows.append(tuple(self._cell(cell) for cell in self._tables(row, "cells", ("[[print.row]]",))))
        return tuple(rows)

    def _cell(self, table: Table) -> Cell:
        named = (("field", table.get("field")), ("text", table.get("text")))
        hint = ("[print]", *(f'{name} = "{str(value).splitlines()[0]}' for name, value in named if value))[:2]
        self._keys(table, {attribute.name for attribute in attributes(Cell)}, hint)
        style = self._typed(table, "style", str, "", hint)
        self._among(style, STYLES, "a style of cell", *hint, "style")
        return Cell(
            text=self._typed(table, "text", str, "", hint),
            field=self._typed(table, "field", str, "", hint),
            cols=self._typed(table, "cols", int, 1, hint),
            rows=self._typed(table, "rows", int, 1, hint),
            style=style,
        )

    def _printed(self, form: FormDefinition) -> None:
        """Every printed field stands in the table once; the cells fill the columns, no more and no less."""
        known = {field.key: field for field in form.fields}
        shown = []
        for cell in (cell for row in form.layout for cell in row):
            for key in [cell.field] * bool(cell.field) + PLACEHOLDER.findall(cell.text):
                self._among(key, known, "a field of the form", "[print]", key)
                shown.append(key)
            if cell.field and cell.text and known[cell.field].kind in CHOOSING:
                drawn = re.findall(BOX + r"([^\s" + BOX + "]+)", cell.text)
                if drawn != list(known[cell.field].choices):
                    self._fail(f"{cell.field}: the boxes drawn differ from its choices", "[print]", cell.field)
        self._once(shown, "[print]")
        for key, field in known.items():
            if field.printed != (key in shown):
                self._fail(f"{key}: expected in the printed table exactly when printed", f'key = "{key}"')
        self._grid(form)

    def _grid(self, form: FormDefinition) -> None:
        waiting = [0] * len(form.widths)  # rows that each column is still covered from above
        for number, row in enumerate(form.layout, 1):
            free = [column for column, rows in enumerate(waiting) if not rows]
            if sum(cell.cols for cell in row) != len(free) or any(cell.rows < 1 or cell.cols < 1 for cell in row):
                self._fail(f"row {number} of the printed table: expected cells for {len(free)} columns", "[print]")
            for cell in row:
                for column in free[: cell.cols]:
                    waiting[column] = cell.rows
                free = free[cell.cols :]
            waiting = [max(rows - 1, 0) for rows in waiting]
        if any(waiting):
            self._fail("the printed table: a cell reaches below the last row", "[print]")

    # -- the small checks

    def _keys(
        self, table: Table, known: Iterable[str], hint: tuple[str, ...] = (), needs: tuple[str, ...] = ()
    ) -> None:
        for name in table:
            self._among(name, set(known), "a key", *hint, name)
        for name in needs:
            if name not in table:
                self._fail(f"{name} is missing", *hint)

    def _typed(self, table: Mapping[str, Any], name: str, kind: type, default: Any, hint: tuple[str, ...] = ()) -> Any:
        value = table.get(name, default)
        if value is not default and type(value) is not kind:
            self._fail(f"{name}: expected {kind.__name__}, found {value!r}", *hint, name)
        return value

    def _tables(self, table: Table, name: str, hint: tuple[str, ...] = (), default: Any = None) -> list[Table]:
        value: list[Table] = self._typed(table, name, list, default, hint)
        if (default is None and not value) or not all(type(item) is dict for item in value):
            self._fail(f"{name}: expected one or more tables", *hint, name)
        return value

    def _texts(self, table: Table, name: str, hint: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._typed(table, name, list, [], hint)
        if not all(type(item) is str and item for item in value):
            self._fail(f"{name}: expected a list of strings", *hint, name)
        return tuple(value)

    def _decimal(self, value: object, *hint: str) -> Decimal:
        if type(value) not in (int, Decimal) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(value)):
            self._fail(f"expected a number, found {value!r}", *hint)
        return Decimal(str(value))

    def _among(self, name: Any, known: Collection[str] | None, what: str, *hint: str) -> None:
        if known is not None and name not in known:
            choices = ", ".join(sorted(filter(None, known))) or "none"
            self._fail(f"{name!r} is not {what}; expected one of: {choices}", *hint)

    def _once(self, keys: list[str], *hint: str) -> None:
        for key in keys:
            if keys.count(key) > 1:
                self._fail(f"{key} stands twice", *hint, *([f'"{key}"'] * 2))

    def _fail(self, message: str, *hint: str) -> None:
        """Raise, naming the line where the hints stand one after the other (tomllib knows no positions)."""
        line = 0
        for needle in hint:
            after = (number for number, text in enumerate(self.lines, 1) if number >= line and needle in text)
            repeated = line if hint.count(needle) > 1 else 0
            line = next((number for number in after if number > repeated), line)
        raise DefinitionError(self.path, line, message)
