"""Running ``xtbang`` on the application of a test."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from xtbang.cli import cli

Run = Callable[..., Result]


@pytest.fixture
def xtbang(app: Flask) -> Run:
    """``xtbang("paper", "tech_demand", …)``: as typed in a shell."""
    return lambda *words: app.test_cli_runner().invoke(cli, [str(word) for word in words])
