"""How long signing in lasts: eight hours without a request, until signing out, and nothing of it stays in a cache.

Signing out ends the device, copies of its cookies and 保持登录 included; 登录记录 ends any other, or all of them.
"""

import time
from typing import Any

from flask import Flask, Response, flash, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user, user_logged_out
from flask_security import login_user

from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.sign_ins import end_this_sign_in, see_sign_in, stay_signed_in
from xtbang.web.frame.shell import caller

ANEW = 600  # seconds after which the cookie is signed anew: Flask refuses one signed PERMANENT_SESSION_LIFETIME ago


class Cookies(SecureCookieSessionInterface):
    """Flask's own, whose signer is made once: the key stays the same as long as the program runs."""

    signer: Any = None

    def get_signing_serializer(self, app: Flask) -> Any:
        """As Flask's."""
        self.signer = self.signer or super().get_signing_serializer(app)
        return self.signer


def add_sessions(app: Flask) -> None:
    """The cookie itself ends with the browser."""
    app.session_interface = Cookies()

    def end(_app: Flask, user: Any) -> None:
        end_this_sign_in(caller(), user.id, user.sign_in_key)
        flash("已退出登录。", "success")

    user_logged_out.connect(end, app, weak=False)

    @app.after_request
    def private(response: Response) -> Response:
        if request.endpoint == "static":
            return response
        signed_in = "_user_id" in session
        if signed_in and request.method == "POST":
            _seen()
        if signed_in and time.time() - session.get("signed_at", 0) > ANEW:
            session["signed_at"] = int(time.time())
        if (signed_in or request.method == "POST") and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response


def log_in(person: Person, key: str, remember: bool = False) -> None:
    """Sign the person in on this device, whose sign-in has that key."""
    known = db.session.get_one(Person, person.id)
    known.sign_in_key = key
    login_user(known, remember=remember)


def stay(person: Person) -> None:
    """Keep this device signed in when the person's own deed has ended all sessions."""
    key = current_user.sign_in_key
    if key:
        stay_signed_in(caller(), key)
    log_in(person, key)


def _seen() -> None:
    """Keep when this device was last used, from time to time."""
    if time.time() - session.get("seen_at", 0) > ANEW and (key := getattr(current_user, "sign_in_key", "")):
        session["seen_at"] = int(time.time())
        see_sign_in(caller(), key)
