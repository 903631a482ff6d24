"""What several tests of pages begin with: offices with their people, time that passes."""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.records import NOW, RecordFactory
from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Person


@pytest.fixture
def records(app: Flask, session: Session) -> RecordFactory:
    """Everyone of the offices and one call, on a Monday morning."""
    app.extensions["engine"].clock = lambda: NOW
    return RecordFactory(session, app.extensions["engine"])


@pytest.fixture
def factory(app: Flask, session: Session) -> SiteProjectFactory:
    """Make projects by ``perform()`` inside the application."""
    return SiteProjectFactory(app, session)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """``later(60)``: a minute later, for whoever asks for the time of day."""
    real, gone = time.time, [0.0]

    def move(seconds: float) -> None:
        gone[0] += seconds
        monkeypatch.setattr(time, "time", lambda: real() + gone[0])

    return move


@pytest.fixture
def enter(factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]) -> Callable[[str], FlaskClient]:
    """``enter("issuer")``: that person's browser."""
    return lambda name: login(factory.people[name])
