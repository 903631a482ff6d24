"""The server and the worker as processes of their own: what they hold, what an upload and a second process cost; `make bench`."""

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, cycle, islice
from pathlib import Path
from random import Random
from time import monotonic, sleep
from urllib.parse import quote

import pytest
from sqlalchemy import func, insert, select, update

from tests.bench.measure import Table
from tests.bench.test_last_minute import filling_pages, processor_time
from tests.cli.every_get import Demo
from tests.cli.test_no_scan import asked
from tests.faults.installation import Installation, fill
from tests.support.postgres import PostgresServer
from tests.support.serving import Server, environment
from tests.support.visitor import Visitor
from xtbang import create_app
from xtbang.config import DEMO_PASSWORD
from xtbang.extensions import db
from xtbang.models import Paper
from xtbang.models.writing import begin_write

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
REQUESTS, PAPERS, UPLOADS, AT_ONCE, PEOPLE = 20_000, 500, 10, 4, 8
WEB, WORKER = 150, 200  # MB
UPLOAD = 0.1  # seconds of the web process


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "instance"
    folder.mkdir()
    url = f"sqlite:///{folder / 'xtbang.db'}"
    if request.param == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        postgres.drop_database("served")
        url = postgres.create_database("served")
    made = fill(Installation(folder, url, {"XTBANG_EMBEDDED_WORKER": "0"}))
    yield made
    made.end()


def megabytes(pid: int) -> float:
    """What a process holds in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) * 4 / 1024


def walk(installation: Installation, servers: list[Server], requests: int) -> float:
    """Processor seconds of these servers for so many pages of an officer, an applicant and anyone, a few at a time."""
    people = [installation.visitor(servers[0], who) for who in ("science", "issuer")]
    public, funded = ["/", "/board", "/lists", "/notices"], installation.page("funded")
    paths = [(0, "/desk"), (0, "/projects"), (0, funded), (1, "/desk"), (1, funded), *((2, path) for path in public)]
    people.append(Visitor(servers[0].port))
    before = sum(processor_time(server.process.pid) for server in servers)

    def one(number: int) -> int:
        who, path = paths[number % len(paths)]
        visitor = Visitor(servers[number // len(paths) % len(servers)].port, dict(people[who].cookies))
        return visitor.get(path).status

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(one, range(requests))) == {200}
    return sum(processor_time(server.process.pid) for server in servers) - before


def test_memory_of_the_web_process(demo_folder: Path, tmp_path: Path, table: Table) -> None:
    """Every address of every role on the demo, lists as files among them, in any order, by eight people at once."""
    folder = Path(shutil.copytree(demo_folder, tmp_path / "demo"))
    app = create_app({"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'xtbang.db'}"})
    with app.app_context():
        pages = list(asked(app, Demo(db.session(), app.extensions["engine"].policy, "none")))
        db.session.remove()
        db.engine.dispose()
    settings = environment(folder, XTBANG_EMBEDDED_WORKER="0", MALLOC_ARENA_MAX="1")  # as in docs/operation.md
    server = Server(settings, tmp_path / "log", threads=8).start()
    try:
        known = {who: Visitor(server.port) for who, _path in pages}
        for who, visitor in known.items():
            if who:
                visitor.sign_in(who, DEMO_PASSWORD)
        chance = Random(1)
        order = [page for _round in range(REQUESTS // len(pages) + 1) for page in chance.sample(pages, len(pages))]

        def one(page: tuple[str, str]) -> int:
            who, path = page
            return Visitor(server.port, dict(known[who].cookies)).get(quote(path, safe="/?=&%:+,;@")).status

        held = [megabytes(server.process.pid)]
        for begin in (0, REQUESTS // 10):
            with ThreadPoolExecutor(PEOPLE) as pool:
                statuses = Counter(pool.map(one, order[begin : REQUESTS if begin else REQUESTS // 10]))
            assert not statuses[500]  # 503: a paper that nobody can have at once
            assert statuses[200] > sum(statuses.values()) / 2, statuses
            held.append(megabytes(server.process.pid))
    finally:
        server.kill()
    table.lines.append(f"g) web process at its start; after {REQUESTS // 10}: {held[0]:.0f}; {held[1]:.0f} MB")
    add(table, f"g) web process after {REQUESTS} requests of all kinds", held[2], WEB)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_memory_of_the_worker(installation: Installation, table: Table) -> None:
    with installation.session() as session:
        begin_write(session)
        session.execute(update(Paper).values(file_id=None))
        row = dict(session.execute(select(Paper.__table__).where(Paper.name == "form").limit(1)).mappings().one())
        chance, numbers = Random(1), count(1000)
        copies = [
            row | {"id": None, "version": next(numbers), "code": f"{chance.getrandbits(80):020X}"}
            for _ in range(PAPERS)
        ]
        session.execute(insert(Paper.__table__), copies)
        session.commit()
    worker, waiting, began = (
        installation.worker(),
        select(func.count(Paper.id)).where(Paper.file_id.is_(None)),
        monotonic(),
    )
    while True:
        with installation.session() as session:
            left = session.scalar(waiting) or 0
        if not left:
            break
        assert monotonic() - began < 1500, left
        sleep(2)
    add(table, f"g) worker after {PAPERS} papers", megabytes(worker.pid), WORKER)


def test_upload(installation: Installation, table: Table) -> None:
    """A stamped scan of five megabytes: what the web process does for it; the scan is read by another."""
    server = installation.server()
    applicant, content = installation.visitor(server, "rival"), filling_pages(5)
    forms = [
        applicant.with_file(
            installation.page("draft", "/actions/upload_scan"), "scan", content + b"%" * number, confirmed="1"
        )
        for number in range(UPLOADS)
    ]
    before = processor_time(server.process.pid)
    for form in forms:
        assert applicant.send(form).status == 302
    spent = (processor_time(server.process.pid) - before) / UPLOADS
    name = installation.url.partition(":")[0].partition("+")[0]
    table.add(
        f"g) upload of {len(content) / 1e6:.1f} MB, {name}: {spent:.3f} s", spent, UPLOAD, 1, measured=spent / UPLOAD
    )


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_one_more_process(installation: Installation, table: Table) -> None:
    """The same pages asked of two servers in turn, beside one: processor time for a page."""
    servers = [installation.server(), installation.server()]
    for server in servers:
        walk(installation, [server], 200)
    spent = {1: 0.0, 2: 0.0}
    for much in islice(cycle((1, 2)), 6):
        spent[much] += walk(installation, servers[:much], 600)
    table.add("g) a page of two processes / of one", spent[2] / 1800, spent[1] / 1800, 1.1)
    table.lines.append("g) pages per second of two processes: not measured, the cores are shared with who asks")


def add(table: Table, name: str, held: float, goal: int) -> None:
    """A line about memory."""
    table.lines.append(f"{name:<44} {held:>8.0f} MB   goal {goal} MB  {'ok' if held <= goal else 'over'}")
