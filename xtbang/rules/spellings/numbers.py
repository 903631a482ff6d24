"""Numbers and amounts: separated thousands, full-width digits, units, Chinese numerals."""

import re
from decimal import Decimal

from xtbang.rules.money import plain
from xtbang.rules.quotation import quoted
from xtbang.rules.spellings import numerals
from xtbang.rules.spellings.signs import ENDS, LONGEST, as_typed, half_width

_BETWEEN = ", '’"  # signs that separate thousands; GB 3101 writes a space
_GROUPED = re.compile(rf"[1-9][0-9]{{0,2}}(?P<by>[{_BETWEEN}])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*(?:\.[0-9]+)?")
_UNGROUPED = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_CURRENCY = re.compile(r"^([+-]?) ?(?:人民币[: ]*¥?|RMB|CNY|¥) ?", re.IGNORECASE)
_AFTER = re.compile(r" ?(?:人民币|RMB|CNY|整)$", re.IGNORECASE)
_UNITS = {  # powers of ten, to 万元
    "亿元": 4, "亿": 4, "千万元": 3, "千万": 3, "百万元": 2, "百万": 2, "千元": -1, "万元": 0, "万": 0, "w": 0, "元": -4,
}  # fmt: skip
_TERM = re.compile(r"(?P<figure>[0-9]+)(?P<unit>亿|千万|百万|万|千|百|)")
_TERMS = {"亿": 8, "千万": 7, "百万": 6, "万": 4, "千": 3, "百": 2, "": 0}  # powers of ten, to 元
_IN_BRACKETS = re.compile(r"\((人民币|(?:百|千)?万?元|亿元)\)$")
_TWICE = re.compile(r"(?P<one>[^()]+)\((?P<other>[^()]+)\)[整元]?")  # in words and in figures, as contracts have it
_ROUGH = re.compile(
    r"[约近超≈~≤≥<>±](?=.*[0-9])|不[超高低少多]|至[少多]|左右|上下|以[上下内]|[0-9万千百][余多几]|[0-9元万亿%] ?(?:-|~|至|到|—) ?[0-9]"
)
_WHICH = re.compile(r"^[大小]写[: ]*")
_ALIKE = str.maketrans("萬億圆圓W", "万亿元元w")
_PEOPLE = re.compile("(?<=.)[名位个]$")  # besides 人
_NAMES = {",": "逗号", " ": "空格"}


def number(text: str, unit: str = "") -> str:
    """Return a number without separators and without its unit: "18650.5"."""
    if len(text) > LONGEST:
        return text
    typed = half_width(text).rstrip(ENDS).removesuffix(half_width(unit)).strip()
    typed = _PEOPLE.sub("", typed) if unit == "人" else typed.removeprefix("百分之") if unit == "%" else typed
    read, said = _bare(typed), numerals.count(typed)
    return read if read is not None else str(said) if said is not None else text


def whole(text: str, unit: str = "") -> str:
    """Return a whole number as `number` does, also without decimals that are all 0."""
    read = number(text, unit)
    head, _, decimals = read.partition(".")
    return head if decimals and not decimals.strip("0") else read


def amount(text: str) -> str:
    """Return an amount in 万元 without separators, currency and unit: "50" for "50万元" and for "500,000元"."""
    if len(text) > LONGEST:
        return text
    typed = half_width(text).rstrip(ENDS).translate(_ALIKE)
    typed = _IN_BRACKETS.sub(r"\1", re.sub("(?<=[亿千百万]) (?=[亿千百万元0-9])", "", typed))
    said = next((found for read in (_in_numerals, _in_parts, _said_twice) if (found := read(typed)) is not None), None)
    if said is not None:
        return said
    bare = _AFTER.sub("", _CURRENCY.sub(r"\1", typed)).strip()
    unit = next((unit for unit in _UNITS if bare.endswith(unit)), "")
    read = _bare(bare.removesuffix(unit))
    if read is None or (bare != typed and not unit):
        return text
    return plain(Decimal(read).scaleb(_UNITS[unit])) if unit else read


