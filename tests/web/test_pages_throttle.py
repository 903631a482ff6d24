"""How often a stranger may try: passwords, objections, registrations, files to compare."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.site_projects import SiteProjectFactory
from tests.web.accounts import trail
from tests.web.visitors import PASSWORD, PDF, count, objecting, sign_in, with_password
from xtbang.models import Mail, Objection, Organisation, Paper, Person
from xtbang.papers.codes import make_code
from xtbang.rules.uscc import make

WITHOUT_SCRIPT = {"csrf_token": "a~~mark of a form"}
Enter = Callable[[str], FlaskClient]


@pytest.fixture
def enter(factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]) -> Enter:
    return lambda name: login(factory.people[name])


def test_ten_wrong_passwords_close_an_account_for_a_quarter_of_an_hour(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient, later: Callable[[float], None]
) -> None:
    with_password(factory, app, "science", "issuer")
    email = factory.people["science"].email
    for spelled in (email, email.upper(), f" {email}") * 3:
        assert client.post("/account/sign-in", data={"email": spelled, "password": "x"}).status_code == 200
    assert sign_in(client, factory, "science", "x").status_code == 200
    closed = sign_in(app.test_client(), factory, "science")
    assert closed.status_code == 429
    assert "这个账号连续登录失败的次数过多" in closed.text and "约 15 分钟后）再试" in closed.text
    assert 890 <= int(closed.headers["Retry-After"]) <= 901
    assert sign_in(app.test_client(), factory, "issuer").status_code == 302
    later(901)
    assert sign_in(app.test_client(), factory, "science").status_code == 302


def test_another_spelling_of_an_address_is_counted_with_it(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient
) -> None:
    with_password(factory, app, "science")
    with factory.writing():
        factory.people["science"].email = "li.ming@xiangtan.gov.cn"
    spelled = (
        "li.ming@xiangtan.gov.cn",
        "Li.Ming@XIANGTAN.gov.cn",
        "li.ming@ｘｉａｎｇｔａｎ.gov.cn",
        "li.ming@xiangtan。gov.cn",
    )
    for email in spelled:
        answer = app.test_client().post("/account/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 302, email
    for email in (*spelled, *spelled, *spelled[:2]):
        assert client.post("/account/sign-in", data={"email": email, "password": "x"}).status_code == 200
    for email in spelled:
        assert client.post("/account/sign-in", data={"email": email, "password": PASSWORD}).status_code == 429, email
    assert trail(factory, "science") == ["sign_in"] * 4 + ["sign_in_refused"] * 10 + ["sign_in_locked"]


def test_an_office_signs_in_as_often_as_it_likes_but_guesses_a_hundred_times(
    factory: SiteProjectFactory, app: Flask
) -> None:
    with_password(factory, app, "science")
    for _ in range(12):
        assert sign_in(app.test_client(), factory, "science").status_code == 302
    client = app.test_client()
    for number in range(100):
        data = {"email": f"nobody{number}@bang.test", "password": "x"}
        client.post("/account/sign-in", data=data)
    answer = sign_in(client, factory, "science")
    assert answer.status_code == 429 and "从您所在的网络登录失败的次数过多" in answer.text
    assert "sign_in_locked" not in trail(factory, "science"), "the network is refused, the account is not locked"
    elsewhere: dict[str, Any] = {"REMOTE_ADDR": "10.0.0.9"}
    data = {"email": factory.people["science"].email, "password": PASSWORD}
    assert app.test_client().post("/account/sign-in", data=data, environ_overrides=elsewhere).status_code == 302


def test_who_guesses_elsewhere_does_not_lock_the_owner_out(factory: SiteProjectFactory, app: Flask) -> None:
    with_password(factory, app, "science")
    data = {"email": factory.people["science"].email, "password": "guessed"}
    for number in range(11):
        answer = app.test_client().post("/account/sign-in", data=data, environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
        assert answer.status_code == (429 if number == 10 else 200)
    assert sign_in(app.test_client(), factory, "science").status_code == 302


def test_only_the_form_signs_in(factory: SiteProjectFactory, app: Flask, client: FlaskClient) -> None:
    with_password(factory, app, "science")
    data = {"email": factory.people["science"].email, "password": PASSWORD}
    assert client.post("/account/sign-in", json=data).status_code == 400


@pytest.mark.parametrize(("marks", "refused"), [({}, 422), (WITHOUT_SCRIPT, 303)], ids=["", "without-script"])
def test_old_passwords_are_not_guessed_either(
    factory: SiteProjectFactory, app: Flask, enter: Enter, marks: dict[str, str], refused: int
) -> None:
    with_password(factory, app, "science")
    data = {"person_name": "x", "mobile": "13800000000", "password": "another horse battery"} | marks
    data["password_again"] = data["password"]
    browser = enter("science")
    for number in range(10):
        assert browser.post("/profile", data=data | {"password_old": f"guess {number}"}).status_code == refused
    answer = browser.post("/profile", data=data | {"password_old": PASSWORD}, follow_redirects=True)
    assert answer.status_code == 429 and "密码填错的次数过多" in answer.text
    assert browser.get("/profile").status_code == 200


def test_a_stranger_objects_five_times_an_hour_and_thirty_a_day(
    factory: SiteProjectFactory, client: FlaskClient, later: Callable[[float], None]
) -> None:
    url = objecting(factory)
    data = {"name": "李明", "contact": "0731-55550000", "facts": "数据不实"}
    for hour in range(6):
        for number in range(5):
            assert client.post(url, data=data | {"request_key": f"{hour}-{number}"}).status_code == 302
        answer = client.post(url, data=data)
        assert answer.status_code == 429 and "系统没有收下这一份" in answer.text
        later(3601)
    assert client.post(url, data=data).status_code == 429
    assert count(factory, Objection) == 30
    assert client.get(url).status_code == 200


def test_ten_organisations_an_hour_come_from_one_address(factory: SiteProjectFactory, client: FlaskClient) -> None:
    before = count(factory, Organisation)
    for number in range(11):
        data = {
            "name": f"湘潭新{number}公司", "uscc": make(f"91430300MA4T{number:05d}"), "kind": "企业", "region": "雨湖区",
            "address": "示例路1号", "postcode": "411100", "legal_name": "龙䶮", "legal_phone": "0731-58570302",
            "person_name": "喆堃", "mobile": "13800000001", "email": f"new{number}@example.com",
            "password": PASSWORD, "password_again": PASSWORD,
        }  # fmt: skip
        assert client.post("/register", data=data | {"title": "部长"}).status_code == (302 if number < 10 else 429)
    assert count(factory, Organisation) == before + 10


def test_sixty_files_an_hour_are_compared_with_papers(factory: SiteProjectFactory, client: FlaskClient) -> None:
    factory.submitted()
    paper = factory.session.scalars(select(Paper)).first()
    assert paper
    url = f"/verify/{paper.code}"
    factory.session.rollback()
    codes = [client.post(url, data={"file": (BytesIO(PDF), "a.pdf")}).status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    assert client.get(url).status_code == 200


def test_wrong_receipt_codes_are_bounded_and_right_ones_are_not(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    data = {"name": "李明", "contact": "0731-55550000", "facts": "数据不实", "request_key": "a"}
    assert client.post(objecting(factory), data=data).status_code == 302
    factory.session.rollback()
    code = factory.session.scalars(select(Objection.code)).one()
    factory.session.rollback()
    asked = [client.post("/objections", data={"code": code}).status_code for _ in range(61)]
    assert asked == [200] * 61
    for number in range(60):
        assert client.post("/objections", data={"code": make_code(b"guess", str(number))}).status_code == 404
    answer = client.post("/objections", data={"code": code})
    assert answer.status_code == 429 and "填错回执码的次数过多" in answer.text and "之后（约" in answer.text


def guess(app: Flask, factory: SiteProjectFactory, times: int) -> None:
    """Wrong passwords for one account, each from another address."""
    data = {"email": factory.people["science"].email, "password": "guessed"}
    for number in range(times):
        here: dict[str, Any] = {"REMOTE_ADDR": f"10.0.{number // 200}.{number % 200}"}
        assert app.test_client().post("/account/sign-in", data=data, environ_overrides=here).status_code == 200


def test_guesses_without_a_script_count_like_those_with_one(factory: SiteProjectFactory, app: Flask) -> None:
    """Of whoever has a session, such as by an older page: the answer is led to, and counts all the same."""
    with_password(factory, app, "science", "issuer")
    own = app.test_client()
    assert sign_in(own, factory, "science").status_code == 302
    own.post("/account/sign-out")
    guess(app, factory, 49)
    stranger = app.test_client()
    stranger.get("/login")
    sign_in(stranger, factory, "science", "x", **WITHOUT_SCRIPT)
    sign_in(app.test_client(), factory, "science", "x")
    answers = [sign_in(stranger, factory, "science", "x").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_guesses_from_everywhere_make_strangers_slow_and_lock_nobody_out(
    factory: SiteProjectFactory, app: Flask
) -> None:
    with_password(factory, app, "science")
    own = app.test_client()
    assert sign_in(own, factory, "science").status_code == 302
    own.post("/account/sign-out")
    guess(app, factory, 52)
    assert sign_in(app.test_client(), factory, "science").status_code == 302, "the owner on a new device"
    stranger = app.test_client()
    answers = [sign_in(stranger, factory, "science", "x").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert sign_in(app.test_client(), factory, "science").status_code == 429, "from that address"
    for _ in range(9):
        assert sign_in(own, factory, "science", "x").status_code == 200, "a device that is known has its own ten"
    assert sign_in(own, factory, "science").status_code == 302
    factory.session.rollback()
    assert trail(factory, "science").count("sign_in_slowed") == 1
    told = factory.session.scalars(select(Mail.subject).where(Mail.kind == "sign_in_warning")).all()
    assert told == ["有人多次输错您的登录密码或验证码，请留意"]


def test_a_known_device_is_known_for_its_own_accounts_alone(factory: SiteProjectFactory, app: Flask) -> None:
    with_password(factory, app, "science", "issuer")
    own = app.test_client()
    assert sign_in(own, factory, "issuer").status_code == 302
    own.post("/account/sign-out")
    for _ in range(10):
        sign_in(app.test_client(), factory, "science", "x")
    assert sign_in(own, factory, "science").status_code == 429
    for number in range(95):
        app.test_client().post("/account/sign-in", data={"email": f"n{number}@bang.test", "password": "x"})
    assert sign_in(app.test_client(), factory, "issuer").status_code == 429, "the whole network guessed too often"
    assert sign_in(own, factory, "issuer").status_code == 302
