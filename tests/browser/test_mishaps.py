"""The season of forty mishaps by clicking: what goes wrong, and what puts it right, on the pages that people have.

The roads and their mishaps are those of tests/stages/season; what lies between them, and scans with codes, is done
without a browser.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from flask import Flask
from flask_security import hash_password
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from tests.browser.browser_driver import PASSWORD, BrowserDriver
from tests.browser.conftest import listening, made
from tests.factories.site_projects import SiteProjectFactory
from tests.stages.season import roads, season
from tests.support.files import pdf
from xtbang.actions.context import Upload
from xtbang.models import Project
from xtbang.rules.fields import FieldKind
from xtbang.workflow.engine import Outcome

SAMPLE = ("paid", 1)  # the road in `make test`, and how many mishaps on it


class ClickingFactory(SiteProjectFactory):
    """A factory whose people act in browsers once they have them."""

    hands: BrowserDriver

    def __init__(self, app: Flask, session: Session) -> None:
        super().__init__(app, session)
        with app.app_context():
            password = hash_password(PASSWORD)
        with self.writing():
            for person in self.people.values():
                person.password = password
        self.clicks = 0
        self.by_click = False

    def file(self, name: str, *codes: str) -> str:
        """A file that opens, and is another one by its name."""
        content = pdf() + f"\n% {name}".encode()
        digest = str(self.app.extensions["store"].put(content))
        self.uploads[digest] = Upload(digest, name, "application/pdf", len(content), frozenset(codes))
        return digest

    def perform(self, project: Project, trigger: str, who: str, data: Mapping[str, Any] | None = None) -> Outcome:
        values, form = dict(data or {}), self.engine.policy.actions[trigger].form
        kept = {field.key for field in form.fields if field.kind is FieldKind.FILE} & {*values}
        chosen = {key: values.pop(key) for key in kept}
        files = {key: self.uploads[digest] for key, digest in chosen.items() if digest}
        if not self.by_click or who not in self.people or any(file.codes for file in files.values()):
            return super().perform(project, trigger, who, data)
        self.clicks += 1
        return self.hands.do(project, trigger, self.actor(who), values, **files)

    def blocked(
        self, project: Project, trigger: str, who: str, data: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        clicking, self.by_click = self.by_click, False
        try:
            return super().blocked(project, trigger, who, data)
        finally:
            self.by_click = clicking


class Clicked(season.Season):
    """A season whose mishaps are clicked."""

    factory: ClickingFactory

    def suffer(self, mishap: season.Mishap) -> None:
        self.factory.by_click = True
        mishap(self)
        self.factory.by_click = False


@pytest.fixture
def clicking(tmp_path: Path, browser: Browser) -> Iterator[ClickingFactory]:
    """Everyone of the stages' tests, each in a browser of their own."""
    with made(tmp_path, f"sqlite:///{tmp_path / 'browser.db'}") as (app, session):
        factory = ClickingFactory(app, session)
        with listening(app) as address:
            store, unused = app.extensions["store"], cast(Any, None)  # the factory has clock and people
            hands = BrowserDriver(session, factory.engine, store, unused, unused, Random(5), browser, address)
            factory.hands = hands
            yield factory
            for page in hands.pages.values():
                page.context.close()
            assert hands.faults == []


def live(factory: ClickingFactory, road: str, mishaps: frozenset[str]) -> None:
    """One road; what is between the mishaps is not clicked."""
    begin, walk = roads.BEGIN[road]
    one = Clicked(factory, mishaps, begin(factory))
    walk(one)
    assert one.happened == len(mishaps)
    season.agrees(one)
    assert factory.clicks >= 2 * len(mishaps)


def test_some_of_what_goes_wrong_is_put_right_by_clicking(clicking: ClickingFactory) -> None:
    """The same ones each time."""
    road, number = SAMPLE
    names = sorted(mishap.__name__ for mishap in season.ROADS[road])
    live(clicking, road, frozenset(Random(road).sample(names, number)))


@pytest.mark.faults
@pytest.mark.parametrize("road", season.ROADS)
def test_all_of_what_goes_wrong_is_put_right_by_clicking(clicking: ClickingFactory, road: str) -> None:
    live(clicking, road, frozenset(mishap.__name__ for mishap in season.ROADS[road]))
