"""Where everything in a TOML file stands."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workflow.conftest import WORKFLOWS
from xtbang.workflow.positions import Path as Place
from xtbang.workflow.positions import positions
from xtbang.workflow.tokens import tokens

TEXT = '''\
title = "a = 1"  # b = 2
"quoted" = 'c'
words = [
  "one", "two",
  # "three"
  "four",
]
[plain.inner]
text = """
value = 9
"""
value = 1
[[row]]
key = "a"
cells = [{ text = "[x]" }, { field = "y", cols = 2 }]
[[row]]
[[row.cell]]
key = "b"
[[row.cell]]
key = "c"
'''


def test_names_tables_and_items_have_their_lines() -> None:
    found = positions(list(tokens(TEXT)))
    expected: dict[Place, int] = {
        ("title",): 1, ("quoted",): 2, ("words",): 3, ("words", 0): 4, ("words", 1): 4, ("words", 2): 6,
        ("plain", "inner"): 8, ("plain", "inner", "text"): 9, ("plain", "inner", "value"): 12,
        ("row", 0): 13, ("row", 0, "key"): 14, ("row", 0, "cells", 1, "cols"): 15,
        ("row", 1): 16, ("row", 1, "cell", 0): 17, ("row", 1, "cell", 0, "key"): 18, ("row", 1, "cell", 1, "key"): 20,
    }  # fmt: skip
    assert {place: found.lines.get(place) for place in expected} == expected
    assert found.repeated == []


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("a = 1\nb = 2\na = 3\n", (3, 1, "a")),
        ("[x]\na = 1\n[y]\na = 1\n[x]\na = 2\n", (5, 1, "x")),
        ("[[x]]\na = 1\n[[x]]\na = 1\na = 2\n", (5, 4, "a")),
    ],
)
def test_what_stands_twice_is_found(text: str, repeated: tuple[int, int, str]) -> None:
    assert positions(list(tokens(text))).repeated == [repeated]


@pytest.mark.parametrize("path", sorted(WORKFLOWS.rglob("*.toml")), ids=lambda path: path.name)
def test_every_value_of_the_policy_is_found(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines, found = text.split("\n"), positions(list(tokens(text))).lines
    for place in _places(tomllib.loads(text), ()):
        assert str(place[-1]) in lines[found[place] - 1]


def _places(data: dict[str, Any], place: Place) -> Iterator[Place]:
    """Every name in the data with the tables in which it stands."""
    for name, value in data.items():
        here = (*place, name)
        if isinstance(value, dict):
            yield from _places(value, here)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, item in enumerate(value):
                yield from _places(item, (*here, number))
        else:
            yield here
