"""Pages and texts that a browser has already: asked for again, they are answered 304 before any rule is looked at.

A static text is known by its digest. A public page, as visitors without an account see it, follows from the events and the
minute: every change leaves an event, and windows open and close by the minute. The seconds of its clock are set by the
script, from a header of the answer (`NOW`).
"""

from datetime import datetime

from flask import Response, current_app, g, request, session
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from xtbang.application import Application
from xtbang.extensions import db
from xtbang.models import Event
from xtbang.web.frame.request_number import route
from xtbang.web.frame.static_files import kept_for, texts_of

PAGES = frozenset({
    "public.home", "public.board", "public.lists", "public.entry", "public.call", "public.notices", "public.notice",
    "public.guide",
})  # fmt: skip
OF_VISITORS = frozenset({"csrf_token", "_fresh"})  # what a session may hold without changing a public page
LAST = select(func.max(Event.id))
NOW = "Server-Timing"  # a header that scripts may read, also of a 304


def add_unchanged(app: Application) -> None:
    """Add the answer 304 before all rules, and the tags of public pages by which they are known again."""
    app.answer_at_once = _not_modified

    @app.after_request
    def mark(response: Response) -> Response:
        if "page_tag" in g and response.status_code == 200:
            response.headers.update(_headers(g.page_tag))
        return response


def _not_modified() -> Response | None:
    if request.method != "GET":
        return None
    asked = request.environ.get("HTTP_IF_NONE_MATCH", "")
    if request.endpoint == "static":
        headers = _headers_of_text() if asked else {}
    elif request.endpoint in PAGES and _any_visitor():
        g.page_tag = _page_tag()
        headers = _headers(g.page_tag)
    else:
        return None
    if not headers or headers["ETag"] not in asked:
        return None
    current_app.extensions["metrics"].requests.labels(route(), "GET", 304).inc()
    return Response(status=304, headers=headers)


def _any_visitor() -> bool:
    """Return whether this browser gets the page of all visitors: without an account, without a message of its own."""
    remembered = current_app.config["REMEMBER_COOKIE_NAME"]
    return OF_VISITORS.issuperset(session) and remembered not in request.cookies


def _page_tag() -> str:
    """Return the tag of all public pages in this minute; "" while the database is away."""
    try:
        with db.engine.connect() as connection:
            last = connection.scalar(LAST)
    except SQLAlchemyError:
        return ""
    now: datetime = current_app.extensions["engine"].clock()
    return f'W/"{last or 0}-{now.timestamp() // 60:.0f}"'


def _headers(tag: str) -> dict[str, str]:
    if not tag:
        return {}
    now: datetime = current_app.extensions["engine"].clock()
    return {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
        NOW: f"now;dur={now.timestamp() * 1000:.0f}",
    }


def _headers_of_text() -> dict[str, str]:
    name = (request.view_args or {}).get("filename", "")
    try:
        text = texts_of(current_app)[name]
    except KeyError:
        return {}
    return kept_for(text, request.environ.get("QUERY_STRING", ""))
