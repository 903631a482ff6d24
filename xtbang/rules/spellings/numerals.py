"""Numbers in Chinese numerals, small or capital: 五十万元, 伍拾万元整, 一百二十."""

import re
from decimal import Decimal

_DIGITS = {
    sign: value for signs in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖") for value, sign in enumerate(signs)
}
_DIGITS |= {"○": 0, "两": 2, "貳": 2, "參": 3, "陸": 6}
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SECTIONS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_SIGNS = "".join((*_DIGITS, *_PLACES, *_SECTIONS))
_MONEY = re.compile(
    rf"(?:(?P<yuan>[{_SIGNS}]+)[元圆圓])?零?(?:(?P<jiao>[{_SIGNS}])角)?零?(?:(?P<fen>[{_SIGNS}])分)?[整正]?"
)


def count(text: str) -> int | None:
    """Return the whole number that numerals alone say; None for any other text, and for digits in a row."""
    if not text or any(sign not in _SIGNS for sign in text):
        return None
    total, section, digit, last = 0, 0, None, 10**12
    for sign in text:
        if sign in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[sign]
        elif sign in _PLACES:
            place = _PLACES[sign]
            if section % (place * 10) or digit == 0:
                return None
            section, digit = section + (digit or 1) * place, None
        else:
            unit = _SECTIONS[sign]
            section, digit = section + (digit or 0), None
            if unit >= last or not section:
                return None
            total, section, last = total + section * unit, 0, unit
    return total + section + (digit or 0)


def yuan(text: str) -> Decimal | None:
    """Return the amount in yuan that numerals with 元, 角 or 分 say; None for any other text."""
    found = _MONEY.fullmatch(text)
    if found is None or not (found["yuan"] or found["jiao"] or found["fen"]):
        return None
    parts = [count(found[name] or "零") for name in ("yuan", "jiao", "fen")]
    if None in parts:
        return None
    whole, tenths, cents = (Decimal(part or 0) for part in parts)
    return whole + tenths / 10 + cents / 100
