"""Codes of a second factor: generated and compared by Flask-Security's TOTP, shown as a QR code; digests of recovery codes."""

import hmac
from typing import Any

from flask import Flask, current_app
from flask_security import Totp

from xtbang.models import Person
from xtbang.rules.spellings.signs import half_width

DRIFT = 30  # seconds that the telephone's clock may differ
RECOVERY_CODES = 10


class Codes(Totp):
    """Flask-Security's TOTP, which accepts no code twice."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the counter of the last accepted code."""
        last: int | None = user.totp_counter
        return last

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Store the counter of an accepted code."""
        user.totp_counter = tmatch.counter


def add_codes(app: Flask, name: str) -> None:
    """Set up TOTP, as ``name`` in the app that makes the codes.

    Secrets are encrypted with the secret key; those that were encrypted with a former one can be read.
    """
    oldest_first = reversed([app.config["SECRET_KEY"], *app.config["FORMER_KEYS"]])
    app.extensions["codes"] = Codes({str(place): key for place, key in enumerate(oldest_first, 1)}, name)


def new_secret() -> str:
    """Return a new secret, encrypted."""
    made: str = _codes().generate_totp_secret()
    return made


def key_of(secret: str) -> str:
    """Return the secret for typing into a telephone that cannot scan."""
    key: str = _codes().get_totp_pretty_key(secret)
    return key


def picture_of(secret: str, person: Person) -> str:
    """Return the QR code for a telephone to scan, as a data URL."""
    import segno  # imported here to keep the start fast

    address: str = segno.make(_codes().get_totp_uri(person.email, secret), error="m", micro=False).png_data_uri(scale=4)
    return address


def matches_code(typed: str, secret: str | None, person: Person) -> bool:
    """Return whether the code is valid now and not yet used; store its use in the running transaction."""
    code = half_width(typed).replace(" ", "").replace("-", "")
    return bool(secret) and code.isascii() and code.isdigit() and _codes().verify_totp(code, secret, person, DRIFT)


def new_recovery_codes() -> tuple[list[str], list[str]]:
    """Return recovery codes, to be shown once, and their digests."""
    codes = _codes().generate_recovery_codes(RECOVERY_CODES)
    return codes, [digest_of(code) for code in codes]


def digest_of(code: str) -> str:
    """Return the digest of a recovery code, independent of case and separators."""
    plain = "".join(sign for sign in half_width(code).lower() if sign.isalnum())
    return hmac.new(current_app.config["LASTING_KEY"].encode(), plain.encode(), "sha256").hexdigest()


def _codes() -> Codes:
    found: Codes = current_app.extensions["codes"]
    return found
