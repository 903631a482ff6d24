"""The shape of the facts of papers."""

from collections.abc import Iterator
from typing import Any

FILLED_IN = "values"  # what people filled in: its keys are those of the definition


def keys(value: Any, place: str = "") -> Iterator[str]:
    """Every key with the place where it stands: ``project.issuer.name``, ``items[].number``."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{place}.{key}"
            if key != FILLED_IN:
                yield from keys(item, f"{place}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from keys(item, f"{place}[]")
