"""The word count (字数) as Word and WPS define it: one definition for the server and for the browser.

A CJK character or a full-width mark counts 1; a run of other characters between them or between spaces counts 1; spaces
and line breaks count 0. Marks that modify the previous character (variation selectors, joiners) count 0.

The browser gets `pattern()` in a data attribute and counts with
``(text.normalize("NFC").match(new RegExp(pattern, "gu")) || []).length``.
"""

import re
from functools import cache

_Ranges = tuple[tuple[int, int], ...]

_SPACE: _Ranges = (
    (0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A),
    (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
)  # fmt: skip

_ATTACHED: _Ranges = (
    (0xAD, 0xAD),  # soft hyphen
    (0x0300, 0x036F),  # combining marks
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),  # joiners, directions, invisible operators
    (0x302A, 0x302F), (0x3099, 0x309A),  # tone and voicing marks
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xE0100, 0xE01EF),  # variation selectors
)  # fmt: skip

_WIDE: _Ranges = (
    (0x2014, 0x2014), (0x2018, 0x2019), (0x201C, 0x201D), (0x2026, 0x2026),  # — ‘ ’ “ ” …
    (0x2E80, 0x2FFF),  # radicals
    (0x3001, 0x3029), (0x3030, 0x3098), (0x309B, 0x31FF),  # punctuation, 〇, kana, bopomofo, strokes
    (0x3200, 0x4DBF), (0x4E00, 0x9FFF),  # ㈠ ㎡, extension A, the common ideographs
    (0xAC00, 0xD7A3),  # Hangul
    (0xF900, 0xFAFF), (0xFE10, 0xFE1F), (0xFE30, 0xFE6F),  # compatibility, vertical and small forms
    (0xFF01, 0xFF60), (0xFFE0, 0xFFE6),  # full-width forms
    (0x1AFF0, 0x1B16F), (0x1F200, 0x1F2FF),  # kana supplement, squared ideographs
    (0x20000, 0x3FFFD),  # extensions B and later
)  # fmt: skip


@cache
def pattern() -> str:
    """Return the source of the regular expression (JavaScript, flags ``gu``) that matches once per 字; ASCII only."""
    space, attached, wide = (_escaped(ranges) for ranges in (_SPACE, _ATTACHED, _WIDE))
    return f"[{wide}]|[^{space}{attached}{wide}][^{space}{wide}]*"


def count(text: str) -> int:
    """Return the word count (字数) of a text."""
    return len(_compiled().findall(text))


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: rf"\U{code[1]:0>8}", pattern()))


def _escaped(ranges: _Ranges) -> str:
    return "".join(rf"\u{{{first:x}}}-\u{{{last:x}}}" for first, last in ranges)
