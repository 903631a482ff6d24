"""Uploads that are no decent scan: what the page says, and that the site answers meanwhile."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.client import HTTPConnection
from io import BytesIO
from threading import Thread
from types import SimpleNamespace

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from tests.browser.photo import photographed
from tests.factories.later import issued
from tests.factories.site_projects import SiteProjectFactory
from tests.papers.bombs import LONG
from tests.support.files import pdf
from tests.support.server import stop_server
from tests.web.visitors import count, objecting
from xtbang.background import work_off
from xtbang.extensions import db
from xtbang.models import Document, Objection, Paper, Person, Signature
from xtbang.papers.pdf import printer
from xtbang.papers.pdf.pdfium import page_count
from xtbang.papers.scan import examine as scans
from xtbang.reception import Reception
from xtbang.rendering import render_and_store
from xtbang.rules.site import Site

LogIn = Callable[[Person], FlaskClient]
THREADS = 8  # as `xtbang serve` has
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # the files are what differs
OBJECTION = {"name": "李明", "contact": "0731-55550000", "facts": "数据不实"}


def test_a_stranger_whose_file_would_take_hours_to_open_is_told_so(
    factory: SiteProjectFactory, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "PAGE", 1.0)
    url = objecting(factory)
    answer = client.post(url, data=OBJECTION | {"evidence": (BytesIO(LONG["2,000 shadings"]()), "证据.pdf")})
    assert answer.status_code == 422
    assert "文件过于复杂，打开第一页就超出了系统允许的时间或内存，请以 300 dpi 重新扫描后上传。" in answer.text
    assert "李明" in answer.text
    assert count(factory, Objection) == 0


# ---------------------------------------------------------------- the stamped form


class Stamping:
    """The issuer of a form, who prints it and uploads what is said to be its scan."""

    def __init__(self, factory: SiteProjectFactory, login: LogIn) -> None:
        self.factory = factory
        self.browser = login(factory.people["issuer"])
        self.project = factory.draft()

    def printed(self) -> bytes:
        """The form as it is printed now."""
        document = self.factory.page(self.project, f"/documents/{self.project.form_id}/preview.pdf")
        return self.browser.get(document).data

    def save(self, **typed: str) -> None:
        """The draft as the page sends it back, with some of it typed anew."""
        self.factory.session.rollback()
        document = self.factory.session.get_one(Document, self.project.form_id, populate_existing=True)
        known = {key: "true" if value is True else value for key, value in document.draft.items()}
        sent = known | {"draft_version": str(document.draft_version)} | typed
        address = self.factory.page(self.project, f"/documents/{self.project.form_id}")
        assert self.browser.post(address, data=sent).status_code == 302

    def upload(self, content: bytes, name: str = "扫描件.pdf") -> str:
        """What the page says, or that of the project when nothing stands against it."""
        address = self.factory.page(self.project, "/actions/upload_scan")
        key = sha256(content).hexdigest()
        data = self.factory.form(self.project, confirmed="1", scan=(BytesIO(content), name), request_key=key)
        return self.browser.post(address, data=data, follow_redirects=True).text

    def note(self) -> str:
        """What is written down about the scan; "" when none was taken."""
        self.factory.session.rollback()
        found = self.factory.session.scalars(
            select(Document.scan_note).where(Document.id == self.project.form_id)
        ).one()
        self.factory.session.rollback()
        return found


@pytest.fixture
def stamping(factory: SiteProjectFactory, login: LogIn) -> Stamping:
    return Stamping(factory, login)


def test_a_scan_under_a_former_address_of_the_site_is_ours_and_one_that_leads_elsewhere_is_refused(
    stamping: Stamping, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan, engine = photographed(stamping.printed()), stamping.factory.engine
    monkeypatch.setattr(engine, "site", Site(engine.site.secret, "https://new.example.cn"))
    said = stamping.upload(scan)
    assert "扫描件与当前填报内容不符：其中一个二维码指向其他网站（localhost）。请打印当前内容" in said
    assert "第三部分第3项）。" in said
    assert stamping.note() == ""
    monkeypatch.setattr(
        engine, "site", Site(engine.site.secret, "https://new.example.cn", former=("http://localhost",))
    )
    stamping.upload(scan)
    assert stamping.note() == "read"


def test_an_officer_has_to_look_at_a_scan_that_was_not_looked_at_to_its_end(
    stamping: Stamping, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "QUICK", 0.0)
    stamping.upload(photographed(stamping.printed()))
    note = stamping.note()
    assert re.fullmatch("扫描件共 [2-9] 页，系统只核对了其中 1 页", note)
    factory, project = stamping.factory, stamping.project
    assert note in stamping.browser.get(factory.page(project, f"/documents/{project.form_id}")).text
    factory.perform(project, "submit", "issuer")
    officer = login(factory.people["science"])
    assert f"{note}，请打开核对" in officer.get(factory.page(project, "/actions/accept")).text
    assert f"{note}，须打开核对" in officer.get(factory.page(project)).text
    lines = {"checklist": list(factory.engine.policy.edition("2024").checklist)}
    assert note in factory.blocked(project, "accept", "science", lines)["N.scan_unread"]


def test_the_form_as_it_was_downloaded_is_no_scan_of_it(stamping: Stamping) -> None:
    said = stamping.upload(stamping.printed())
    assert (
        "这是系统生成的电子文件，不是盖章扫描件，请打印、盖章后再扫描上传（《2024年征集通知》第三部分第3项）。" in said
    )
    assert stamping.note() == ""


def test_an_old_print_is_recognised_as_what_it_is(stamping: Stamping, client: FlaskClient) -> None:
    stamping.save(title="第一稿")
    old, query = stamping.printed(), select(Document.code).where(Document.id == stamping.project.form_id)
    stamping.factory.session.rollback()
    code = stamping.factory.session.scalars(query).one()
    stamping.factory.session.rollback()
    stamping.save(title="第二稿")
    said = stamping.upload(photographed(old))
    assert "这是2024年9月2日 10:00 那一稿的打印件，打印之后填报内容改动过。请打印当前内容" in said
    assert stamping.note() == ""
    page = client.get(f"/verify/{code}")
    assert page.status_code == 404 and "改动之前打印的旧稿（2024年9月2日 10:00那一稿），不再有效" in page.text


def test_one_page_of_a_form_is_taken_and_an_officer_looks_for_the_others(stamping: Stamping) -> None:
    printed = stamping.printed()
    said = stamping.upload(photographed(printed, "JPEG"), "扫描件.jpg")
    short = f"扫描件只有 1 页，原件共 {page_count(printed)} 页"
    assert stamping.note() == short
    assert f"请核对刚上传的“扫描件.jpg”：{short}。缺页或传错了文件的，请补齐后重新上传" in said
    assert "请核对刚上传的" not in stamping.upload(photographed(printed))
    assert stamping.note() == "read"


def test_a_scan_that_came_with_too_many_others_is_read_afterwards(
    stamping: Stamping, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed, factory = stamping.printed(), stamping.factory
    for scan, submits, note in (
        (photographed(printed, "JPEG"), False, f"扫描件只有 1 页，原件共 {page_count(printed)} 页"),
        (photographed(printed), True, "read"),
    ):
        with monkeypatch.context() as busy:
            busy.setattr(scans, "_READER", SimpleNamespace(ask=lambda *_given: []))
            stamping.upload(scan)
            assert stamping.note() == scans.UNOPENED
            factory.later(minutes=2)
            assert work_off(app) == 1  # still too many: it is tried again
            assert stamping.note() == scans.UNOPENED
        if submits:
            factory.perform(stamping.project, "submit", "issuer")
        assert work_off(app) == 0
        factory.later(minutes=5)
        assert work_off(app) == 1
        assert stamping.note() == note
        factory.later(days=1)
        assert work_off(app) == 0


def test_the_pages_of_a_scan_are_those_of_the_print_and_nothing_is_printed_to_count_them(
    stamping: Stamping, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = photographed(stamping.printed())
    monkeypatch.setattr(printer, "_PRINTER", None)
    stamping.upload(scan)
    assert stamping.note() == "read"
    with stamping.factory.writing() as session:
        session.get_one(Document, stamping.project.form_id).printed_code = "that of an earlier print"
    stamping.upload(scan + b"\n")
    assert stamping.note() == "未及与原件核对页数"


@pytest.mark.parametrize("before", [b"\r\n", b"\n" * 1019])
def test_a_pdf_may_begin_within_the_first_1024_bytes_as_readers_take_it(stamping: Stamping, before: bytes) -> None:
    stamping.upload(before + photographed(stamping.printed()))
    assert stamping.note() == "read"


def test_a_pdf_that_begins_later_is_refused(stamping: Stamping) -> None:
    said = stamping.upload(b"\n" * 1020 + photographed(stamping.printed()))
    assert "只接受 PDF、JPG 或 PNG 文件" in said


# ---------------------------------------------------------------- the contract


def test_a_contract_is_signed_by_a_scan_of_all_its_pages_and_by_nothing_less(
    factory: SiteProjectFactory, app: Flask, login: LogIn
) -> None:
    project = issued(factory)
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "contract")
    with app.app_context():
        kept = render_and_store(app, db.session(), db.session.scalars(query).one())
    issuer, address = login(factory.people["issuer"]), factory.page(project, "/actions/sign_contract")

    def sign(content: bytes, name: str) -> str:
        scan = (BytesIO(content), name)
        key = sha256(content).hexdigest()
        data = factory.form(project, confirmed="1", signed_on="2024-11-19", scan=scan, request_key=key)
        return issuer.post(address, data=data, follow_redirects=True).text

    refused = "这是系统生成的电子文件，不是盖章扫描件，请打印、盖章后再扫描上传（《办法》第九条）。"
    assert refused in sign(kept, "合同书.pdf")
    with pikepdf.open(BytesIO(kept)) as document:
        document.save(saved := BytesIO())
    assert refused in sign(saved.getvalue(), "合同书另存.pdf")
    assert count(factory, Signature) == 0
    sign(photographed(kept, "JPEG"), "末页.jpg")
    factory.session.rollback()
    row = factory.session.scalars(select(Signature)).one()
    assert row.doubt == f"扫描件只有 1 页，原件共 {page_count(kept)} 页"
    factory.session.rollback()
    officer = login(factory.people["science"])
    assert row.doubt in officer.get(factory.page(project, "/actions/look_at_signature")).text
    factory.perform(project, "look_at_signature", "science", {"party": "issuer", "outcome": "differs"})
    sign(photographed(kept), "合同书.pdf")
    factory.session.rollback()
    assert factory.session.scalars(select(Signature.doubt)).all() == [""]


# ---------------------------------------------------------------- many at once


@pytest.fixture
def port(factory: SiteProjectFactory, app: Flask) -> Iterator[int]:
    """The application served as `xtbang serve` does."""
    app.extensions["throttle"].enabled = False  # all come from one address
    server = Reception(app, "127.0.0.1", 0, THREADS)
    thread = Thread(target=server.run)
    thread.start()
    yield server.port
    stop_server(server, thread)
    app.extensions["throttle"].enabled = True


def test_the_site_answers_while_files_are_opened(
    factory: SiteProjectFactory, app: Flask, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More files at once than there are threads, while one is opened and opened: somebody has a thread left."""
    monkeypatch.setattr(scans, "WAITING", 600.0)
    url = objecting(factory)

    def ask(number: int) -> int:
        evidence = (BytesIO(pdf(number)), "证据.pdf")
        data = OBJECTION | {"request_key": f"key {number}", "evidence": evidence}
        made = EnvironBuilder(method="POST", data=data).get_environ()
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        headers = {"Content-Type": made["CONTENT_TYPE"]}
        connection.request("POST", url, made["wsgi.input"].read(), headers)
        status = connection.getresponse().status
        connection.close()
        return status

    with ThreadPoolExecutor(2 * THREADS) as pool:
        with scans._READER.turn:
            sent = [pool.submit(ask, number) for number in range(2 * THREADS)]
            while sum(answer.done() for answer in sent) < THREADS:
                time.sleep(0.01)
            connection = HTTPConnection("127.0.0.1", port, timeout=120)
            connection.request("GET", "/")
            assert connection.getresponse().status == 200
            connection.close()
            assert not all(answer.done() for answer in sent)
        assert {answer.result() for answer in sent} == {302}
