"""Answers that are the same for all who ask, given before any rule is looked at: 304 for what a browser has already.

A static text is known by its digest. A public page, as visitors without an account see it, follows from the events and the
minute: every change leaves an event, and windows open and close by the minute. The seconds of its clock are set by the
script, from a header of the answer (`NOW`).
"""

from datetime import datetime

from flask import Response, current_app, g, request, session
from sqlalchemy import func, select

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


def add_answers_at_once(app: Application) -> None:
    """Add the answer 304 before all rules, and the tags of public pages by which they are known again."""
    app.at_once |= {"static": _same_text, **dict.fromkeys(PAGES, _same_page)}

    @app.after_request
    def mark(response: Response) -> Response:
        if "page_tag" in g and response.status_code == 200:
            response.headers.update(_headers(g.page_tag))
        return response


def count_at_once(response: Response) -> Response:
    """Return the answer, counted among all others."""
    current_app.extensions["metrics"].requests.labels(route(), "GET", response.status_code).inc()
    return response


def _same_page() -> Response | None:
    if not _any_visitor():
        return None
    g.page_tag = _page_tag()
    return _not_modified(_headers(g.page_tag))


def _same_text() -> Response | None:
    name = (request.view_args or {}).get("filename", "")
    if "HTTP_IF_NONE_MATCH" not in request.environ or name not in (texts := texts_of(current_app)).files:
        return None
    return _not_modified(kept_for(texts[name], request.environ.get("QUERY_STRING", "")))


def _not_modified(headers: dict[str, str]) -> Response | None:
    if headers["ETag"] not in request.environ.get("HTTP_IF_NONE_MATCH", ""):
        return None
    return count_at_once(Response(status=304, headers=headers))


def _any_visitor() -> bool:
    """Return whether this browser gets the page of all visitors: without an account, without a message of its own."""
    remembered = current_app.config["REMEMBER_COOKIE_NAME"]
    return OF_VISITORS.issuperset(session) and remembered not in request.cookies


def _page_tag() -> str:
    """Return the tag of all public pages in this minute."""
    with db.engine.connect() as connection:
        last = connection.scalar(LAST)
    now: datetime = current_app.extensions["engine"].clock()
    return f'W/"{last or 0}-{now.timestamp() // 60:.0f}"'


def _headers(tag: str) -> dict[str, str]:
    now: datetime = current_app.extensions["engine"].clock()
    return {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
        NOW: f"now;dur={now.timestamp() * 1000:.0f}",
    }
