"""Passwords: check new ones and generate initial ones. Beyond the pages only their hashes are used."""

import re
import secrets
import unicodedata
from collections.abc import Iterable

from xtbang.models import Person
from xtbang.rules.reasons import Reason

MINIMUM, MAXIMUM = 10, 100  # characters; Flask-Security has the same minimum
READ = 72  # characters of a password that zxcvbn checks
SAFE = 3  # minimum score of zxcvbn: more than 10⁸ guesses, the same as Flask-Security's
OURS = ("xtbang", "jiebang", "guashuai", "揭榜挂帅", "woaini")
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no characters that look alike
ISSUED = (28, 16)  # characters of an initial password without dashes; earlier releases made the shorter ones
HINT = f"至少 {MINIMUM} 个字符，不要用姓名、单位、邮箱、手机号码、连续的键或常见的词"

_INSTEAD = "请换成几个互不相干的词，连在一起。"


def first_password() -> str:
    """Return a random initial password that can be read out: seven groups of four, about 138 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(ISSUED[0] // 4))


def as_issued(typed: str) -> str:
    """Return an initial password as it was issued, whatever its case, spaces and dashes; any other text as it is."""
    plain = re.sub(r"[\s‐-―−_-]", "", unicodedata.normalize("NFKC", typed)).lower()
    issued = len(plain) in ISSUED and set(plain) <= set(ALPHABET)
    return "-".join(re.findall("....", plain)) if issued else typed


def password_reasons(password: str, again: str, own: Iterable[str] = ()) -> list[Reason]:
    """Return the reasons against a new password; `own`: what is easy to guess, as the owner's name or the city."""
    reasons = []
    if sentence := _against(normal(password), own):
        reasons.append(Reason("password", sentence, field="password"))
    if password != again:
        reasons.append(Reason("password", "两次输入的密码不一致。", field="password_again"))
    return reasons


def known_of(person: Person) -> tuple[str, ...]:
    """Return the known data of a person, which a password must not contain."""
    organisation = person.organisation
    return person.email, person.mobile or "", person.name, organisation.name if organisation else ""


def _against(password: str, own: Iterable[str]) -> str:
    from zxcvbn import zxcvbn  # reads its dictionaries when it is imported: few processes ever set a password

    if len(password) < MINIMUM:
        return f"密码至少 {MINIMUM} 个字符。"
    if len(password) > MAXIMUM:
        return f"密码最长 {MAXIMUM} 个字符。"
    known = {
        part for text in own if text for part in (text, text.partition("@")[0], *re.split(r"[\W_]+", text)) if part
    }
    judged = zxcvbn(password[:READ], user_inputs=[*sorted(known), *OURS])
    if judged["score"] >= SAFE:
        return ""
    words = {match.get("dictionary_name") for match in judged["sequence"]} - {None}
    if "user_inputs" in words:
        return f"密码多由姓名、邮箱、手机号码、单位或本市名称组成，容易被猜到，{_INSTEAD}"
    if words:
        return f"密码太常见，容易被猜到，{_INSTEAD}"
    return f"密码多为日期、重复或连续的字符，容易被猜到，{_INSTEAD}"


def normal(password: str) -> str:
    """Return the text as Flask-Security's sign-in form normalises it."""
    return unicodedata.normalize("NFKD", password)
