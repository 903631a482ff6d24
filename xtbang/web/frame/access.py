"""Access rules of endpoints. Every view declares its rule; a view without one is never served."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from xtbang.extensions import db
from xtbang.models import Person
from xtbang.queries.caller import actor_of
from xtbang.rules.actor import PUBLIC, Actor
from xtbang.rules.dates import day_of

View = TypeVar("View", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = "signed_in"  # any active account, also of an organisation that is not confirmed yet
ARRIVAL = "xtbang.arrival"  # where the server leaves the `Arrival` of a request (serving.py)
ACTOR = "xtbang.actor"  # where the `Actor` of a request stays
LIBRARIES = {"static": ANYONE, "security.login": ANYONE, "security.logout": SIGNED_IN}


def access(*rules: str) -> Callable[[View], View]:
    """Declare who may open a view: ``ANYONE``, ``SIGNED_IN``, or roles of which one is needed."""

    def declare(view: View) -> View:
        view.access = rules  # type: ignore[attr-defined]
        return view

    return declare


def rule_of(app: Flask, endpoint: str) -> tuple[str, ...]:
    """Return the declared rule. Raise KeyError for a view without one."""
    if endpoint in LIBRARIES:
        return (LIBRARIES[endpoint],)
    view = app.view_functions[endpoint]
    if not hasattr(view, "access"):
        raise KeyError(f"endpoint {endpoint} declares no access rule")
    rules: tuple[str, ...] = view.access
    return rules


def actor() -> Actor:
    """Return the person who sent this request, or the public; made once for each request."""
    person_id = current_user.id if current_user.is_authenticated else PUBLIC.person_id
    known: Actor | None = request.environ.get(ACTOR)
    if known is None or known.person_id != person_id:
        known = request.environ[ACTOR] = _actor(person_id)
    return known


def _actor(person_id: int | None) -> Actor:
    address = request.remote_addr or ""
    arrived = request.environ.get(ARRIVAL) if request.method == "POST" else None
    if person_id is None:
        return Actor(PUBLIC.person_id, PUBLIC.name, PUBLIC.roles, address=address, arrived=arrived)
    person = db.session.get(Person, person_id)
    return actor_of(person, address, day_of(current_app.extensions["engine"].clock()), arrived) if person else PUBLIC


def enforce(app: Flask) -> None:
    """Check the rule before every request: redirect visitors without a session to the sign-in page, answer others 403."""

    @app.before_request
    def check() -> Response | None:
        if request.endpoint is None:
            return None
        rules = rule_of(current_app, request.endpoint) if request.endpoint in app.view_functions else ()
        if ANYONE in rules:
            return None
        if not current_user.is_authenticated:
            if request.method in ("GET", "HEAD"):
                return redirect(url_for("account.login", next=request.full_path.rstrip("?")))
            abort(401)
        if SIGNED_IN in rules or actor().roles & set(rules):
            return None
        abort(403)
