"""Text as it comes out of Word, WPS, spreadsheets and PDF files, with the characters that it looks like.

What cannot be known for certain (a letter of an unknown private font) stays, and is named when the form is checked.
"""

import re
import unicodedata
from itertools import groupby, zip_longest

_NESTED = 5  # fields within fields that are taken apart
_FIELD = re.compile("\x13([^\x13-\x15]*)(?:\x14([^\x13-\x15]*))?\x15")
_MARKS = str.maketrans({"\x07": "\t", "\x1e": "-"})  # the end of a cell, a hyphen that does not break
_NOTHING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufff9-\ufffc]")

_RADICALS = (  # CJK Radicals Supplement, each with its character: EquivalentUnifiedIdeograph.txt of Unicode 15
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇𠘨⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺑𡯂⺒巳⺓幺⺔彑⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王"
    "⺪𤴔⺫目⺬示⺭礻⺮𥫗⺯糹⺰纟⺱罓⺲罒⺳㓁⺴冗⺵𦉫⺶羊⺷𦍌⺸𦍋⺹耂⺺肀⺻聿⺼肉⺽𦥑⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇𧢲⻈讠⻉贝⻊𧾷⻋车⻌辶⻍辶⻎辶⻏邑⻐钅"
    "⻑長⻒镸⻓长⻔门⻕𨸏⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞𩙿⻟飠⻠饣⻡𩠐⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
_KANGXI = range(0x2F00, 0x2FD6)
_LIGATURES = range(0xFB00, 0xFB07)  # ﬁ, ﬂ

_SYMBOL = {  # the font Symbol, by its code: Word stores it from U+F000 on
    0x20: " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_",
    0x61: "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
    0xA0: "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…|—↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑",
    0xF1: "〉∫",
}
_WINGDINGS = {  # Wingdings and Wingdings 2 have the same codes; where Symbol's sign is not what people type
    0x4A: "☺", 0x52: "☑", 0x54: "☒", 0x6F: "□", 0x80: "⓪①②③④⑤⑥⑦⑧⑨⑩", 0x8C: "❶❷❸❹❺❻❼❽❾❿", 0x9E: "·•",
    0xA1: "○", 0xA7: "▪□", 0xDF: "←→↑↓", 0xE7: "←→", 0xF0: "⇨", 0xF3: "⇔", 0xFB: "✗✓☒☑",
}  # fmt: skip
_BULLETS = {  # Wingdings at the beginning of a line; Symbol's sign anywhere else
    0x50: "✓", 0x6C: "●", 0x6E: "■", 0x70: "□", 0x71: "❑", 0x72: "❒", 0x75: "◆", 0x76: "❖", 0x77: "◆", 0xD8: "➢",
}  # fmt: skip
_OLD_GB = (  # characters of GB 18030 that older fonts and WPS keep in the private area
    "\ue5e5\u3000\ue78d︐\ue78e︒\ue78f︑\ue790︓\ue791︔\ue792︕\ue793︖\ue794︗\ue795︘\ue796︙\ue7c7ḿ\ue7c8ǹ"
    "\ue816𠂇\ue817𠂉\ue818𠃌\ue81e龴\ue826龵\ue82b龶\ue82c龷\ue831𡗗\ue832龸\ue83b𢦏\ue843龹\ue854龺\ue855𤇾\ue864龻"
)
_BOX = re.compile("\uf0a3(?! ?[0-9])")  # □ of Wingdings 2; Symbol's ≤ before a figure


def _from_private(tables: dict[int, str]) -> dict[int, str]:
    return {0xF000 + start + place: sign for start, signs in tables.items() for place, sign in enumerate(signs)}


_FOLDED = (
    {code: unicodedata.normalize("NFKC", chr(code)) for code in (*_KANGXI, *_LIGATURES)}
    | dict(zip(map(ord, _RADICALS[::2]), _RADICALS[1::2], strict=True))
    | dict(zip(map(ord, _OLD_GB[::2]), _OLD_GB[1::2], strict=True))
    | _from_private(_SYMBOL)
    | _from_private(_WINGDINGS)
)
_AT_START = {chr(code): sign for code, sign in _from_private(_BULLETS).items()}
_BULLET = re.compile(rf"(?m)^(?P<before>[ \t\u3000]*)(?P<sign>[{''.join(_AT_START)}])")

_WIDEST = 34  # em: a row that is wider is not aligned
_GAP = "｜"
_INDENT = "\u3000\u3000"
_MARKER = re.compile(r"(?:[^\w\s]|[0-9]{1,3}|[A-Za-z]|[一二三四五六七八九十]{1,3}|[①-⓿❶-➓㈠-㈩]|[（(.．)）、]){1,6}")


def without_marks(text: str) -> str:
    """Return the text without control characters; of a field of Word only what it shows stays."""
    for _ in range(_NESTED):
        text, found = _FIELD.subn(lambda field: field[2] or "", text)
        if not found:
            break
    return _NOTHING.sub("", text.translate(_MARKS))


def folded(text: str) -> str:
    """Return the text with signs of private fonts, radicals and ligatures as the characters that they look like."""
    if text.isascii():
        return text
    text = _BULLET.sub(lambda found: found["before"] + _AT_START[found["sign"]], _BOX.sub("□", text))
    return text.translate(_FOLDED)


def in_columns(text: str) -> str:
    """Return the text with a table, lines whose cells are separated by tabs, in columns that can be read and printed.

    The cells are separated by ｜ and, in a table that is not too wide, padded to the width of their column. A tab after
    the marker of a list is a space, one before a paragraph its indentation.
    """
    if "\t" not in text:
        return text
    parts = (_rows(list(lines)) if tabbed else lines for tabbed, lines in groupby(text.split("\n"), _has_cells))
    return "\n".join(line for lines in parts for line in lines)


def _has_cells(line: str) -> bool:
    return "\t" in line.rstrip()


def _rows(lines: list[str]) -> list[str]:
    rows = [[cell.strip() for cell in line.rstrip().split("\t")] for line in lines]
    if all(len(row) == 2 and (not row[0] or _MARKER.fullmatch(row[0])) for row in rows):
        return [f"{marker} {words}" if marker else _INDENT + words for marker, words in rows]
    widths = [max(map(_em, column)) for column in zip_longest(*rows, fillvalue="")]
    if sum(widths) + len(widths) > _WIDEST:
        return [_GAP.join(row) for row in rows]
    last = len(widths) - 1
    return [
        _GAP.join(
            cell if place == last else cell + "\u3000" * (widths[place] - _em(cell)) for place, cell in enumerate(row)
        )
        for row in rows
    ]


def _em(text: str) -> int:
    """Return the width of a text in em, rounded up; a letter or a figure is half an em wide."""
    halves = sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)
    return (halves + 1) // 2
