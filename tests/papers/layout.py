"""What stands on which page of a paper, read from the boxes that are written into the PDF."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from weasyprint.formatting_structure import boxes

from xtbang.papers.pdf import render

HEADINGS = {"h1", "h2", "h3", "h4", "thead", "caption", "section", "subtitle", "attachment"}  # tags and classes
SIGNING = {"seal", "offices", "closing", "room", "party", "signing"}  # classes of what is signed or stamped in


@dataclass(frozen=True)
class Line:
    """A printed line: its text, and the tags and classes around it."""

    text: str
    bottom: float
    within: frozenset[str]
    block: int  # the paragraph or the cell

    @property
    def heads(self) -> bool:
        return bool(self.within & HEADINGS) or ("leads" in self.within and self.text.endswith("："))

    @property
    def signing(self) -> bool:
        return bool(self.within & SIGNING)


@dataclass(frozen=True)
class Page:
    """The lines of a page from top to bottom, and how much of each row of a table stands on it."""

    lines: list[Line]
    rows: dict[int, float]  # element of the row → points
    height: float
    overhangs: list[float]  # of each table: how far its frame reaches below its last row, points
    ordinals: list[float]  # of each column 序号: its part of the width of the table
    ragged: list[str]  # the text of each row that does not reach over the whole width of its table

    @property
    def text(self) -> str:
        return "".join(line.text for line in self.lines)

    @property
    def blocks(self) -> list[str]:
        """The text of each paragraph and cell."""
        return ["".join(line.text for line in lines) for lines in self.by_block.values()]

    @property
    def by_block(self) -> dict[int, list[Line]]:
        """The lines of each paragraph and cell."""
        found: dict[int, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.block, []).append(line)
        return found

    @property
    def filled(self) -> float:
        """How far down the last line stands, as a part of the page."""
        return self.lines[-1].bottom * 0.75 / self.height


@contextmanager
def laid_out() -> Iterator[list[Any]]:
    """Keep the documents that are laid out meanwhile; they are not written."""
    kept: list[Any] = []
    with patch.object(render, "_write_pdf", lambda html, *_: kept.append(render.laid_out(html)) or b""):
        yield kept


@dataclass(frozen=True)
class Printed:
    """A paper as a file, and what stands on its pages."""

    pdf: bytes
    pages: list[Page]


def printed(paper: Callable[[], bytes]) -> Printed:
    """Print a paper, and look at its pages before they are written."""
    kept: list[list[Page]] = []
    lay_out = render.laid_out

    def looked_at(html: str) -> Any:
        document = lay_out(html)
        kept.append(pages(document))
        return document

    with patch.object(render, "laid_out", looked_at):
        pdf = paper()
    return Printed(pdf, kept.pop())


def pages(document: Any) -> list[Page]:
    return [_page(page._page_box) for page in document.pages]


def _page(box: Any) -> Page:
    lines: list[Line] = []
    rows: dict[int, float] = {}
    _walk(box, frozenset(), 0, lines, rows)
    tables = [table for table in box.descendants() if isinstance(table, boxes.TableBox)]
    lines.sort(key=lambda line: line.bottom)
    return Page(
        lines,
        rows,
        box.height * 0.75,
        [_overhang(table) for table in tables],
        list(_ordinals(tables)),
        list(_ragged(tables)),
    )


def _overhang(table: Any) -> float:
    last = table.children[-1].children[-1]
    return (table.content_box_y() + table.height - last.position_y - last.height) * 0.75


def _ragged(tables: list[Any]) -> Iterator[str]:
    for table in tables:
        rows = [row for group in table.children for row in group.children]
        if any(cell.rowspan > 1 for row in rows for cell in row.children):
            continue
        for row in rows:
            if abs(sum(cell.border_width() for cell in row.children) - table.width) > 1:
                yield _text(row)


def _text(box: Any) -> str:
    return "".join(part.text for part in box.descendants() if isinstance(part, boxes.TextBox))


def _ordinals(tables: list[Any]) -> Iterator[float]:
    for table in tables:
        for cell in (cell for cell in table.descendants() if isinstance(cell, boxes.TableCellBox)):
            if _text(cell) == "序号":
                yield cell.border_width() / table.border_width()


def _walk(box: Any, within: frozenset[str], block: int, lines: list[Line], rows: dict[int, float]) -> None:
    if isinstance(box, boxes.MarginBox):
        return
    if (element := getattr(box, "element", None)) is not None and box.element_tag == element.tag:
        within |= {element.tag, *(element.get("class") or "").split()}
    if isinstance(box, boxes.BlockContainerBox):
        block = id(element)
    if isinstance(box, boxes.TableRowBox) and "thead" not in within:  # a head is printed on each page
        rows[id(box.element)] = box.height * 0.75
    if isinstance(box, boxes.LineBox):
        if text := "".join(part.text for part in box.descendants() if isinstance(part, boxes.TextBox)).strip():
            lines.append(Line(text, box.position_y + box.height, within, block))
        return
    for child in getattr(box, "children", ()):
        _walk(child, within, block, lines, rows)
