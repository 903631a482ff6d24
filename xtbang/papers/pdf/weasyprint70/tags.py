"""Complete the structure tree: scope and names of heading cells. Mark page margins as artifacts."""

from collections.abc import Iterator
from typing import Any

import pydyf  # type: ignore[import-untyped]
from weasyprint import draw, pdf
from weasyprint.formatting_structure import boxes


def apply() -> None:
    """Patch the structure tree."""
    draw.draw_stacking_context = _draw_stacking_context
    pdf.add_tags = _add_tags


def _draw_stacking_context(stream: Any, context: Any, _original: Any = draw.draw_stacking_context) -> None:
    """Mark footer and page number as artifacts, not content: ISO 32000-1, 14.8.2.2."""
    if not isinstance(context.box, boxes.MarginBox) or stream._tags is None:
        _original(stream, context)
        return
    tags, stream._tags = stream._tags, None
    stream.begin_marked_content("Artifact", pydyf.Dictionary({"Type": "/Pagination", "Subtype": "/Footer"}))
    _original(stream, context)
    stream.end_marked_content()
    stream._tags = tags


def _add_tags(file: Any, document: Any, *others: Any, _original: Any = pdf.add_tags) -> None:
    """Add the tags without the margins; add the scope of heading cells and the tree of their names."""
    for page in document.pages:
        box = page._page_box
        box.children = [child for child in box.children if not isinstance(child, boxes.MarginBox)]
    _original(file, document, *others)
    names = {}
    for page in document.pages:
        for cell in _headings(page._page_box):
            cell.mark["A"]["Scope"] = "/Column" if cell.element.get("scope") in (None, "col") else "/Row"
            names[cell.mark["ID"].string] = cell.mark.reference
    root = next(one for one in file.objects if isinstance(one, dict) and one.get("Type") == "/StructTreeRoot")
    if names:
        pairs = [part for name in sorted(names) for part in (pydyf.String(name), names[name])]
        root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(pairs)})
    root["ParentTreeNextKey"] = len(document.pages)


def _headings(box: Any) -> Iterator[Any]:
    """Yield the heading cells of the tables below a box."""
    if isinstance(box, boxes.TableCellBox):
        if box.element_tag == "th" and "ID" in getattr(box, "mark", ()):
            yield box
    elif not isinstance(box, boxes.LineBox):
        for child in box.children:
            yield from _headings(child)
