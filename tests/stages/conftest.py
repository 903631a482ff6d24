"""The fixture ``world`` for the tests of the stages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stages.world import World
from xtbang.workflow.definition import Policy, load_policy


@pytest.fixture(scope="session")
def policy() -> Policy:
    """What ``workflows/`` says, read once."""
    return load_policy(Path(__file__).parents[2] / "workflows")


@pytest.fixture
def world(policy: Policy) -> Iterator[World]:
    """A fresh world, its clock at 2024-09-02 10:00."""
    made = World(policy)
    yield made
    made.session.close()
    made.session.get_bind().dispose()
