"""Bounds of input: refuse numbers beyond 32 bits, addresses with a NUL, and input that no page of the site sends."""

from collections.abc import Iterator
from typing import Any

from flask import Flask, abort, current_app, request
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1  # number of a row
LONGEST_KEY = 100  # characters
NUMBERS = ("after", "before", "call", "draft_version", "mail", "seen_version", "year")


class RowNumber(IntegerConverter):
    """``<int:…>`` in an address: the number of a row; a larger number is no address of the site (404)."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **{"max": LARGEST} | options)


def add_bounds(app: Flask) -> None:
    """Add the bounds, before the first rule. Answer 400 to invalid input, 413 to texts that are too long in total."""
    app.url_map.converters["int"] = RowNumber

    @app.before_request
    def check() -> None:
        room = current_app.config["MAX_FORM_MEMORY_SIZE"]
        sent = list(_sent())
        if request.too_large:  # type: ignore[attr-defined]
            abort(413)
        for name, text in sent:
            if "\0" in text or (name in NUMBERS and _too_large(text)):
                abort(400)
            if name == "request_key" and len(text) > LONGEST_KEY:
                abort(400)
            room -= len(text)
            if room < 0:
                abort(413)


def _sent() -> Iterator[tuple[str, str]]:
    yield "", request.path
    yield from request.args.items(multi=True)
    if request.mimetype:  # only a form has a media type
        yield from request.form.items(multi=True)


def _too_large(text: str) -> bool:
    digits = text.strip().lstrip("+-")
    return digits.isdecimal() and (len(digits) > len(str(LARGEST)) or int(digits) > LARGEST)
