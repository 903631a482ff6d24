"""Read models (`queries/`) are frozen values without addresses and without rows of the database; templates get nothing else.

`tests/support/rows.py` looks at what every template is given, in every test that opens a page.
"""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from flask import Flask, render_template_string
from sqlalchemy.orm import Session

from xtbang import queries
from xtbang.models import Base, Call, Person
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


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_template_that_is_given_a_row_fails_its_test(app: Flask) -> None:
    """Wherever the row hides: by itself, in a list, in a value of a value."""
    call = Call(title="第一批")
    caller = Caller(Session(), None, None, None, None)  # type: ignore[arg-type]
    for given in (call, [("批次", {"of": call})], dataclasses.replace(caller, actor=Person(name="某人"))):  # type: ignore[arg-type]
        with app.test_request_context(), pytest.raises(AssertionError, match=r"Call|Person"):
            render_template_string("{{ given }}", given=given)
    with app.test_request_context():
        assert render_template_string("{{ given }}", given="第一批") == "第一批"
