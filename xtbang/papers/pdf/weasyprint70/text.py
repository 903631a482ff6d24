"""Lines of WeasyPrint 70.0 without Pango, where our fonts make the answer plain. See docs/fonts.md.

The fonts under static/fonts have no layout tables: a character has the same glyph and width wherever it stands, so each
is asked of Pango once, and a line is as wide as the sum of its characters. Where a line may break is asked of Pango
once per line. Whatever is not that plain goes to Pango as before, and gives what it gave before.
"""

import re
from bisect import bisect_right
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any, NamedTuple

from weasyprint import draw
from weasyprint.layout import inline, preferred
from weasyprint.text import line_break
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango
from weasyprint.text.fonts import font_features, get_pango_font_key

# Chinese, Latin, Greek, Cyrillic, kana and signs: nothing that combines, joins, runs backwards or is a picture.
_PLAIN = re.compile(
    "[ -~\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fbc\u2010-\u2027\u2030-\u205e\u2070-\u20cf"
    "\u2100-\u2bff\u3000-\u3029\u3030-\u303f\u3041-\u3096\u309b-\u30ff\u3105-\u312f\u3190-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff01-\uff9d\uffa0-\uffee\U00020000-\U0003ffff]*"
)
_SPACES = " \u3000"
_GAP = re.compile("\u3000+| +")
_SHORT = 60  # characters of a label, and how many labels a face remembers
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_OPENING, _CLOSING = "（〔［｛《〈「『【", "，。、；：？！％）〕］｝》〉」』】"
_AHEAD = 40  # characters behind a line that say whether it may end there
_KEPT = 8192  # characters that a face remembers: more than any paper has, fewer than there are
_FONT_FEATURES = (
    "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric",
    "font_variant_alternates", "font_variant_east_asian", "font_feature_settings",
)  # fmt: skip
_USUAL = {
    "word_spacing": 0, "direction": "ltr", "font_language_override": "normal", "font_variation_settings": "normal",
    "word_break": "normal", "text_decoration_line": "none",
}  # fmt: skip
_FACE = (
    "font_family", "font_size", "font_style", "font_stretch", "font_weight", "font_variant_caps", "lang",
    "letter_spacing",
)  # fmt: skip
_pango_split = line_break.split_first_line
_pango_draw = draw.draw_text
_faces: dict[Any, "_Face"] = {}


class _Odd(Exception):
    """A character that is not one glyph of the usual height."""


class _Glyph(NamedTuple):
    width: int  # in Pango's units
    written: str  # as it stands in the file
    number: int
    font: tuple[Any, int, Any]
    size: tuple[Any, ...]  # height of a line and where its baseline is, in pixels


class _Glyphs(dict[str, Any]):
    """Character → its glyph; a space takes its font from what is around it, and stands in its key between that."""

    def __init__(self, style: Any) -> None:
        self.style = style.copy()
        self.style["letter_spacing"] = "normal"
        self.fonts: dict[Any, tuple[Any, int, Any]] = {}
        self.size = self.ask("中")[1:]

    def ask(self, text: str) -> tuple[Any, float, float]:
        """Pango's layout with its first line, the height of the line and where its baseline is."""
        layout = line_break.Layout(self.style)
        layout.set_text(text)
        line, _ = layout.get_first_line()
        baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
        return (layout, line), line_break.line_size(line, self.style)[1], baseline

    def __missing__(self, text: str) -> Any:
        if len(self) == _KEPT:
            self.clear()
        self[text] = found = self.look(text)
        return found

    def look(self, text: str) -> "_Glyph | None":
        """The glyph of a key; None for what is not one plain glyph."""
        (layout, line), *size = self.ask(text)
        run = line.runs[0]
        found = []
        while run != ffi.NULL:
            font = run.data.item.analysis.font
            found += [(font, glyph) for glyph in run.data.glyphs.glyphs[0 : run.data.glyphs.num_glyphs]]
            run = run.next
        font, glyph = found[text[0] not in _SPACES] if len(text) > 1 else found[0]
        geometry, number = glyph.geometry, glyph.glyph
        strange = number == pango.PANGO_GLYPH_EMPTY or number & pango.PANGO_GLYPH_UNKNOWN_FLAG
        if len(found) != len(text) or strange or geometry.x_offset or geometry.y_offset:
            return None
        if font not in self.fonts:
            self.fonts[font] = (font, get_pango_font_key(font)[0], layout)  # the layout keeps its font alive
        measured = self.size if tuple(size) == self.size else tuple(size)
        return _Glyph(geometry.width, f"{number:04x}", number, self.fonts[font], measured)


