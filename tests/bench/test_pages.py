"""Pages, transitions and the start beside the bare libraries: `make bench`; no time is asserted.

Everything is measured in time of the processor, of all processes where others work for a page.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, insert, select

from tests.bench.measure import Table, average, fastest
from tests.bench.plain import plain_site
from tests.bench.written import write_by_session, written
from tests.factories.later import published, ready
from tests.factories.projects import ProjectFactory
from tests.support.site import WatchedSession
from xtbang import create_app
from xtbang.actions.search_index import build_search_index
from xtbang.extensions import db
from xtbang.models import Base, Paper, Project
from xtbang.models.writing import prepare_engine
from xtbang.papers.pdf.printer import pdf_of_order
from xtbang.web.applicant import preview

pytestmark = pytest.mark.bench
ROOT = Path(__file__).resolve().parents[2]

MADE = datetime(2024, 9, 2, 2, tzinfo=UTC)
STATES = ("solicitation", "appraisal", "bidding", "roadshow", "rejected")
KINDS = ("tech_demand", "tech_supply", "scene_demand", "scene_supply")
ROWS = 10_000
TURNS = 30


# ---------------------------------------------------------------- a) pages


def application(folder: Path) -> tuple[Flask, Engine]:
    """The program on a database of its own, protections on, as people meet it."""
    settings = {
        "INSTANCE": folder,
        "FILES": str(folder / "files"),
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'bench.db'}",
        "SECRET_KEY": "bench",
        "SITE_URL": "http://localhost",
        "DEMO": False,
        "TOTP_ROLES": (),
    }
    app = create_app(settings)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        return app, db.engine


class BenchProjectFactory(ProjectFactory):
    """Everyone there is, on the application's own database."""

    def __init__(self, app: Flask, session: WatchedSession) -> None:
        self.app = app
        self.session = session  # type: ignore[assignment]
        self.now = MADE
        self.engine = app.extensions["engine"]
        self.engine.clock = lambda: self.now
        self.people, self.organisations, self.calls, self.uploads = {}, {}, {}, {}
        with self.writing():
            self._people()
            self._calls()


@pytest.fixture
def factory(tmp_path: Path) -> Iterator[BenchProjectFactory]:
    """Without any project yet."""
    app, engine = application(tmp_path)
    with WatchedSession(engine, expire_on_commit=False) as session:
        yield BenchProjectFactory(app, session)


def grow(factory: BenchProjectFactory, first: int, last: int) -> None:
    """Projects with these numbers, in every state and of every kind."""
    who, call = factory.people["issuer"], factory.calls["2021"]
    rows = [
        {
            "number": f"XTJB-2021-{number:06d}",
            "call_id": call.id,
            "edition": "2021",
            "kind": KINDS[number % 4],
            "state": STATES[number % 5],
            "issuer_id": who.organisation_id,
            "created_by_id": who.id,
            "created_at": MADE,
            "state_since": MADE,
            "submitted_at": MADE,
            "listed_at": MADE + timedelta(minutes=number) if number % 5 else None,
            "title": f"高精密伺服电机关键技术研究与产业化（第{number}项）",
            "domain": "先进装备制造",
            "region": "雨湖区",
            "planned_total": Decimal(1_200_000),
            "track": "funded",
        }
        for number in range(first, last)
    ]
    with factory.writing() as session:
        session.connection().execute(insert(Project), rows)


def signed_in(factory: BenchProjectFactory, name: str = "science") -> FlaskClient:
    """The browser of an officer, or of somebody else."""
    browser = factory.app.test_client()
    with browser.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = factory.people[name].fs_uniquifier, True
    return browser


