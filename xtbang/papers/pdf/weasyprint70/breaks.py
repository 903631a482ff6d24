"""A table that is cut short before what has to stand on the next page ends, and is framed, at its last row.

WeasyPrint takes rows away from a table that it has laid out already, and leaves it as high as it was.
"""

from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import block, table

_find = block.find_earlier_page_break


def apply() -> None:
    """Patch how an earlier page break is found."""
    block.find_earlier_page_break = table.find_earlier_page_break = find_earlier_page_break


def find_earlier_page_break(context: Any, children: Any, *placeholders: Any) -> Any:
    """Return what WeasyPrint's function returns; the tables and groups of rows that it shortens end at their last row."""
    found = _find(context, children, *placeholders)
    for child in found[0] if found else ():
        if isinstance(child, boxes.TableBox | boxes.TableRowGroupBox) and child.children:
            last = child.children[-1]
            child.height = last.position_y + last.height - child.content_box_y()
    return found
