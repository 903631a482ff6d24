"""``workflows/forms/*.toml`` → :class:`FormDefinition`. Anything unknown in the file is an error with its line.

The file's keys are the names of the dataclasses in ``xtbang.rules.fields``::

    title = "…"                     # and subtitle, attachment, checks
    [[section]]                     # title, note
    [[section.field]]               # every attribute of Field; choices = { key = "label" }
    [[section.field.column]]        # the same, for the columns of a table (kind "rows")
    [print]
    widths = [15, 14, 21, 19, 31]   # percent of the table, together 100
    [[print.row]]
    cells = [{ text = "单位名称" }, { field = "org_name", cols = 2 }]

A printed cell has a text, a field, or both. ``{key}`` inside a text stands for the value of that field; the text
of a choice is the line of boxes as the official form draws it (``□高校  □企业``); the text of a long field is its
number on the form, followed by its label and note. A form that is never printed has no ``[print]``.
"""

import difflib
from collections.abc import Collection
from dataclasses import fields as attributes
from pathlib import Path
from typing import Any

from xtbang.enums import ORG_KINDS
from xtbang.rules.crosschecks import FIELDS_OF_CHECKS
from xtbang.rules.fields import (
    CONTRACT_PARTS,
    FILE_TYPES,
    Choice,
    Field,
    FieldKind,
    FormDefinition,
    Section,
    named,
)
from xtbang.rules.needs import Need, Needs, lacking
from xtbang.workflow.field_sense import strange_field
from xtbang.workflow.layout_reader import LayoutReader
from xtbang.workflow.reading import NEAR, Table, as_written
from xtbang.workflow.words import Words, words_of

PROFILES = frozenset(
    "name uscc address postcode legal_name legal_phone staff rd_staff revenue profit_tax rd_spend kind region "
    "person.name person.title person.mobile person.email".split()
)
CHOICES = '一张表，每个选项有代号，如 { passed = "通过", not_passed = "不通过" }'
OF_FIELD = frozenset(attribute.name for attribute in attributes(Field)) - {"columns", "former"} | {"column"}
FIELD_KINDS = tuple(kind.value for kind in FieldKind)
WHOLE = frozenset("limit min_rows max_rows".split())
TEXT = frozenset("key label options unit note hint computed profile prefill dropped_without contract".split())
FLAG = frozenset("required public printed".split())


def load_form(
    path: Path,
    checks: Collection[str] | None = None,
    computations: Collection[str] | None = None,
    providers: Collection[str] | None = None,
) -> FormDefinition:
    """Return one form. The names that exist in the program are given as sets; ``None`` accepts any name.

    Raises :class:`DefinitionError` with file, line and what was expected.
    """
    reader = FormReader(path, checks, computations, providers)
    form = reader.read()
    reader.refuse()
    return form


