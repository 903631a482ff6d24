"""Boxes and lines: what is the same for all boxes of a style is found once, and Chinese is justified."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import weasyprint
from weasyprint import css
from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes
from weasyprint.layout import absolute, background, block, float, inline, page, percent, preferred, replaced, table

SIDES = ("top", "right", "bottom", "left")
CORNERS = tuple(f"border_{corner}_radius" for corner in ("top_left", "top_right", "bottom_right", "bottom_left"))
_LENGTHS = tuple(f"{kind}_{side}" for kind in ("margin", "padding") for side in SIDES) + tuple(
    f"{bound}{axis}" for bound in ("", "min_", "max_") for axis in ("width", "height")
)


def apply() -> None:
    for corner in CORNERS:
        setattr(boxes.Box, corner, (0, 0))
    for module in (absolute, block, float, inline, page, percent, preferred, replaced, table):
        if hasattr(module, "resolve_percentages"):
            module.resolve_percentages = _resolve_percentages
    background.layout_box_backgrounds = _layout_box_backgrounds
    css.find_stylesheets = _find_stylesheets
    inline.avoid_collisions = _avoid_collisions
    inline.justify_line = _justify
    inline.strut = _strut


def _resolve_percentages(box: Any, containing_block: Any, _original: Any = percent.resolve_percentages) -> None:
    """Lengths without any percentage are the same for all boxes of a style."""
    style = box.style
    try:
        lengths = style.xtbang_lengths
    except AttributeError:
        lengths = style.xtbang_lengths = _lengths(style)
    if lengths is None:
        _original(box, containing_block)
    else:
        box.__dict__.update(lengths)


def _lengths(style: Any) -> dict[str, Any] | None:
    """Used lengths by name; None when one of them depends on what is around the box."""
    if style["border_collapse"] == "collapse" or style["box_sizing"] != "content-box":
        return None
    lengths = {f"border_{side}_width": style[f"border_{side}_width"] for side in SIDES}
    for name in _LENGTHS:
        value = style[name]
        if value == "auto":
            lengths[name] = 0 if name.startswith("min_") else value
        elif getattr(value, "unit", None) == "px":
            lengths[name] = value.value
        else:
            return None
    return lengths


def _layout_box_backgrounds(
    page: Any, box: Any, fetch: Any, layout_children: bool = True, style: Any = None,
    _original: Any = background.layout_box_backgrounds,
) -> None:  # fmt: skip
    """Boxes without a background are told so at once."""
    if style or not layout_children or box is page or not _bare(box.style):
        _original(page, box, fetch, layout_children, style)
        return
    box.background = None
    for child in box.all_children():
        background.layout_box_backgrounds(page, child, fetch)


def _bare(style: Any) -> bool:
    """Nothing behind the text, no picture as border, no round corners."""
    try:
        return bool(style.xtbang_bare)
    except AttributeError:
        style.xtbang_bare = (
            not get_color(style, "background_color").alpha
            and not any(value for kind, value in style["background_image"] if kind != "none")
            and not style["box_shadow"]
            and style["border_image_source"][0] == style["mask_border_source"][0] == "none"
            and all((0, "px") in style[corner] for corner in CORNERS)
        )
        return bool(style.xtbang_bare)


def _find_stylesheets(page: Any, media: Any, fetcher: Any, base_url: Any, *others: Any) -> Iterator[Any]:
    """The style sheets inside a page, each parsed once: papers have them from few templates."""
    for wrapper in page.query_all("style"):
        yield _parsed(wrapper.etree_element.text, base_url, fetcher, others[0])


@lru_cache(maxsize=32)
def _parsed(text: str, base_url: str, fetcher: Any, font_config: Any) -> Any:
    return weasyprint.CSS(string=text, base_url=base_url, url_fetcher=fetcher, font_config=font_config)


def _avoid_collisions(
    context: Any, box: Any, around: Any, outer: bool = True, _original: Any = inline.avoid_collisions
) -> Any:
    """A line has its whole width where nothing floats."""
    if context.excluded_shapes or outer:
        return _original(context, box, around, outer)
    width = around.width - box.margin_left - box.margin_right
    return around.content_box_x() + box.margin_left, box.border_box_y(), width


def _strut(style: Any, _original: Any = inline.strut) -> Any:
    """Asked for every line: kept beside the style, not under a key made of fourteen of its values."""
    try:
        return style.xtbang_strut
    except AttributeError:
        style.xtbang_strut = _original(style)
        return style.xtbang_strut


def _justify(context: Any, line: Any, extra: float, _original: Any = inline.justify_line) -> None:
    """Spread what is left of a line between its characters: WeasyPrint widens spaces, which Chinese has none of."""
    texts = list(_texts(line))
    gaps = sum(len(text.text) for text in texts) - 1
    if gaps < 1 or extra / gaps > texts[0].style["font_size"] / 4:
        return
    spacing, moved = extra / gaps, 0.0
    for box in _inline(line):
        if not isinstance(box, boxes.TextBox | boxes.InlineBox):
            box.translate(moved, 0)
            continue
        box.position_x += moved
        if isinstance(box, boxes.TextBox):
            box.style = box.style.copy()
            known = box.style["letter_spacing"]
            box.style["letter_spacing"] = spacing + (0 if known == "normal" else known)
            widened = spacing * (len(box.text) - (box is texts[-1]))
            box.width += widened
            moved += widened
    for box in _inline(line):
        if isinstance(box, boxes.InlineBox):
            ends = [text.position_x + text.width for text in _texts(box)]
            box.width = max([box.width, *(end - box.position_x for end in ends)])


def _inline(box: Any) -> Iterator[Any]:
    for child in box.children:
        if child.is_in_normal_flow():
            yield child
            if isinstance(child, boxes.InlineBox):
                yield from _inline(child)


def _texts(box: Any) -> Iterator[Any]:
    return (child for child in _inline(box) if isinstance(child, boxes.TextBox))
