"""The Flask application, with cached addresses, size limits for forms, and answers that need no page."""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, current_app, has_request_context, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

CACHED_ADDRESSES = 8192
UPLOAD_ENDPOINTS = frozenset(
    {
        "account.organisation_change",
        "account.restriction_notice",
        "actions.act",
        "admin.organisation_change",
        "admin.restriction_notice_deed",
        "batches.new",
        "batches.signatures",
        "documents.edit",
        "imports.new",
        "objecting.file",
        "verify.code",
    }
)
MANY_UPLOADS = "batches.signatures"  # where the scans of many projects are sent at once


class BoundedRequest(Request):
    """A request whose form is measured before it is parsed; HEAD, as scanners of mails send it, is GET to every view.

    One that is too large is parsed all the same, as far as the settings ``…_ANYWAY`` go: it is refused
    (`web.frame.bounds`), and its content is retained.
    """

    too_large = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.method == "HEAD":  # the server leaves the body out, by its environment
            self.method = "GET"

    def make_form_data_parser(self) -> FormDataParser:
        """Return the parser of the form; only some pages take files. Raise 413 for a form that is not even read."""
        config, plain = current_app.config, self.mimetype == "application/x-www-form-urlencoded"
        limit = "MAX_CONTENT_LENGTH" if self.endpoint in UPLOAD_ENDPOINTS else "MAX_FORM_MEMORY_SIZE"
        limit = "READ_ANYWAY" if self.endpoint == MANY_UPLOADS else limit
        length = self.content_length
        if length is None or length > config["PLAIN_ANYWAY" if plain else "READ_ANYWAY"]:
            raise RequestEntityTooLarge
        self.too_large = length > config["MAX_PLAIN_FORM" if plain else limit]
        self.max_content_length, self.max_form_memory_size = config["READ_ANYWAY"], config["TEXTS_ANYWAY"]
        if plain and self.get_data().count(b"&") >= config["MAX_FORM_PARTS"]:
            raise RequestEntityTooLarge
        if plain and self.too_large and self.get_data().count(b"%") > config["PERCENT_SIGNS"]:
            raise RequestEntityTooLarge
        return super().make_form_data_parser()

    def _load_form_data(self) -> None:
        """Load the form once, without the character NUL, which no database can store."""
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        if any("\0" in text for pair in self.form.items(multi=True) for text in pair):
            kept = [(name.replace("\0", ""), text.replace("\0", "")) for name, text in self.form.items(multi=True)]
            self.form = ImmutableMultiDict(kept)


class Application(Flask):
    """Flask with `BoundedRequest`, cached addresses, and answers before any rule is looked at."""

    request_class = BoundedRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at_once: dict[str, Callable[[], Response | None]] = {}  # by endpoint: answers that need no rule

    def full_dispatch_request(self) -> Response:
        """Return the answer that needs no rule, if there is one, otherwise that of the page and all its rules.

        When the first fails, the second one knows how to report it.
        """
        answer = None
        if request.method == "GET" and (find := self.at_once.get(request.endpoint or "")):
            with suppress(Exception):
                answer = find()
        return answer or super().full_dispatch_request()

    def url_for(self, endpoint: str, /, **values: Any) -> str:  # type: ignore[override]
        """Return the same as ``Flask.url_for``, each relative address built once.

        An address depends only on its endpoint, its values and the path under which the application is mounted. A list
        page asks for more than a hundred and this saves 8 % of its processor time.
        """
        if not has_request_context() or endpoint.startswith("."):
            return super().url_for(endpoint, **values)
        try:
            mounted = request.environ.get("SCRIPT_NAME", "")
            return _cached_url(self, mounted, endpoint, *values.items())
        except TypeError:  # a value that is not hashable, such as a list
            return super().url_for(endpoint, **values)


@lru_cache(CACHED_ADDRESSES)
def _cached_url(app: Application, _mounted: str, endpoint: str, *values: tuple[str, Any]) -> str:
    return Flask.url_for(app, endpoint, **dict(values))
