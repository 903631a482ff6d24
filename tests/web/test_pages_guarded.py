"""What an attacker tries: somebody else's account, floods, other sites, old cookies, what a cache kept."""

import gzip
import re
import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import create_environ, run_wsgi_app

from tests.factories.site_projects import SiteProjectFactory
from tests.support.files import pdf
from tests.web.visitors import PASSWORD, PDF, count, objecting, sign_in, with_password
from xtbang import create_app
from xtbang.actions import room
from xtbang.extensions import db
from xtbang.models import Objection, Person
from xtbang.rules.fields import Field, FieldKind
from xtbang.web.account.pages import on_this_site
from xtbang.web.frame.inputs import MAX_ROWS

Enter = Callable[[str], FlaskClient]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def enter(factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]) -> Enter:
    return lambda name: login(factory.people[name])


# ---------------------------------------------------------------- whose account it is


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_manager_rules_over_nobody_who_is_more_than_an_applicant(factory: SiteProjectFactory, enter: Enter) -> None:
    """An expert's employer is written down too, as the organisation that they must not judge."""
    with factory.writing() as session:
        unit = factory.organisations["issuer"].id
        factory.people["issuer"].manager = True
        for name in ("技术0", "county", "agency"):
            session.get_one(Person, factory.people[name].id).organisation_id = unit
        both = session.get_one(Person, factory.people["rival"].id)
        both.organisation_id, both.roles = unit, [*both.roles, *factory.people["技术0"].roles]
    before = {name: factory.people[name].fs_uniquifier for name in ("技术0", "county", "agency", "rival")}
    manager = enter("issuer")
    page = manager.get("/colleagues").text
    assert factory.people["issuer"].email in page
    for name, sign in before.items():
        person = factory.people[name]
        assert person.email not in page, name
        for deed in ("password", "active", "manager"):
            assert manager.post(f"/colleagues/{person.id}/{deed}").status_code == 404, (name, deed)
        factory.session.rollback()
        factory.session.expire_all()
        assert (person.active, person.fs_uniquifier, person.password_given) == (True, sign, False)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_expert_does_not_read_the_employer_s_accounts(factory: SiteProjectFactory, enter: Enter) -> None:
    with factory.writing() as session:
        session.get_one(Person, factory.people["技术0"].id).organisation_id = factory.organisations["issuer"].id
    expert = enter("技术0")
    assert expert.get("/colleagues").status_code == expert.get("/organisation").status_code == 404
    assert "单位资料" not in expert.get("/profile").text


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_form_without_files_is_measured_before_it_is_read(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient
) -> None:
    for body in (b"a=" + b"x" * 1_100_000, b"a&" * 3000):
        began = time.process_time()
        answer = client.post("/verify/x", data=body, content_type=FORM)
        assert answer.status_code == 413 and "提交的内容太大" in answer.text
        assert time.process_time() - began < 1
    endless = create_environ("/verify/x", method="POST", input_stream=BytesIO(b"a=1"), content_type=FORM)
    endless = {name: value for name, value in endless.items() if name != "CONTENT_LENGTH"}
    _body, status, _headers = run_wsgi_app(app, endless | {"wsgi.input_terminated": True}, buffered=True)
    assert status.startswith("413")
    assert client.post("/verify/x", data=b"a&" * 2000, content_type=FORM).status_code == 404


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_every_form_of_ours_is_smaller_than_that(factory: SiteProjectFactory, app: Flask) -> None:
    """Filled to its limits with characters of three bytes, each three times as long in the body."""

    def longest(fields: Iterable[Field]) -> int:
        return sum(len(field.key) + 20 + 9 * (field.limit or 100) for field in fields)

    for action in factory.engine.policy.actions.values():
        rows = [field for field in action.form.fields if field.kind is FieldKind.ROWS]
        plain = [field for field in action.form.fields if field.kind not in (FieldKind.ROWS, FieldKind.FILE)]
        size = longest(plain) + sum(MAX_ROWS * longest(field.columns) for field in rows)
        assert size < app.config["MAX_PLAIN_FORM"] / 2, action.trigger


# ---------------------------------------------------------------- the store


