"""What WeasyPrint 70.0 does not do by itself: Chinese justification, and half of the time saved. See docs/fonts.md.

Applied once by `papers.render`; with any other version nothing is touched, and papers come out slower and ragged.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import pydyf  # type: ignore[import-untyped]
import weasyprint
from weasyprint import pdf
from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline
from weasyprint.pdf import fonts

_writing = False  # while a PDF is written its streams are final: each is compressed once (renders hold a lock)


def apply() -> bool:
    """Patch WeasyPrint; False when its version is another one."""
    if weasyprint.VERSION != "70.0":
        return False
    pydyf.Stream.data = property(_stream_data)
    pydyf.PDF.write = _write
    fonts.Font.__init__ = _font
    pdf.ColorProfile = _profile
    inline.justify_line = _justify
    return True


def _stream_data(stream: Any) -> bytes:
    """The stream, compressed at level 6 instead of 9, and not again for the file's identifier."""
    if _writing and (known := stream.__dict__.get("_final")):
        return bytes(known)
    content = b"\n".join(pydyf._to_bytes(item) for item in stream.stream)
    extra = pydyf.Dictionary(stream.extra.copy())
    if stream.compress:
        extra["Filter"] = "/FlateDecode"
        content = zlib.compress(content, 6)
    extra["Length"] = len(content)
    data = b"\n".join((extra.data, b"stream", content, b"endstream"))
    if _writing:
        stream._final = data
    return bytes(data)


def _write(document: Any, *args: Any, _original: Any = pydyf.PDF.write, **options: Any) -> None:
    global _writing
    _writing = True
    try:
        _original(document, *args, **options)
    finally:
        _writing = False


def _font(font: Any, *args: Any, _original: Any = fonts.Font.__init__) -> None:
    """A font without a copy of its whole file: the subset takes its place before anything is written."""
    copy, fonts.get_hb_object_data = fonts.get_hb_object_data, lambda face: b""
    try:
        _original(font, *args)
    finally:
        fonts.get_hb_object_data = copy


def _profile(file: Any, *args: Any, _original: Any = pdf.ColorProfile) -> Any:
    """The colour profile of the output intent, its file closed, which WeasyPrint forgets."""
    with file:
        return _original(file, *args)


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