def test_pages(factory: BenchProjectFactory, table: Table) -> None:
    """Lists, board, search and a project's page among ten thousand, beside the same rows and the same HTML (`plain.py`)."""
    with factory.app.app_context():
        engine = db.engine
    paid = ready(factory)
    factory.session.rollback()
    grow(factory, 1, ROWS)
    build_search_index(factory.session)
    officer, anyone = signed_in(factory), factory.app.test_client()
    pages = [
        (officer, "/projects"),
        (anyone, "/lists"),
        (anyone, "/board"),
        (anyone, "/lists?q=电机"),
        (officer, "/search?q=电机"),
        (officer, f"/projects/{paid.id}"),
        (officer, "/desk"),
    ]
    bare = plain_site(pages, engine)
    for number, (client, path) in enumerate(pages):
        ours, same = fastest(25, partial(client.get, path), partial(bare.get, f"/{number}"))
        table.add(f"a) GET {path} / the same by Core, no macros", ours, same, 2)


# ---------------------------------------------------------------- b) a transition


def test_transitions(factory: BenchProjectFactory, table: Table, tmp_path: Path) -> None:
    """提交, 退回修改 and 受理 on a file with synchronous=FULL, beside the rows that each writes, by the processor's time.

    The rows are written once more to a copy of the database from before.
    """
    with factory.app.app_context():
        engine = db.engine
    lines = list(factory.engine.policy.edition("2024").checklist)
    back = {"reason": "联系人手机号码有误，请核对。", "correct_by": "2024-09-09"}
    todo: list[tuple[str, str, int, dict[str, Any]]] = []
    for _ in range(TURNS + 1):
        draft = factory.draft()
        factory.perform(draft, "upload_scan", "issuer", {"scan": factory.file("盖章件.pdf")})
        todo.append(("submit", "issuer", draft.id, {}))
        todo.append(("send_back", "science", factory.submitted().id, back))
        todo.append(("accept", "science", factory.submitted().id, {"checklist": lines, "scan_looked_at": True}))
    actors = {who: factory.actor(who) for who in ("issuer", "science")}
    factory.session.rollback()
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "before.db"),))
    before = create_engine(f"sqlite:///{tmp_path / 'before.db'}")
    prepare_engine(before)
    spent: dict[str, list[tuple[float, float]]] = {}
    for trigger, who, project, data in todo:
        with written(engine) as writes, WatchedSession(engine) as session:
            started = process_time()
            factory.engine.perform(session, project, trigger, actors[who], data)
            ours = process_time() - started
        started = process_time()
        write_by_session(before, writes)
        spent.setdefault(trigger, []).append((ours, process_time() - started))
    before.dispose()
    for trigger, times in spent.items():
        ours, rows = (min(of) for of in zip(*times[1:], strict=True))
        table.add(f"b) {trigger} by perform() / its rows by a session", ours, rows, 2)


def test_frozen_paper(factory: BenchProjectFactory, table: Table) -> None:
    """A notice's PDF from the store, its digest checked, beside a bare application that answers the same bytes."""
    published(factory)
    paper = factory.session.scalars(select(Paper.id).where(Paper.notice_id.is_not(None)).limit(1)).one()
    factory.session.rollback()
    reader, address = factory.app.test_client(), f"/papers/{paper}.pdf"
    content = reader.get(address).data
    assert content.startswith(b"%PDF")
    bare = Flask("bare")
    bare.add_url_rule("/paper.pdf", "paper", lambda: bare.response_class(content, mimetype="application/pdf"))
    other, officer = bare.test_client(), signed_in(factory)
    clients = ((reader, address), (officer, address), (other, "/paper.pdf"))
    anyone, signed, theirs = fastest(200, *(lambda asked=asked: asked[0].get(asked[1]) for asked in clients))
    table.add("b) a frozen paper / the same bytes from bare Flask", anyone, theirs, 3)
    table.add("b) the same for an officer who is signed in", signed, theirs, 5)


