"""The server as a process of its own, as people run it, and what it sends byte for byte."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import parse_headers
from io import BytesIO
from pathlib import Path

PATIENCE = 200  # seconds in which whatever is started on a busy machine has started, or ended
XTBANG = str(Path(sys.executable).with_name("xtbang"))


def environment(instance: Path, **settings: str) -> dict[str, str]:
    """Ours without the settings that whoever runs the tests may have, on that instance folder."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("XTBANG_") and key != "DATABASE_URL"}
    return ours | {"XTBANG_INSTANCE": str(instance)} | settings


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Server:
    """``xtbang serve`` on a free port, from ``start()`` to ``stop()``."""

    settings: Mapping[str, str]
    log: Path
    threads: int = 2
    port: int = 0
    program: tuple[str, ...] = (XTBANG,)

    def start(self) -> "Server":
        """Return when it answers. AssertionError with what it wrote when it does not."""
        self.port = self.port or free_port()
        command = [*self.program, "serve", "--port", str(self.port), "--threads", str(self.threads)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=dict(self.settings), stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def kill(self) -> None:
        """As the power does: at once, whatever it is doing."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """As a service manager does; it ends by itself."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0


@dataclass
class Sent:
    """One answer, and everything that came after its head until the server closed the connection."""

    status: int
    headers: Message
    body: bytes


def ask(port: int, address: str, cookie: str = "", form: str | None = None) -> Sent:
    """GET, or POST of a form, on a connection of its own."""
    lines = [f"{'GET' if form is None else 'POST'} {address} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall("\r\n".join([*lines, "", form or ""]).encode("ascii"))
        received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    first, _, rest = head.partition(b"\r\n")
    return Sent(int(first.split()[1]), parse_headers(BytesIO(rest + b"\r\n\r\n")), body)
