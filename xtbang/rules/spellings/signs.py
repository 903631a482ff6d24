"""Signs in their half-width spelling, which all readers begin with."""

import re

from xtbang.rules.quotation import quoted

LONGEST = 40  # characters of a text that is looked at as a number, a date or a telephone
_SIGNS = str.maketrans(
    {chr(sign): chr(sign - 0xFEE0) for sign in range(0xFF01, 0xFF5F)}  # ０ Ａ ， ．
    | dict.fromkeys("−–—‐‑‒―﹣－", "-") | {"￥": "¥", "﹪": "%", "﹢": "+"}
)  # fmt: skip
ENDS = ".,。、;"  # punctuation after a number or a date
_LABEL = re.compile(
    r"(?:[^0-9@:+<]{1,12}:|(?:联系|办公)?(?:电话|手机|固话|座机|邮箱|邮编)(?:号码?)?|(?:tel|phone|mobile)\.?) ?(?=[0-9A-Z(+<])",
    re.IGNORECASE,
)
_QUOTED = 20


def half_width(text: str) -> str:
    """Return a text with half-width digits, letters and signs, one kind of dash, and single spaces.

    Digits that mean something else than their plain ones (², ①, ½) stay.
    """
    return " ".join(text.translate(_SIGNS).split())


def alone(text: str) -> str:
    """Return a text half-width, without the label before it (电话：, 日期：) and the punctuation after it."""
    return _LABEL.sub("", half_width(text).rstrip(ENDS).strip('“”"'), count=1)


def as_typed(text: str) -> str:
    """Return the beginning of a typed text in quotation marks, for a sentence about it."""
    return quoted(text[:_QUOTED] + "…" * (len(text) > _QUOTED))