def kept(app: Flask, content: bytes) -> bool:
    try:
        return bool(app.extensions["store"].get(sha256(content).hexdigest()))
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_stranger_fills_no_disk_once_the_notice_is_over(
    factory: SiteProjectFactory, client: FlaskClient, app: Flask
) -> None:
    url = objecting(factory)
    data = {"name": "李明", "contact": "0731-55550000", "facts": "数据不实"}
    factory.at("2024-11-19 00:00")
    answer = client.post(url, data=data | {"evidence": (BytesIO(PDF), "a.pdf")})
    assert answer.status_code == 422 and "不再受理异议" in answer.text
    assert not kept(app, PDF) and count(factory, Objection) == 0


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_no_file_is_kept_for_what_is_not_on_offer(factory: SiteProjectFactory, enter: Enter, app: Flask) -> None:
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    url = factory.page(project, "/actions/submit_voucher")
    slip = {"number": "A1", "amount": "80", "paid_on": "2024-11-01", "confirmed": "1"}
    for name in ("rival", "bidder", "science"):
        data = factory.form(project, **slip, file=(BytesIO(PDF), "a.pdf"))
        assert enter(name).post(url, data=data).status_code in (403, 404), name
    assert not kept(app, PDF)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_project_has_so_much_room_for_its_files(
    factory: SiteProjectFactory, app: Flask, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an action and in a draft; what is refused does not reach the store."""
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    monkeypatch.setattr(room, "ROOM", 1)
    monkeypatch.setattr(room, "MEGABYTE", 10)
    large = pdf() + b"\n% like no other file of these tests"
    slip = {"number": "A1", "amount": "80", "paid_on": "2024-11-01", "confirmed": "1"}
    url = factory.page(project, "/actions/submit_voucher")
    application = factory.page(project, f"/documents/{project.application_id}")
    for address, data in (
        (url, factory.form(project, **slip, file=(BytesIO(large), "a.pdf"))),
        (application, {"contract_file": (BytesIO(large), "a.pdf")}),
    ):
        with enter("issuer").post(address, data=data) as answer:
            assert answer.status_code in (409, 422), address
            assert "附件合计最多 1 MB，这个项目还可以上传 0 MB，请压缩后再上传。" in answer.text, address
    assert not kept(app, large)


# ---------------------------------------------------------------- other sites


@pytest.mark.parametrize(
    "target", ["/desk", "/", "/admin/audit?number=%20x&page=2", "/entries/XTJB-2021-0001#a", "/揭榜", "/@x"]
)
def test_one_is_led_on_within_the_site(target: str) -> None:
    assert on_this_site(target) == target


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "target",
    ["", "desk", "//x.example", "/\\x.example", "/\t/x.example", "/\n/x.example", "\t//x.example", "/a\\b", "/ /x.example",
     "/\x00/x.example", "https://x.example", "javascript:alert(1)", "/desk\n"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(factory: SiteProjectFactory, app: Flask, enter: Enter, target: str) -> None:
    assert on_this_site(target) is None
    answer = enter("science").get("/first-password", query_string={"next": target})
    assert answer.status_code == 400 if "\0" in target else answer.location == "/desk"
    with_password(factory, app, "science")
    data = {"email": factory.people["science"].email, "password": PASSWORD}
    answer = app.test_client().post("/account/sign-in", query_string={"next": target}, data=data)
    assert answer.location == "/desk" if target == "" else answer.status_code == 400
    answer = app.test_client().post("/account/sign-in", data=data | {"next": target})
    assert answer.location == "/desk" if target == "" else answer.status_code == 400


# ---------------------------------------------------------------- cookies and caches


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_cookie_that_was_saved_is_worthless_after_signing_out(factory: SiteProjectFactory, app: Flask) -> None:
    with_password(factory, app, "science")
    client = app.test_client()
    sign_in(client, factory, "science", remember="y")
    saved = [client.get_cookie(name) for name in ("session", "remember_token")]
    answer = client.post("/account/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "已退出登录。" in client.get(answer.location).text
    for cookie in saved:
        assert cookie
        thief = app.test_client()
        thief.set_cookie(cookie.key, cookie.value)
        assert thief.get("/desk").location.startswith("/login"), cookie.key
    assert sign_in(app.test_client(), factory, "science").status_code == 302


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_eight_hours_without_a_request_end_a_session(
    factory: SiteProjectFactory, enter: Enter, later: Callable[[float], None]
) -> None:
    browser = enter("science")
    for _ in range(3):
        assert browser.get("/desk").status_code == 200
        later(7 * 3600)
    assert browser.get("/desk").status_code == 200
    assert "Expires" not in str(browser.get("/desk").headers.getlist("Set-Cookie"))
    later(8 * 3600 + 601)
    assert browser.get("/desk").status_code == 302


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_keeps_one_signed_in_is_for_this_site_alone(factory: SiteProjectFactory, app: Flask) -> None:
    with_password(factory, app, "science")
    app.config["REMEMBER_COOKIE_SECURE"] = True
    answer = sign_in(app.test_client(), factory, "science", remember="y")
    [cookie] = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith("remember_token=")]
    for part in ("Secure", "HttpOnly", "SameSite=Lax"):
        assert f"; {part}" in cookie
    assert app.config["REMEMBER_COOKIE_DURATION"].days == 14


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_no_cache_keeps_the_page_of_someone_signed_in(
    factory: SiteProjectFactory, client: FlaskClient, enter: Enter
) -> None:
    browser = enter("science")
    for path in ("/", "/desk", "/profile", "/projects/999999"):
        assert browser.get(path).headers["Cache-Control"] == "private, no-store", path
    assert client.get("/").headers["Cache-Control"] == "private, no-cache", "asked again each time"
    assert "Cache-Control" not in client.get("/register").headers
    typed = client.post("/register", data={"name": "某公司"})
    assert typed.status_code == 422 and typed.headers["Cache-Control"] == "private, no-store"
    with browser.get("/static/style.css") as sheet:
        assert "no-store" not in sheet.headers.get("Cache-Control", "")


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_browsers_ask_once_for_a_static_text_and_get_it_compressed(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"#]*)', client.get("/").text + client.get("/verify").text))
    assert {one.partition("?")[0].rpartition(".")[2] for one in addresses} == {"css", "js", "svg"}
    for address in addresses:
        plain, older = client.get(address), client.get(f"{address.partition('?')[0]}?v=older")
        assert "immutable" in plain.headers["Cache-Control"], address
        assert older.data == plain.data and older.headers["Cache-Control"] == "no-cache"
        packed = client.get(address, headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == plain.data
        assert "Set-Cookie" not in plain.headers and plain.mimetype == packed.mimetype
        again = client.get(address, headers={"If-None-Match": plain.headers["ETag"]})
        assert again.status_code == 304 and not again.data
    for nothing in ("css/../../pyproject.toml", "nothing.css", "x" * 300 + ".js"):
        assert client.get(f"/static/{nothing}").status_code == 404, nothing


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_every_answer_has_the_headers_that_protect_it(
    factory: SiteProjectFactory, client: FlaskClient, enter: Enter
) -> None:
    for path in ("/", "/verify", "/desk", "/nothing-here", "/static/style.css"):
        with client.get(path) as answer:
            headers = answer.headers
            for words in ("default-src 'none'", "script-src 'self'", "object-src 'none'", "frame-ancestors 'none'"):
                assert words in headers["Content-Security-Policy"], path
            assert headers["X-Frame-Options"] == "SAMEORIGIN"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert "Strict-Transport-Security" not in headers


def test_a_site_of_https_stays_one(tmp_path: Path) -> None:
    site = "https://bang.example"
    app = create_app({"INSTANCE": tmp_path, "SITE_URL": site})
    answer = app.test_client().get("/login", base_url=site)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31556926; includeSubDomains"
    assert app.config["SESSION_COOKIE_SECURE"] and app.config["REMEMBER_COOKIE_SECURE"]
    cookies = app.test_client().get("/account/sign-in", base_url=site).headers.getlist("Set-Cookie")
    assert [text for text in cookies if text.startswith("__Host-session=") and "; Secure; HttpOnly; Path=/" in text]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_session_is_signed_with_sha_256(app: Flask) -> None:
    signer = app.session_interface.get_signing_serializer(app)
    assert signer.make_signer(signer.salt).digest_method().digest_size == 32


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_no_token_signs_in(factory: SiteProjectFactory, app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        token = db.session.get_one(Person, factory.people["science"].id).get_auth_token()
    assert client.get("/desk", headers={"Authentication-Token": token}).location.startswith("/login")
    assert client.get("/desk", query_string={"auth_token": token}).location.startswith("/login")


def test_who_asks_for_the_head_of_a_page_does_nothing_that_a_form_does(app: Flask, client: FlaskClient) -> None:
    """Every view that takes forms tells them by the method: HEAD is GET to all of them, without a body."""
    with app.test_request_context("/verify", method="HEAD"):
        assert request.method == "GET"
    answer = client.head("/verify")
    assert (answer.status_code, answer.data) == (200, b"") and int(answer.headers["Content-Length"]) > 1000
