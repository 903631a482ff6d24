"""统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check digit."""

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_XIANGTAN = "91430300"  # an enterprise registered in Xiangtan
_ORGANISATION = 8  # characters of an organisation code before its own check digit (GB 11714)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def compact(text: str) -> str:
    """The code without spaces and hyphens, in capitals; anything else stays as typed."""
    return "".join(text.split()).replace("-", "").upper()


def sentence(text: str, name: str = "“统一社会信用代码”") -> str:
    """What is wrong with the code as a Chinese sentence; blank when it is right."""
    code = compact(text)
    try:
        if not code.isascii():
            raise InvalidFormat
        uscc.validate(code)
    except InvalidLength:
        return f"{name}须为 18 位，现为 {len(code)} 位。"
    except InvalidFormat:
        return f"{name}只含半角数字和大写字母（前 8 位为数字，不使用字母 I、O、S、V、Z），请核对。"
    except InvalidChecksum:
        return f"{name}的校验码不符，请对照营业执照或法人证书核对。"
    return ""


def make(body: str) -> str:
    """A right code for demonstration data.

    Of 17 characters, adds the check digit; of 1 to 8, takes them as an organisation code in Xiangtan and adds the
    rest. ValueError for other lengths or characters.
    """
    if len(body) <= _ORGANISATION and body and not set(body) - set(ALPHABET):
        organisation = body.rjust(_ORGANISATION, "0")
        body = _XIANGTAN + organisation + _organisation_check(organisation)
    if len(body) != LENGTH - 1 or set(body) - set(ALPHABET) or not body[:8].isdigit():
        raise ValueError(f"{body!r} 不能作为统一社会信用代码的主体")
    return body + uscc.calc_check_digit(body)


def _organisation_check(organisation: str) -> str:
    total = sum(
        _ORGANISATION_DIGITS.index(character) * weight
        for character, weight in zip(organisation, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]
