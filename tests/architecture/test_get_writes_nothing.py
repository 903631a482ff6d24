"""Looking changes nothing and asks little: every page that takes no parameter, opened by everyone."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from tests.web.counting import counted
from xtbang import create_app
from xtbang.config import ROOT
from xtbang.demo import build
from xtbang.extensions import db
from xtbang.models import Base, Person, Role
from xtbang.people.person_form import known_roles
from xtbang.workflow.definition import load_policy

PROJECTS = 8
MOST = 12  # statements of a page
OF_THE_DESK = 20


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The program with a small demo."""
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'demo.db'}"
    filler = create_engine(url)
    Base.metadata.create_all(filler)
    filler.dispose()
    app = create_app({"INSTANCE": folder, "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": url, "DEMO": True})
    build(app, projects=PROJECTS)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def contents(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table."""
    with engine.connect() as connection:
        return {
            name: sorted(repr(row) for row in connection.execute(select(table)))
            for name, table in Base.metadata.tables.items()
        }


@pytest.mark.parametrize("role", ["", *known_roles(load_policy(ROOT / "workflows"))])
def test_looking_changes_nothing_and_asks_little(demo: Flask, role: str) -> None:
    with demo.app_context():
        engine = db.engine
    visitor = demo.test_client()
    if role:
        with Session(engine) as session:
            query = select(Person).where(Person.roles.any(Role.name == role)).order_by(Person.id)
            person = session.scalars(query.limit(1)).one()
            with visitor.session_transaction() as kept:
                kept["_user_id"], kept["_fresh"] = person.fs_uniquifier, True
    pages = [rule for rule in demo.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    before, failed, asking = contents(engine), {}, {}
    for page in pages:
        with counted(demo) as asked:
            answer = visitor.get(page.rule)
        if len(asked) > (OF_THE_DESK if page.endpoint == "desk.home" else MOST):
            asking[page.rule] = len(asked)
        if answer.status_code >= 500 and page.endpoint != "probes.readyz":  # these tables were made without migrations
            failed[page.rule] = answer.status_code
    assert failed == {}
    assert asking == {}
    assert contents(engine) == before
