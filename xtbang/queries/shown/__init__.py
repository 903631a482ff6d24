"""Frozen values that pages show of a project and of what belongs to it, with the facts that are shown, without addresses."""

from collections.abc import Iterable
from typing import Any, TypeVar

Item = TypeVar("Item")


def shown(kind: type[Item], row: Any, **more: Any) -> Item:
    """Return a value of that kind: ``more``, and of the row whatever has the name of another field."""
    names: Iterable[str] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**{name: getattr(row, name) for name in names if name not in more}, **more)
