"""Read models (`queries/`) are frozen values without addresses and without rows of the database."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

from xtbang import queries
from xtbang.models import Base
from xtbang.queries.caller import Caller


def models() -> Iterator[type]:
    """Every dataclass of `queries/` but the caller, which hands the session down."""
    for found in pkgutil.walk_packages(queries.__path__, "xtbang.queries."):
        module = importlib.import_module(found.name)
        yield from (
            item for item in vars(module).values()
            if inspect.isclass(item) and dataclasses.is_dataclass(item) and item.__module__ == found.name
            and item is not Caller
        )  # fmt: skip


def rows_in(kind: Any) -> Iterator[str]:
    """The names of the tables' classes in a type."""
    if inspect.isclass(kind) and issubclass(kind, Base):
        yield kind.__name__
    for part in get_args(kind):
        yield from rows_in(part)


def test_read_models_are_frozen_and_hold_no_address() -> None:
    every = list(models())
    assert [item.__name__ for item in every if not item.__dataclass_params__.frozen] == []  # type: ignore[attr-defined]
    names = [(item.__name__, field.name) for item in every for field in dataclasses.fields(item)]
    assert [pair for pair in names if pair[1] in ("url", "href", "address", "link")] == []


def test_none_of_their_fields_holds_a_row() -> None:
    held = [
        f"{item.__name__}.{name}: {row}"
        for item in models()
        for name, kind in get_type_hints(item).items()
        for row in rows_in(kind)
    ]
    assert held == []
