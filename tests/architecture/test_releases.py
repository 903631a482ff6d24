"""Databases of earlier releases become those of today: same schema, nothing lost, every page and every paper opens.

A release is a commit that made databases of a kind of its own: one that added or changed a migration. Papers are the same
rows on both databases, and are rendered on SQLite.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.orm import Session, selectinload

from tests.support.papers import keys
from tests.support.releases import FOLDER, RELEASES, SMALL, SUFFIX, Release, fill_postgresql, fill_sqlite, read
from tests.support.schema import shape, triggers
from tests.support.site import DATABASE, TEMPLATE, TestSite
from xtbang.actions.audit import broken
from xtbang.enums import RoleName
from xtbang.migrating import add_migrations
from xtbang.models import Base, Bid, Document, Meeting, Notice, Organisation, Paper, Person, Project, Role, Seat
from xtbang.papers.pdf import render
from xtbang.papers.pdf.issued import pdf_of

SITE = "http://localhost"
OLDEST, YOUNGEST = RELEASES[0], next(name for name in reversed(RELEASES) if name not in SMALL)
BUSY = {"science", "finance", "applicant"}  # who open the page of every project


@dataclass
class Upgraded:
    """A release's database after the upgrade, behind the pages of today."""

    name: str
    release: Release
    app: Flask
    engine: Engine
    made_of_models: Engine

    @property
    def policy(self) -> Any:
        return self.app.extensions["engine"].policy


@pytest.fixture(
    scope="module",
    params=[
        (name, kind) for name in RELEASES for kind in ("sqlite", "postgresql") if kind == "sqlite" or name not in SMALL
    ],
    ids="-".join,
)
def upgraded(request: pytest.FixtureRequest) -> Iterator[Upgraded]:
    """Each release on each database."""
    name, kind = request.param
    site: TestSite = request.getfixturevalue(f"{kind}_site")
    release = read(name)
    site.empty()
    if kind == "sqlite":
        file = Path(str(site.database.url.database))
        file.unlink()
        fill_sqlite(release, file)
        models = create_engine(f"sqlite:///{file.with_name('template.db')}")
    else:
        server = request.getfixturevalue("postgres_server")
        server.drop_database(DATABASE)
        server.create_database(DATABASE)
        fill_postgresql(release, server, DATABASE)
        models = create_engine(server.url(TEMPLATE))
    with add_migrations(site.app).app_context():
        upgrade()
    yield Upgraded(name, release, site.app, site.database, models)
    models.dispose()
    site.database.dispose()


@pytest.fixture
def on_sqlite(upgraded: Upgraded) -> Upgraded:
    if upgraded.engine.dialect.name != "sqlite":
        pytest.skip("the same rows as on SQLite")
    return upgraded


def test_there_are_rows_in_every_table() -> None:
    """Of the oldest and the youngest whole release; `receiving_account` came with a migration."""
    assert (OLDEST, YOUNGEST) == ("00ddfe7", "994c280")
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}{SUFFIX}" for name in RELEASES}
    for name in (OLDEST, YOUNGEST):
        assert [table for table, held in read(name)["rows"].items() if not held["rows"]] == []


def test_it_has_the_schema_of_today(upgraded: Upgraded) -> None:
    assert shape(upgraded.engine) == shape(upgraded.made_of_models)
    assert triggers(upgraded.engine) == triggers(upgraded.made_of_models)


def test_nothing_is_lost(upgraded: Upgraded) -> None:
    had = {
        table: len(held["rows"]) for table, held in upgraded.release["rows"].items() if table in Base.metadata.tables
    }
    with upgraded.engine.connect() as connection:
        has = {table: connection.scalar(select(func.count()).select_from(text(table))) for table in had}
        chains = list(broken(Session(connection)))
    assert has == had
    assert chains == []


def addresses(session: Session, app: Flask) -> dict[str, list[str]]:
    """Endpoint → addresses: of those about a project every one, of others up to three."""
    ids = {
        "organisation_id": Organisation.id, "person_id": Person.id, "bid_id": Bid.id, "notice_id": Notice.id,
        "meeting_id": Meeting.id, "seat_id": Seat.id, "number": Project.number, "project_id": Project.id,
    }  # fmt: skip
    found: dict[str, list[str]] = {}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or len(rule.arguments) > 1 or not rule.arguments <= set(ids):
            continue
        values: list[dict[str, Any]] = [{}]
        for key in rule.arguments:
            query = select(ids[key]).where(ids[key].is_not(None)).order_by(ids[key].desc())
            values = [{key: value} for value in session.scalars(query.limit(None if key == "project_id" else 3))]
        found[rule.endpoint] = [rule.build(value)[1] for value in values]  # type: ignore[index]
    documents = select(Document.project_id, Document.id).join(Project, Project.form_id == Document.id)
    found["documents.edit"] = [f"/projects/{project}/documents/{form}" for project, form in session.execute(documents)]
    return found


def test_pages_open(upgraded: Upgraded) -> None:
    """Of the first release every kind of page to everybody, and all projects; of the others what the science bureau sees."""
    if upgraded.engine.dialect.name != "sqlite" and upgraded.name != OLDEST:
        pytest.skip("the same rows as on SQLite, in a schema that is the same as the oldest's by now")
    whole = upgraded.name == OLDEST and upgraded.engine.dialect.name == "sqlite"
    roles, failed, opened = [*RoleName] if whole else ["science"], {}, set()
    with Session(upgraded.engine) as session:
        pages = addresses(session, upgraded.app)
        query = select(func.min(Person.id)).join(Person.roles).where(Role.name.in_(roles)).group_by(Role.name)
        people = session.scalars(select(Person).where(Person.id.in_(query)).options(selectinload(Person.roles))).all()
    for person in (None, *people):
        visitor = upgraded.app.test_client()
        if person:
            with visitor.session_transaction() as kept:
                kept["_user_id"], kept["_fresh"] = person.fs_uniquifier, True
        everything = person is not None and BUSY & person.role_names
        for endpoint, urls in pages.items():
            for url in urls if everything else urls[:1]:
                answer = visitor.get(url)
                if answer.status_code == 200:
                    opened.add(endpoint)
                if answer.status_code >= 500:
                    failed[url] = answer.status_code
    assert failed == {}
    assert opened >= {"projects.page", "public.notice", "public.entry", "desk.home"}


def papers_of(upgraded: Upgraded) -> list[Paper]:
    with Session(upgraded.engine) as session:
        return list(session.scalars(select(Paper).order_by(Paper.id)))


def test_every_paper_finds_what_its_template_asks_for(on_sqlite: Upgraded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the page that WeasyPrint lays out."""
    monkeypatch.setattr(render, "_write_pdf", lambda html, *_: html.encode())
    papers = papers_of(on_sqlite)
    assert {paper.name for paper in papers} >= {
        "form",
        "contract",
        "payment_order",
        "termination",
        "extension",
        "notice",
    }
    for paper in papers:
        assert paper.code in pdf_of(paper, SITE, on_sqlite.policy).decode(), paper.name


printed: set[Any] = set()


def test_papers_print(on_sqlite: Upgraded) -> None:
    """The first of each name in each shape that no release before had."""
    for paper in papers_of(on_sqlite):
        kind = (paper.name, frozenset(keys(paper.data)))
        if kind not in printed:
            printed.add(kind)
            assert pdf_of(paper, SITE, on_sqlite.policy).startswith(b"%PDF"), paper.name


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_every_paper_prints(on_sqlite: Upgraded) -> None:
    for paper in papers_of(on_sqlite):
        assert pdf_of(paper, SITE, on_sqlite.policy).startswith(b"%PDF"), paper.name
