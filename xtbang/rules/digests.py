"""Digests of exports for an archive: SHA-256, and SM3 of the Chinese standard GB/T 32905-2016."""

from collections.abc import Callable
from hashlib import sha256

from cryptography.hazmat.primitives import hashes

Digest = Callable[[bytes], str]


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return sha256(content).hexdigest()


def sm3_of(content: bytes) -> str:
    """Return the SM3 in hexadecimal."""
    made = hashes.Hash(hashes.SM3())
    made.update(content)
    return made.finalize().hex()