class _Paragraph:
    """A text that is being broken into lines."""

    def __init__(self, text: str, items: list[_Glyph], spacing: int) -> None:
        self.text, self.items = text, items
        widths = map(itemgetter(0), items)
        self.ends = [0, *accumulate([width + spacing for width in widths] if spacing else widths)]
        self.sizes = set(map(itemgetter(4), items))

    def line(self, start: int, width: int, lang: str, anywhere: bool) -> int:
        """The end of the longest line of that width that begins there; ``start`` when it cannot be broken so early."""
        fits = bisect_right(self.ends, self.ends[start] + width, start) - 1
        end = self.past_spaces(fits)
        log = line_break.get_log_attrs(self.text[start : end + _AHEAD], lang)
        bits = bytes(ffi.buffer(log))[:: ffi.sizeof("PangoLogAttr")]  # the lowest of each: a line may break here
        while end > start and not (bits[end - start] & 1 or self.quotes(end)):
            end -= 1
        return end if end > start or not anywhere else self.past_spaces(max(fits, start + 1))

    def quotes(self, place: int) -> bool:
        """Whether a line may end before “ or after ”: in Chinese it may, for Pango they belong to what is on both sides."""
        before, after = self.text[place - 1], self.text[place : place + 1]
        opens = after and after in "“‘" and _CHINESE.match(before) and before not in _OPENING
        closes = before in "”’" and _CHINESE.match(after) and after not in _CLOSING
        return bool(opens or closes)

    def past_spaces(self, place: int) -> int:
        """Spaces at the end of a line need no room."""
        while place < len(self.text) and self.text[place] == " ":
            place += 1
        return place

    def size(self, start: int, end: int) -> tuple[float, float]:
        """Height and baseline of a line: as high as its highest characters, as deep as its deepest."""
        sizes = self.sizes
        if len(sizes) > 1:
            sizes = {item.size for item in self.items[start:end]}
        baseline = max(base for _, base in sizes)
        return baseline + max(height - base for height, base in sizes), baseline


class _Face:
    """The fonts of one style at one size, and what was set in them last."""

    def __init__(self, style: Any) -> None:
        self.glyphs = _Glyphs(style)
        spacing = style["letter_spacing"]
        self.spacing = 0 if spacing == "normal" else int(spacing * TO_UNITS)
        self.last = _Paragraph("", [], 0)
        self.short: dict[str, _Paragraph] = {}

    def read(self, text: str) -> tuple[_Paragraph, int]:
        """The paragraph that ends with this text, and where the text begins. Raises _Odd when it is not plain."""
        if self.last.text.endswith(text):
            return self.last, len(self.last.text) - len(text)
        if text in self.short:
            return self.short[text], 0
        self.last = _Paragraph(text, self.items(text), self.spacing)
        if len(text) <= _SHORT:
            if len(self.short) == _SHORT:
                self.short.clear()
            self.short[text] = self.last
        return self.last, 0

    def items(self, text: str) -> list[_Glyph]:
        if not _PLAIN.fullmatch(text):
            raise _Odd
        keys: Any = text
        if any(space in text for space in _SPACES):
            keys = list(text)
            for found in _GAP.finditer(text):
                before, after = text[: found.start()][-1:], text[found.end() :][:1]
                if not all(one.isalnum() or one == "/" for one in before + after):
                    raise _Odd  # next to a bracket or a stop it depends on what is further away
                keys[found.start() : found.end()] = [before + space + after for space in found[0]]
        items = [self.glyphs[key] for key in keys]
        if None in items:
            raise _Odd
        return items


