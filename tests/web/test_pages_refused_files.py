"""Files of a refused form are not lost: they are there when it is shown again, for their own sender, for a day."""

from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from tests.factories.site_projects import SiteProjectFactory
from tests.web.refusing import PDF, TYPED, again, entered, fields_of, signed_out_elsewhere
from tests.web.visitors import count, objecting, sign_in
from xtbang.background import delete_kept
from xtbang.models import KeptRequest, Objection, PendingUpload, StoredFile
from xtbang.people import kept

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def evidence(client: FlaskClient, url: str, **more: Any) -> Any:
    data = {"name": "李明", "contact": "0731-55550000", "facts": "数据不实"} | more
    return client.post(url, data=data)


def test_an_objection_keeps_its_evidence_when_something_else_is_wrong(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    url = objecting(factory)
    answer = evidence(client, url, name="", evidence=(BytesIO(PDF), "举报材料.pdf"))
    assert answer.status_code == 422 and "已保留：举报材料.pdf" in answer.text
    assert count(factory, select(StoredFile).where(StoredFile.name == "举报材料.pdf").subquery()) == 0
    other = MultiDict(fields_of(answer.text) | {"name": "李\uf0fe明"})  # with the digest of the first file
    other.add("evidence", (BytesIO(b"no scan"), "别的.pdf"))
    worse = client.post(url, data=other).text
    assert "只接受" in worse and "已保留：举报材料.pdf" in worse and "李☑明" in worse
    later = fields_of(answer.text) | {"name": "李明", "facts": "数据不实"}
    assert client.post(url, data=later).location == "/objections/received"
    factory.session.rollback()
    assert factory.session.scalars(select(Objection)).one()
    assert factory.session.scalars(select(StoredFile).where(StoredFile.name == "举报材料.pdf")).one().size == len(PDF)


def test_a_file_that_had_to_make_room_is_asked_for_before_anything_is_confirmed(
    factory: SiteProjectFactory, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    url = factory.page(project, "/actions/submit_voucher")
    browser = entered(factory, app, "issuer")
    monkeypatch.setattr(kept, "EACH", len(PDF) + 1)
    pages = [
        browser.post(url, data=factory.form(project, number="A1", amount="-1", paid_on="2024-11-01", file=file)).text
        for file in ((BytesIO(PDF), "回单.pdf"), (BytesIO(PDF + b"\n"), "回单二.pdf"))
    ]
    first, second = (browser.post(url, data=fields_of(page) | {"amount": "80"}) for page in pages)
    assert first.status_code == 422 and "已不再保留" in first.text and "最后核对" not in first.text
    assert second.status_code == 200 and "回单二.pdf" in second.text and "最后核对" in second.text


def test_evidence_is_found_by_its_own_browser_only(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient
) -> None:
    url = objecting(factory)
    answer = evidence(client, url, name="", evidence=(BytesIO(PDF), "举报材料.pdf"))
    other = app.test_client().post(url, data=fields_of(answer.text) | {"name": "李明", "facts": "数据不实"})
    assert other.status_code in (409, 422) and "已不再保留" in other.text
    assert "举报材料" not in app.test_client().get(again(answer.text), follow_redirects=True).text
    assert "举报材料.pdf" in client.get(again(answer.text)).text


def test_a_file_that_was_sent_after_the_session_was_over_is_there_after_signing_in(
    factory: SiteProjectFactory, app: Flask
) -> None:
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    url = factory.page(project, "/actions/submit_voucher")
    slip = {"number": "A1", "amount": "80", "paid_on": "2024-11-01", "file": (BytesIO(PDF), "回单.pdf")}
    browser = entered(factory, app, "issuer")
    signed_out_elsewhere(factory)
    answer = browser.post(url, data=factory.form(project, **slip))
    assert answer.status_code == 401 and "“回单.pdf”" in answer.text
    page = browser.get(sign_in(browser, factory, "issuer").location)
    assert "已保留：回单.pdf" in page.text
    confirming = browser.post(url, data=fields_of(page.text))
    assert confirming.status_code == 200 and "回单.pdf" in confirming.text
    signed_out_elsewhere(factory)
    answer = browser.post(url, data=fields_of(confirming.text))
    assert answer.status_code == 401 and "“回单.pdf”" in answer.text, "a file of the page before is named as well"
    page = browser.get(sign_in(browser, factory, "issuer").location)
    confirming = browser.post(url, data=fields_of(page.text))
    assert browser.post(url, data=fields_of(confirming.text)).status_code == 302
    assert count(factory, KeptRequest) == 0
    factory.session.rollback()
    assert (
        factory.session.scalars(select(StoredFile.sha256).where(StoredFile.name == "回单.pdf")).one()
        == sha256(PDF).hexdigest()
    )


def test_kept_forms_and_files_are_deleted_after_a_day(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient
) -> None:
    url = objecting(factory)
    answer = evidence(client, url, name="", evidence=(BytesIO(PDF), "举报材料.pdf"))
    folder = app.extensions["pending"].root
    assert count(factory, PendingUpload) == count(factory, KeptRequest) == 1 and len(list(folder.iterdir())) >= 1
    before = len(list(folder.iterdir()))
    assert delete_kept(app) == 0
    factory.now += timedelta(hours=23)
    assert "举报材料.pdf" in client.get(again(answer.text)).text
    factory.now += timedelta(hours=2)
    assert "举报材料.pdf" not in client.get(again(answer.text), follow_redirects=True).text
    assert delete_kept(app) == 2
    assert (
        count(factory, PendingUpload) == count(factory, KeptRequest) == 0 and len(list(folder.iterdir())) == before - 1
    )


def test_nobody_fills_the_disk_with_what_is_refused(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest files of a person are kept; strangers together have their bound."""
    monkeypatch.setattr(kept, "EACH", 2 * len(PDF) + 3)
    url = objecting(factory)
    for number in range(4):
        evidence(client, url, name="", evidence=(BytesIO(PDF + b"%d" % number), f"{number}.pdf"))
    factory.session.rollback()
    assert factory.session.scalars(select(PendingUpload.name).order_by(PendingUpload.id)).all() == ["2.pdf", "3.pdf"]
    monkeypatch.setattr(kept, "EVERY_STRANGER", 2 * len(PDF))
    answer = evidence(app.test_client(), url, name="", evidence=(BytesIO(PDF), "另一份.pdf"))
    assert answer.status_code == 422 and count(factory, PendingUpload) == 2


def test_a_file_that_is_too_large_is_named_and_the_rest_is_kept(
    factory: SiteProjectFactory, client: FlaskClient, app: Flask
) -> None:
    app.config["MAX_CONTENT_LENGTH"], app.config["UPLOAD_LIMIT"] = 20_000, 10_000
    answer = evidence(
        client, objecting(factory), facts=TYPED, evidence=(BytesIO(PDF + b"x" * 50_000), "太大的扫描件.pdf")
    )
    assert answer.status_code == 413 and TYPED in answer.text and "“太大的扫描件.pdf”没有保留" in answer.text
    assert TYPED in client.get(again(answer.text)).text
