"""The factory of the stages' tests."""

from tests.stages.conftest import database, factory, policy, postgresql_database, sqlite_database

__all__ = ["database", "factory", "policy", "postgresql_database", "sqlite_database"]
