"""How long signing in lasts: eight hours without a request, until signing out, and nothing of it stays in a cache.

Signing out ends every device of that person, copies of their cookies and 保持登录 included: what a bureau expects of
退出 is that nothing left open anywhere goes on working.
"""

import time
from typing import Any

from flask import Flask, Response, flash, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import user_logged_out

from xtbang.extensions import db
from xtbang.people.accounts import end_sessions

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
        end_sessions(db.session(), user.id)
        flash("已退出登录，您在其他设备上的登录也一并退出。", "success")

    user_logged_out.connect(end, app, weak=False)

    @app.after_request
    def private(response: Response) -> Response:
        if request.endpoint == "static":
            return response
        signed_in = "_user_id" in session
        if signed_in and time.time() - session.get("signed_at", 0) > ANEW:
            session["signed_at"] = int(time.time())
        if (signed_in or request.method == "POST") and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response
