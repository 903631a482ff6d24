"""What a server may be handed (PEP 3333): held in every request of a test, where Flask's own client takes anything.

The rules are those of ``wsgiref.validate``, which servers do not check, and those by which waitress answers 500.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from wsgiref.util import is_hop_by_hop
from wsgiref.validate import validator

from flask import Flask

Headers = list[tuple[str, str]]
Answering = Callable[[Any, dict[str, Any], Any], Iterable[bytes]]
ONCE = ("content-disposition", "content-length", "content-type", "etag", "location")
NO_BODY = (204, 304)


def hold(kind: type[Flask]) -> None:
    """AssertionError in every request to an application of that kind that breaks the contract, once and for all."""
    kind.__call__ = held(kind.__call__)  # type: ignore[method-assign,assignment]


def held(answer: Answering) -> Answering:
    """The method by which an application is called, with what it says and sends checked before anybody reads it."""

    @wraps(answer)
    def checked(app: Any, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        said: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, *failed: Any) -> Any:
            said.append((status, headers))
            return start_response(status, headers, *failed)

        environ["SERVER_SOFTWARE"] = (
            environ.get("SERVER_SOFTWARE") or ""
        )  # waitress has None when it is not to say its name
        lasting = environ["wsgi.input"], environ["wsgi.errors"]
        sent = validator(lambda *asked: answer(app, *asked))(environ, start)
        try:
            body = list(sent)
        finally:
            sent.close()  # type: ignore[attr-defined]
            environ["wsgi.input"], environ["wsgi.errors"] = lasting
        status, headers = said[-1]
        check_headers(status, headers)
        check_length(environ["REQUEST_METHOD"], int(status[:3]), headers, sum(map(len, body)))
        return body

    return checked


def check_headers(status: str, headers: Headers) -> None:
    """Each fits on one line in latin-1, is ours to say, and is said once where two would contradict each other."""
    for text in (status, *(text for header in headers for text in header)):
        try:
            line = text.encode("latin-1")
        except UnicodeEncodeError:
            raise AssertionError(f"not latin-1: {text!r} in {headers}") from None
        assert not any(byte < 32 or byte == 127 for byte in line), f"a control character: {text!r} in {headers}"
    names = [name.lower() for name, _value in headers]
    assert not [name for name in names if is_hop_by_hop(name)], f"the server's own to say: {headers}"
    assert not [name for name in ONCE if names.count(name) > 1], f"said twice: {headers}"


def check_length(method: str, status: int, headers: Headers, sent: int) -> None:
    """What is sent is as long as the header says; where there may be no body there is none."""
    said = [value for name, value in headers if name.lower() == "content-length"]
    assert all(value.isascii() and value.isdigit() for value in said), f"no length: {said}"
    if method == "HEAD" or status in NO_BODY:
        assert sent == 0, f"{sent} bytes in answer to {method}, {status}"
    else:
        assert [int(value) for value in said] in ([], [sent]), f"{sent} bytes sent, Content-Length {said}"
