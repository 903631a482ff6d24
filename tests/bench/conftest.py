"""One table of ratios for the whole run."""

import sys
from collections.abc import Iterator

import pytest

from tests.bench.measure import Table


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    made = Table()
    yield made
    head = f"{'':<44} {'ours ms':>11} {'baseline ms':>11} {'ratio':>7} {'goal':>5}"
    sys.stdout.write("\n\n" + "\n".join([head, *made.lines]) + "\n")