def test_preview(factory: BenchProjectFactory, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """The preview of a draft beside printing the same order again; both wait for the processes that print."""
    entry = factory.draft()
    factory.session.rollback()
    applicant, orders = signed_in(factory, "issuer"), []

    def noted(*order: Any) -> bytes:
        orders.append(order)
        return pdf_of_order(*order)

    monkeypatch.setattr(preview, "pdf_of_order", noted)
    path = f"/projects/{entry.id}/documents/{entry.form_id}/preview.pdf"
    assert applicant.get(path).data.startswith(b"%PDF")
    ours, printed = average(8, lambda: applicant.get(path), lambda: pdf_of_order(*orders[0]))
    table.add("b) preview of a draft / printing its form", ours, printed, 1.2)


def test_not_modified(factory: BenchProjectFactory, table: Table) -> None:
    """The style sheet is asked for once; where a browser asks again all the same, or for a public page, beside the 304 of bare Flask."""
    bare = Flask("bare")
    bare.add_url_rule("/", "same", lambda: bare.response_class(status=304))
    anyone, other = factory.app.test_client(), bare.test_client()
    sheet = next(part for part in anyone.get("/").text.split('"') if part.startswith("/static/") and ".css" in part)
    first = anyone.get(sheet)
    assert "immutable" in first.headers["Cache-Control"]
    known = {"If-None-Match": first.headers["ETag"]}
    assert anyone.get(sheet, headers=known).status_code == 304
    opened = {"If-None-Match": anyone.get("/").headers["ETag"]}  # of this minute: the clock of the bench stands
    assert anyone.get("/", headers=opened).status_code == 304
    works = (
        partial(anyone.get, sheet, headers=known),
        partial(anyone.get, "/", headers=opened),
        partial(other.get, "/"),
    )
    text, page, theirs = fastest(300, *works)
    table.add("b) 304 for a style sheet / bare Flask", text, theirs, 2)
    table.add("b) 304 for a public page / bare Flask", page, theirs, 2)


# ---------------------------------------------------------------- c) start

FIRST_ANSWER = """
import gc, sys
gc.disable()  # as `xtbang serve` does while it loads
from xtbang import create_app
app = create_app({"INSTANCE": __import__("pathlib").Path(sys.argv[1]), "SECRET_KEY": "bench"})
assert app.test_client().get("/").status_code == 200
"""
LIBRARIES = """
flask flask_sqlalchemy flask_migrate flask_login flask_security email_validator flask_wtf flask_limiter sqlalchemy psycopg argon2
cryptography.fernet transitions weasyprint pydyf pikepdf pypdfium2 zxingcpp PIL.Image segno rfc8785 tomlkit stdnum chinese_calendar
icalendar openpyxl boto3 docx waitress huey prometheus_client zxcvbn pyhanko
""".split()  # the dependencies of pyproject.toml
LOADED = """
flask flask_sqlalchemy flask_login flask_security email_validator flask_wtf flask_limiter sqlalchemy.orm argon2 cryptography.fernet
transitions rfc8785 stdnum chinese_calendar prometheus_client
""".split()  # those of them that the first page needs


def test_start(table: Table, tmp_path: Path) -> None:
    """A new process up to its first page, beside one that only imports the libraries, by the processor's time."""
    file = tmp_path / "xtbang.db"
    filler = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(filler)
    filler.dispose()
    compiled = dict(os.environ, PYTHONPYCACHEPREFIX=str(tmp_path / "compiled"), PYTHONDONTWRITEBYTECODE="")

    def run(program: str) -> Callable[[], Any]:
        command = [sys.executable, "-c", program, str(tmp_path)]
        return lambda: subprocess.run(command, cwd=ROOT, check=True, env=compiled)

    works = run(FIRST_ANSWER), *(run(f"import {', '.join(names)}") for names in (LIBRARIES, LOADED))
    ours, libraries, loaded = average(4, *works)
    table.add("c) start to first answer / importing its libraries", ours, libraries, 1.5)
    table.add("c) the same / importing those that it loads", ours, loaded, None)
