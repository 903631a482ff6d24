"""Printing holds up nobody else: pages answer meanwhile, few wait, and whoever comes too much or too long is told so."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Document, Paper, Person, Project
from xtbang.papers.pdf import printer
from xtbang.papers.scan.examine import Scan

LogIn = Callable[[Person], FlaskClient]
TOO_LONG = "湘潭揭榜挂帅，" * 60_000


def preview(factory: SiteProjectFactory, project: Project) -> str:
    """The address of the printed draft."""
    return factory.page(project, f"/documents/{project.form_id}/preview.pdf")


def fill(factory: SiteProjectFactory, project: Project, text: str) -> str:
    """Put a text of any length into a draft, past every bound; the label of its field."""
    definition = factory.engine.policy.edition(project.edition).forms[project.kind]
    field = next(field for field in definition.fields if field.kind == "long")
    with factory.writing() as session:
        document = session.get_one(Document, project.form_id)
        document.draft = document.draft | {field.key: text}
    return field.label


class Held:
    """One process that prints, stopped in the middle of whatever it is given until ``go_on``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.printer = printer._Printer()
        monkeypatch.setattr(printer, "_PRINTER", self.printer)
        self.process = self.printer._process()
        self.printer._idle.append(self.process)
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)


@pytest.fixture
def held(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    app.config["PRINT_AT_ONCE"] = 1
    made = Held(monkeypatch)
    yield made
    made.printer.end()


class Asking(Thread):
    """A visitor who asks for a page and waits for the answer."""

    def __init__(self, app: Flask, browser: FlaskClient, address: str) -> None:
        super().__init__()
        self.browser, self.address, self.answer = browser, address, None
        self.waiting = app.extensions["places"]._taken
        before = self.waiting.total()
        self.start()
        while self.is_alive() and app.extensions["places"]._taken.total() == before:
            time.sleep(0.01)

    def run(self) -> None:
        self.answer: Any = self.browser.get(self.address)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_pages_answer_while_a_paper_is_printed(
    factory: SiteProjectFactory, app: Flask, login: LogIn, client: FlaskClient, held: Held
) -> None:
    project = factory.draft()
    asking = Asking(app, login(factory.people["issuer"]), preview(factory, project))
    for address in ("/", "/lists", "/verify"):
        assert client.get(address).status_code == 200
    assert login(factory.people["science"]).get("/desk").status_code == 200
    assert asking.is_alive()
    held.go_on()
    asking.join(120)
    assert asking.answer.status_code == 200 and asking.answer.data.startswith(b"%PDF")


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_person_has_two_papers_printed_at_a_time(
    factory: SiteProjectFactory, app: Flask, login: LogIn, held: Held
) -> None:
    app.config["PRINT_QUEUE"] = 9
    mine, other = factory.draft(), factory.draft(who="bidder")
    issuer, bidder = login(factory.people["issuer"]), login(factory.people["bidder"])
    waiting = [Asking(app, login(factory.people["issuer"]), preview(factory, mine)) for _ in range(2)]
    refused = issuer.get(preview(factory, mine))
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert "您已有 2 份文书正在排版打印" in refused.text
    assert f'href="{preview(factory, mine)}"' in refused.text and "再试一次" in refused.text
    waiting.append(Asking(app, bidder, preview(factory, other)))  # somebody else is let in
    held.go_on()
    for asking in waiting:
        asking.join(120)
    assert [asking.answer.status_code for asking in waiting] == [200, 200, 200]
    assert issuer.get(preview(factory, mine)).status_code == 200


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_where_too_many_wait_the_next_is_told_when_to_come_back(
    factory: SiteProjectFactory, app: Flask, login: LogIn, client: FlaskClient, held: Held
) -> None:
    factory.submitted(edition="2021")
    paper = factory.session.scalars(select(Paper).where(Paper.name == "receipt")).one()
    number, code = paper.id, paper.code
    mine = factory.draft()
    app.config["PRINT_QUEUE"] = 1
    waiting = Asking(app, login(factory.people["issuer"]), preview(factory, mine))
    refused = login(factory.people["science"]).get(f"/papers/{number}.pdf")
    assert refused.status_code == 503 and refused.headers["Retry-After"] == "60"
    assert "打印排队的人较多" in refused.text and "请一分钟后再试" in refused.text
    assert f'href="/papers/{number}.pdf"' in refused.text
    assert client.get(f"/verify/{code}").status_code == 200  # all but its digest, which comes later
    held.go_on()
    waiting.join(120)
    assert login(factory.people["science"]).get(f"/papers/{number}.pdf").data.startswith(b"%PDF")


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bound", [{"PRINT_SECONDS": 1}, {"PRINT_MEMORY": 256 * 1024**2}])
def test_a_draft_too_long_to_print_is_told_what_to_shorten(
    factory: SiteProjectFactory, app: Flask, login: LogIn, bound: dict[str, int]
) -> None:
    project = factory.draft()
    label = fill(factory, project, TOO_LONG)
    issuer = login(factory.people["issuer"])
    with pytest.MonkeyPatch.context() as patched:
        for name, value in bound.items():
            patched.setitem(app.config, name, value)
        answer = issuer.get(preview(factory, project), follow_redirects=True)
    assert answer.mimetype == "text/html"
    assert "这份草稿过长，排版超出了系统允许的时间或内存" in answer.text
    assert f"最长的是“{label}”（{len(TOO_LONG)} 个字符）" in answer.text
    fill(factory, project, "短了。")
    assert issuer.get(preview(factory, project)).data.startswith(b"%PDF")


def test_pages_that_could_not_be_counted_leave_a_doubt() -> None:
    scan = Scan(codes=frozenset({"7K3M-Q2XW-9DRT-4HB5"}), pages=3, looked=3)
    assert scan.doubt(3) == ""
    assert scan.doubt(4) == "扫描件只有 3 页，原件共 4 页"
    assert scan.doubt(None) == "未及与原件核对页数"
