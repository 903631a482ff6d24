"""Exact money: 万元 where people read it, ``Decimal`` yuan inside, whole 分 in the database."""

import re
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation

LIMIT = Decimal(10) ** 12  # yuan: one 万亿, refused from here on
CENT = Decimal("0.01")  # one 分
WAN = Decimal(10_000)
TYPED = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?")

_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])  # a product that would be rounded raises instead
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_SECTIONS = ((10**8, "亿"), (10**4, "万"), (1, ""))


def yuan_from_wan(text: str) -> Decimal:
    """Yuan of a 万元 amount as typed ("12.5"), ASCII digits only, at most six decimals (the sixth is one 分).

    Raises ValueError for anything else (full-width digits, nan, exponents, blanks) and from 10^12 yuan up.
    """
    if not isinstance(text, str) or not TYPED.fullmatch(text):
        raise ValueError(f"{text!r} 不是以半角数字书写、最多六位小数的万元金额")
    return _bounded(Decimal(text) * WAN) + 0  # + 0 turns -0 into 0


def fen(yuan_amount: Decimal) -> int:
    """Whole 分 of an amount in yuan. ValueError when it is not whole 分, not finite or 10^12 yuan and more."""
    return fen_of_sum(_bounded(yuan_amount))


def fen_of_sum(yuan_amount: Decimal) -> int:
    """The same of a sum or a multiple, which may grow beyond what one amount may be. ValueError for parts of a 分."""
    cents = yuan_amount.quantize(CENT)
    if cents != yuan_amount:
        raise ValueError(f"{yuan_amount} 元不足整分")
    return int(cents * 100)


def yuan(fen_amount: int) -> Decimal:
    """Yuan with two decimals of an amount in 分. ValueError from 10^12 yuan up."""
    return _bounded(Decimal(fen_amount).scaleb(-2))


def times(amount: Decimal, ratio: Decimal) -> Decimal:
    """The exact product; decimal.Inexact rather than a rounded one."""
    return _EXACT.multiply(amount, ratio)


def round_down(yuan_amount: Decimal) -> Decimal:
    """The greatest whole 分 not above the amount in yuan: for limits and shares."""
    return yuan_amount.quantize(CENT, ROUND_FLOOR)


def round_up(yuan_amount: Decimal) -> Decimal:
    """The least whole 分 not below the amount in yuan: for what must at least be paid."""
    return yuan_amount.quantize(CENT, ROUND_CEILING)


def wan(yuan_amount: Decimal) -> str:
    """The 万元 figure as a form keeps it, without unit or needless zeros: "12.5". ValueError as `fen`."""
    fen(yuan_amount)
    return plain(yuan_amount.scaleb(-4))


def format_wan(yuan_amount: Decimal) -> str:
    """``12.50 万元``: at least two decimals, up to six, never rounded. ValueError as `fen`."""
    return f"{_two_decimals(wan(yuan_amount))} 万元"


def format_sum(yuan_amount: Decimal) -> str:
    """The same of a sum or a multiple, which may grow beyond what one amount may be. ValueError as `fen_of_sum`."""
    fen_of_sum(yuan_amount)
    return f"{_two_decimals(plain(yuan_amount.scaleb(-4)))} 万元"


def sum_wan(texts: Iterable[str]) -> str:
    """The sum of 万元 amounts as typed, two decimals at least; it may grow beyond what one amount may be.

    ValueError as `yuan_from_wan`.
    """
    return _two_decimals(plain(sum((yuan_from_wan(text) for text in texts), Decimal(0)).scaleb(-4)))


def format_yuan(yuan_amount: Decimal) -> str:
    """``1,234,567.80 元``, to the 分. ValueError as `fen`."""
    return f"{yuan(fen(yuan_amount)):,.2f} 元"


def format_percent(ratio: Decimal) -> str:
    """``25%`` of the fraction 0.25, exact."""
    return f"{plain(times(ratio, Decimal(100)))}%"


def plain(number: Decimal) -> str:
    """A number without exponent, needless zeros or negative zero: "12.5", "100", "0"."""
    text = format(number + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_words(yuan_amount: Decimal) -> str:
    """中文大写 of an amount in yuan: "伍拾万元整", "壹元零伍分", "零元整", "负壹角整". ValueError as `fen`."""
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
