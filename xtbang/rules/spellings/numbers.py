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
_CURRENCY = re.compile(r"^([+-]?) ?(?:人民币 ?¥?|RMB|CNY|¥) ?", re.IGNORECASE)
_AFTER = re.compile(r"(?:人民币|整)$")
_UNITS = {"亿元": 4, "亿": 4, "百万元": 2, "千元": -1, "万元": 0, "万": 0, "w": 0, "元": -4}  # powers of ten, to 万元
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
    if (said := _in_numerals(typed)) is not None:
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


def doubt_of_number(text: str) -> str:
    """Return why a number was not understood: the signs between its digits may mean two things."""
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
