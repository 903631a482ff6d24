"""The draw of experts (抽取专家): by lot, so that everybody who knows the seed and the pool comes to the same people."""

from collections.abc import Iterable, Sequence
from hashlib import sha256


def lot(seed: str, number: int) -> str:
    """Return the lot of the one with that number: the SHA-256 of seed and number, in hexadecimal digits."""
    return sha256(f"{seed}:{number}".encode()).hexdigest()


def drawn(seed: str, circles: Iterable[Sequence[int]], wanted: int) -> list[int]:
    """Return those with the lowest lots, from a later circle only when the earlier ones are used up.

    Raises ValueError when all circles together are too few.
    """
    found: list[int] = []
    for circle in circles:
        fresh = sorted({*circle} - {*found}, key=lambda number: lot(seed, number))
        found += fresh[: wanted - len(found)]
    if len(found) < wanted:
        raise ValueError(f"{wanted} wanted, {len(found)} there")
    return found
