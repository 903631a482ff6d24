"""What pages ask is built once: opened again they send the very statements that they sent before, for whoever reads."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from tests.factories.site_projects import SiteProjectFactory
from xtbang.extensions import db
from xtbang.models import Person, Project
from xtbang.queries.prepared import bound
from xtbang.queries.rights.visibility import seen_by_reader, visible

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def test_pages_that_many_open_often_build_no_statement_anew(
    factory: SiteProjectFactory, login: LogIn, app: Flask
) -> None:
    listed = factory.page(factory.listed())
    pages = [("science", "/projects"), ("science", "/lists"), ("science", "/desk"), ("issuer", listed)]
    sent: list[object] = []
    with app.app_context():
        event.listen(db.engine, "before_execute", lambda _connection, statement, *_rest: sent.append(statement))
    for name, page in pages:
        browser = login(factory.people[name])
        assert browser.get(page).status_code == 200
        before = list(sent)
        sent.clear()
        browser.get(page)
        assert sent, page
        assert [str(one) for one in sent if not any(one is known for known in before)] == [], page
        sent.clear()


def test_a_statement_that_is_kept_shows_each_reader_what_that_reader_may_see(factory: SiteProjectFactory) -> None:
    for state in (factory.draft, factory.submitted, factory.recommended):
        state()
    found = {}
    for name in factory.people:
        asking, who = factory.caller(name), factory.actor(name)
        kept = select(Project.id).where(seen_by_reader(asking.policy, who.roles))
        plain = select(Project.id).where(visible(who.roles, who.person_id, who.organisation_id, who.region))
        found[name] = set(factory.session.scalars(kept, bound(asking)))
        assert found[name] == set(factory.session.scalars(plain)), name
    assert len(found["science"]) > len(found["finance"]) > 0
    assert found["issuer"] != found["rival"]
