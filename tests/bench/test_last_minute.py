"""Before a close everybody hands in, with a large scan; `make bench`, figures printed, no time is asserted.

Each applicant begins to upload a stamped scan at a random moment, at the latest 20 seconds before the close, and submits as
soon as that is answered. Server, database and applicants share the machine.
"""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Event

import pikepdf
import pytest
import segno
from PIL import Image
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from tests.support.databases import create_tables
from tests.support.postgres import PostgresServer
from tests.support.serving import Server, environment
from tests.support.visitor import Visitor
from xtbang import create_app
from xtbang.domain.printed_forms import form_code
from xtbang.enums import RoleName
from xtbang.extensions import db
from xtbang.models import Call, Document, Project
from xtbang.models.writing import begin_write, prepare_engine
from xtbang.papers.codes import verify_url
from xtbang.web.account.hashing import hashed

pytestmark = [pytest.mark.bench, pytest.mark.timeout(2400)]
UNTIL = 20.0  # seconds before the close at which the last begins
AT_ONCE = 200  # applicants who are at it at the same time
PAGES = 4
PASSWORD = "last-minute-2026"


@dataclass(frozen=True)
class Rush:
    """So many applicants, each with a scan of about so many megabytes, of whom the first begins so many seconds before the close."""

    name: str
    applicants: int
    megabytes: int
    first: float


RUSHES = (Rush("the last minute", 200, 5, 60.0), Rush("the last ten minutes", 2000, 1, 600.0))


@dataclass
class Figures:
    """What happened."""

    statuses: Counter[int] = field(default_factory=Counter)
    submits: list[tuple[float, int]] = field(default_factory=list)  # seconds before the close, status
    uploads: list[float] = field(default_factory=list)  # seconds
    pages: list[float] = field(default_factory=list)


def scan_with(address: str, filling: bytes) -> bytes:
    """A scan of four pages: the code of the form on the first, and pictures that make it five megabytes."""
    page = Image.new("L", (1240, 1754), 255)
    code = BytesIO()
    segno.make(address, error="m").save(code, kind="png", scale=6, border=4)
    page.paste(Image.open(code).convert("L"), (900, 1450))
    first = BytesIO()
    page.save(first, "PDF", resolution=150)
    with pikepdf.open(first) as document, pikepdf.open(BytesIO(filling)) as rest:
        document.pages.extend(rest.pages)
        document.save(made := BytesIO())
    return made.getvalue()


