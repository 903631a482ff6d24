"""Fixtures and settings for all tests."""

import gc
import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.contract import hold
from tests.support.demo import demo_folder
from tests.support.postgres import postgres_server, postgres_url
from tests.support.rows import hold_templates
from tests.support.site import app, client, login, postgresql_site, session, sqlite_site
from xtbang.application import Application

__all__ = [
    "app",
    "client",
    "demo_folder",
    "login",
    "postgres_server",
    "postgres_url",
    "postgresql_site",
    "session",
    "sqlite_site",
]

# New objects between two looks for garbage. With Python's 700 a tenth of the time went into looking at what stays.
NEW_OBJECTS = 200_000

hold(Application)  # whatever a test makes with `create_app` answers as the server needs it
hold_templates()  # and gives frozen values to its templates

# `quick` in `make test`, with the same examples each time; `exploring` in `make faults`, with others each time;
# HYPOTHESIS_PROFILE=thorough when hunting. No deadline: the machines that run this are shared.
settings.register_profile("quick", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("exploring", deadline=None, max_examples=300, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_finish() -> None:
    """Look for garbage less often, and never among modules and tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)


@pytest.fixture(autouse=True)
def unanswered() -> Iterator[list[str]]:
    """What the program could not answer (`xtbang.workflow.unchecked`), as the log says it: nothing in any test, unless
    the test means it and clears the list.
    """
    found: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("xtbang.workflow")
    log.addHandler(handler)
    yield found
    log.removeHandler(handler)
    assert not found, found
