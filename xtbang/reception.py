"""The reception of requests by waitress, which notes when the first and the last byte of each arrived.

Waitress receives a request as a whole before a thread takes it up: who is slow costs a connection, and no thread. A
connection is closed when its request takes longer than people need. Forms never take up all threads: pages go on.
"""

import os
import re
import resource
import socket
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any

import waitress
from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from xtbang.rules.arrival import Arrival
from xtbang.web.frame.access import ARRIVAL

CONNECTIONS = 4000  # at once; each takes up to two file descriptors
HEADER_SECONDS = 30.0  # for the head of a request
BODY_SECONDS = 900.0  # for a whole request: 25 MB at 30 kB a second; as long as the grace, where that is longer
LOOKED_AT = 5  # seconds from one look for slow requests to the next
PIECE = 256 * 1024  # bytes received at once: 5 MB take 20 turns with the threads that answer, not 640
IN_MEMORY = 64 * 1024  # bytes of a body that stay in memory while it arrives; a larger one goes to a file
LARGE = 256 * 1024  # bytes of a body that make a request an upload
IDLE_SECONDS = 1.0  # after which a connection without a request is closed while the server stops
STOPPING_SECONDS = 30.0  # in which requests are answered that had begun to arrive
FIRST_INHERITED = 3  # file descriptor: https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
FOR_PAGES = 1  # threads that forms leave to pages
FOR_FORMS = 1  # more threads that uploads leave to other forms
STARTED = "HTTP_X_REQUEST_START"  # from the proxy: seconds since 1970, less the seconds that the request had taken then
_STARTED = re.compile(r"(?:t=)?([0-9]{10}(?:\.[0-9]{1,6})?)(?:-([0-9]{1,6}(?:\.[0-9]{1,6})?))?")


class Receiving(HTTPRequestParser):  # type: ignore[misc,unused-ignore]
    """A request of which the first byte has arrived."""

    def __init__(self, adjustments: Any, clock: Callable[[], datetime]) -> None:
        """Keep the time of the first byte."""
        super().__init__(adjustments)
        self.clock = clock
        self.first = self.last = clock()
        self.since = time.monotonic()

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
        if not server.accepting:  # the next request of this visitor is for the server that takes over
            request.headers["CONNECTION"] = "close"
        given = environ.get(STARTED, "") if environ["REMOTE_ADDR"] == server.proxy else ""
        environ[ARRIVAL] = Arrival(min(request.first, started_at(given) or request.first), request.last)
        return environ


class Channel(HTTPChannel):  # type: ignore[misc,unused-ignore]
    """A connection."""

    task_class = Task

    def parser_class(self, adjustments: Any) -> Receiving:
        """Return the request whose first bytes have arrived."""
        return Receiving(adjustments, self.server.clock)


class Turns:
    """The requests that wait for a thread, first come first served; forms wait while enough of them are being answered.

    A form may wait for the lock of the database, an upload for the reading of its scan: neither takes up all threads.
    """

    def __init__(self, forms: int, uploads: int) -> None:
        """Begin without any; so many forms are answered at a time, of which so many are uploads."""
        self.most, self.most_uploads = forms, uploads
        self.active, self.active_uploads, self.number = 0, 0, 0
        self.lock = Lock()
        self.pages: deque[tuple[int, Any]] = deque()
        self.forms: deque[tuple[int, Any]] = deque()
        self.uploads: deque[tuple[int, Any]] = deque()

    def __len__(self) -> int:
        """Return how many may be taken up now."""
        uploads = min(len(self.uploads), self.most_uploads - self.active_uploads)
        return len(self.pages) + max(0, min(len(self.forms) + max(0, uploads), self.most - self.active))

    def append(self, channel: Any) -> None:
        """Add a connection whose request has arrived."""
        self.number += 1
        request = channel.requests[0]
        large = request.body_bytes_received > LARGE
        waiting = self.uploads if large else self.forms if request.command == "POST" else self.pages
        waiting.append((self.number, channel))

    def popleft(self) -> Any:
        """Return the next one. Raise IndexError when none may be taken up."""
        open_now = [self.pages]
        if self.active < self.most:
            open_now += [self.forms, self.uploads] if self.active_uploads < self.most_uploads else [self.forms]
        first = min((queue for queue in open_now if queue), key=lambda queue: queue[0][0], default=self.pages)
        channel = first.popleft()[1]
        return channel if first is self.pages else Sent(self, channel, first is self.uploads)

    def count(self, change: int, upload: bool) -> None:
        """Add one to those that are being answered, or take one off."""
        with self.lock:
            self.active += change
            self.active_uploads += change if upload else 0


class Sent:
    """A form that is being answered."""

    def __init__(self, turns: Turns, channel: Any, upload: bool) -> None:
        """Take a place among the forms."""
        self.turns, self.channel, self.upload = turns, channel, upload
        turns.count(1, upload)

    def service(self) -> None:
        """Answer it; the thread that did looks for the next."""
        try:
            self.channel.service()
        finally:
            self.turns.count(-1, self.upload)

    def cancel(self) -> None:
        """Close its connection."""
        self.turns.count(-1, self.upload)
        self.channel.cancel()


