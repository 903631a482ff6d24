"""Sessions: eight hours without a request, or until signing out; private pages are not cached. See also `lifetimes`.

Signing out ends the session of the device, including copies of its cookies and 保持登录 (stay signed in); the page 登录记录
(sign-ins) ends that of any other device, or all.

What a page keeps in the cookie for one person (`keep`) is never shown to the next one who signs in with the same browser.
"""

import time
from hashlib import sha256
from typing import Any

from flask import Flask, Response, flash, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import current_user, user_logged_out
from flask_security import login_user

from xtbang.enums import PAYING_ROLES
from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.sign_ins import end_this_sign_in, see_sign_in, stay_signed_in
from xtbang.web.frame.lifetimes import begin_lifetime
from xtbang.web.frame.shell import caller

ANEW = 600  # seconds after which the cookie is signed again: Flask refuses one signed PERMANENT_SESSION_LIFETIME ago
OWN = "own"  # key in the session: values kept for one person, with the id of that person under "person"
SHOWN = "shown"  # key in the session: the kept page that this browser was led to
CODE_STEP = "code_step"  # key in the session: [session key of the person whose password was right, 保持登录, time]


class Cookies(SecureCookieSessionInterface):
    """Flask's interface with SHA-256 and a cached signer: the key does not change while the program runs."""

    digest_method = staticmethod(sha256)
    signer: Any = None

    def get_signing_serializer(self, app: Flask) -> Any:
        """Return Flask's signer, created once."""
        self.signer = self.signer or super().get_signing_serializer(app)
        return self.signer


def add_sessions(app: Flask) -> None:
    """Add the session handling; the cookie expires when the browser closes."""
    app.session_interface = Cookies()

    def end(_app: Flask, user: Any) -> None:
        forget()
        end_this_sign_in(caller(), user.id, user.sign_in_key)
        flash(*(g.session_over, "warning") if "session_over" in g else ("已退出登录。", "success"))

    user_logged_out.connect(end, app, weak=False)

    @app.after_request
    def private(response: Response) -> Response:
        if request.endpoint == "static":
            return response
        if request.endpoint == "security.logout":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        signed_in = "_user_id" in session
        if signed_in and request.method == "POST":
            _seen()
        if signed_in and time.time() - session.get("signed_at", 0) > ANEW:
            session["signed_at"] = int(time.time())
        if (signed_in or request.method == "POST") and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response


def keep(name: str, value: Any) -> None:
    """Keep a value in the session for the signed-in person."""
    own = session.get(OWN) or {}
    if own.get("person") != current_user.id:
        own = {"person": current_user.id}
    session[OWN] = {**own, name: value}


def kept(name: str) -> Any:
    """Return the value kept for the signed-in person, or None."""
    own = session.get(OWN) or {}
    return own.get(name) if own.get("person") == current_user.id else None


def take(name: str) -> Any:
    """Return the value kept for the signed-in person, or None, and keep it no longer."""
    value = kept(name)
    if value is not None:
        keep(name, None)
    return value


def forget() -> None:
    """Keep nothing of anybody in the session, at signing in and out."""
    session.pop(OWN, None)
    session.pop(CODE_STEP, None)
    session.pop(SHOWN, None)


def log_in(person: Person, key: str, remember: bool = False) -> None:
    """Sign the person in on this device; ``key`` is the key of the sign-in."""
    known = db.session.get_one(Person, person.id)
    known.sign_in_key = key
    remember = remember and PAYING_ROLES.isdisjoint(known.role_names)
    login_user(known, remember=remember)
    begin_lifetime(remembered=remember)


def stay(person: Person) -> None:
    """Keep this device signed in after an action of the person has ended all their sessions."""
    key = current_user.sign_in_key
    if key:
        stay_signed_in(caller(), key)
    log_in(person, key, bool(session.get("remembered")))


def _seen() -> None:
    """Record that this device is in use, at most once in `ANEW` seconds."""
    key = getattr(current_user, "sign_in_key", "")
    if key and time.time() - (kept("seen_at") or 0) > ANEW:
        keep("seen_at", int(time.time()))
        see_sign_in(caller(), key)
