"""Telephones and e-mail addresses in a text, not to be taken for accounts, codes, patents, standards and other long numbers."""

import re
from unicodedata import normalize

MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
MOBILE = r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
LANDLINE = r"[(]?0(?:10|2\d|[3-9]\d{2})[)]?[- ]?[2-9]\d{6,7}"
CALLED = r"(?:电话|手机|传真|座机|联系方式|[Tt][Ee][Ll]|[Ff][Aa][Xx])[^\d\n]{0,6}"  # what a number without its area stands behind
ALONE = r"(?<![\w./-])"  # no part of a longer number or code
OVER = r"(?![\w-]|[.]\d|\s?[万亿]?元)"
CONTACT = re.compile(
    rf"{MAIL}|{ALONE}(?:[+]?86[- ]?)?(?:{MOBILE}|{LANDLINE}){OVER}|{CALLED}[2-9]\d{{2,3}}[- ]?\d{{4}}{OVER}",
    re.ASCII,
)
# what the number before which it stands is, instead of a telephone
OTHER = re.compile(
    r"(?:账号|帐号|账户|帐户|卡号|编号|文号|案号|单号|流水号|凭证号|发票|合同号|合同|专利|信用代码|登记号|证号|标准|订单|批号|序列号"
    r"|金额|人民币|No[.]?)[^\d\n。；，]{0,8}$"
)
BEFORE = 24  # characters that are looked at before a number
DASHES = str.maketrans("—–－―‐‑", "------")


def has_contact(text: str) -> bool:
    """Return whether a telephone number (mobile, or landline with its area or behind 电话) or a mail address is in the text."""
    plain = normalize("NFKC", text).translate(DASHES)
    return any(
        "@" in found[0] or not OTHER.search(plain[max(0, found.start() - BEFORE) : found.start()])
        for found in CONTACT.finditer(plain)
    )


def kept_from_experts(pages: str) -> str:
    """Return why experts do not open a file that has contacts on these pages, and what is to be done."""
    return f"第 {pages} 页有电话或者电子邮箱，不向专家公开；由提交方换成没有电话、邮箱的版本后可以打开"
