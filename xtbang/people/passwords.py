"""Passwords: what a good one is, and how one is made that is handed out. Only their hashes come further than a page."""

import re
import secrets
import unicodedata
from collections.abc import Iterable

from xtbang.rules.reasons import Reason

MINIMUM, MAXIMUM = 10, 100  # characters; the minimum is what Flask-Security is told
OWN_PART = 4  # characters of an e-mail or a number from which on they count as one's own
REST = 8  # what must be left beside one's own
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread for something else
HINT = f"至少 {MINIMUM} 个字符，不要用邮箱、手机号码、连续的键或常见的词"

_SWAPPED = str.maketrans("013457@$!", "oleastasi")
_EDGES = re.compile(r"^[^a-z]+|[^a-z]+$")
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "zaq12wsxcde34rfvbgt5",
)
_COMMON = frozenset(
    "password passwd passcode admin administrator root user login welcome letmein changeme default secret test demo "
    "iloveyou woaini woaiwojia nihao zhongguo china hunan xiangtan jiebang guashuai jiebangguashuai xtbang keji kejiju "
    "gongsi qiye computer internet superman sunshine princess monkey dragon football baseball master hello qweasd "
    "qweasdzxc asdzxc qwe asd zxc".split()
)


def first_password() -> str:
    """Random, to be read out: four groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def password_reasons(password: str, again: str, own: Iterable[str] = ()) -> list[Reason]:
    """What is wrong with a new password; `own` is what anyone knows of its owner: e-mail, mobile."""
    reasons = []
    if sentence := _against(normal(password), own):
        reasons.append(Reason("password", sentence, field="password"))
    if password != again:
        reasons.append(Reason("password", "两次输入的密码不一致。", field="password_again"))
    return reasons


def _against(password: str, own: Iterable[str]) -> str:
    lowered = password.casefold()
    if len(password) < MINIMUM:
        return f"密码至少 {MINIMUM} 个字符。"
    if len(password) > MAXIMUM:
        return f"密码最长 {MAXIMUM} 个字符。"
    if not any(sign.isalpha() for sign in password) or len(set(lowered)) < 4:
        return "密码过于简单，请混用字母、数字或词语。"
    for part in sorted({piece for text in own for piece in (text.casefold(), text.casefold().partition("@")[0])}):
        if len(part) >= OWN_PART and part in lowered and len(lowered.replace(part, "")) < REST:
            return "密码不能由登录邮箱或手机号码改成，请换一个。"
    if _is_common(lowered):
        return "密码太常见，容易被猜到，请换一个，例如几个互不相干的词连在一起。"
    return ""


def _is_common(lowered: str) -> bool:
    """A word everyone takes with figures around it, a run of keys, or one piece again and again."""
    core = _EDGES.sub("", lowered)
    words = {core, core.translate(_SWAPPED), lowered.translate(_SWAPPED)}
    if words & _COMMON or (lowered + lowered).find(lowered, 1) < len(lowered):
        return True
    return any(piece in run or piece in run[::-1] for piece in (core, lowered) for run in _RUNS if len(piece) > 1)


def normal(password: str) -> str:
    """As Flask-Security reads what is typed into its sign-in form."""
    return unicodedata.normalize("NFKD", password)
