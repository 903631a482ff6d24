"""Justify Chinese; set and draw lines without Pango (a tenth of a form's time); copy no fonts (a quarter of its memory).

The fonts under static/fonts have no layout tables and all have the same heights: a character always has the same glyph
and width, and all lines of a style have the same height. So Pango shapes a text once, as one long line, and returns the
possible line breaks; the width of a line is the sum of its characters. Pango still sets any other text.
"""

import re
from bisect import bisect_right
from collections import namedtuple
from collections.abc import Iterator
from itertools import accumulate
from struct import iter_unpack, pack
from typing import Any

from weasyprint import draw
from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline, preferred
from weasyprint.pdf import fonts
from weasyprint.text import line_break
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango

_CHINESE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_OPENING, _CLOSING = re.compile(f"(?<={_CHINESE})[“‘]"), re.compile(f"[”’](?={_CHINESE})")
_USUAL = {"word_spacing": 0, "word_break": "normal", "text_decoration_line": "none", "hyphens": "manual"}
_NOT_FIRST, _NOT_LAST = frozenset("，。、；：！？”’》〉）］】〕」』…—％℃"), frozenset("“‘《〈（［【〔「『")
_EM = 1000  # units of an em in a PDF
_Line = namedtuple("_Line", "paragraph start end text max_width first_line_direction")
_pango_split, _pango_draw = line_break.split_first_line, draw.draw_text


def apply() -> None:
    """Patch line breaking, justification, drawing and fonts."""
    inline.justify_line = _justify
    inline.split_first_line = preferred.split_first_line = split_first_line
    draw.draw_text = draw_text
    fonts.Font.__init__ = _font


def _justify(context: Any, line: Any, extra: float) -> None:
    """Distribute the remaining width of a line, in pixels, between its characters: WeasyPrint widens only spaces."""
    texts = [box for box in _inline(line) if isinstance(box, boxes.TextBox)]
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
            box.width = max([box.width, *(one.position_x + one.width - box.position_x for one in _inline(box))])


def _inline(box: Any) -> Iterator[Any]:
    for child in box.children:
        if child.is_in_normal_flow():
            yield child
            if isinstance(child, boxes.InlineBox):
                yield from _inline(child)


class _Paragraph:
    """A text shaped as one long line; ``plain`` if it has one glyph for each character, from left to right."""

    def __init__(self, text: str, style: Any) -> None:
        self.text, self.runs = text, []  # end and font of each run
        self.glyphs: list[tuple[int, int, int, int]] = []  # number, width in Pango's units, offsets
        self.plain = text.replace("\u3000", " ").isprintable() and {name: style[name] for name in _USUAL} == _USUAL
        if spacing := 0 if style["letter_spacing"] == "normal" else int(style["letter_spacing"] * TO_UNITS):
            style = style.copy()
            style["letter_spacing"] = "normal"
        self.layout = line_break.Layout(style)  # keeps the fonts of the runs in memory
        self.layout.set_text(text)
        line, _ = self.layout.get_first_line()
        baseline = pango.pango_layout_get_baseline(self.layout.layout)
        self.size = line_break.line_size(line, style)[1], baseline * FROM_UNITS
        run = line.runs
        while run != ffi.NULL:
            found, analysis = run.data.glyphs, run.data.item.analysis
            self.glyphs += iter_unpack("Iiii4x", ffi.buffer(found.glyphs, found.num_glyphs * 20))
            self.runs.append((len(self.glyphs), analysis.font))
            self.plain &= analysis.level % 2 == 0
            run = run.next
        self.plain &= len(self.glyphs) == len(text) and not any(one[0] > 0xFFFF or any(one[2:]) for one in self.glyphs)
        if self.plain:
            self.measure(spacing, style["lang"])

    def measure(self, spacing: int, lang: str) -> None:
        """Compute the end of each character and the possible line breaks: in Chinese also before “ and after ”."""
        self.ends = [0, *accumulate(glyph[1] + spacing for glyph in self.glyphs)]
        log = line_break.get_log_attrs(_CLOSING.sub("」", _OPENING.sub("「", self.text)), lang)
        lowest = bytes(ffi.buffer(log))[:: ffi.sizeof("PangoLogAttr")]  # the last bit: a line may break here
        self.stops = [place for place, bits in enumerate(lowest) if bits & 1 or not place]
        self.needed = [self.ends[len(self.text[:place].rstrip(" \u3000"))] for place in self.stops]

    def line(self, start: int, width: int, anywhere: bool) -> int:
        """Return the end of the longest line that fits the width; ``start`` if no break is early enough.

        With ``anywhere`` a word that is too long is cut, but never before a stop or after an opening bracket.
        """
        limit = self.ends[start] + width
        end = max(start, self.stops[bisect_right(self.needed, limit) - 1])
        if end > start or not anywhere:
            return end
        cut = max(start + 1, bisect_right(self.ends, limit) - 1)
        places = range(cut, start, -1)
        return next((place for place in places if _may_cut(self.text, place)), cut)


