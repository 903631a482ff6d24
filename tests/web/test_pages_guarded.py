"""What an attacker tries: somebody else's account, floods, other sites, old cookies, what a cache kept."""

import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import create_environ, run_wsgi_app

from tests.stages.later import published
from tests.web.town import Town
from xtbang.models import Notice, Objection, Organisation, Paper, Person
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.uscc import make
from xtbang.web.account import on_this_site
from xtbang.web.inputs import MAX_ROWS
from xtbang.web.passwords import hashed

Enter = Callable[[str], FlaskClient]
PASSWORD = "correct horse battery"
PDF = b"%PDF-1.7 from a stranger"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


@pytest.fixture
def enter(town: Town, login: Callable[[Person], FlaskClient]) -> Enter:
    return lambda name: login(town.people[name])


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """``later(60)``: a minute later, for whoever asks for the time of day."""
    real, gone = time.time, [0.0]

    def move(seconds: float) -> None:
        gone[0] += seconds
        monkeypatch.setattr(time, "time", lambda: real() + gone[0])

    return move


def with_password(town: Town, app: Flask, *names: str) -> None:
    with app.app_context():
        kept = hashed(PASSWORD)
    with town.writing():
        for name in names:
            town.people[name].password = kept


def sign_in(client: FlaskClient, town: Town, name: str, password: str = PASSWORD, **more: Any) -> Any:
    data = {"email": town.people[name].email, "password": password} | more
    return client.post("/account/sign-in", data=data)


def count(town: Town, table: Any) -> int:
    town.session.rollback()
    found = town.session.scalar(select(func.count()).select_from(table)) or 0
    town.session.rollback()
    return found


# ---------------------------------------------------------------- whose account it is


def test_a_manager_rules_over_nobody_who_is_more_than_an_applicant(town: Town, enter: Enter) -> None:
    """An expert's employer is written down too, as the organisation that they must not judge."""
    with town.writing() as session:
        unit = town.organisations["issuer"].id
        town.people["issuer"].manager = True
        for name in ("技术0", "county", "agency"):
            session.get_one(Person, town.people[name].id).organisation_id = unit
        both = session.get_one(Person, town.people["rival"].id)
        both.organisation_id, both.roles = unit, [*both.roles, *town.people["技术0"].roles]
    before = {name: town.people[name].fs_uniquifier for name in ("技术0", "county", "agency", "rival")}
    manager = enter("issuer")
    page = manager.get("/colleagues").text
    assert town.people["issuer"].email in page
    for name, sign in before.items():
        person = town.people[name]
        assert person.email not in page, name
        for deed in ("password", "active", "manager"):
            assert manager.post(f"/colleagues/{person.id}/{deed}").status_code == 404, (name, deed)
        town.session.rollback()
        town.session.expire_all()
        assert (person.active, person.fs_uniquifier, person.password_given) == (True, sign, False)


def test_an_expert_does_not_read_the_employer_s_accounts(town: Town, enter: Enter) -> None:
    with town.writing() as session:
        session.get_one(Person, town.people["技术0"].id).organisation_id = town.organisations["issuer"].id
    expert = enter("技术0")
    assert expert.get("/colleagues").status_code == expert.get("/organisation").status_code == 404
    assert "单位资料" not in expert.get("/profile").text


# ---------------------------------------------------------------- bodies


def test_a_form_without_files_is_measured_before_it_is_read(town: Town, app: Flask, client: FlaskClient) -> None:
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


def test_every_form_of_ours_is_smaller_than_that(town: Town, app: Flask) -> None:
    """Filled to its limits with characters of three bytes, each three times as long in the body."""

    def longest(fields: Iterable[Field]) -> int:
        return sum(len(field.key) + 20 + 9 * (field.limit or 100) for field in fields)

    for action in town.engine.policy.actions.values():
        rows = [field for field in action.form.fields if field.kind is FieldKind.ROWS]
        plain = [field for field in action.form.fields if field.kind not in (FieldKind.ROWS, FieldKind.FILE)]
        size = longest(plain) + sum(MAX_ROWS * longest(field.columns) for field in rows)
        assert size < app.config["MAX_PLAIN_FORM"] / 2, action.trigger


# ---------------------------------------------------------------- how often


def test_ten_wrong_passwords_close_an_account_for_a_quarter_of_an_hour(
    town: Town, app: Flask, client: FlaskClient, later: Callable[[float], None]
) -> None:
    with_password(town, app, "science", "issuer")
    email = town.people["science"].email
    for spelled in (email, email.upper(), f" {email}") * 3:
        assert client.post("/account/sign-in", data={"email": spelled, "password": "x"}).status_code == 200
    assert sign_in(client, town, "science", "x").status_code == 200
    closed = sign_in(app.test_client(), town, "science")
    assert closed.status_code == 429
    assert "这个账号连续登录失败的次数过多" in closed.text and "约 15 分钟后）再试" in closed.text
    assert 890 <= int(closed.headers["Retry-After"]) <= 901
    assert sign_in(app.test_client(), town, "issuer").status_code == 302
    later(901)
    assert sign_in(app.test_client(), town, "science").status_code == 302


