"""Documents without an official table, printed from their definition: sections, blocks and cells.

The templates of 揭榜申请书, 项目申报书, 执行情况报告 and 验收申请书 use them; without values they print the blank form.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from xtbang.papers.facts.answers import in_words
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section
from xtbang.rules.money import sum_wan

Values = Mapping[str, Any]

_TICKED = frozenset({FieldKind.YES, FieldKind.FLAG})
_OWN_ROW = frozenset({FieldKind.FILE, FieldKind.CHOICE, FieldKind.CHOICES})  # kinds that have a row of their own
_EMS = {  # width of a column, in characters
    FieldKind.USCC: 10.5, FieldKind.DATE: 8.2, FieldKind.MONEY: 8.4, FieldKind.PERCENT: 4.5, FieldKind.WHOLE: 4.5,
    FieldKind.NUMBER: 5.0, FieldKind.PHONE: 7.5, FieldKind.MOBILE: 6.5,
}  # fmt: skip
_LINE = {False: 42.0, True: 49.0}  # characters on one line of a table, in 五号 and in 小五
_TIGHT = 5, 240  # from so many columns, or characters in a row, a table is set in 小五
_FIRST = 2.6  # width of the column of serial numbers
_PAIR = 40  # a text with at most this limit shares its row with another
_MONEY_RUN = 3  # from so many consecutive amounts, they form a table with a sum
_TOTAL = "total"  # prefix of the key of the amount that is the sum of the others
NOTHING = "—"
_BLANK_ROWS = 5
_BLANK_ANSWER = range(30, 91, 10)  # height of a long answer to be written by hand, mm


@dataclass(frozen=True)
class Answer:
    """A label and its value."""

    label: str
    text: str


@dataclass(frozen=True)
class Column:
    """The head of a column; ``width`` in whole percent, ``side`` is the class of its cells."""

    head: str
    width: int
    side: str = ""


@dataclass(frozen=True)
class Block:
    """A unit of printing: ``pairs``, ``long``, ``table`` or ``ticked``."""

    kind: str
    name: str = ""
    rows: Sequence[Sequence[Any]] = ()
    columns: Sequence[Column] = ()
    total: Sequence[str] = ()  # the last row of a table with a sum
    tight: bool = False  # many columns, smaller type
    paragraphs: Sequence[str] = ()
    height: int = 0  # mm left for writing by hand
    ticked: bool = False


@dataclass(frozen=True)
class Part:
    """A printed section."""

    title: str
    note: str
    blocks: Sequence[Block]


def parts(definition: FormDefinition, values: Values, figures: Values | None = None) -> list[Part]:
    """Return every section with its blocks. Values may be unfinished or wrong; unreadable ones are printed as typed.

    ``figures`` are the heads and, by field, the cells of the known figures next to amounts: planned, paid, spent before.
    """
    blank = is_blank(definition, values)
    shown = [section for section in definition.sections if blank or not _unknown(section, values)]
    return [Part(section.title, section.note, list(_blocks(section, values, blank, figures))) for section in shown]


def _unknown(section: Section, values: Values) -> bool:
    """Return whether the values are older than a table of amounts: they have none of its fields."""
    return section.table and not any(field.key in values for field in section.fields)


def is_blank(definition: FormDefinition, values: Values) -> bool:
    """Return whether nothing has been filled in."""
    return not any(values.get(field.key) not in (None, "", [], False) for field in definition.fields)


def _blocks(section: Section, values: Values, blank: bool, figures: Values | None) -> Iterator[Block]:
    """Yield the blocks of a section: short answers in pairs, long ones alone, consecutive amounts in a table."""
    shown = [field for field in section.fields if field.printed]
    for kind, run in groupby(shown, key=_group):
        fields = list(run)
        if kind is FieldKind.ROWS:
            yield from (_table(field, values.get(field.key), blank) for field in fields)
        elif kind is FieldKind.LONG:
            yield from (_long(field, values.get(field.key), blank) for field in fields)
        elif kind is FieldKind.YES:
            yield from (Block("ticked", field.label, ticked=values.get(field.key) is True) for field in fields)
        elif kind is FieldKind.MONEY and len(fields) >= _MONEY_RUN:
            yield _amounts(fields, values, figures or {"heads": [], "cells": {}})
        else:
            yield Block("pairs", rows=list(_pairs(fields, values, blank)))


def _group(field: Field) -> FieldKind:
    if field.kind in _TICKED:
        return FieldKind.YES
    return field.kind if field.kind in (FieldKind.ROWS, FieldKind.LONG, FieldKind.MONEY) else FieldKind.TEXT


def _pairs(fields: Sequence[Field], values: Values, blank: bool) -> Iterator[list[Answer]]:
    """Yield rows of one or two answers; a long answer has a row of its own."""
    row: list[Answer] = []
    for field in fields:
        answer = Answer(field.label, _answer(field, values.get(field.key), blank))
        if (field.limit or 0) > _PAIR or field.kind in _OWN_ROW:
            yield from ([row] if row else [])
            yield [answer]
            row = []
        elif row:
            yield [*row, answer]
            row = []
        else:
            row = [answer]
    if row:
        yield row


def _answer(field: Field, value: Any, blank: bool) -> str:
    """Return the answer with its unit, or room to write one; for choices every box; — for what was left out on purpose."""
    if field.choices:
        chosen = [field.key_of(str(item)) for item in (value if isinstance(value, list | tuple) else [value])]
        return "　".join(f"{'☑' if choice.key in chosen else '□'}{choice.label}" for choice in field.choices)
    text = in_words(field, value)
    if not text and not blank and not field.required:
        return NOTHING
    return f"{text or '　　　　'}{field.unit}"


def _long(field: Field, value: Any, blank: bool) -> Block:
    paragraphs = [line.strip() for line in str(value or "").split("\n") if line.strip()]
    height = min(max((field.limit or 0) // 100 * 10, _BLANK_ANSWER[0]), _BLANK_ANSWER[-1]) if blank else 0
    return Block("long", field.label, paragraphs=paragraphs, height=height)


def _amounts(fields: Sequence[Field], values: Values, figures: Values) -> Block:
    """Return a table of amounts with their sum, and known figures next to them where there are any.

    A field called total is not added, but printed as the last row.
    """
    total = next((field for field in fields if field.key.startswith(_TOTAL)), None)
    summed = [field for field in fields if field is not total]
    known = [n for n in range(len(figures["heads"])) if any(_figure(figures, field, n) != NOTHING for field in summed)]
    rows = [
        (str(number), field.label, in_words(field, values.get(field.key)), *(_figure(figures, field, n) for n in known))
        for number, field in enumerate(summed, 1)
    ]
    label = f"合计（{total.label}）" if total else "合计"
    amount = in_words(total, values.get(total.key)) if total else _sum([values.get(field.key) for field in summed])
    sums = [_sum([cell for field in summed if (cell := _figure(figures, field, n)) != NOTHING]) for n in known]
    width = 17 if known else 30
    amounts = [Column(f"金额（{fields[0].unit}）", width, "number")]
    amounts += [Column(figures["heads"][n], width, "number") for n in known]
    columns = (Column("序号", 10), Column("科目", 90 - width * len(amounts), "left"), *amounts)
    return Block("table", rows=rows, columns=columns, total=("", label, amount, *sums))


def _figure(figures: Values, field: Field, column: int) -> str:
    """Return the known figure next to an amount in that column; — for nothing."""
    cells: Sequence[str] = figures["cells"].get(field.key, ())
    return cells[column] if column < len(cells) else NOTHING


def _table(field: Field, value: Any, blank: bool) -> Block:
    shown = [column for column in field.columns if column.printed]
    filled = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
    if filled:
        rows = [[str(n), *(_cell(column, row.get(column.key)) for column in shown)] for n, row in enumerate(filled, 1)]
    else:
        count = min(field.max_rows, max(field.min_rows, _BLANK_ROWS)) if blank else 1
        rows = [["", "" if blank else "无", *[""] * (len(shown) - 1)] for _ in range(count)]
    columns = list(_columns(shown))
    tight = _is_tight(shown)
    return Block("table", field.label, rows=rows, columns=columns, total=_totals(shown, filled), tight=tight)


def _cell(column: Field, value: Any) -> str:
    return in_words(column, value) or ("" if column.required else NOTHING)


def _columns(shown: Sequence[Field]) -> Iterator[Column]:
    """Yield the columns: figures, dates and codes have fixed widths.

    Texts share the rest in proportion to the square roots of their limits.
    """
    line = _LINE[_is_tight(shown)]
    fixed = {field.key: _fixed(field) for field in shown}
    rest = line - _FIRST - sum(fixed.values())
    roots = {field.key: Decimal(field.limit or 20).sqrt() for field in shown if not fixed[field.key]}
    left = 100 - (first := round(_FIRST / line * 100))
    yield Column("序号", first)
    for field in shown:
        width = fixed[field.key] or rest * float(roots[field.key] / sum(roots.values()))
        percent = left if field is shown[-1] else round(width / line * 100)
        left -= percent
        yield Column(f"{field.label}（{field.unit}）" if field.unit else field.label, percent, _side(field))


def _is_tight(shown: Sequence[Field]) -> bool:
    columns, characters = _TIGHT
    return len(shown) >= columns or sum(field.limit or 0 for field in shown) > characters


def _fixed(field: Field) -> float:
    if field.kind is FieldKind.CHOICE:
        return max(map(len, (field.label, *(choice.label for choice in field.choices)))) + 1.2
    return _EMS.get(field.kind, 0.0)


def _side(field: Field) -> str:
    if field.kind is FieldKind.MONEY:
        return "number"
    return "left" if (field.limit or 0) > _PAIR else ""


def _totals(shown: Sequence[Field], rows: Sequence[Values]) -> list[str]:
    """Return the sums of the money columns; [] when there is no such column or no row."""
    if not rows or all(column.kind is not FieldKind.MONEY for column in shown):
        return []
    cells = [_sum([row.get(field.key) for row in rows]) if field.kind is FieldKind.MONEY else "" for field in shown]
    return ["", "合计", *cells[1:]]


def _sum(amounts: Sequence[Any]) -> str:
    """Return the sum in 万元; "" when nothing is given or something cannot be read."""
    known = [amount for amount in amounts if amount not in (None, "")]
    try:
        return sum_wan(known) if known else ""
    except ValueError:
        return ""