class FormReader(LayoutReader):
    """Reader of forms, and of the fields of actions: the reader of the lifecycle builds on it."""

    of_field = OF_FIELD

    def __init__(
        self,
        path: Path,
        checks: Collection[str] | None,
        computations: Collection[str] | None,
        providers: Collection[str] | None,
        prefills: Collection[str] | None = None,
        words: Words | None = None,
        places: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(path)
        self.checks, self.computations, self.providers, self.prefills = checks, computations, providers, prefills
        self.words = words or {}
        # attributes whose values are names, not keys; None: any name
        self.vocabularies: dict[str, tuple[str, ...] | None] = {"region": places, "kind": ORG_KINDS}
        self.tables = {}
        self.data = Table()
        self.form = FormDefinition(path.stem, "")

    def read(self) -> FormDefinition:
        """Return the form; its mistakes are in `mistakes`."""
        data = self.data = self._load()
        known = {"title", "subtitle", "attachment", "checks", "section", "print"}
        self._keys(data, known, needs=("title", "section"))
        sections = tuple(self._section(table) for table in self._tables(data, "section"))
        fields = [field for table in self._tables(data, "section", []) for field in self._tables(table, "field", [])]
        self._once(fields, "key")
        self._once(fields, "label")
        self.tables = {str(table.get("key")): table for table in fields}
        printed = self._typed(data, "print", dict, Table())
        self.form = form = FormDefinition(
            key=self.path.stem,
            title=self._text(data, "title"),
            subtitle=self._text(data, "subtitle"),
            attachment=self._text(data, "attachment"),
            sections=sections,
            checks=self._texts(data, "checks"),
            widths=self._widths(printed),
            layout=self._layout(printed),
        )
        drawn = printed and not self.found.faults and not any(place[:1] == ("print",) for place in self.wrong)
        self._each(form.checks, form.checks if self.checks is None else self.checks, "程序里的核对", data, "checks")
        self._reckoned(form, data)
        if drawn:
            self._printed(form, printed)
        return form

    def _reckoned(self, form: FormDefinition, data: Table) -> None:
        """Check that the form has the fields that its checks and computations use."""
        keys = {field.key for field in form.fields}
        named = [(name, data, "checks", name) for name in form.checks]
        named += [(field.computed, self.tables[field.key], "computed", "") for field in form.fields if field.computed]
        for name, table, where, item in named:
            asked = FIELDS_OF_CHECKS.get(name, ())
            missing = [key for key in asked if key not in keys]
            if missing:
                others = [other for other in self.tables if other not in asked]
                near = [self.tables[one] for key in missing for one in difflib.get_close_matches(key, others, 2, NEAR)]
                sentence = f"写了 {name}，但是这份表没有它要用的填写项 {'、'.join(missing)}。"
                self._fail(sentence, table, where, item, also=[(one, "key") for one in near])

    # -- the fields

    def _section(self, table: Table) -> Section:
        self._keys(table, {"title", "note", "field", "table"}, needs=("title", "field"))
        fields = tuple(self._field(field) for field in self._tables(table, "field"))
        return Section(self._text(table, "title"), fields, self._text(table, "note"), self._flag(table, "table"))

    def _field(self, table: Table) -> Field:
        before = len(self.mistakes)
        self._keys(table, self.of_field, needs=("key", "label", "kind"))
        right = "kind" in table and self._among(table["kind"], FIELD_KINDS, "一种填写方式", table, "kind")
        values: dict[str, Any] = {"key": "", "label": ""}
        for name in table.keys() & (WHOLE | FLAG):
            values[name] = self._typed(table, name, int if name in WHOLE else bool, None)
        for name in table.keys() & TEXT:
            values[name] = self._text(table, name)
        for name in table.keys() & {"minimum", "maximum"}:
            values[name] = self._decimal(table[name], table, name)
        if "takes" in table:
            values["takes"] = self._texts(table, "takes")
            self._each(values["takes"], tuple(FILE_TYPES), "一类文件", table, "takes")
        columns = self._tables(table, "column", [])
        self._once(columns, "key")
        self._once(columns, "label")
        choices = self._choices(table)
        field = Field(
            **values | {"kind": FieldKind(table["kind"]) if right else FieldKind.TEXT},
            choices=choices,
            former=words_of(self.words, str(table.get("key")), (choice.key for choice in choices)),
            columns=tuple(map(self._field, columns)),
        )
        if len(self.mistakes) == before:
            self._coherent(field, table)
        return field

    def _choices(self, table: Table) -> tuple[Choice, ...]:
        """Return the choices: a table of keys and labels, or a list of names that the program knows."""
        asked = table.get("choices")
        if asked is None:
            return ()
        profile = str(table.get("profile"))
        named_values = profile in self.vocabularies
        if type(asked) is Table and not named_values:
            return tuple(Choice(key, self._text(asked, key)) for key in asked)
        if type(asked) is not list:
            wanted = "清单，写程序知道的名称" if named_values else CHOICES
            self._fail(f"写的是{as_written(asked)}，应为{wanted}。", table, "choices")
            return ()
        texts = self._texts(table, "choices")
        names = self.vocabularies.get(profile) or next(
            (known for known in self.vocabularies.values() if known and {*known} & {*texts}), None
        )
        if names:
            self._each(texts, names, "程序知道的名称", table, "choices")
        elif not named_values:
            self._fail(f"写的是一份清单，应为{CHOICES}。", table, "choices")
        return named(texts)

    def _coherent(self, field: Field, table: Table) -> None:
        columns = [column.key for column in field.columns]
        for name, known, what in (
            ("profile", PROFILES, "单位或个人资料中的一项"),
            ("computed", self.computations, "程序里的计算"),
            ("options", self.providers, "程序提供的选项"),
            ("prefill", self.prefills, "程序预填的内容"),
            ("dropped_without", columns, "这张表的一列"),
        ):
            if named := getattr(field, name):
                self._among(named, known, what, table, name)
        if "contract" in self.of_field:
            self._among(field.contract, ("", *CONTRACT_PARTS), "合同书的一部分", table, "contract")
        for name, sentence, *item in strange_field(field, table):
            self._fail(sentence, table, name, *item, also=[(table, *item)] if name == "limit" else [])

    def require(self, needs: Needs) -> None:
        """Add a mistake for each field of a form that is not as the program needs it (see `rules.needs`)."""
        self._require(needs, self.form.fields, self.tables, self.data, "title")

    def refuse_in_contract(self, printed: Collection[str] | None) -> None:
        """Add a mistake for each field that the contract, which prints these keys, cannot print or prints already.

        Of a form with None it prints nothing.
        """
        for field in self.form.fields:
            table = self.tables.get(field.key)
            if not field.contract or table is None or table.place in self.wrong:
                continue
            if printed is None:
                self._fail("不能写：合同书只印项目表、揭榜申请书、项目申报书和合同书里的填写项。", table, "contract")
            elif field.key in printed:
                self._fail(f"不能写：合同书已经印有 {field.key}。", table, "contract")

    def _require(
        self, needs: Needs, fields: tuple[Field, ...], tables: dict[str, Table], whole: Table, name: str
    ) -> None:
        """Add a mistake for each missing or wrong field, at the field or at the nearest name that is not needed."""
        for key, where, sentence in lacking(needs, fields):
            if key in tables:
                if tables[key].place not in self.wrong:
                    self._fail(sentence, tables[key], where, also=_like_columns(needs[key], tables[key]))
                continue
            others = [other for other in tables if other not in needs]
            near = difflib.get_close_matches(key, others, 1, NEAR)
            if near or not self.found.faults:  # otherwise it may be in a line that could not be read
                self._fail(sentence, *((tables[near[0]], "key") if near else (whole, name)))


def _like_columns(need: Need, table: Table) -> list[tuple[Table, str]]:
    """Return the columns of a table of rows whose keys are like those of columns that the program needs and that it lacks."""
    columns = {str(column.get("key")): column for column in table.get("column", [])}
    others = [key for key in columns if key not in need.columns]
    lacks = sorted(need.columns - columns.keys())
    return [(columns[near], "key") for key in lacks for near in difflib.get_close_matches(key, others, 1, NEAR)]
