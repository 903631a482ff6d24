"""The table from which past projects come in (导入): its columns, made of the fields of the action, and its lines as values."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xtbang.rules.bank_receipts import LOST
from xtbang.rules.fields import Field, FormDefinition, Section
from xtbang.rules.forms import check, clean, is_blank
from xtbang.rules.quotation import quoted

PAYMENTS = "payments"
SOURCES = {"city": "市级", "county": "县级"}
PARTS = {"amount": "金额", "dated": "日期", "note": "凭证号"}
COME_BACK = 0  # in place of the number of an instalment: money that came back
HEAD_ROWS = 20  # the heads stand in one of the first rows
_UNIT = re.compile(r"\((万元|元|单位:万元|单位:元)\)")
_REST = re.compile(r"\([^)]*\)|[*:：]|\s")


@dataclass(frozen=True)
class Line:
    """A line of the table: its number as the spreadsheet counts, and its values in the shape of the action's form."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """A fault of a line, or of the heads (line 0 where no line is known), in one column."""

    line: int
    column: str
    text: str


@dataclass(frozen=True)
class Reading:
    """A table as it was read: all lines, and everything that is wrong with how they are written."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


def columns_of(form: FormDefinition, instalments: int, county: bool) -> FormDefinition:
    """Return the table as a form of one row of fields: those of the action, and three for each payment and recovery.

    ``form`` is that of the action, with the choices of an edition; ``county`` says whether a county pays a share.
    """
    rows = form.field(PAYMENTS)
    plain = [item for item in form.fields if item.key != PAYMENTS]
    paid = [
        replace(column, key=_key(source, number, part), label=f"{_named(source, number)}{PARTS[part]}", required=False)
        for source in SOURCES
        if county or source == "city"
        for number in (*range(1, instalments + 1), COME_BACK)
        for part in PARTS
        for column in rows.columns
        if column.key == part
    ]
    return replace(form, sections=(Section("", (*plain, *paid)),))


def head_of(field: Field) -> str:
    """Return the head of a column: the name of its field with its unit, and * where it must be filled in."""
    return f"{field.label}{f'（{field.unit}）' if field.unit else ''}{'*' if field.required else ''}"


def read_table(form: FormDefinition, cells: Sequence[Sequence[str]]) -> Reading:
    """Return the lines of a table of texts, for a form of `columns_of`; with every fault, not only the first."""
    place = _place_of_heads(form, cells)
    if place is None:
        return Reading((), (Fault(0, "", "没有找到表头，请使用下载的模板，不要改动列名。"),))
    columns, units, faults = _columns(form, cells[place], place + 1)
    lines = []
    for number, row in enumerate(cells[place + 1 :], start=place + 2):
        typed = {key: _cell(row, column) for key, column in columns.items()}
        if not any(typed.values()):
            continue
        typed = {key: _with_unit(text, units.get(key, "")) for key, text in typed.items()}
        values = clean(form, typed)
        lost = {key for key, text in typed.items() if LOST in text}
        faults += [
            Fault(number, form.field(key).label, "在表格里是数字，末几位已丢失，请把这一列设为文本后重填。")
            for key in lost
        ]
        against = [reason for reason in check(form, values, complete=True) if reason.field not in lost]
        faults += [Fault(number, form.field(reason.field).label, reason.text) for reason in against if reason.field]
        faults += list(_half_payments(form, values, number))
        lines.append(Line(number, _gathered(form, values)))
    faults += list(_twice(form, lines))
    if not lines:
        faults.append(Fault(place + 2, "", "表头以下没有填写项目。"))
    return Reading(tuple(lines), tuple(sorted(faults, key=lambda fault: fault.line)))


def label_of(form: FormDefinition, values: Mapping[str, Any], key: str) -> str:
    """Return the head of the column that a reason about the action's form is about: of a payment that of its part."""
    root, _, rest = key.partition(".")
    if root == PAYMENTS and rest:
        place, _, part = rest.partition(".")
        line = values[PAYMENTS][int(place)]
        return f"{_named(line['source'], int(line['instalment']))}{PARTS[part]}"
    known = {item.key: item.label for item in form.fields}
    return known.get(root, "")


