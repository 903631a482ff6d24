"""Known devices (常用设备): browsers on which an account has signed in before. Wrong passwords from elsewhere do not lock them out."""

import secrets
from hashlib import sha256

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from xtbang.people.accounts import normal_email

KEPT = 180 * 24 * 3600  # seconds
MOST = 8  # accounts for which one browser is known


def account_key(email: str) -> str:
    """Return a key for the account with that address, however it is spelled."""
    return sha256(normal_email(email).encode()).hexdigest()


def known_device(account: str) -> str:
    """Return the key of this browser if the account has signed in on it before, else ""."""
    device, accounts = _read()
    return device if account[:16] in accounts else ""


def remember_device(response: Response, email: str) -> None:
    """Let the browser prove from now on that this account has signed in on it."""
    device, accounts = _read()
    own = account_key(email)[:16]
    kept = [own, *(account for account in accounts if account != own)][:MOST]
    response.set_cookie(
        _name(),
        _signer().dumps([device or secrets.token_urlsafe(12), kept]),
        max_age=KEPT,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/account",
    )


def _read() -> tuple[str, list[str]]:
    try:
        device, accounts = _signer().loads(request.cookies.get(_name(), ""), max_age=KEPT)
    except (BadData, ValueError, TypeError):
        return "", []
    return str(device), [str(account) for account in accounts]


def _name() -> str:
    return "__Secure-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known device")
