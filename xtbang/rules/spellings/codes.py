"""Telephones, and codes, addresses and words to search for."""

import re

from xtbang.rules.quotation import quoted
from xtbang.rules.spellings.signs import LONGEST, alone, as_typed, half_width

_COUNTRY = r"(?:\(?(?:\+|00)?86\)?[ -]*)"
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"  # without its 0: two digits for the largest cities, three for the others
_EXTENSION = r" ?\(?(?:-|转?分机号?|转|ext\.?|x|#|(?<=\())[ :]*(?P<extension>[0-9]{1,6})\)?"
_MOBILE = re.compile(rf"{_COUNTRY}?\(?(?P<number>1[ .-]?[3-9][ .-]?[0-9]\)?(?:[ .-]?[0-9]){{8}})")
_LANDLINE = re.compile(
    rf"(?:{_COUNTRY}?\(?0(?P<area>{_AREA})\)?[ ./-]*|{_COUNTRY}(?:\(0\) ?|\()?(?P<abroad>{_AREA})\)?[ -]*|{_COUNTRY})?"
    rf"(?P<first>[2-9][0-9]{{2,3}})[ .-]?(?P<last>[0-9]{{4}})(?:{_EXTENSION})?",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"[A-Z]{0,4}[0-9]+(?:-[0-9]+)*")  # letters: of accounts that are not in yuan
_EMAIL = re.compile(r"(?:[^<>@]*<)?(?:mailto:)?(?P<address>[^<>@\s:;,]+@[^<>@\s:;,]+)>?[;,]?", re.IGNORECASE)
_SERVICE = re.compile(rf"(?P<number>[48]00(?:[ .-]?[0-9]){{7}})(?:{_EXTENSION})?", re.IGNORECASE)
_ABROAD = re.compile(r"\(?(?:\+|00)(?!86)[0-9() .-]{6,}")
_SHORT = re.compile(r"[1-9][0-9]{2,5}")  # of an office's exchange, or of a service (12345, 95588)
_WORDS = re.compile(r"[^0-9+(). -]+")
_SEVERAL = re.compile(r"[/、,;|]|或|(?<=[0-9]) (?=[01][0-9]{9})")


def code(text: str) -> str:
    """Return a code half-width and without spaces; as typed when that leaves other characters than ASCII."""
    read = alone(text).replace(" ", "")
    return read if read.isascii() else text


def account(text: str) -> str:
    """Return the number of a bank account half-width and without spaces."""
    read = alone(text).replace(" ", "").upper()
    return read if _ACCOUNT.fullmatch(read) else text


def doubt_of_account(text: str) -> str:
    """Return why the number of a bank account was not understood: what in it is no digit; "" when nothing is."""
    if _ACCOUNT.fullmatch(text):
        return ""
    odd = next((sign for sign in half_width(text).replace(" ", "") if not (sign.isascii() and sign.isdecimal())), "")
    said = f"，其中的{quoted(odd)}不是数字" if odd else ""
    return f"写作{as_typed(text)}{said}；银行账号由数字组成，请对照开户证明填写。"


def address(text: str) -> str:
    """Return an e-mail address half-width; as typed when it is more than ASCII even then."""
    read = half_width(text)
    return read if read.isascii() else text


def email(text: str) -> str:
    """Return an e-mail address as `address` does, without the name, brackets or ``mailto:`` that it is copied with."""
    read = alone(text).replace("。", ".")
    found = _EMAIL.fullmatch(read)
    return address(found["address"]) if found else address(text)


def words(text: str) -> str:
    """Return what is searched for: letters, digits and signs alone half-width, as numbers and codes are stored."""
    return address(text).strip()


def mobile(text: str) -> str:
    """Return the number of a mobile telephone as "13800138000", without the code of the country."""
    found = _MOBILE.fullmatch(alone(text)) if len(text) <= LONGEST else None
    return _digits(found["number"]) if found else text


def telephone(text: str) -> str:
    """Return a telephone as "13800138000", "0731-58570302-801" or "400-800-1234", without the code of the country."""
    if len(text) > LONGEST or (read := mobile(text)) != text:
        return text if len(text) > LONGEST else read
    typed = alone(text)
    if service := _SERVICE.fullmatch(typed):
        digits = _digits(service["number"])
        return "-".join(filter(None, (digits[:3], digits[3:6], digits[6:], service["extension"])))
    if line := _LANDLINE.fullmatch(typed):
        area = line["area"] or line["abroad"]
        return "-".join(filter(None, (area and f"0{area}", line["first"] + line["last"], line["extension"])))
    return text


def doubt_of_telephone(text: str) -> str:
    """Return why a telephone was not understood: there are several numbers, it is one of another kind, or has words."""
    read = alone(text)
    if _ABROAD.fullmatch(read):
        return f"写作{as_typed(text)}，像是内地以外的号码，请填写内地的号码。"
    if _SHORT.fullmatch(read):
        return f"写作{as_typed(text)}，像是短号或者服务号码，请填写完整的号码。"
    parts = [part for part in _SEVERAL.split(half_width(text)) if part.strip()]
    if len(parts) > 1 and all(re.search("[0-9]{3}", part) for part in parts):
        return f"写作{as_typed(text)}，像是不止一个号码，请只填一个。"
    number = _WORDS.sub("", read).strip(" ()-")
    if number != read and any(known.fullmatch(number) for known in (_MOBILE, _SERVICE, _LANDLINE)):
        return f"写作{as_typed(text)}，号码以外还有文字，请只填号码。"
    return ""


def doubt_of_email(text: str) -> str:
    """Return why an e-mail address was not understood: there are several."""
    return f"写作{as_typed(text)}，像是不止一个邮箱，请只填一个。" if half_width(text).count("@") > 1 else ""


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)