def _in_numerals(text: str) -> str | None:
    """Return an amount in 万元 written in Chinese numerals; None where it does not say 元 or 万, or is none."""
    text = text.removeprefix("人民币").strip()
    if (yuan := numerals.yuan(text)) is not None:
        return plain(yuan.scaleb(_UNITS["元"]))
    head = text.rstrip("万亿")
    said = numerals.count(text)
    alone = said is not None and not {"万", "亿"} & {*head}
    return plain(Decimal(said or 0).scaleb(_UNITS["元"] if head != text else 0)) if alone else None


def _in_parts(text: str) -> str | None:
    """Return an amount in 万元 written in several parts (50万5千元, 1亿2000万); None for any other text."""
    text = _AFTER.sub("", text)
    terms = [*_TERM.finditer(text.removesuffix("元"))]
    powers = [_TERMS[term["unit"]] for term in terms]
    whole = "".join(term[0] for term in terms)
    falling = all(
        below < above and int(term["figure"]) * 10**below < 10**above
        for above, below, term in zip(powers, powers[1:], terms[1:], strict=False)
    )
    if len(terms) < 2 or whole != text.removesuffix("元") or not falling or not text.endswith(("元", "万")):
        return None
    yuan = sum(int(term["figure"]) * 10**power for term, power in zip(terms, powers, strict=True))
    return plain(Decimal(yuan).scaleb(_UNITS["元"]))


def _said_twice(text: str) -> str | None:
    """Return an amount that is written in two ways that agree (人民币伍拾万元整（¥500,000.00）); None otherwise."""
    found = _TWICE.fullmatch(text)
    if found is None:
        return None
    one, other = (_WHICH.sub("", part.strip()) for part in found.group("one", "other"))
    read, figure = amount(one), _bare(_CURRENCY.sub(r"\1", other))
    same = amount(f"{other}元") if figure is not None else amount(other)
    return read if read != one and _bare(read) is not None and same == read else None


def doubt_of_number(text: str) -> str:
    """Return why a number was not understood: it is a rough one or a range, or its signs may mean two things."""
    if _ROUGH.search(half_width(text)):
        return f"写作{as_typed(text)}，像是约数或者一个范围，请填写一个确定的数。"
    figure = re.fullmatch(rf"[^0-9]*?(?P<number>[0-9](?:[{_BETWEEN}.、·]?[0-9])*)[^0-9]*", half_width(text))
    if figure is None or _bare(figure["number"]) is not None:
        return ""
    signs = re.findall("[^0-9]", figure["number"])
    if not signs:
        return ""
    others = [sign for sign in signs if sign != "."]
    if not others:
        return f"写作{as_typed(text)}，有不止一个小数点，请写成 1200.5 的形式。"
    name = _NAMES.get(others[0], f"{quoted(others[0])}")
    if "." in signs:
        return f"写作{as_typed(text)}，{name}和圆点哪一个是小数点不明确，请写成 1200.5 的形式。"
    return f"写作{as_typed(text)}，{name}是小数点还是每三位的分隔不明确，请写成 1200 或 1.2 的形式。"


def doubt_of_amount(text: str) -> str:
    """Return why an amount was not understood: as `doubt_of_number`, or it does not say 元 or 万元."""
    bare = _AFTER.sub("", _CURRENCY.sub(r"\1", half_width(text))).strip()
    if bare != half_width(text) and _bare(bare) is not None:
        return f"写作{as_typed(text)}，单位是元还是万元不明确，请只写以万元为单位的数，例如 12.5。"
    return doubt_of_number(text)


def _bare(text: str) -> str | None:
    """Return a number in ASCII digits with a minus and a decimal point at most; None for any other text."""
    text = text.strip()
    sign = "-" if text.startswith("-") else ""
    text = text[1:].strip() if text.startswith(("-", "+")) else text
    if not _UNGROUPED.fullmatch(text) and not _GROUPED.fullmatch(text):
        return None
    text = re.sub(f"[{_BETWEEN}]", "", text)
    return f"{sign}0{text}" if text.startswith(".") else sign + text
