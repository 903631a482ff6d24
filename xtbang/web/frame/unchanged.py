"""What a browser has already: asked for again, it is answered 304 before any rule is looked at.

A static text is known by its digest. A public page, as somebody sees it who is not signed in, follows from the events and the
minute: every change leaves an event, and what passes with time does so by the minute. The clock of the page has seconds; the
script takes them from the head of the answer (`NOW`).
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
OF_ANYBODY = frozenset({"csrf_token", "_fresh"})  # what a session may hold without changing a public page
LAST = select(func.max(Event.id))
NOW = "Server-Timing"  # a head that scripts may read, also of a 304


def add_unchanged(app: Application) -> None:
    """Answer before all rules who has a text or a page already; mark public pages, so that they are known again."""
    app.answer_at_once = _not_modified

    @app.after_request
    def mark(response: Response) -> Response:
        if "page_tag" in g and response.status_code == 200:
            response.headers.update(_heads(g.page_tag))
        return response


def _not_modified() -> Response | None:
    if request.method != "GET":
        return None
    asked = request.environ.get("HTTP_IF_NONE_MATCH", "")
    if request.endpoint == "static":
        heads = _heads_of_text() if asked else {}
    elif request.endpoint in PAGES and _anybody():
        g.page_tag = _page_tag()
        heads = _heads(g.page_tag)
    else:
        return None
    if not heads or heads["ETag"] not in asked:
        return None
    current_app.extensions["metrics"].requests.labels(route(), "GET", 304).inc()
    return Response(status=304, headers=heads)


def _anybody() -> bool:
    """Return whether nobody is signed in, and nothing waits to be told to this browser alone."""
    remembered = current_app.config["REMEMBER_COOKIE_NAME"]
    return OF_ANYBODY.issuperset(session) and remembered not in request.cookies


def _page_tag() -> str:
    """Return the tag of the page that is asked for, of the present minute; "" while the database is away."""
    try:
        with db.engine.connect() as connection:
            last = connection.scalar(LAST)
    except SQLAlchemyError:
        return ""
    now: datetime = current_app.extensions["engine"].clock()
    return f'W/"{last or 0}-{now.timestamp() // 60:.0f}"'


def _heads(tag: str) -> dict[str, str]:
    if not tag:
        return {}
    now: datetime = current_app.extensions["engine"].clock()
    return {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
        NOW: f"now;dur={now.timestamp() * 1000:.0f}",
    }


def _heads_of_text() -> dict[str, str]:
    name = (request.view_args or {}).get("filename", "")
    try:
        text = texts_of(current_app)[name]
    except KeyError:
        return {}
    return kept_for(text, request.environ.get("QUERY_STRING", ""))
