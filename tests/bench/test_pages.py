"""Pages, transitions and the start beside the bare libraries: `make bench`; no time is asserted.

Lists are measured in time of the processor, what waits for the disk or another process by the clock on the wall.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup
from sqlalchemy import Engine, create_engine, insert, select, update

from tests.bench.measure import Table, fastest
from tests.factories.later import published
from tests.factories.projects import ProjectFactory
from tests.support.site import WatchedSession
from xtbang import create_app
from xtbang.enums import KIND_LABELS
from xtbang.extensions import db
from xtbang.models import Base, Event, Mail, Paper, Project, Remark
from xtbang.models.writing import begin_write
from xtbang.queries.desk.groups import ENTRY, issuer
from xtbang.web.frame import lines
from xtbang.web.frame.shell import path_of

pytestmark = pytest.mark.bench
ROOT = Path(__file__).resolve().parents[2]

MADE = datetime(2024, 9, 2, 2, tzinfo=UTC)
STATES = ("solicitation", "appraisal", "bidding", "roadshow", "rejected")
KINDS = ("tech_demand", "tech_supply", "scene_demand", "scene_supply")
SIZES = (10_000, 100_000)
SENT_BACK = 40
BARE_PAGE = """<!DOCTYPE html><html lang="zh-CN"><title>项目</title><table>
{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</table></html>"""
SAME_CARDS = """{% from "components/card.html" import card %}{% from "components/path.html" import path %}{{ before }}
<ul class="cards">{% for row in rows %}{% set p = paths[row.state] %}{{ card({
  "url": "/projects/" ~ row.id, "title": row.title, "number": row.number, "kind": kinds[row.kind], "org": row.issuer,
  "domain": row.domain, "region": row.region, "amount": "拟投入 " ~ row.planned_total, "turn": "市科技局",
  "picture": path(p.stages, p.state, p.label, p.at, p.tone, size="small"),
}, 2) }}{% endfor %}</ul>{{ after }}"""

SAME_LINES = """{% from "components/lines.html" import lines %}{{ before }}{% set shown = [] %}
{% for row in rows %}{% set p = paths[row.state] %}{% set _ = shown.append({
  "id": row.id, "url": "/projects/" ~ row.id, "title": row.title, "number": row.number, "org": row.issuer,
  "region": row.region, "wan": row.planned_total, "state": p.label, "tone": p.tone, "waited": 0, "who": "市科技局",
}) %}{% endfor %}{{ lines(shown, heads, true) }}{{ after }}"""
CARDS, LINES = '<ul class="cards">', '<table class="table lines" data-lines>'
HEADS = [
    {"key": key, "label": label, "url": f"/projects?sort={key}", "sorted": "", "style": ""}
    for key, label in lines.HEADS.items()
]


# ---------------------------------------------------------------- a) lists


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


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchProjectFactory]:
    """Without any project yet."""
    app, engine = application(tmp_path_factory.mktemp("lists"))
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


def signed_in(factory: BenchProjectFactory) -> FlaskClient:
    """The browser of an officer."""
    officer = factory.app.test_client()
    with officer.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = factory.people["science"].fs_uniquifier, True
    return officer


def bare_list(factory: BenchProjectFactory, engine: Engine, pages: dict[str, str]) -> Flask:
    """The newest twenty by Core and Jinja, nobody signed in: under /same the page we send, drawn by the same macros
    each time, what stands around the rows ready-made; and without a prefix as plain cells."""
    app = Flask("bare", template_folder=str(ROOT / "templates"))
    app.jinja_env.globals["icon"] = Markup('<svg class="icon icon-sm"><use href="#{}"></use></svg>').format
    query = select(*ENTRY).join(issuer, issuer.id == Project.issuer_id)
    shown = {
        "/projects": query.order_by(Project.id.desc()).limit(20),
        "/lists": query.where(Project.listed_at.is_not(None)).order_by(Project.listed_at.desc()).limit(20),
    }
    with factory.app.app_context():
        stands = {state: path_of(Project(edition="2021", state=state, track="funded")) for state in STATES}
    same = {"/projects": (LINES, "</table>", SAME_LINES), "/lists": (CARDS, "</ul>", SAME_CARDS)}
    for path, statement in shown.items():
        start, end, drawn = same[path]
        before, rest = pages[path].split(start)
        around = {"before": Markup(before), "after": Markup(rest.split(end, 1)[1])}
        around |= {"paths": stands, "kinds": KIND_LABELS, "heads": HEADS}
        for prefix, source in (("", BARE_PAGE), ("/same", drawn)):
            template = app.jinja_env.from_string(source)

            def view(statement: Any = statement, template: Any = template, around: Any = around) -> str:
                with engine.connect() as connection:
                    return str(template.render(rows=connection.execute(statement).all(), **around))

            app.add_url_rule(prefix + path, prefix + path, view)
    return app


def test_lists(factory: BenchProjectFactory, table: Table) -> None:
    with factory.app.app_context():
        engine = db.engine
    officer = signed_in(factory)
    paths = ("/projects", "/lists")
    spent: dict[str, list[float]] = {}
    have = 0
    for size in SIZES:
        grow(factory, have, size)
        have = size
        bare = bare_list(factory, engine, {path: officer.get(path).text for path in paths}).test_client()
        for path in paths:
            clients = ((officer, path), (bare, f"/same{path}"), (bare, path))
            for client, address in clients:
                answer = client.get(address)
                assert answer.status_code == 200
                assert answer.text.count(f"第{size - 1}项") >= 1
            ours, same, cells = fastest(40, *(lambda asked=asked: asked[0].get(asked[1]) for asked in clients))
            table.add(f"a) GET {path}, {size} / same page", ours, same, 2)
            table.add(f"a) GET {path}, {size} / plain cells", ours, cells, 2)
            spent.setdefault(path, []).append(ours)
    for path, (few, many) in spent.items():
        table.add(f"a) GET {path}, growth 100k / 10k", many, few, 1.3)


# ---------------------------------------------------------------- b) a transition


def test_transition(factory: BenchProjectFactory, table: Table) -> None:
    """退回修改 on a file with synchronous=FULL, beside one commit of the four rows it writes."""
    with factory.app.app_context():
        engine = db.engine
    submitted = [factory.submitted().id for _ in range(SENT_BACK + 1)]
    todo, numbers = iter(submitted), count(1)
    data = {"reason": "联系人手机号码有误，请核对。", "correct_by": "2024-09-09"}
    actor = factory.actor("science")
    factory.session.rollback()

    def ours() -> None:
        with WatchedSession(engine) as session:
            factory.engine.perform(session, next(todo), "send_back", actor, data)

    ours()
    rows: list[tuple[Any, dict[str, Any]]] = []
    with engine.connect() as connection:
        for model in (Event, Remark, Mail):
            table_of = model.__table__
            newest = connection.execute(select(table_of).order_by(table_of.c.id.desc()).limit(1)).mappings().one()
            rows.append((model, {name: value for name, value in newest.items() if name != "id"}))

    def fresh() -> list[tuple[Any, dict[str, Any]]]:
        again = {"stream": "bare", "sequence": next(numbers)}
        return [(model, row | again if model is Event else row) for model, row in rows]

    def by_core() -> None:
        with engine.connect() as connection:
            for model, row in fresh():
                connection.execute(insert(model.__table__), row)
            values = {"state": "draft", "version": Project.version + 1, "state_since": MADE}
            connection.execute(update(Project).where(Project.id == submitted[0]).values(values))
            connection.commit()

    def by_session() -> None:
        with WatchedSession(engine) as session:
            begin_write(session)
            project = session.get_one(Project, submitted[0])
            project.version, project.state_since = project.version + 1, MADE + timedelta(seconds=next(numbers))
            session.add_all(model(**row) for model, row in fresh())
            session.commit()

    mine, session, core = fastest(SENT_BACK - 1, ours, by_session, by_core, clock=time.perf_counter)
    table.add("b) send_back by perform() / its rows by a session", mine, session, 2)
    table.add("b) send_back by perform() / its rows by Core", mine, core, 2)


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


# ---------------------------------------------------------------- c) start

FIRST_ANSWER = """
import sys
from xtbang import create_app
app = create_app({"INSTANCE": __import__("pathlib").Path(sys.argv[1]), "SECRET_KEY": "bench"})
assert app.test_client().get("/").status_code == 200
"""
IMPORTS = "import flask, sqlalchemy, weasyprint"


def test_start(table: Table, tmp_path: Path) -> None:
    """A new process up to its first page, beside one that only imports the libraries."""
    file = tmp_path / "xtbang.db"
    filler = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(filler)
    filler.dispose()

    def run(program: str) -> Callable[[], Any]:
        return lambda: subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, check=True)

    ours, bare = fastest(3, run(FIRST_ANSWER), run(IMPORTS), clock=time.perf_counter)
    table.add(f"c) start to first answer: {ours:.2f} s", ours, bare, 2, measured=ours)
