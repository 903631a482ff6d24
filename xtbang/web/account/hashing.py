"""New passwords judged, and password hashes made and compared by Flask-Security."""

import logging
from collections.abc import Iterable
from pathlib import Path

from flask import current_app
from flask_security import hash_password, verify_password

from xtbang.people.breached import is_breached
from xtbang.people.passwords import first_password, normal, password_reasons
from xtbang.rules.reasons import Reason
from xtbang.web.frame.shell import policy

LOG = logging.getLogger("xtbang.accounts")


def against_password(password: str, again: str, known: Iterable[str | None]) -> list[Reason]:
    """Return the reasons against a new password; ``known``: what of its owner others would try first."""
    wrong = password_reasons(password, again, [word for word in (*known, *policy().city.weak_words) if word])
    if not wrong and _is_breached(password):
        wrong.append(Reason("password", "这个密码已在别的网站泄露过，请换一个。", field="password"))
    return wrong


def _is_breached(password: str) -> bool:
    """Return whether the password is in the list of the installation; without a list, or with an unreadable one, none is."""
    path = current_app.config["BREACHED_PASSWORDS"]
    try:
        return bool(path) and is_breached(password, Path(path))
    except (OSError, ValueError) as failure:  # `xtbang doctor` and an alarm say so
        LOG.error("the list of breached passwords was not read: %s", failure)
        return False


def hashed(password: str) -> str:
    """Return the hash of the password in the form that the sign-in form reads."""
    kept: str = hash_password(normal(password))
    return kept


def matches(password: str, kept: str | None) -> bool:
    """Return whether the password has that hash."""
    return bool(kept) and bool(verify_password(normal(password), kept))


def new_first_password() -> tuple[str, str]:
    """Return an initial password, which is not stored, and its hash."""
    password = first_password()
    return password, hashed(password)
