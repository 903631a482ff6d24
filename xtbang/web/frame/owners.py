"""The owner of a refused form, who alone may see it: a person, or a browser without an account."""

import secrets

from flask import current_app, request, session
from flask_login import current_user
from itsdangerous import BadData
from sqlalchemy import select

from xtbang.extensions import db
from xtbang.models import Person, SignIn
from xtbang.papers.pending import PendingFiles
from xtbang.people.kept import Owner
from xtbang.web.frame.access import ANYONE, rule_of
from xtbang.web.frame.page_of import own_id, page_person

DEVICE = "device"  # key in the session: names the browser of a person without an account


def owner() -> Owner | None:
    """Return who sent this request: of the page's person, of the session (also one that is over), or the browser."""
    person = page_person() or own_id() or _of_ended_session()
    if person:
        return Owner(person)
    if request.endpoint not in current_app.view_functions or ANYONE not in rule_of(current_app, request.endpoint):
        return None
    session[DEVICE] = session.get(DEVICE) or secrets.token_urlsafe(18)
    return Owner(None, session[DEVICE])


def own() -> Owner:
    """Return the person that is signed in, or the browser, as the owner of refused forms."""
    return Owner(current_user.id) if current_user.is_authenticated else Owner(None, session.get(DEVICE) or "-")


def _of_ended_session() -> int | None:
    """Return the person of a session cookie that has expired or whose sign-in was ended; its signature is checked."""
    signer = current_app.session_interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
    try:
        user = signer.loads(request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "")).get("_user_id", "")
    except BadData:
        return None
    sign, _, key = str(user).partition(":")
    if key:
        return db.session.scalar(select(SignIn.person_id).where(SignIn.key == key))
    return db.session.scalar(select(Person.id).where(Person.fs_uniquifier == sign))


def folder() -> PendingFiles:
    """Return the place of pending files."""
    found: PendingFiles = current_app.extensions["pending"]
    return found
