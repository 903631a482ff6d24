"""The world of the stages' tests."""

from tests.stages.conftest import database, policy, postgresql_database, sqlite_database, world

__all__ = ["database", "policy", "postgresql_database", "sqlite_database", "world"]
