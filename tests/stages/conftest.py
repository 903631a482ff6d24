"""The fixture ``factory`` for the tests of the stages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.projects import ProjectFactory
from tests.support.databases import Database, database, postgresql_database, sqlite_database
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy

__all__ = ["database", "postgresql_database", "sqlite_database"]


@pytest.fixture(scope="session")
def policy() -> Policy:
    """What ``workflows/`` says, read once."""
    return load_policy(Path(__file__).parents[2] / "workflows")


@pytest.fixture
def factory(policy: Policy, database: Database) -> Iterator[ProjectFactory]:
    """A fresh factory, its clock at 2024-09-02 10:00, once on SQLite and once on PostgreSQL."""
    made = ProjectFactory(policy, database)
    yield made
    made.session.close()