def _may_cut(text: str, place: int) -> bool:
    """Return whether a line may begin there, although nothing but its width asks for it."""
    return text[place : place + 1] not in _NOT_FIRST and text[place - 1] not in _NOT_LAST


def _split_by_pango(text: str, style: Any, context: Any, max_width: Any, *others: Any) -> Any:
    """Return the first line as WeasyPrint's function does; where it cuts a word before a stop, a shorter one."""
    found = _pango_split(text, style, context, max_width, *others)
    while found[2] and found[1] > 1 and not _may_cut(text, len(text.encode()[: found[2]].decode())):
        shorter = _pango_split(text, style, context, found[3] - 0.01, *others)
        if not shorter[2] or shorter[1] >= found[1]:
            break
        found = shorter
    return found


def split_first_line(
    text: str, style: Any, context: Any, max_width: Any, justified: float, is_line_start: bool = True, minimum: bool = False
) -> tuple[Any, int, int | None, float, float, float]:  # fmt: skip
    """Return the first line of a text in the format of WeasyPrint's function; cache the paragraph in its style."""
    paragraph: Any = getattr(style, "xtbang_paragraph", None)
    if text and (paragraph is None or not paragraph.text.endswith(text)):
        paragraph = style.xtbang_paragraph = _Paragraph(text, style)
    space, others = style["white_space"], (context, max_width, justified, is_line_start, minimum)
    if not text or not paragraph.plain or justified or space not in ("normal", "nowrap", "pre-line"):
        return _split_by_pango(text, style, *others)
    end, resume, ends = len(paragraph.text), None, paragraph.ends
    start = end - len(text)
    width = 2**31 if max_width is None or space == "nowrap" else int(min(max(0, max_width), 2**21) * TO_UNITS)
    if start and paragraph.stops[bisect_right(paragraph.stops, start) - 1] != start:
        return _split_by_pango(text, style, *others)  # what is left of a word cut in two has line breaks of its own
    if ends[end] - ends[start] > width:
        end = paragraph.line(start, width, is_line_start and style["overflow_wrap"] == "anywhere")
        after = paragraph.text[end : end + 1]  # a space may belong to this line: Pango lets it overhang
        narrow = not minimum and max_width < style["font_size"]
        if end == start or after in (" ", "\u3000") or narrow or not (minimum or after):
            return _split_by_pango(text, style, *others)
        if end < len(paragraph.text):
            text = paragraph.text[start:end]
            resume = len(text.encode())
            text = text.rstrip(" ")
            end = start + len(text)
    line = _Line(paragraph, start, end, text, max_width, first_line_direction=0)
    return line, len(text.encode()), resume, (ends[end] - ends[start]) * FROM_UNITS, *paragraph.size


def draw_text(stream: Any, textbox: Any, *others: Any) -> None:
    """Draw text like WeasyPrint's function, with one operator for character spacing instead of a number per character."""
    line, style = textbox.pango_layout, textbox.style
    if not isinstance(line, _Line):
        _pango_draw(stream, textbox, *others)
    if not isinstance(line, _Line) or style["visibility"] != "visible" or not line.text.strip():
        return
    stream.set_color(style["color"])
    stream.begin_text()
    stream.set_text_matrix(1, 0, 0, -1, textbox.position_x, textbox.position_y + textbox.baseline)
    spacing, start, paragraph = style["letter_spacing"], line.start, line.paragraph
    stream.stream.append(f"{0 if spacing == 'normal' else spacing:.4f} Tc")
    for run_end, pango_font in paragraph.runs:
        if run_end <= start or start == line.end:
            continue
        end = min(run_end, line.end)
        font, size = stream.add_font(pango_font)
        stream.set_font_size(font.hash, size)
        shown, moved = [], []
        glyphs = paragraph.glyphs[start:end]
        for character, (number, width, _, _) in zip(paragraph.text[start:end], glyphs, strict=True):
            em = round(width * _EM * FROM_UNITS / size)
            if number not in font.to_unicode:
                font.to_unicode[number], font.widths[number] = character, em
            shown.append(number)
            if abs(font.widths[number] - em) > 1:  # a space: a font without the wide one shows both by one glyph
                moved.append(f"{_hexadecimal(shown)} {font.widths[number] - em}")
                shown = []
        rest = _hexadecimal(shown)
        stream.stream.append(f"[{' '.join(moved)} {rest}] TJ" if moved else f"{rest} Tj")
        start = end
    stream.stream.append(b"0 Tc")
    stream.end_text()


def _hexadecimal(numbers: list[int]) -> str:
    return f"<{pack(f'>{len(numbers)}H', *numbers).hex()}>"


def _font(font: Any, *args: Any, _original: Any = fonts.Font.__init__) -> None:
    """Open a font without copying its whole file: the subset replaces it before anything is written."""
    copy, fonts.get_hb_object_data = fonts.get_hb_object_data, lambda face: b""
    try:
        _original(font, *args)
    finally:
        fonts.get_hb_object_data = copy
