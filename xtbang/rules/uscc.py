"""The unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters, the last one a check digit.

The first two characters, for the registering authority and the kind of organisation, are digits or letters: the code of
a rural collective begins with N. ``stdnum`` accepts only digits there, so only its check digit (modulo 31) is used.
"""

import re

from stdnum.cn.uscc import calc_check_digit

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY = re.compile(f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{9}}")
_XIANGTAN = "91430300"  # an enterprise registered in Xiangtan
_ORGANISATION = 8  # characters of an organisation code before its own check digit (GB 11714)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def compact(text: str) -> str:
    """Return the code without spaces and hyphens, in capitals."""
    return "".join(text.split()).replace("-", "").upper()


def sentence(text: str, name: str = "“统一社会信用代码”") -> str:
    """Return what is wrong with the code as a Chinese sentence; "" when it is correct."""
    code = compact(text)
    if len(code) != LENGTH:
        return f"{name}须为 18 位，现为 {len(code)} 位。"
    body, digit = code[:-1], code[-1]
    if not _BODY.fullmatch(body) or digit not in ALPHABET:
        return f"{name}只含半角数字和大写字母（第 3 至 8 位为数字，不使用字母 I、O、S、V、Z），请核对。"
    if digit != calc_check_digit(body):
        return f"{name}的校验码不符，请对照营业执照或登记证书核对。"
    return ""


def make(body: str) -> str:
    """Return a valid code for demonstration data.

    17 characters get their check digit; 1 to 8 characters become the organisation code of an enterprise in Xiangtan.
    Raise ValueError for other lengths or characters.
    """
    if len(body) <= _ORGANISATION and body and not set(body) - set(ALPHABET):
        organisation = body.rjust(_ORGANISATION, "0")
        body = _XIANGTAN + organisation + _organisation_check(organisation)
    if not _BODY.fullmatch(body):
        raise ValueError(f"{body!r} 不能作为统一社会信用代码的主体")
    return body + calc_check_digit(body)


def _organisation_check(organisation: str) -> str:
    total = sum(
        _ORGANISATION_DIGITS.index(character) * weight
        for character, weight in zip(organisation, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]
