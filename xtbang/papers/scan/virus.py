"""Ask clamd, the service of ClamAV, whether a file holds something harmful.

Its INSTREAM command is spoken here: the packages on PyPI that speak it are no longer kept up.
Source: clamd(8), section COMMANDS.
"""

import socket
import struct
from contextlib import closing

TIMEOUT = 20.0  # seconds for each answer
PIECE = 1 << 20  # bytes sent at a time
ANSWER = 4096  # bytes at most


class ScannerError(Exception):
    """The scanner did not answer, or could not judge the file."""


def harmful(content: bytes, address: str) -> str:
    """Return the name of what clamd at that address (a socket's path, or host:port) finds; "" for a clean file.

    Raise ScannerError.
    """
    try:
        with closing(_connected(address)) as connection:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                connection.sendall(struct.pack("!L", len(piece)) + piece)
            connection.sendall(struct.pack("!L", 0))
            said = _answer(connection)
    except (OSError, ValueError) as failure:
        raise ScannerError(f"{type(failure).__name__}: {failure}") from failure
    verdict = said.removeprefix("stream: ")
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    if verdict != "OK":
        raise ScannerError(said or "no answer")
    return ""


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), TIMEOUT)


def _answer(connection: socket.socket) -> str:
    said = b""
    while b"\0" not in said and len(said) < ANSWER and (more := connection.recv(ANSWER)):
        said += more
    return said.partition(b"\0")[0].decode(errors="replace")
