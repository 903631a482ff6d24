"""Tell whose page a form comes from: the hidden token of every form names one person and outlasts a session."""

import secrets
from functools import cache
from typing import Any

from flask import Flask, current_app, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge

VALID = 14 * 86_400  # seconds


class PageProtect(CSRFProtect):
    """Protection against forged requests. A page of the signed-in person is accepted whatever session it was made in."""

    def init_app(self, app: Flask) -> None:
        """Add the check, and tokens that say whose page it is."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = page_token
        app.context_processor(lambda: {"csrf_token": page_token})

    def _get_csrf_token(self) -> str | None:
        token: str | None = super()._get_csrf_token()
        person = person_in(token)
        if person is None:
            return (token or "").partition("~")[0]
        if person != own_id():
            raise CSRFError("page of another person")
        return str(generate_csrf())


def page_token() -> str:
    """Return the token for a form of a page: Flask-WTF's, the signed id of the person, and a mark of this form alone."""
    person = own_id()
    return f"{generate_csrf()}~{_signer().dumps(person) if person else ''}~{secrets.token_urlsafe(9)}"


def form_mark() -> str:
    """Return the mark of the form that this request sends, "" when it has none."""
    parts = request.form.get("csrf_token", "").split("~")
    return parts[2] if len(parts) > 2 else ""


def by_script() -> bool:
    """Return whether the form was sent by a page whose script runs, or without a page of this program, or is not even read."""
    try:
        return "scripted" in request.form or not form_mark()
    except RequestEntityTooLarge:
        return True


def page_person() -> int | None:
    """Return the person whose page this request comes from, or None."""
    return person_in(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))


def person_in(token: str | None) -> int | None:
    """Return the person that a token names, or None."""
    try:
        found: Any = _signer().loads((token or "").partition("~")[2].partition("~")[0], max_age=VALID)
    except BadData:
        return None
    return found if isinstance(found, int) else None


def own_id() -> int | None:
    """Return the id of the signed-in person, or None."""
    return current_user.id if current_user and current_user.is_authenticated else None


def _signer() -> URLSafeTimedSerializer:
    return _signer_with(current_app.config["SECRET_KEY"])


@cache
def _signer_with(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="page-of")
