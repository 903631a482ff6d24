"""The reception of requests by waitress, which notes when the first and the last byte of each arrived.

Waitress receives a request as a whole before a thread takes it up: who is slow costs a connection, and no thread.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import waitress
from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import WSGITask

from xtbang.rules.arrival import Arrival
from xtbang.web.frame.access import ARRIVAL

STARTED = "HTTP_X_REQUEST_START"  # from the proxy: seconds since 1970, less the seconds that the request had taken then
_STARTED = re.compile(r"(?:t=)?([0-9]{10}(?:\.[0-9]{1,6})?)(?:-([0-9]{1,6}(?:\.[0-9]{1,6})?))?")


class Receiving(HTTPRequestParser):  # type: ignore[misc,unused-ignore]
    """A request of which the first byte has arrived."""

    def __init__(self, adjustments: Any, clock: Callable[[], datetime]) -> None:
        """Keep the time of the first byte."""
        super().__init__(adjustments)
        self.clock = clock
        self.first = self.last = clock()

    def received(self, data: bytes) -> int:
        """Take bytes up to the end of the request and return how many; note the time of the last."""
        taken: int = super().received(data)
        self.last = self.clock()
        return taken


class Task(WSGITask):  # type: ignore[misc,unused-ignore]
    """The answering of one request."""

    def get_environment(self) -> dict[str, Any]:
        """Return the environment with the `Arrival` of the request."""
        environ: dict[str, Any] = super().get_environment()
        server, request = self.channel.server, self.request
        given = environ.get(STARTED, "") if environ["REMOTE_ADDR"] == server.proxy else ""
        environ[ARRIVAL] = Arrival(min(request.first, started_at(given) or request.first), request.last)
        return environ


class Channel(HTTPChannel):  # type: ignore[misc,unused-ignore]
    """A connection."""

    task_class = Task

    def parser_class(self, adjustments: Any) -> Receiving:
        """Return the request whose first bytes have arrived."""
        return Receiving(adjustments, self.server.clock)


def started_at(header: str) -> datetime | None:
    """Return the moment of the first byte by a proxy's X-Request-Start; None for what says none.

    ``1764483000.123`` or ``t=1764483000.123`` is that moment; of ``1764483000.123-4.5`` (nginx: ``$msec-$request_time``)
    it is 4.5 seconds earlier.
    """
    found = _STARTED.fullmatch(header.strip())
    if not found:
        return None
    return datetime.fromtimestamp(float(found[1]), UTC) - timedelta(seconds=float(found[2] or 0))


def server_of(app: Flask, host: str, port: int, threads: int) -> Any:
    """Return the server of the application, which listens; ``run()`` serves."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(app, map=sockets, host=host, port=port, threads=threads, **settings_of(app))
    for listening in sockets.values():
        if isinstance(listening, BaseWSGIServer):
            listening.channel_class = Channel
            listening.clock, listening.proxy = app.extensions["engine"].clock, app.config["PROXY"]
    return server


def settings_of(app: Flask) -> dict[str, Any]:
    """Return the settings of waitress: without a trusted proxy, forwarding headers of a request are ignored."""
    limit = app.config["READ_ANYWAY"] + 1  # larger bodies never reach the program, which answers 413 itself
    settings: dict[str, Any] = {"ident": None, "max_request_body_size": limit, "clear_untrusted_proxy_headers": True}
    if app.config["PROXY"]:
        headers = {"x-forwarded-for", "x-forwarded-proto"}
        settings |= {"trusted_proxy": app.config["PROXY"], "trusted_proxy_headers": headers}
    return settings
