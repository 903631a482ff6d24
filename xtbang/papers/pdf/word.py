"""A paper as a Word file (.docx), for people who edit it in WPS or Word: the same text and tables, marked as not issued.

It is made of the HTML that the PDF is made of (`papers.pdf.render`), so there is one text of each paper. The layout is that
of a word processor: fonts by the names that offices have, no page numbers, no code to be verified.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from lxml import html  # type: ignore[import-untyped]

TITLE, HEADING, TEXT = "方正小标宋简体", "黑体", "仿宋"
SIZES = {"notice": 16, "document": 14, "form": 12}  # points of the text, by the kind of paper
MARGINS = {"notice": (37, 28), "document": (25, 25), "form": (20, 23)}  # millimetres: top, left
RIGHT = {"right", "ends", "signature", "date", "office"}
CENTRED = {"center", "subtitle", "numbered", "cover-name"}
INDENTED = {"text", "clause"}
SMALLER = 3.5  # points less in a table
MARK = "编辑用文本，不是正式文书。正式文书以系统出具、带校验码的为准"


def word_of(page: str) -> bytes:
    """Return the .docx of a paper's HTML; equal pages give equal texts, not equal bytes."""
    body = html.document_fromstring(page).body
    kind = next((name for name in SIZES if name in body.get("class", "").split()), "document")
    return _Writer(kind).file(body)


class _Writer:
    """Writes the elements of a page into a document."""

    def __init__(self, kind: str) -> None:
        self.document = Document()
        self.size = float(SIZES[kind])
        self.breaks = False  # whether the next paragraph begins a page
        section = self.document.sections[0]
        top, left = MARGINS[kind]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin = section.bottom_margin = Mm(top)
        section.left_margin = section.right_margin = Mm(left)
        self.width = Mm(210 - 2 * left)
        _set_font(self.document.styles["Normal"], TEXT, self.size)
        mark = section.header.paragraphs[0].add_run(MARK)
        mark.font.size, mark.font.color.rgb = Pt(9), RGBColor(0x80, 0x80, 0x80)

    def file(self, body: Any) -> bytes:
        """Return the document of a page."""
        self.blocks(body, self.document)
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()

    def blocks(self, element: Any, into: Any, smaller: float = 0.0) -> None:
        """Write the blocks within an element into the document or a cell."""
        if element.text and element.text.strip():
            _write(into.add_paragraph(), [element.text], self.size - smaller)
        for child in element:
            if not isinstance(child.tag, str) or child.tag in ("footer", "img", "style", "colgroup"):
                continue
            if child.tag == "table":
                self.table(child, into)
            elif child.tag in ("p", "h1", "h2", "h3", "li", "span", "b", "dt", "dd"):
                self.paragraph(child, into, smaller)
            else:
                self.breaks = self.breaks or "break" in _classes(child)
                self.blocks(child, into, smaller)
            if child.tail and child.tail.strip():
                _write(into.add_paragraph(), [child.tail], self.size - smaller)

    def paragraph(self, element: Any, into: Any, smaller: float) -> None:
        """Write a paragraph or a heading."""
        classes, paragraph = _classes(element), into.add_paragraph()
        heading = element.tag in ("h1", "h2", "h3")
        size = 22 if element.tag == "h1" else self.size - smaller
        font = TITLE if element.tag == "h1" else HEADING if heading else ""
        _write(paragraph, _texts(element), size, font)
        form = paragraph.paragraph_format
        form.space_before = form.space_after = Pt(0)
        form.line_spacing, form.keep_with_next = 1.3, heading or "leads" in classes
        form.page_break_before, self.breaks = self.breaks, False
        if element.tag == "h1" or (classes & CENTRED and "over" not in _classes(element.getparent())):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif classes & RIGHT or "over" in _classes(element.getparent()):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        elif classes & INDENTED:
            form.first_line_indent = Pt(2 * size)

    def table(self, element: Any, into: Any) -> None:
        """Write a table: its head is repeated, cells that span others are merged."""
        rows = element.xpath("./thead/tr | ./tbody/tr | ./tr")
        placed = list(_placed(rows))
        columns = max((place + width for _row, place, width, _height, _cell in placed), default=0)
        if not columns:
            return
        if "break" in _classes(element):
            into.add_paragraph().paragraph_format.page_break_before = True
        table = into.add_table(len(rows), columns)
        bordered = "official" in _classes(element)
        table.style = "Table Grid" if bordered else "Normal Table"
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        shares = [_share(col) for col in element.xpath("./colgroup/col")] or [1] * columns
        for column, share in zip(table.columns, shares, strict=False):
            column.width = int(self.width * share / (sum(shares) or 1))
        for row, place, width, height, cell in placed:
            target = table.cell(row, place)
            if width > 1 or height > 1:
                target = target.merge(table.cell(min(row + height, len(rows)) - 1, min(place + width, columns) - 1))
            self.cell(cell, target, SMALLER if bordered else 0.0)
        for place, row in enumerate(rows):
            if row.getparent().tag == "thead":
                _repeat(table.rows[place])

    def cell(self, element: Any, target: Any, smaller: float) -> None:
        """Write the content of a cell."""
        first = target.paragraphs[0]
        if any(child.tag in ("p", "div", "table", "h2", "h3") for child in element):
            self.blocks(element, target, smaller)
            if not first.text:
                first._p.getparent().remove(first._p)  # what python-docx puts into every cell
        else:
            _write(first, _texts(element), self.size - smaller, HEADING if element.tag == "th" else "")
        centred = element.tag == "th" or not _classes(element) & {"left", "number", "long", "value"}
        number = "number" in _classes(element)
        if not target.paragraphs:
            target.add_paragraph()
        for paragraph in target.paragraphs:
            if smaller and paragraph.alignment is None:
                paragraph.alignment = (
                    WD_ALIGN_PARAGRAPH.RIGHT if number else WD_ALIGN_PARAGRAPH.CENTER if centred else None
                )


