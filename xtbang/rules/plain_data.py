"""Frozen dataclasses as plain JSON values and back, by the types of their fields: whatever a class holds comes along."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from xtbang.rules.money import plain

Made = TypeVar("Made")


class ShapeError(ValueError):
    """Raised when plain values do not have the shape of the class that is made of them."""


def to_plain(value: Any) -> Any:
    """Return a value as JSON has it: a dataclass as an object, a number with decimals and a date as a text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


def from_plain(kind: type[Made], data: Any) -> Made:
    """Return the instance of a dataclass that `to_plain` took apart; a field that is not there has its default.

    Raise ShapeError for a name that the class does not have, and for a missing one without a default.
    """
    made: Made = _made(kind, data, kind.__name__)
    return made


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _made(kind: Any, data: Any, place: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if data is None:
            return None
        return _made(next(one for one in inner if one is not type(None)), data, place)
    if origin is tuple:
        kinds = [inner[0]] * len(data) if inner[-1] is Ellipsis else inner
        pairs = zip(kinds, data, strict=True)
        return tuple(_made(one, item, f"{place}[{number}]") for number, (one, item) in enumerate(pairs))
    if origin is dict:
        return {key: _made(inner[1], item, f"{place}.{key}") for key, item in data.items()}
    if is_dataclass(kind):
        return _instance(kind, data, place)
    if kind is date:
        return date.fromisoformat(data)
    if issubclass(kind, tuple):  # a NamedTuple of texts
        return kind(*data)
    return kind(data) if kind in (Decimal, str, int, bool) or issubclass(kind, StrEnum) else data


def _instance(kind: Any, data: Any, place: str) -> Any:
    known = {field.name: field for field in fields(kind)}
    if strange := sorted(data.keys() - known.keys()):
        raise ShapeError(f"{place} has no field {', '.join(strange)}")
    missing = [
        name
        for name, field in known.items()
        if name not in data and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise ShapeError(f"{place} lacks {', '.join(missing)}")
    hints = _hints(kind)
    return kind(**{name: _made(hints[name], item, f"{place}.{name}") for name, item in data.items()})
