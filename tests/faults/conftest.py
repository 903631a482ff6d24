"""An installation on either database for each scenario, and the figures of all of them at the end of the run."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.faults.installation import Installation, fill
from tests.support.postgres import PostgresServer

FIGURES = "figures"
NUMBERS = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """One that nobody has used; the settings of ``@pytest.mark.parametrize("installation", …, indirect=True)`` are its kind."""
    folder = tmp_path / "instance"
    folder.mkdir(exist_ok=True)
    url, name = f"sqlite:///{folder / 'xtbang.db'}", f"faults_{next(NUMBERS)}"
    if request.param == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        url = postgres.create_database(name)
    made = fill(Installation(folder, url))
    yield made
    made.end()
    if request.param == "postgresql":
        postgres.drop_database(name)


@pytest.fixture
def say(record_property: Callable[[str, Any], None]) -> Callable[[str], None]:
    """``say("…")``: a figure for the end of the run."""
    return lambda text: record_property(FIGURES, text)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    found = [(one.nodeid, text) for one in reports for name, text in one.user_properties if name == FIGURES]
    if found:
        terminalreporter.section("figures")
    for node, text in dict.fromkeys(found):
        terminalreporter.write_line(f"{node.rpartition('::')[2]}: {text}")
