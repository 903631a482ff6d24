"""The printed form: in the layout of its official table where it has one, otherwise section by section."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from xtbang.papers.facts.answers import as_given
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.papers.pdf.render import render_html, render_pdf
from xtbang.papers.pdf.rows import may_tear
from xtbang.rules.fields import Cell, Field, FieldKind, FormDefinition, Section

__all__ = ["PaperMeta", "form_html", "form_pdf"]

Values = Mapping[str, Any]
_PARTS = re.compile(r"□(?P<box>[^\s□]+)|\{(?P<gap>\w+)\}|(?P<text>[^□{]+)")
_CHARACTERS = 38  # in a line of an official table
_SHORT = frozenset({FieldKind.WHOLE, FieldKind.MONEY, FieldKind.PERCENT, FieldKind.NUMBER})
_LEFT = frozenset({FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.YES, FieldKind.FLAG})


@dataclass(frozen=True)
class Piece:
    """A run of text, a box with its label, or a gap to be filled in."""

    text: str
    kind: str = "text"  # text, box, gap
    ticked: bool = False


Line = list[Piece]


@dataclass(frozen=True)
class Printed:
    """A cell as the template prints it."""

    style: str  # label, section, value, long
    cols: int = 1
    rows: int = 1
    lines: Sequence[Line] = ()
    left: bool = False
    unit: bool = False  # whether it is a figure with its unit
    name: str = ""  # number and label of a long text
    note: str = ""
    paragraphs: Sequence[str] = ()


@dataclass(frozen=True)
class Row:
    """A row of an official table: whether it may go over to the next page, and whether it stays with the next row."""

    cells: Sequence[Printed]
    open: bool
    leads: bool


@dataclass(frozen=True)
class Block:
    """Cells in two columns, or a table with a heading, of a form without an official layout."""

    kind: str  # pairs, rows
    rows: Sequence[Any]
    name: str = ""
    heads: Sequence[str] = ()


def form_html(definition: FormDefinition, values: Values, *, meta: PaperMeta, watermark: bool) -> str:
    """Return the HTML of a form. Values may be unfinished or wrong; computed fields are printed as given.

    Without any value it is the blank form, with room for handwriting.
    """
    context = {
        "form": definition,
        "blank": not any(values.get(field.key) not in (None, "", [], False) for field in definition.fields),
        "rows": list(_rows(definition, values)),
        "sections": [] if definition.layout else [_section(section, values) for section in definition.sections],
    }
    return render_html("form.html", context, meta=meta, watermark=watermark)


def form_pdf(definition: FormDefinition, values: Values, *, meta: PaperMeta, watermark: bool = False) -> bytes:
    """Return the PDF of a form, with its values embedded as ``data.json``. Raise the errors of `render_pdf`."""
    html = form_html(definition, values, meta=meta, watermark=watermark)
    return render_pdf(html, title=meta.title, data=dict(values), made_at=meta.made_at, identifier=meta.identifier)


def _rows(definition: FormDefinition, values: Values) -> Iterator[Row]:
    """Yield the rows of the official table: a heading or a label over several rows stays with what it belongs to."""
    columns, labelled = len(definition.widths), 0  # rows that share a label with the present one
    for row in definition.layout:
        cells = [_cell(definition, cell, values) for cell in row]
        labelled = max(labelled - 1, *(cell.rows - 1 for cell in cells))
        leads = labelled > 0 or any(cell.style == "section" for cell in cells)
        yield Row(cells, _may_tear(cells, columns), leads)


def _may_tear(cells: Sequence[Printed], columns: int) -> bool:
    return any(may_tear(cell.paragraphs, _CHARACTERS * cell.cols // columns) for cell in cells)


def _cell(definition: FormDefinition, cell: Cell, values: Values) -> Printed:
    if not cell.field:
        known = {field.key: field for field in definition.fields}
        gaps = {key: _words(known[key], values.get(key)) for key in re.findall(r"\{(\w+)\}", cell.text)}
        style = cell.style or ("value" if gaps else "label")
        return Printed(style, cell.cols, cell.rows, _lines(cell.text, gaps=gaps), left=bool(gaps))
    field, value = definition.field(cell.field), values.get(cell.field)
    if field.kind is FieldKind.LONG:
        name = cell.text + field.label if cell.text else ""
        note = field.note if cell.text else ""
        return Printed("long", cell.cols, cell.rows, name=name, note=note, paragraphs=_paragraphs(value))
    lines = _lines(cell.text, ticked=_chosen(field, value)) if cell.text else _value(field, value)
    return Printed(cell.style or "value", cell.cols, cell.rows, lines, left=field.kind in _LEFT, unit=bool(field.unit))


def _lines(text: str, ticked: Sequence[str] = (), gaps: Mapping[str, str] | None = None) -> list[Line]:
    """Return a printed text with □ and {gaps} as pieces, line by line."""
    lines: list[Line] = []
    for line in text.split("\n"):
        pieces = []
        for found in _PARTS.finditer(line):
            kind = str(found.lastgroup)
            words = (gaps or {})[found["gap"]] if kind == "gap" else found[kind]
            pieces.append(Piece(words, kind, ticked=words in ticked))
        lines.append(pieces)
    return lines


def _value(field: Field, value: Any) -> list[Line]:
    """Return the lines of a cell that has no text of its own."""
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES) and field.choices:
        boxes = [Piece(choice.label, "box", choice.label in _chosen(field, value)) for choice in field.choices]
        return [[piece for box in boxes for piece in (box, Piece("　"))][:-1]]
    if field.kind in (FieldKind.YES, FieldKind.FLAG):
        note = f"（{field.note}）" if field.note else ""
        return [[Piece("", "box", value is True), Piece(field.label + note)]]
    words = _words(field, value)
    if field.unit:
        return [[Piece(words, "gap"), Piece(f" {field.unit}" if words else field.unit)]]
    return [[Piece(line)] for line in words.split("\n")]


def _words(field: Field, value: Any) -> str:
    """Return the value in words, or as given when it has the wrong format."""
    if value and field.kind is FieldKind.FILE:
        return f"已上传（SHA-256 {str(value)[:16]}…）"
    if value and field.kind is FieldKind.EMAIL:
        return str(value).replace("@", "@\u200b")  # allows a line break there
    return as_given(field, value)


def _chosen(field: Field, value: Any) -> Sequence[str]:
    """Return the labels of the chosen choices."""
    values = value if isinstance(value, list | tuple) else [value] if isinstance(value, str) else []
    return field.labels_of(values)


def _paragraphs(value: Any) -> list[str]:
    return [line.strip() for line in str(value or "").split("\n") if line.strip()]


def _section(section: Section, values: Values) -> dict[str, Any]:
    """Return a section of a form without layout; neighbouring fields share one table."""
    shown = [field for field in section.fields if field.printed]
    blocks: list[Block] = []
    for is_table, group in groupby(shown, key=lambda field: field.kind is FieldKind.ROWS):
        if is_table:
            blocks += [_grid(field, values.get(field.key)) for field in group]
        else:
            rows = [list(_pair(field, values.get(field.key))) for field in group]
            blocks.append(Block("pairs", [Row(cells, _may_tear(cells, 2), leads=False) for cells in rows]))
    return {"title": section.title, "blocks": blocks}


def _pair(field: Field, value: Any) -> Iterator[Printed]:
    if field.kind is FieldKind.LONG:
        yield Printed("long", 2, name=field.label, note=field.note, paragraphs=_paragraphs(value))
        return
    if field.kind in (FieldKind.YES, FieldKind.FLAG):
        yield Printed("value", 2, lines=_value(field, value), left=True)
        return
    yield Printed("label", lines=[[Piece(field.label)]])
    yield Printed("value", lines=_value(field, value), left=field.kind not in _SHORT, unit=bool(field.unit))


def _grid(field: Field, rows: Any) -> Block:
    columns = [column for column in field.columns if column.printed]
    filled = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
    heads = [f"{column.label}（{column.unit}）" if column.unit else column.label for column in columns]
    body = [
        [[[Piece(line)] for line in _words(column, row.get(column.key)).split("\n")] for column in columns]
        for row in [*filled, *[{}] * (max(field.min_rows, 1) - len(filled))]
    ]
    return Block("rows", body, name=field.label, heads=heads)
