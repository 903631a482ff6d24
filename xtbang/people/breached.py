"""Look passwords up among those that became known when other sites were broken into.

Source: Pwned Passwords by Have I Been Pwned, in the one file that its ``haveibeenpwned-downloader`` writes: a line for
each password, its SHA-1 in capital hexadecimal, a colon and how often it was seen, in the order of the digests.
"""

import os
from bisect import bisect_left
from hashlib import sha1
from pathlib import Path

DIGEST = 40  # characters
BEHIND = b"~"  # stands behind every digest


def is_breached(password: str, path: Path) -> bool:
    """Return whether the password is in the file, which is read at some forty places.

    Raise OSError for a file that cannot be read, ValueError for one of another kind.
    """
    wanted = sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:

        def from_byte(place: int) -> bytes:
            """Return the digest of the first line that begins at this byte or behind it."""
            file.seek(max(place - 1, 0))
            if place:
                file.readline()
            return _digest(file.readline())

        size = os.fstat(file.fileno()).st_size
        return from_byte(bisect_left(range(size), wanted, key=from_byte)) == wanted


def _digest(line: bytes) -> bytes:
    if not line:
        return BEHIND
    digest, colon, _count = line.partition(b":")
    if not colon or len(digest) != DIGEST:
        raise ValueError("not a line of a SHA-1 and a count")
    return digest
