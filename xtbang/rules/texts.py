"""A typed or pasted text: how it is normalised, and which of its characters cannot be stored or printed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from xtbang.rules.characters import unprintable
from xtbang.rules.pasted import folded, in_columns, without_marks
from xtbang.rules.quotation import quoted

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]")
_NARROW = re.compile("[\t\u2004-\u200a\u202f\u205f]")  # spaces that no bundled font has
_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_PLANES = "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 17))
# whatever is none of these: so written, `re` finds a Chinese character at once, where a list of control characters takes
# eight times as long
_CONTROL = re.compile(f"[^\n\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd{_PLANES}]")
_AROUND = 8  # characters shown before and after one that cannot be printed
_MOST = 5  # characters named


def normalise_text(text: str, *, lines: bool = False) -> str:
    """Return the text in NFC, stripped, in characters that mean what they look like (see `rules.pasted`).

    With ``lines`` every line break becomes a newline, and a table keeps its columns; otherwise each is a space.
    """
    text = _BREAK.sub("\n", without_marks(_INVISIBLE.sub("", text)))
    text = unicodedata.normalize("NFC", folded(text))
    if not lines:
        return _NARROW.sub(" ", text).replace("\n", " ").strip()
    text = _NARROW.sub(" ", in_columns(text))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def character_faults(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the characters of a value; `name` is its field in the sentence."""
    control = list(dict.fromkeys(_CONTROL.findall(value)))
    if control:
        yield "F.control", f"{name}含有不能使用的控制字符（{_first(map(_code, control))}），请删除后重新填写。"
    if strange := [sign for sign in unprintable(value) if sign not in control]:
        where = _first([_place(value, sign, strange) for sign in strange])
        yield "F.print", f"{name}含有无法打印的字符{_first(map(_named, strange))}，见{where}，请删除或换一种写法。"


def _first(names: Iterable[str]) -> str:
    """Return the first names, with the total number if there are more."""
    every = list(names)
    return "、".join(every[:_MOST]) + (f"等 {len(every)} 个" if len(every) > _MOST else "")


def _place(text: str, sign: str, strange: Sequence[str]) -> str:
    """Return the words around the first of such a character, which is set in 【】."""
    place = text.index(sign)
    line = text.count("\n", 0, place) + 1
    before = text[:place].rpartition("\n")[2][-_AROUND:]
    after = text[place + 1 :].partition("\n")[0][:_AROUND]
    words = "".join(_shown(item) if item in strange else item for item in (*before, "【", sign, "】", *after))
    return (f"第 {line} 行" if "\n" in text else "") + f"{quoted(words)}"


def _shown(sign: str) -> str:
    """Return the character, or its code point where a screen would show a box or nothing."""
    return _code(sign) if unicodedata.category(sign) in ("Cn", "Co", "Cf", "Zs") else sign


def _code(sign: str) -> str:
    return f"U+{ord(sign):04X}"


def _named(sign: str) -> str:
    shown = _shown(sign)
    return shown if shown != sign else f"{quoted(sign)}（{_code(sign)}）"
