"""Exact money: 万元 on pages and in forms, ``Decimal`` yuan in Python, whole 分 in the database."""

import re
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation

LIMIT = Decimal(10) ** 12  # yuan (一万亿): amounts from here on are refused
CENT = Decimal("0.01")  # one 分
WAN = Decimal(10_000)
TYPED = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?")

_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])  # a product that would be rounded raises instead
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_SECTIONS = ((10**8, "亿"), (10**4, "万"), (1, ""))


def yuan_from_wan(text: str) -> Decimal:
    """Return an amount in yuan, given in 万元 as typed ("12.5").

    Only ASCII digits and at most six decimals (the sixth is one 分) are accepted. Raise ValueError for anything else
    (full-width digits, nan, exponents, blanks) and from 10^12 yuan up.
    """
    if not isinstance(text, str) or not TYPED.fullmatch(text):
        raise ValueError(f"{text!r} 不是以半角数字书写、最多六位小数的万元金额")
    return _bounded(Decimal(text) * WAN) + 0  # + 0 turns -0 into 0


def fen(yuan_amount: Decimal) -> int:
    """Return an amount in yuan as whole 分. Raise ValueError for parts of a 分, nan, infinity and from 10^12 yuan up."""
    return fen_of_sum(_bounded(yuan_amount))


def fen_of_sum(yuan_amount: Decimal) -> int:
    """Return a sum or a multiple in yuan as whole 分, without an upper limit. Raise ValueError for parts of a 分."""
    cents = yuan_amount.quantize(CENT)
    if cents != yuan_amount:
        raise ValueError(f"{yuan_amount} 元不足整分")
    return int(cents * 100)


def yuan(fen_amount: int) -> Decimal:
    """Return an amount in 分 as yuan with two decimals. Raise ValueError from 10^12 yuan up."""
    return _bounded(Decimal(fen_amount).scaleb(-2))


def times(amount: Decimal, ratio: Decimal) -> Decimal:
    """Return the exact product. Raise decimal.Inexact instead of rounding."""
    return _EXACT.multiply(amount, ratio)


def round_down(yuan_amount: Decimal) -> Decimal:
    """Return the greatest whole 分 (in yuan) not above the amount in yuan: for limits and shares."""
    return yuan_amount.quantize(CENT, ROUND_FLOOR)


def round_up(yuan_amount: Decimal) -> Decimal:
    """Return the least whole 分 (in yuan) not below the amount in yuan: for minimum payments."""
    return yuan_amount.quantize(CENT, ROUND_CEILING)


def wan(yuan_amount: Decimal) -> str:
    """Return an amount in yuan as the 万元 figure of a form, without unit or trailing zeros: "12.5".

    Raise ValueError as `fen`.
    """
    fen(yuan_amount)
    return plain(yuan_amount.scaleb(-4))


def format_wan(yuan_amount: Decimal) -> str:
    """Return an amount in yuan as ``12.50 万元``: two to six decimals, never rounded. Raise ValueError as `fen`."""
    return f"{format_figure(yuan_amount)} 万元"


def format_figure(yuan_amount: Decimal) -> str:
    """Return the figure of `format_wan` without its unit: ``12.50``."""
    return _two_decimals(wan(yuan_amount))


def grouped(yuan_amount: Decimal) -> str:
    """Return an amount or a sum in yuan as the figure of a table whose head says 万元: ``1,234.50``; never rounded.

    Raise ValueError as `fen_of_sum`.
    """
    fen_of_sum(yuan_amount)
    return format(Decimal(_two_decimals(plain(yuan_amount.scaleb(-4)))), ",f")


def format_sum(yuan_amount: Decimal) -> str:
    """Return a sum or a multiple in yuan as `format_wan` does, without an upper limit.

    Raise ValueError as `fen_of_sum`.
    """
    fen_of_sum(yuan_amount)
    return f"{_two_decimals(plain(yuan_amount.scaleb(-4)))} 万元"


def sum_wan(texts: Iterable[str]) -> str:
    """Return the sum of 万元 amounts as typed, in 万元, at least two decimals, without an upper limit.

    Raise ValueError as `yuan_from_wan`.
    """
    return _two_decimals(plain(sum((yuan_from_wan(text) for text in texts), Decimal(0)).scaleb(-4)))


def format_yuan(yuan_amount: Decimal) -> str:
    """Return ``1,234,567.80 元``, to the 分. Raise ValueError as `fen`."""
    return f"{yuan(fen(yuan_amount)):,.2f} 元"


def format_percent(ratio: Decimal) -> str:
    """Return the fraction 0.25 as ``25%``, exact."""
    return f"{plain(times(ratio, Decimal(100)))}%"


def plain(number: Decimal) -> str:
    """Return a number without exponent, trailing zeros or negative zero: "12.5", "100", "0"."""
    text = format(number + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_words(yuan_amount: Decimal) -> str:
    """Return an amount in yuan in Chinese capitals (中文大写): "伍拾万元整", "壹元零伍分", "负壹角整".

    Raise ValueError as `fen`.
    """
    total = fen(yuan_amount)
    whole, rest = divmod(abs(total), 100)
    jiao, cents = divmod(rest, 10)
    text = _whole_in_words(whole)
    text = f"{text}元" if text else ""
    if not rest:
        text = f"{text or '零元'}整"
    elif jiao:
        text += f"{_DIGITS[jiao]}角"
    elif text:
        text += "零"
    if rest:
        text += f"{_DIGITS[cents]}分" if cents else "整"
    return f"负{text}" if total < 0 else text


def _whole_in_words(whole: int) -> str:
    text, gap = "", False
    for base, unit in _SECTIONS:
        part = whole // base % 10_000
        if part:
            zero = "零" if text and (gap or part < 1000) else ""
            text += zero + _section_in_words(part) + unit
        gap = not part
    return text


def _section_in_words(part: int) -> str:
    text, gap = "", False
    for base, unit in _PLACES:
        digit = part // base % 10
        if digit:
            text += ("零" if text and gap else "") + _DIGITS[digit] + unit
        gap = not digit
    return text


def _two_decimals(text: str) -> str:
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def _bounded(yuan_amount: Decimal) -> Decimal:
    if not yuan_amount.is_finite() or abs(yuan_amount) >= LIMIT:
        raise ValueError(f"{yuan_amount} 元超出可处理的范围：金额的绝对值须小于一万亿元")
    return yuan_amount
