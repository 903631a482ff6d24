"""What stands on which page of a paper, read from the boxes that are written into the PDF."""

from collections.abc import Iterator
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

    @property
    def text(self) -> str:
        return "".join(line.text for line in self.lines)

    @property
    def blocks(self) -> list[str]:
        """The text of each paragraph and cell."""
        found: dict[int, str] = {}
        for line in self.lines:
            found[line.block] = found.get(line.block, "") + line.text
        return list(found.values())


@contextmanager
def laid_out() -> Iterator[list[Any]]:
    """Keep the documents that are laid out meanwhile; they are not written."""
    kept: list[Any] = []
    with patch.object(render, "_write_pdf", lambda html, *_: kept.append(render.laid_out(html)) or b""):
        yield kept


def pages(document: Any) -> list[Page]:
    return [_page(page._page_box) for page in document.pages]


def _page(box: Any) -> Page:
    lines: list[Line] = []
    rows: dict[int, float] = {}
    _walk(box, frozenset(), 0, lines, rows)
    return Page(sorted(lines, key=lambda line: line.bottom), rows, box.height * 0.75)


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
