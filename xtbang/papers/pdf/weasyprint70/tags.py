"""The structure tree: what WeasyPrint leaves out of it."""

from collections.abc import Iterator
from typing import Any

import pydyf  # type: ignore[import-untyped]
from weasyprint import pdf
from weasyprint.formatting_structure import boxes


def apply() -> None:
    pdf.add_tags = _add_tags


def _add_tags(file: Any, document: Any, *others: Any, _original: Any = pdf.add_tags) -> None:
    """Nothing for the margins, which are artifacts; with the scope of headings and the tree of their names."""
    for page in document.pages:
        box = page._page_box
        box.children = [child for child in box.children if not isinstance(child, boxes.MarginBox)]
    _original(file, document, *others)
    names = {}
    for page in document.pages:
        for cell in _headings(page._page_box):
            scope = "/Column" if cell.element.get("scope") in (None, "col") else "/Row"
            cell.mark["A"]["Scope"] = scope
            names[cell.mark["ID"].string] = cell.mark.reference
    dictionaries = (item for item in file.objects if isinstance(item, pydyf.Dictionary))
    root = next(item for item in dictionaries if item.get("Type") == "/StructTreeRoot")
    if names:
        pairs = [part for name in sorted(names) for part in (pydyf.String(name), names[name])]
        root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(pairs)})
    root["ParentTreeNextKey"] = len(document.pages)


def _headings(box: Any) -> Iterator[Any]:
    """The cells of a page that head others, as far as they are in a table."""
    if isinstance(box, boxes.TableCellBox):
        if box.element_tag == "th" and "ID" in getattr(box, "mark", ()):
            yield box
    elif not isinstance(box, boxes.LineBox):
        for child in box.children:
            yield from _headings(child)