def _placed(rows: list[Any]) -> Iterator[tuple[int, int, int, int, Any]]:
    """Yield row, column, number of columns and of rows, and the cell, for each cell of a table."""
    taken: set[tuple[int, int]] = set()
    for row, element in enumerate(rows):
        place = 0
        for cell in element.xpath("./td | ./th"):
            while (row, place) in taken:
                place += 1
            width, height = int(cell.get("colspan", 1)), int(cell.get("rowspan", 1))
            taken |= {(row + down, place + right) for down in range(height) for right in range(width)}
            yield row, place, width, height, cell
            place += width


def _classes(element: Any) -> set[str]:
    return set(element.get("class", "").split())


def _share(column: Any) -> int:
    return next((int(name[1:]) for name in _classes(column) if name[1:].isdigit()), 1)


def _texts(element: Any) -> list[str]:
    """Return the lines of an inline text, as a browser would show them."""
    parts: list[str] = []

    def walk(node: Any) -> None:
        parts.append(node.text or "")
        for child in node:
            if child.tag == "br":
                parts.append("\n")
            elif isinstance(child.tag, str) and child.tag != "img":
                walk(child)
            parts.append(child.tail or "")

    walk(element)
    lines = "".join(part if part == "\n" else " ".join(f"|{part}|".split()).replace("|", "") for part in parts)
    return [line.strip(" ") for line in lines.split("\n")]


def _write(paragraph: Any, lines: list[str], size: float, font: str = "") -> None:
    run = paragraph.add_run()
    for place, line in enumerate(lines):
        if place:
            run.add_break()
        run.add_text(" ".join(line.split(" ")).strip())
    run.font.size = Pt(size)
    if font:
        _set_font(run, font, size)


def _set_font(owner: Any, name: str, size: float) -> None:
    owner.font.name, owner.font.size = name, Pt(size)
    owner.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _repeat(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