def test_an_office_signs_in_as_often_as_it_likes_but_guesses_a_hundred_times(town: Town, app: Flask) -> None:
    with_password(town, app, "science")
    for _ in range(12):
        assert sign_in(app.test_client(), town, "science").status_code == 302
    client = app.test_client()
    for number in range(100):
        data = {"email": f"nobody{number}@bang.test", "password": "x"}
        client.post("/account/sign-in", data=data)
    answer = sign_in(client, town, "science")
    assert answer.status_code == 429 and "从您所在的网络登录失败的次数过多" in answer.text
    elsewhere: dict[str, Any] = {"REMOTE_ADDR": "10.0.0.9"}
    data = {"email": town.people["science"].email, "password": PASSWORD}
    assert app.test_client().post("/account/sign-in", data=data, environ_overrides=elsewhere).status_code == 302


def test_who_guesses_elsewhere_does_not_lock_the_owner_out(town: Town, app: Flask) -> None:
    with_password(town, app, "science")
    data = {"email": town.people["science"].email, "password": "guessed"}
    for number in range(11):
        answer = app.test_client().post("/account/sign-in", data=data, environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
        assert answer.status_code == (429 if number == 10 else 200)
    assert sign_in(app.test_client(), town, "science").status_code == 302


def test_only_the_form_signs_in(town: Town, app: Flask, client: FlaskClient) -> None:
    with_password(town, app, "science")
    data = {"email": town.people["science"].email, "password": PASSWORD}
    assert client.post("/account/sign-in", json=data).status_code == 400


def test_old_passwords_are_not_guessed_either(town: Town, app: Flask, enter: Enter) -> None:
    with_password(town, app, "science")
    data = {"person_name": "x", "mobile": "13800000000", "password": "another horse battery"}
    data["password_again"] = data["password"]
    browser = enter("science")
    for number in range(10):
        assert browser.post("/profile", data=data | {"password_old": f"guess {number}"}).status_code == 422
    answer = browser.post("/profile", data=data | {"password_old": PASSWORD})
    assert answer.status_code == 429 and "密码填错的次数过多" in answer.text
    assert browser.get("/profile").status_code == 200


def test_a_stranger_objects_five_times_an_hour_and_thirty_a_day(
    town: Town, client: FlaskClient, later: Callable[[float], None]
) -> None:
    url = objecting(town)
    data = {"name": "李明", "contact": "0731-55550000", "facts": "数据不实"}
    for hour in range(6):
        for number in range(5):
            assert client.post(url, data=data | {"request_key": f"{hour}-{number}"}).status_code == 302
        answer = client.post(url, data=data)
        assert answer.status_code == 429 and "系统没有收下这一份" in answer.text
        later(3601)
    assert client.post(url, data=data).status_code == 429
    assert count(town, Objection) == 30
    assert client.get(url).status_code == 200


def test_ten_organisations_an_hour_come_from_one_address(town: Town, client: FlaskClient) -> None:
    before = count(town, Organisation)
    for number in range(11):
        data = {
            "name": f"湘潭新{number}公司", "uscc": make(f"91430300MA4T{number:05d}"), "kind": "企业", "region": "雨湖区",
            "address": "示例路1号", "postcode": "411100", "legal_name": "龙䶮", "legal_phone": "0731-58570302",
            "person_name": "喆堃", "mobile": "13800000001", "email": f"new{number}@example.com",
            "password": PASSWORD, "password_again": PASSWORD,
        }  # fmt: skip
        assert client.post("/register", data=data | {"title": "部长"}).status_code == (302 if number < 10 else 429)
    assert count(town, Organisation) == before + 10


def test_sixty_files_an_hour_are_compared_with_papers(town: Town, client: FlaskClient) -> None:
    town.submitted()
    paper = town.session.scalars(select(Paper)).first()
    assert paper
    url = f"/verify/{paper.code}"
    town.session.rollback()
    codes = [client.post(url, data={"file": (BytesIO(PDF), "a.pdf")}).status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    assert client.get(url).status_code == 200


# ---------------------------------------------------------------- the store


def objecting(town: Town) -> str:
    project = published(town)
    notice = town.session.scalars(select(Notice.id).where(Notice.kind == "publicity")).one()
    town.session.rollback()
    return f"/notices/{notice}/projects/{project.id}/objection"


def kept(app: Flask, content: bytes) -> bool:
    try:
        return bool(app.extensions["store"].get(sha256(content).hexdigest()))
    except FileNotFoundError:
        return False


def test_a_stranger_fills_no_disk_once_the_notice_is_over(town: Town, client: FlaskClient, app: Flask) -> None:
    url = objecting(town)
    data = {"name": "李明", "contact": "0731-55550000", "facts": "数据不实"}
    town.at("2024-11-19 00:00")
    answer = client.post(url, data=data | {"evidence": (BytesIO(PDF), "a.pdf")})
    assert answer.status_code == 422 and "不再受理异议" in answer.text
    assert not kept(app, PDF) and count(town, Objection) == 0


def test_no_file_is_kept_for_what_is_not_on_offer(town: Town, enter: Enter, app: Flask) -> None:
    project = town.agreed()
    town.at("2024-11-04 09:00")
    url = town.page(project, "/actions/submit_voucher")
    slip = {"number": "A1", "amount": "80", "paid_on": "2024-11-01", "confirmed": "1"}
    for name in ("rival", "bidder", "science"):
        data = town.form(project, **slip, file=(BytesIO(PDF), "a.pdf"))
        assert enter(name).post(url, data=data).status_code in (403, 404), name
    assert not kept(app, PDF)


# ---------------------------------------------------------------- other sites


@pytest.mark.parametrize(
    "target", ["/desk", "/", "/admin/audit?number=%20x&page=2", "/entries/XTJB-2021-0001#a", "/揭榜", "/@x"]
)
def test_one_is_led_on_within_the_site(target: str) -> None:
    assert on_this_site(target) == target


@pytest.mark.parametrize(
    "target",
    ["", "desk", "//x.example", "/\\x.example", "/\t/x.example", "/\n/x.example", "\t//x.example", "/a\\b", "/ /x.example",
     "/\x00/x.example", "https://x.example", "javascript:alert(1)", "/desk\n"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(town: Town, app: Flask, enter: Enter, target: str) -> None:
    assert on_this_site(target) is None
    answer = enter("science").get("/first-password", query_string={"next": target})
    assert answer.status_code == 400 if "\0" in target else answer.location == "/desk"
    with_password(town, app, "science")
    data = {"email": town.people["science"].email, "password": PASSWORD}
    answer = app.test_client().post("/account/sign-in", query_string={"next": target}, data=data)
    assert answer.location == "/desk" if target == "" else answer.status_code == 400
    answer = app.test_client().post("/account/sign-in", data=data | {"next": target})
    assert answer.location == "/desk" if target == "" else answer.status_code == 400


# ---------------------------------------------------------------- cookies and caches


def test_a_cookie_that_was_saved_is_worthless_after_signing_out(town: Town, app: Flask) -> None:
    with_password(town, app, "science")
    client = app.test_client()
    sign_in(client, town, "science", remember="y")
    saved = [client.get_cookie(name) for name in ("session", "remember_token")]
    answer = client.post("/account/sign-out", follow_redirects=True)
    assert "在其他设备上的登录也一并退出" in answer.text
    for cookie in saved:
        assert cookie
        thief = app.test_client()
        thief.set_cookie(cookie.key, cookie.value)
        assert thief.get("/desk").location.startswith("/login"), cookie.key
    assert sign_in(app.test_client(), town, "science").status_code == 302


def test_eight_hours_without_a_request_end_a_session(town: Town, enter: Enter, later: Callable[[float], None]) -> None:
    browser = enter("science")
    for _ in range(3):
        assert browser.get("/desk").status_code == 200
        later(7 * 3600)
    assert browser.get("/desk").status_code == 200
    assert "Expires" not in str(browser.get("/desk").headers.getlist("Set-Cookie"))
    later(8 * 3600 + 601)
    assert browser.get("/desk").status_code == 302


def test_what_keeps_one_signed_in_is_for_this_site_alone(town: Town, app: Flask) -> None:
    with_password(town, app, "science")
    app.config["REMEMBER_COOKIE_SECURE"] = True
    answer = sign_in(app.test_client(), town, "science", remember="y")
    [cookie] = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith("remember_token=")]
    for part in ("Secure", "HttpOnly", "SameSite=Lax"):
        assert f"; {part}" in cookie
    assert app.config["REMEMBER_COOKIE_DURATION"].days == 14


def test_no_cache_keeps_the_page_of_someone_signed_in(town: Town, client: FlaskClient, enter: Enter) -> None:
    browser = enter("science")
    for path in ("/", "/desk", "/profile", "/projects/999999"):
        assert browser.get(path).headers["Cache-Control"] == "private, no-store", path
    assert "Cache-Control" not in client.get("/").headers
    assert "Cache-Control" not in client.get("/register").headers
    typed = client.post("/register", data={"name": "某公司"})
    assert typed.status_code == 422 and typed.headers["Cache-Control"] == "private, no-store"
    with browser.get("/static/css/xtbang.css") as sheet:
        assert "no-store" not in sheet.headers.get("Cache-Control", "")
