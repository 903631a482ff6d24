"""Fixtures and settings for all tests."""

import os

from hypothesis import settings

from tests.support.contract import hold
from tests.support.postgres import postgres_server, postgres_url
from tests.support.site import app, client, login, postgresql_site, session, sqlite_site
from xtbang.application import Application

__all__ = [
    "app",
    "client",
    "login",
    "postgres_server",
    "postgres_url",
    "postgresql_site",
    "session",
    "sqlite_site",
]

hold(Application)  # whatever a test makes with `create_app` answers as the server needs it

# `quick` in every run; HYPOTHESIS_PROFILE=thorough when hunting. No deadline: the machines that run this are shared.
settings.register_profile("quick", deadline=None, max_examples=60)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