def started_at(header: str) -> datetime | None:
    """Return the moment of the first byte by a proxy's X-Request-Start; None for what says none.

    ``1764483000.123`` or ``t=1764483000.123`` is that moment; of ``1764483000.123-4.5`` (nginx: ``$msec-$request_time``)
    it is 4.5 seconds earlier.
    """
    found = _STARTED.fullmatch(header.strip())
    if not found:
        return None
    return datetime.fromtimestamp(float(found[1]), UTC) - timedelta(seconds=float(found[2] or 0))


class Reception:
    """The server of the application, which listens from the beginning; ``run()`` serves until ``stop()``."""

    def __init__(self, app: Flask, host: str, port: int, threads: int) -> None:
        """Start to listen at that address, or at the socket of the service manager."""
        allow_connections()
        engine = app.extensions["engine"]
        self.sockets: dict[int, Any] = {}
        self.dispatcher = ThreadedTaskDispatcher()
        self.dispatcher.queue = Turns(max(1, threads - FOR_PAGES), max(1, threads - FOR_PAGES - FOR_FORMS))
        self.dispatcher.set_thread_count(threads)
        self.inherited = inherited_socket()
        where: dict[str, Any] = {"sockets": [self.inherited]} if self.inherited else {"host": host, "port": port}
        settings = {"threads": threads, "_dispatcher": self.dispatcher} | settings_of(app)
        self.server = waitress.create_server(app, map=self.sockets, **where, **settings)
        self.listening = [each for each in self.sockets.values() if isinstance(each, BaseWSGIServer)]
        for listening in self.listening:
            listening.channel_class = Channel
            listening.maintenance = partial(close_slow, listening)
            listening.clock, listening.proxy = engine.clock, app.config["PROXY"]
            listening.grace = engine.site.grace.total_seconds()
        self.stopping = False

    @property
    def port(self) -> int:
        """Return the port of the first address."""
        return int(self.listening[0].effective_port)

    def run(self) -> None:
        """Serve until ``stop()``; then accept nothing more, and answer what has arrived or begun to."""
        while not self.stopping:
            self._turn(LOOKED_AT)
        for listening in self.listening:
            self._close(listening)
        end = time.monotonic() + STOPPING_SECONDS
        while self._open() and time.monotonic() < end:
            self._turn(0.1)
        self.dispatcher.shutdown()
        wasyncore.close_all(self.sockets)

    def stop(self) -> None:
        """Make ``run()`` end, also from a signal handler or another thread."""
        self.stopping = True
        self.listening[0].pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(seconds, use_poll=True, map=self.sockets, count=1)

    def _close(self, listening: Any) -> None:
        """Accept the connections that wait already, unless the next process has the same socket, and close it."""
        known = -1
        while not self.inherited and known != len(listening.active_channels):
            known = len(listening.active_channels)
            listening.handle_accept()
        listening.accepting = False
        listening.del_channel()
        listening.socket.close()

    def _open(self) -> bool:
        """Close the connections that wait for nothing; return whether others are open."""
        channels = [channel for listening in self.listening for channel in listening.active_channels.values()]
        for channel in channels:
            waits = channel.requests or channel.request or channel.total_outbufs_len
            if not waits and time.time() - channel.last_activity > IDLE_SECONDS:
                channel.will_close = True
        return bool(channels)


def inherited_socket() -> socket.socket | None:
    """Return the listening socket of systemd's socket activation, if there is one: it stays open from one start to the next."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    return socket.socket(fileno=FIRST_INHERITED)


def close_slow(server: Any, now: float) -> None:
    """Close the connections whose request takes too long to arrive, and those that have been idle."""
    BaseWSGIServer.maintenance(server, now)
    for channel in list(server.active_channels.values()):
        request = channel.request
        if request is None or channel.requests:
            continue
        if time.monotonic() - request.since > (
            max(BODY_SECONDS, server.grace) if request.headers_finished else HEADER_SECONDS
        ):
            channel.will_close = True


def allow_connections() -> None:
    """Raise the number of files that this process may have open to what its connections need, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + 500
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def settings_of(app: Flask) -> dict[str, Any]:
    """Return the settings of waitress: without a trusted proxy, forwarding headers of a request are ignored."""
    limit = app.config["READ_ANYWAY"] + 1  # larger bodies never reach the program, which answers 413 itself
    settings: dict[str, Any] = {"ident": None, "max_request_body_size": limit, "clear_untrusted_proxy_headers": True}
    settings |= {"connection_limit": CONNECTIONS, "asyncore_use_poll": True, "cleanup_interval": LOOKED_AT}
    settings |= {"recv_bytes": PIECE, "inbuf_overflow": IN_MEMORY}
    if app.config["PROXY"]:
        headers = {"x-forwarded-for", "x-forwarded-proto"}
        settings |= {"trusted_proxy": app.config["PROXY"], "trusted_proxy_headers": headers}
    return settings
