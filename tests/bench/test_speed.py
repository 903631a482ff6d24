"""What the program costs beside the bare libraries: ratios measured in one run. `make bench`; no time is asserted.

Ours and the baseline take turns, so that a busy machine slows both; of each, the fastest round counts. Lists and forms
are measured in time of the processor, what waits for the disk or another process by the clock on the wall.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import weasyprint
from flask import Flask
from sqlalchemy import Engine, create_engine, insert, select, update
from weasyprint.text.fonts import FontConfiguration

from tests.papers.conftest import META, ROOT, definition, filled
from tests.stages.world import World
from tests.support.site import WatchedSession
from xtbang import create_app
from xtbang.extensions import db
from xtbang.models import Base, Event, Project
from xtbang.papers.fonts import FOLDER
from xtbang.papers.forms import form_html, form_pdf
from xtbang.papers.render import TEMPLATES
from xtbang.queries.waiting import ENTRY, issuer

pytestmark = pytest.mark.bench

MADE = datetime(2024, 9, 2, 2, tzinfo=UTC)
STATES = ("solicitation", "appraisal", "bidding", "roadshow", "rejected")
KINDS = ("tech_demand", "tech_supply", "scene_demand", "scene_supply")
SIZES = (10_000, 100_000)
SENT_BACK = 20
BARE_PAGE = """<!DOCTYPE html><html lang="zh-CN"><title>项目</title><table>
{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</table></html>"""


@dataclass
class Table:
    """The lines that are printed at the end."""

    lines: list[str] = field(default_factory=list)

    def add(self, name: str, ours: float, baseline: float, goal: float, *, measured: float | None = None) -> None:
        """Times in seconds; ``measured`` is what the goal is about when that is not the ratio."""
        ratio = ours / baseline
        verdict = "ok" if (ratio if measured is None else measured) <= goal else "over"
        unit = "" if measured is None else " s"
        times = f"{ours * 1000:>11.2f} {baseline * 1000:>11.2f}"
        self.lines.append(f"{name:<44} {times} {ratio:>7.2f} {goal:>5.1f}{unit:<2} {verdict}")


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    made = Table()
    yield made
    head = f"{'':<44} {'ours ms':>11} {'baseline ms':>11} {'ratio':>7} {'goal':>5}"
    sys.stdout.write("\n\n" + "\n".join([head, *made.lines]) + "\n")


def fastest(rounds: int, *works: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> list[float]:
    """The fastest of so many rounds of each, in seconds; they take turns, after one round that does not count."""
    best = [float("inf")] * len(works)
    for turn in range(rounds + 1):
        for number, work in enumerate(works):
            started = clock()
            work()
            spent = clock() - started
            if turn:
                best[number] = min(best[number], spent)
    return best


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
    }
    app = create_app(settings)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        return app, db.engine


class Town(World):
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
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Without any project yet."""
    app, engine = application(tmp_path_factory.mktemp("lists"))
    with WatchedSession(engine, expire_on_commit=False) as session:
        yield Town(app, session)


def grow(town: Town, first: int, last: int) -> None:
    """Projects with these numbers, in every state and of every kind."""
    who, call = town.people["issuer"], town.calls["2021"]
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
    with town.writing() as session:
        session.connection().execute(insert(Project), rows)


def bare_list(engine: Engine) -> Flask:
    """The same columns of the newest twenty, by Core and Jinja, without anything around them."""
    app = Flask("bare")
    query = select(*ENTRY).join(issuer, issuer.id == Project.issuer_id)
    shown = {
        "/projects": query.order_by(Project.id.desc()).limit(20),
        "/lists": query.where(Project.listed_at.is_not(None)).order_by(Project.listed_at.desc()).limit(20),
    }
    template = app.jinja_env.from_string(BARE_PAGE)
    for path, statement in shown.items():

        def view(statement: Any = statement) -> str:
            with engine.connect() as connection:
                return template.render(rows=connection.execute(statement).all())

        app.add_url_rule(path, path, view)
    return app


def test_lists(town: Town, table: Table) -> None:
    with town.app.app_context():
        engine = db.engine
    officer, bare = town.app.test_client(), bare_list(engine).test_client()
    with officer.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = town.people["science"].fs_uniquifier, True
    pages: dict[str, tuple[Any, Any]] = {path: (officer, bare) for path in ("/projects", "/lists")}
    spent: dict[str, list[float]] = {}
    have = 0
    for size in SIZES:
        grow(town, have, size)
        have = size
        for path, clients in pages.items():
            for client in clients:
                answer = client.get(path)
                assert answer.status_code == 200
                assert answer.text.count(f"第{size - 1}项") >= 1
            ours, theirs = fastest(40, *(lambda client=client, path=path: client.get(path) for client in clients))
            table.add(f"a) GET {path}, {size} projects", ours, theirs, 2)
            spent.setdefault(path, []).append(ours)
    for path, (few, many) in spent.items():
        table.add(f"a) GET {path}, growth 100k / 10k", many, few, 1.3)


# ---------------------------------------------------------------- b) a transition


def test_transition(town: Town, table: Table) -> None:
    """退回修改 on a file with synchronous=FULL, beside the event's row and the project's, inserted and updated by Core."""
    with town.app.app_context():
        engine = db.engine
    submitted = [town.submitted().id for _ in range(SENT_BACK + 1)]
    todo, numbers = iter(submitted), count(1)
    data = {"reason": "联系人手机号码有误，请核对。", "correct_by": "2024-09-09"}
    actor = town.actor("science")
    town.session.rollback()

    def ours() -> None:
        with WatchedSession(engine) as session:
            town.engine.perform(session, next(todo), "send_back", actor, data)

    ours()
    with engine.connect() as connection:
        done = select(Event.__table__).order_by(Event.id.desc()).limit(1)
        row = dict(connection.execute(done).mappings().one())
    project_id = row["project_id"]
    del row["id"]

    def bare() -> None:
        with engine.connect().execution_options(writes=True) as connection:
            connection.execute(insert(Event), row | {"stream": "bare", "sequence": next(numbers)})
            values = {"state": "draft", "version": Project.version + 1, "state_since": MADE}
            connection.execute(update(Project).where(Project.id == project_id).values(values))
            connection.commit()

    table.add("b) send_back by perform() / its commit", *fastest(SENT_BACK - 1, ours, bare, clock=time.perf_counter), 2)


# ---------------------------------------------------------------- c) 附件1


def test_form(table: Table) -> None:
    """附件1 of 2021 with every text at its limit, beside WeasyPrint as its manual says; also with our style sheet."""
    form, values = definition("tech_demand_2021"), filled("tech_demand_2021")
    html = form_html(form, values, meta=META, watermark=False)
    sheet = (TEMPLATES / "paper.css").read_text(encoding="utf-8")

    def ours() -> None:
        form_pdf(form, values, meta=META)

    def bare() -> None:
        weasyprint.HTML(string=html).write_pdf()

    def styled() -> None:
        fonts = FontConfiguration()
        css = weasyprint.CSS(string=sheet, base_url=f"{FOLDER}/", font_config=fonts)
        weasyprint.HTML(string=html, base_url=f"{FOLDER}/").write_pdf(stylesheets=[css], font_config=fonts)

    mine, plain, same = fastest(3, ours, bare, styled)
    table.add("c) form_pdf / HTML(string).write_pdf()", mine, plain, 1)
    table.add("c) the same with our style sheet and fonts", mine, same, 1)


# ---------------------------------------------------------------- d) start

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
    table.add(f"d) start to first answer: {ours:.2f} s", ours, bare, 2, measured=ours)
