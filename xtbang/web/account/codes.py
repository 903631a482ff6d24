"""Codes of a second factor: made and compared by Flask-Security's TOTP, drawn as a QR code; recovery codes as digests."""

import hmac
from typing import Any

import segno
from flask import Flask, current_app
from flask_security import Totp

from xtbang.models import Person

ISSUER = "湘潭揭榜挂帅"
DRIFT = 30  # seconds that a telephone's clock may be wrong
RECOVERY_CODES = 10


class Codes(Totp):
    """Flask-Security's, which takes no code twice."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return which code was taken last."""
        last: int | None = user.totp_counter
        return last

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Keep which code was taken."""
        user.totp_counter = tmatch.counter


def add_codes(app: Flask) -> None:
    """Secrets are encrypted with the secret key."""
    app.extensions["codes"] = Codes({"1": app.config["SECRET_KEY"]}, ISSUER)


def new_secret() -> str:
    """Return a new secret, encrypted."""
    made: str = _codes().generate_totp_secret()
    return made


def key_of(secret: str) -> str:
    """Return the secret as it is typed into a telephone that cannot scan."""
    key: str = _codes().get_totp_pretty_key(secret)
    return key


def picture_of(secret: str, person: Person) -> str:
    """Return the QR code that a telephone scans, as the address of a picture."""
    address: str = segno.make(_codes().get_totp_uri(person.email, secret), error="m", micro=False).png_data_uri(scale=4)
    return address


def matches_code(typed: str, secret: str | None, person: Person) -> bool:
    """Whether that is a code of now which was not taken before; keep that it was, in the running transaction."""
    code = "".join(typed.split())
    return bool(secret) and code.isascii() and code.isdigit() and _codes().verify_totp(code, secret, person, DRIFT)


def new_recovery_codes() -> tuple[list[str], list[str]]:
    """Return recovery codes, which are shown once, and their digests."""
    codes = _codes().generate_recovery_codes(RECOVERY_CODES)
    return codes, [digest_of(code) for code in codes]


def digest_of(code: str) -> str:
    """Return what is kept of a recovery code, however it is typed."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hmac.new(current_app.config["SECRET_KEY"].encode(), plain.encode(), "sha256").hexdigest()


def _codes() -> Codes:
    found: Codes = current_app.extensions["codes"]
    return found