def filling_pages(megabytes: int) -> bytes:
    """Three pages of noise as a scanner makes them, about so many megabytes together."""
    shade = random.Random(1)
    side = (1240, 1754 * megabytes // 5)
    noise = [Image.frombytes("L", side, shade.randbytes(side[0] * side[1])) for _ in range(PAGES - 1)]
    noise[0].save(made := BytesIO(), "PDF", save_all=True, append_images=noise[1:], resolution=150, quality=88)
    return made.getvalue()


@dataclass
class Applicant:
    """One who hands in at the last moment."""

    project_id: int
    form_id: int
    email: str
    scan: bytes
    browser: Visitor | None = None


def seed(folder: Path, url: str, rush: Rush) -> list[Applicant]:
    """Organisations with a complete form each, printed and stamped."""
    known = {"SECRET_KEY": "bench", "SECURITY_PASSWORD_SALT": "bench", "SITE_URL": "http://localhost"}
    app = create_app(known | {"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": url})
    made, filling = [], filling_pages(rush.megabytes)
    with app.app_context():
        create_tables(db.engine)
        password = hashed(PASSWORD)
        with Session(db.engine) as session:
            factory = SiteProjectFactory(app, session)
            factory.now = datetime.now(UTC)
            with factory.writing():
                for number in range(rush.applicants):
                    name = f"applicant {number}"
                    factory.organisation(name, f"湘潭第{number}机械有限公司", "企业", "湘潭高新区")
                    factory.person(
                        name, RoleName.APPLICANT, organisation=factory.organisations[name], password=password
                    )
            for number in range(rush.applicants):
                name = f"applicant {number}"
                project = factory.draft(who=name, title=f"第{number}号关键技术")
                with factory.writing():
                    document = session.get_one(Document, project.form_id)
                    code = document.printed_code = form_code(factory.caller(name), project)
                    document.printed_pages = PAGES
                scan = scan_with(verify_url("http://localhost", code), filling)
                made.append(Applicant(project.id, document.id, factory.people[name].email, scan))
        db.session.remove()
        db.engine.dispose()
    return made


def hand_in(one: Applicant, begins: float, close: float, figures: Figures) -> None:
    """Upload the scan at that moment, then submit at once."""
    browser = one.browser
    assert browser
    time.sleep(max(0.0, begins - time.time()))
    started, page = time.monotonic(), f"/projects/{one.project_id}/actions"
    browser.send(browser.with_file(f"{page}/upload_scan", "scan", one.scan, confirmed="1"))
    figures.uploads.append(time.monotonic() - started)
    form = browser.filled(f"{page}/submit", confirmed="1")
    before = close - time.time()
    figures.submits.append((before, browser.send(form).status))


def look_around(browser: Visitor, pages: list[float], over: Event) -> None:
    """Somebody else reads public pages."""
    paths = ("/", "/board", "/lists", "/notices")
    while not over.is_set():
        for path in paths:
            began = time.monotonic()
            browser.get(path)
            pages.append(time.monotonic() - began)
            over.wait(0.2)


def processor_time(pid: int) -> float:
    """Seconds of one process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def reading(url: str) -> Iterator[Session]:
    """A session beside the server's."""
    engine = create_engine(url)
    prepare_engine(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def close_in(url: str, seconds: float) -> float:
    """Set the close of the call; return it."""
    with reading(url) as session:
        begin_write(session)
        close = datetime.now(UTC) + timedelta(seconds=seconds)
        for call in session.scalars(select(Call)):
            call.opens_at, call.closes_at = close - timedelta(days=30), close
        session.commit()
    return close.timestamp()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("rush", RUSHES, ids=lambda rush: rush.name.replace(" ", "_"))
def test_whoever_sends_before_the_close_is_in(
    rush: Rush, database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'xtbang.db'}"
    if database == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        postgres.drop_database("last_minute")
        url = postgres.create_database("last_minute")
    applicants = seed(tmp_path, url, rush)
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    settings = environment(tmp_path, DATABASE_URL=plain, XTBANG_SECRET_KEY="bench", XTBANG_SITE_URL="http://localhost")
    server = Server(settings, tmp_path / "server.log", threads=8).start()
    try:
        figures = Figures()
        with ThreadPoolExecutor(4) as pool:
            browsers = pool.map(lambda one: Visitor(server.port).sign_in(one.email, PASSWORD), applicants)
            for one, browser in zip(applicants, browsers, strict=True):
                browser.statuses, one.browser = figures.statuses, browser
        close, luck, over = close_in(url, rush.first + 5), random.Random(7), Event()
        spent, load = processor_time(server.process.pid), os.getloadavg()[0]
        with ThreadPoolExecutor(AT_ONCE + 1) as pool:
            other = Visitor(server.port, statuses=figures.statuses)
            looking = pool.submit(look_around, other, figures.pages, over)
            moments = sorted(close - luck.uniform(UNTIL, rush.first) for _ in applicants)
            for done in [
                pool.submit(hand_in, one, at, close, figures) for one, at in zip(applicants, moments, strict=True)
            ]:
                done.result()
            took = time.time() - (close - rush.first)
            over.set()
            looking.result()
        spent = processor_time(server.process.pid) - spent
    finally:
        server.stop()
    with reading(url) as session:
        taken = session.scalar(select(func.count(Project.id)).where(Project.submitted_at.is_not(None))) or 0
        notes = Counter(session.scalars(select(Document.scan_note)))
    in_time = sum(ahead >= 0 for ahead, _status in figures.submits)
    figures.pages.sort()
    figures.uploads.sort()
    say = sys.stdout.write
    say(f"\n\n{rush.name}, {database}: {rush.applicants} applicants, {len(applicants[0].scan) / 1e6:.1f} MB each\n")
    say(f"  in {taken}; submits sent before the close {in_time}; answers {dict(figures.statuses)}\n")
    say(
        f"  upload p50 {middle(figures.uploads, 0.5):.1f} s, p95 {middle(figures.uploads, 0.95):.1f} s; all over after {took:.0f} s\n"
    )
    say(
        f"  other pages p50 {middle(figures.pages, 0.5):.2f} s, p95 {middle(figures.pages, 0.95):.2f} s, worst {figures.pages[-1]:.2f} s\n"
    )
    say(
        f"  processor time of the web process for each: {spent / rush.applicants:.3f} s; load before {load:.1f}, after {os.getloadavg()[0]:.1f}\n"
    )
    say(f"  scans: {dict(notes)}\n")
    assert taken >= in_time
    assert not any(status >= 500 for status in figures.statuses)


def middle(values: list[float], share: float) -> float:
    """The value that so many are not above."""
    return values[min(len(values) - 1, int(share * len(values)))]
