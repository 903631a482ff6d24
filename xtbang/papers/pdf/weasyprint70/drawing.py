"""Borders as rectangles; what stands in the margins as an artifact."""

from typing import Any

import pydyf  # type: ignore[import-untyped]
from weasyprint import draw
from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes

from xtbang.papers.pdf.weasyprint70.layout import CORNERS, SIDES


def apply() -> None:
    draw.draw_border = _draw_border
    draw.draw_stacking_context = _draw_stacking_context


def _draw_border(stream: Any, box: Any, _original: Any = draw.draw_border) -> None:
    """Straight lines of one colour as one path of rectangles, instead of a clipped ring for each side."""
    style = box.style
    widths = [getattr(box, f"border_{side}_width") for side in SIDES]
    if not any(widths) and style["column_width"] == "auto" and style["column_count"] == "auto":
        return
    drawn = [side for side, width in zip(SIDES, widths, strict=True) if width]
    looks = {(style[f"border_{side}_style"], style[f"border_{side}_color"]) for side in drawn}
    plain = len(looks) == 1 and style["visibility"] == "visible" and style["border_image_source"][0] == "none"
    if not plain or next(iter(looks))[0] != "solid" or any(getattr(box, corner) != (0, 0) for corner in CORNERS):
        _original(stream, box)
        return
    top, right, bottom, left = widths
    x, y, width, height = box.border_box_x(), box.border_box_y(), box.border_width(), box.border_height()
    with stream.artifact(), stream.stacked():
        stream.set_color(get_color(style, f"border_{drawn[0]}_color"))
        if top:
            stream.rectangle(x, y, width, top)
        if bottom:
            stream.rectangle(x, y + height - bottom, width, bottom)
        if left:
            stream.rectangle(x, y, left, height)
        if right:
            stream.rectangle(x + width - right, y, right, height)
        stream.fill()


def _draw_stacking_context(stream: Any, context: Any, _original: Any = draw.draw_stacking_context) -> None:
    """Foot and page number belong to the page, not to what is read: ISO 32000-1, 14.8.2.2."""
    if not isinstance(context.box, boxes.MarginBox) or stream._tags is None:
        _original(stream, context)
        return
    tags, stream._tags = stream._tags, None
    stream.begin_marked_content("Artifact", pydyf.Dictionary({"Type": "/Pagination", "Subtype": "/Footer"}))
    _original(stream, context)
    stream.end_marked_content()
    stream._tags = tags
