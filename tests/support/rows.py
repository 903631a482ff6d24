"""Templates are given frozen values: whatever page a test opens, none of its values is or holds a row of the database."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from flask import before_render_template
from sqlalchemy import Row

from xtbang.models import Base

OF_THE_SESSION = (
    "current_user",
    "g",
    "request",
    "session",
    "config",
)  # Flask and Flask-Login give these to every template
DEPTH = 8


def hold_templates() -> None:
    """AssertionError in every request that gives a row to a template, once and for all."""
    before_render_template.connect(_check, weak=False)


def _check(_app: Any, template: Any, context: Mapping[str, Any], **_more: Any) -> None:
    given = {name: value for name, value in context.items() if name not in OF_THE_SESSION}
    found = list(rows_in(given, template.name or "a template"))
    assert not found, found


def rows_in(value: Any, path: str, depth: int = 0) -> Iterator[str]:
    """Where in a value there are rows, and of which table."""
    if isinstance(value, Base):
        yield f"{path}: {type(value).__name__}"
    if depth == DEPTH or isinstance(value, str | bytes):
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from rows_in(item, f"{path}.{name}", depth + 1)
    elif isinstance(value, list | tuple | set | frozenset | Row):
        for item in value:
            yield from rows_in(item, f"{path}[]", depth + 1)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from rows_in(getattr(value, field.name), f"{path}.{field.name}", depth + 1)