class _Line:
    """What WeasyPrint keeps of a line's layout."""

    first_line_direction = 0
    justification_spacing = 0

    def __init__(self, text: str, items: list[Any], max_width: Any) -> None:
        self.text, self.items, self.max_width = text, items, max_width


def apply() -> None:
    inline.split_first_line = preferred.split_first_line = split_first_line
    draw.draw_text = draw_text


def _face(style: Any) -> _Face | None:
    try:
        known: _Face | None = style.xtbang_face
    except AttributeError:
        usual = all(style[name] == value for name, value in _USUAL.items()) and style["hyphens"] != "auto"
        collapses = style["white_space"] in ("normal", "nowrap", "pre-line")
        featured = font_features(*map(style.__getitem__, _FONT_FEATURES))
        face = None
        if usual and collapses and not featured and style["font_size"]:
            key = tuple(map(style.__getitem__, _FACE))
            face = _faces[key] = _faces.get(key) or _Face(style)
        style.xtbang_face = face
        return face
    return known


def split_first_line(
    text: str, style: Any, context: Any, max_width: Any, justification_spacing: float, is_line_start: bool = True,
    minimum: bool = False,
) -> tuple[Any, int, int | None, float, float, float]:  # fmt: skip
    """As WeasyPrint's own."""
    others = context, max_width, justification_spacing, is_line_start, minimum
    face = _face(style)
    if face is None or justification_spacing or not text:
        return _pango_split(text, style, *others)
    try:
        paragraph, start = face.read(text)
    except _Odd:
        return _pango_split(text, style, *others)
    end, resume, ends = len(paragraph.text), None, paragraph.ends
    if max_width is not None and style["white_space"] != "nowrap" and max_width < 2**21:
        width = int(max(0, max_width) * TO_UNITS)
        if ends[end] - ends[start] > width:
            anywhere = is_line_start and style["overflow_wrap"] == "anywhere"
            end = paragraph.line(start, width, style["lang"], anywhere)
            if end == start or (not minimum and (max_width < style["font_size"] or end == len(paragraph.text))):
                return _pango_split(text, style, *others)
            if end < len(paragraph.text):
                text = paragraph.text[start:end]
                resume = len(text.encode())
                text = text.rstrip(" ")
                end = start + len(text)
    line = _Line(text, paragraph.items[start:end], max_width)
    return line, len(text.encode()), resume, (ends[end] - ends[start]) * FROM_UNITS, *paragraph.size(start, end)


def draw_text(stream: Any, textbox: Any, offset_x: float, text_overflow: str, block_ellipsis: str) -> None:
    """As WeasyPrint's own; what is spread between characters is one operator instead of a number after each."""
    line = textbox.pango_layout
    if not isinstance(line, _Line):
        _pango_draw(stream, textbox, offset_x, text_overflow, block_ellipsis)
        return
    style = textbox.style
    if style["visibility"] != "visible" or not line.text.strip():
        return
    stream.set_color(style["color"])
    stream.begin_text()
    stream.set_text_matrix(1, 0, 0, -1, textbox.position_x, textbox.position_y + textbox.baseline)
    spacing = style["letter_spacing"]
    if spacing != "normal":
        stream.stream.append(f"{spacing:.4f} Tc")
    place = 0
    size = style["font_size"]
    for (pango_font, key, _), group in groupby(line.items, itemgetter(3)):
        font = stream._fonts.get(key) or stream.add_font(pango_font)[0]
        stream.set_font_size(font.hash, size)
        run = list(group)
        for character, item in zip(line.text[place : place + len(run)], run, strict=True):
            if item.number not in font.to_unicode:
                font.to_unicode[item.number] = character
                font.widths[item.number] = round(item.width * 1000 * FROM_UNITS / size)
        place += len(run)
        stream.stream.append("<" + "".join([item.written for item in run]) + "> Tj")
    if spacing != "normal":
        stream.stream.append(b"0 Tc")
    stream.end_text()
