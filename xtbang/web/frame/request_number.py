"""The number of a request, which its log lines, its error page and its answer share."""

import secrets

from flask import Flask, Response, g, request

HEADER = "X-Request-Number"


def request_number() -> str:
    """Return the number of the present request: 8 hexadecimal digits."""
    if "request_number" not in g:
        g.request_number = secrets.token_hex(4)
    return str(g.request_number)


def route() -> str:
    """Return the rule of the address, in which nothing that a visitor sent stands; "" when there is no such page."""
    return request.url_rule.rule if request.url_rule else ""


def add_request_numbers(app: Flask) -> None:
    """Assign a number to every request before anything else is done, and set it in the head of the answer."""

    @app.before_request
    def begin() -> None:
        request_number()

    app.after_request(numbered)


def numbered(response: Response) -> Response:
    """Return the response with the number of its request."""
    response.headers[HEADER] = request_number()
    return response
