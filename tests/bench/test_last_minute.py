"""The last minute before a close: everybody hands in at once, with a large scan; `make bench`, figures printed, no time is asserted.

Each applicant begins to upload a stamped scan at a random moment 60 to 20 seconds before the close and submits as soon as
that is answered. Server, database and applicants share the machine.
"""

import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

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
from xtbang import create_app
from xtbang.domain.printed_forms import form_code
from xtbang.enums import RoleName
from xtbang.extensions import db
from xtbang.models import Call, Document, Project
from xtbang.models.writing import begin_write, prepare_engine
from xtbang.papers.codes import verify_url
from xtbang.web.account.hashing import hashed

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]
APPLICANTS = 200
MEGABYTES = 5
FROM, UNTIL = 60.0, 20.0  # seconds before the close in which they begin
PAGES = 4
PASSWORD = "last-minute-2026"
BOUNDARY = "the-last-minute"
WAIT = 300  # seconds for an answer


@dataclass
class Figures:
    """What happened."""

    statuses: Counter[int] = field(default_factory=Counter)
    submits: list[tuple[float, int]] = field(default_factory=list)  # seconds before the close, status
    uploads: list[float] = field(default_factory=list)  # seconds
    pages: list[float] = field(default_factory=list)


class Browser:
    """One visitor with cookies."""

    def __init__(self, port: int, figures: Figures) -> None:
        self.port, self.figures, self.cookies = port, figures, dict[str, str]()

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, str, str]:
        """Status, text and where it leads."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": kind} if kind else {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.figures.statuses[answer.status] += 1
        return answer.status, text, answer.headers.get("Location") or ""

    def form(self, path: str, **values: str) -> tuple[int, str, str]:
        """Send the form of a page with what it hides."""
        return self.ask("POST", path, urlencode(values).encode(), "application/x-www-form-urlencoded")


def hidden(text: str) -> dict[str, str]:
    """The hidden inputs of a page that an action needs."""
    names = "csrf_token|seen_version|request_key"
    return dict(re.findall(rf'name="({names})"[^>]*?value="([^"]*)"', text))


def multipart(values: dict[str, str], scan: bytes) -> bytes:
    """A form with a file."""
    text = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{values[key]}\r\n' for key in values
    )
    text += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="scan"; filename="scan.pdf"\r\n\r\n'
    return text.encode() + scan + f"\r\n--{BOUNDARY}--\r\n".encode()


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


def filling_pages() -> bytes:
    """Three pages of noise as a scanner makes them, about five megabytes together."""
    shade = random.Random(1)
    side = (1240, 1754)
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
    browser: Browser | None = None


def seed(folder: Path, url: str) -> list[Applicant]:
    """Organisations with a complete form each, printed and stamped."""
    known = {"SECRET_KEY": "bench", "SECURITY_PASSWORD_SALT": "bench", "SITE_URL": "http://localhost"}
    app = create_app(known | {"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": url})
    made, filling = [], filling_pages()
    with app.app_context():
        create_tables(db.engine)
        password = hashed(PASSWORD)
        with Session(db.engine) as session:
            factory = SiteProjectFactory(app, session)
            factory.now = datetime.now(UTC)
            with factory.writing():
                for number in range(APPLICANTS):
                    name = f"applicant {number}"
                    factory.organisation(name, f"湘潭第{number}机械有限公司", "企业", "湘潭高新区")
                    factory.person(
                        name, RoleName.APPLICANT, organisation=factory.organisations[name], password=password
                    )
            for number in range(APPLICANTS):
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


def sign_in(port: int, figures: Figures, email: str) -> Browser:
    browser = Browser(port, figures)
    token = hidden(browser.ask("GET", "/account/sign-in")[1])["csrf_token"]
    status, _text, _to = browser.form("/account/sign-in", email=email, password=PASSWORD, csrf_token=token)
    assert status == 302
    return browser


def hand_in(one: Applicant, begins: float, close: float, figures: Figures) -> None:
    """Upload the scan at that moment, then submit at once."""
    browser = one.browser
    assert browser
    time.sleep(max(0.0, begins - time.time()))
    started, page = time.monotonic(), f"/projects/{one.project_id}/actions/upload_scan"
    known = hidden(browser.ask("GET", page)[1])
    browser.ask(
        "POST", page, multipart(known | {"confirmed": "1"}, one.scan), f"multipart/form-data; boundary={BOUNDARY}"
    )
    figures.uploads.append(time.monotonic() - started)
    page = f"/projects/{one.project_id}/actions/submit"
    known = hidden(browser.ask("GET", page)[1])
    before = close - time.time()
    figures.submits.append((before, browser.form(page, confirmed="1", **known)[0]))


def look_around(browser: Browser, over: Event) -> None:
    """Somebody else reads public pages."""
    paths = ("/", "/board", "/lists", "/notices")
    while not over.is_set():
        for path in paths:
            began = time.monotonic()
            browser.ask("GET", path)
            browser.figures.pages.append(time.monotonic() - began)
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
def test_the_last_minute(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path / 'xtbang.db'}"
    if database == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        postgres.drop_database("last_minute")
        url = postgres.create_database("last_minute")
    applicants = seed(tmp_path, url)
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    settings = environment(tmp_path, DATABASE_URL=plain, XTBANG_SECRET_KEY="bench", XTBANG_SITE_URL="http://localhost")
    server = Server(settings, tmp_path / "server.log", threads=8).start()
    try:
        figures, before = Figures(), Figures()
        with ThreadPoolExecutor(4) as pool:
            browsers = pool.map(lambda one: sign_in(server.port, before, one.email), applicants)
            for one, browser in zip(applicants, browsers, strict=True):
                browser.figures, one.browser = figures, browser
        close, luck, over = close_in(url, FROM + 5), random.Random(7), Event()
        spent, load = processor_time(server.process.pid), os.getloadavg()[0]
        with ThreadPoolExecutor(APPLICANTS + 1) as pool:
            other = Browser(server.port, figures)
            looking = pool.submit(look_around, other, over)
            moments = [close - luck.uniform(UNTIL, FROM) for _ in applicants]
            for done in [
                pool.submit(hand_in, one, at, close, figures) for one, at in zip(applicants, moments, strict=True)
            ]:
                done.result()
            took = time.time() - (close - FROM)
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
    say(f"\n\nthe last minute, {database}: {APPLICANTS} applicants, {len(applicants[0].scan) / 1e6:.1f} MB each\n")
    say(f"  in {taken}; submits sent before the close {in_time}; answers {dict(figures.statuses)}\n")
    say(
        f"  upload p50 {middle(figures.uploads, 0.5):.1f} s, p95 {middle(figures.uploads, 0.95):.1f} s; all over after {took:.0f} s\n"
    )
    say(
        f"  other pages p50 {middle(figures.pages, 0.5):.2f} s, p95 {middle(figures.pages, 0.95):.2f} s, worst {figures.pages[-1]:.2f} s\n"
    )
    say(
        f"  processor time of the web process for each: {spent / APPLICANTS:.3f} s; load before {load:.1f}, after {os.getloadavg()[0]:.1f}\n"
    )
    say(f"  scans: {dict(notes)}\n")


def middle(values: list[float], share: float) -> float:
    """The value that so many are not above."""
    return values[min(len(values) - 1, int(share * len(values)))]
