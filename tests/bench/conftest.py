"""One table of ratios for the whole run."""

import sys
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.bench.measure import Table
from xtbang.application import Application


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests as in service: without the checks of `tests/support/contract.py`, which bare applications do not have."""
    for kind in (Application, Flask):
        if checked := getattr(kind.__dict__.get("__call__"), "__wrapped__", None):
            monkeypatch.setattr(kind, "__call__", checked)


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    made = Table()
    yield made
    head = f"{'':<44} {'ours ms':>11} {'baseline ms':>11} {'ratio':>7} {'goal':>5}"
    sys.stdout.write("\n\n" + "\n".join([head, *made.lines]) + "\n")