def _key(source: str, number: int, part: str) -> str:
    return f"{source}.{number}.{part}"


def _named(source: str, number: int) -> str:
    return f"{SOURCES[source]}第{number}期" if number != COME_BACK else f"{SOURCES[source]}追回"


def _plain(text: str) -> str:
    return _REST.sub("", unicodedata.normalize("NFKC", text))


def has_heads(form: FormDefinition, cells: Sequence[Sequence[str]]) -> bool:
    """Return whether a table has the heads of the template."""
    return _place_of_heads(form, cells) is not None


def _place_of_heads(form: FormDefinition, cells: Sequence[Sequence[str]]) -> int | None:
    """Return the row of the first ones that has most of the heads; None where none has two."""
    known = {_plain(item.label) for item in form.fields}
    hits = [sum(_plain(text) in known for text in row) for row in cells[:HEAD_ROWS]]
    return hits.index(max(hits)) if hits and max(hits) > 1 else None


def _columns(
    form: FormDefinition, heads: Sequence[str], number: int
) -> tuple[dict[str, int], dict[str, str], list[Fault]]:
    """Return the column of each field, the unit in its head, and what is wrong with the heads."""
    known = {_plain(item.label): item.key for item in form.fields}
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    faults = []
    for column, head in enumerate(heads):
        key = known.get(_plain(head))
        if key is None:
            if _plain(head):
                faults.append(Fault(number, head, "模板没有这一列，请删去，或者改成模板的列名。"))
        elif key in columns:
            faults.append(Fault(number, head, "这一列出现了两次。"))
        else:
            columns[key] = column
            if unit := _UNIT.search(unicodedata.normalize("NFKC", head)):
                units[key] = unit[1].removeprefix("单位:")
    missing = [item.label for item in form.fields if item.required and item.key not in columns]
    return columns, units, faults + [Fault(number, label, "缺少这一列。") for label in missing]


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _with_unit(text: str, unit: str) -> str:
    """Return an amount with the unit of its head, where it has none of its own and the field's own is another one."""
    return f"{text}{unit}" if unit == "元" and text[-1:].isdigit() else text


def _half_payments(form: FormDefinition, values: Mapping[str, Any], number: int) -> Iterator[Fault]:
    """Yield a fault for each part of a payment that is missing where another one is there; an amount of 0 is none."""
    for source, instalment in _payments(form):
        parts = {part: values[_key(source, instalment, part)] for part in PARTS}
        if all(map(is_blank, parts.values())):
            continue
        for part, value in parts.items():
            name = f"{_named(source, instalment)}{PARTS[part]}"
            if is_blank(value):
                yield Fault(number, name, f"{quoted(name)}尚未填写：金额、日期、凭证号须填齐，没有拨付的都不填。")
            elif part == "amount" and _is_zero(value):
                yield Fault(number, name, f"{quoted(name)}须大于 0，没有拨付的不填。")


def _is_zero(value: Any) -> bool:
    return isinstance(value, str) and value.replace(".", "").strip("0") == ""


def _payments(form: FormDefinition) -> Iterator[tuple[str, int]]:
    for item in form.fields:
        source, _, rest = item.key.partition(".")
        if rest.endswith(".amount"):
            yield source, int(rest.partition(".")[0])


def _gathered(form: FormDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values in the shape of the action's form: the payments as rows."""
    plain = {key: value for key, value in values.items() if "." not in key}
    rows = [
        {"source": source, "instalment": number} | {part: values[_key(source, number, part)] for part in PARTS}
        for source, number in _payments(form)
        if not is_blank(values[_key(source, number, "amount")])
    ]
    return plain | {PAYMENTS: rows}


def _twice(form: FormDefinition, lines: Sequence[Line]) -> Iterator[Fault]:
    """Yield a fault for each number of a project that stands in two lines."""
    seen: dict[str, int] = {}
    label = form.field("number").label
    for line in lines:
        number = str(line.values["number"])
        if number and (first := seen.setdefault(number, line.number)) != line.number:
            yield Fault(line.number, label, f"项目编号 {number} 与第 {first} 行相同。")
