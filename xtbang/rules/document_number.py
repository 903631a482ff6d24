"""The document number (发文字号) of GB/T 9704-2012, 7.2.5, and the number in the register of what has none.

It consists of the code of the issuer, the year in 六角括号 〔〕, the serial number without leading zeros, and 号.
"""

import re
from typing import Any

from xtbang.rules.dates import SHANGHAI
from xtbang.rules.quotation import quoted

_OPENING, _CLOSING = "[(【［（﹝", "])】］）﹞"
_STANDARD_SIGNS = str.maketrans(
    _OPENING + _CLOSING + "０１２３４５６７８９", "〔" * len(_OPENING) + "〕" * len(_CLOSING) + "0123456789"
)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_FORM = re.compile(rf"[{_HAN}]{{1,15}}〔(?:19|20|21)[0-9]{{2}}〕[1-9][0-9]{{0,4}}号")
_ZEROS = re.compile(rf"[{_HAN}]{{1,15}}〔[0-9]{{4}}〕(?P<typed>0+(?P<number>[1-9][0-9]*))号")
_ORDINAL = re.compile(rf"[{_HAN}]{{1,15}}〔[0-9]{{4}}〕第[0-9]+号")
STANDARD = "GB/T 9704-2012"
EXAMPLE = "某科发〔2026〕12号"


def compact(text: str) -> str:
    """Return the number in its standard spelling: 〔〕 for other brackets, half-width digits, no spaces.

    A text that is no document number even then is returned as typed.
    """
    standard = _standardised(text)
    return standard if _FORM.fullmatch(standard) else text


def sentence(text: str, name: str = "“文号”") -> str:
    """Return what is wrong with the number as a Chinese sentence; "" when it is correct."""
    standard = _standardised(text)
    if _FORM.fullmatch(standard):
        return ""
    if found := _ZEROS.fullmatch(standard):
        return f"{name}的序号不编虚位，{quoted(found['typed'] + '号')}应写作{quoted(found['number'] + '号')}（{STANDARD}）。"
    if _ORDINAL.fullmatch(standard):
        return f"{name}的序号前不加“第”字，例如 {EXAMPLE}（{STANDARD}）。"
    return f"{name}须依次写明发文机关代字、年份和序号，年份四位、用六角括号，以“号”结尾，例如 {EXAMPLE}（{STANDARD}）。"


def _standardised(text: str) -> str:
    return "".join(text.split()).translate(_STANDARD_SIGNS)


def register_number(kind: str, year: int, row_id: int) -> str:
    """Return the number of a paper that is not about one project alone: ``GG-2026-0007``."""
    return f"{kind}-{year}-{row_id:04d}"


def number_of(notice: Any) -> str:
    """Return the number of a published notice: its 文号, or its number in the register; blank for a draft."""
    if notice.number or notice.published_at is None:
        return str(notice.number)
    return register_number("GG", notice.published_at.astimezone(SHANGHAI).year, notice.id)
