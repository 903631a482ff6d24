"""Accounts: registering an organisation, signing in, the inbox, one's profile, the organisation's profile and people."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password, verify_password
from sqlalchemy import func, select

from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Event, Mail, Organisation, Person
from xtbang.rules.uscc import make

LogIn = Callable[[Person], FlaskClient]
Enter = Callable[[str], FlaskClient]
PASSWORD = "correct horse battery"
USCC = make("91430300MA4T99999")


@pytest.fixture
def enter(factory: SiteProjectFactory, login: LogIn) -> Enter:
    return lambda name: login(factory.people[name])


def fresh(factory: SiteProjectFactory, row: Any) -> Any:
    """The row as the database has it now."""
    factory.session.rollback()
    factory.session.expire_all()
    return factory.session.get(type(row), row.id)


def registration(**values: Any) -> dict[str, Any]:
    return {
        "name": "湘潭新注册有限公司", "uscc": USCC, "kind": "企业", "region": "雨湖区", "address": "示例路1号",
        "postcode": "411100", "legal_name": "龙䶮", "legal_phone": "0731-58570302", "person_name": "喆堃",
        "title": "部长", "mobile": "13800000001", "email": "New@Example.com", "password": PASSWORD,
        "password_again": PASSWORD,
    } | values  # fmt: skip


def registered(factory: SiteProjectFactory, client: FlaskClient, **values: Any) -> tuple[Organisation, Person]:
    answer = client.post("/register", data=registration(**values))
    assert answer.location == "/register/received"
    factory.session.rollback()
    row = factory.session.scalars(select(Organisation).where(Organisation.uscc == USCC)).one()
    person = factory.session.scalars(select(Person).where(Person.organisation_id == row.id)).one()
    factory.session.rollback()
    return row, person


# ---------------------------------------------------------------- registering


def test_registering_makes_an_organisation_that_waits(
    factory: SiteProjectFactory, client: FlaskClient, app: Flask
) -> None:
    row, person = registered(factory, client)
    assert (row.status, row.name) == ("pending", "湘潭新注册有限公司")
    assert (person.email, person.manager, person.role_names) == ("new@example.com", True, {"applicant"})
    with app.app_context():
        assert verify_password(PASSWORD, person.password)
    event = factory.session.scalars(select(Event).where(Event.stream == f"organisation:{row.id}")).one()
    assert (event.trigger, event.actor_id) == ("register", person.id)
    assert f"请确认单位：{row.name}" in factory.mails("science")
    assert "请确认单位" not in str(factory.mails("industry"))
    factory.session.rollback()


def test_one_who_waits_signs_in_and_writes_a_draft(
    factory: SiteProjectFactory, client: FlaskClient, login: LogIn
) -> None:
    _row, person = registered(factory, client)
    browser = login(person)
    assert browser.get("/organisation").status_code == 200
    assert "市科技局正在核对" in browser.get("/organisation").text
    assert browser.get("/mine/new").status_code == 200


def test_everything_wrong_is_said_at_once_and_what_was_typed_is_kept(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    answer = client.post(
        "/register",
        data=registration(uscc="91430300MA4T999990", mobile="123", password="short", password_again="other", name=""),
    )
    assert answer.status_code == 422
    for sentence in (
        "“单位名称”尚未填写",
        "“统一社会信用代码”的校验码不符",
        "像是短号或者服务号码，请填写完整的号码",
        "密码至少 10 个字符",
        "两次输入的密码不一致",
    ):
        assert sentence in answer.text
    assert 'value="喆堃"' in answer.text
    assert "short" not in answer.text
    assert factory.session.scalar(select(func.count(Organisation.id))) == len(factory.organisations)
    factory.session.rollback()


@pytest.mark.parametrize(
    "typed", [" 91430300ma4t99999{}", "91430300-MA4T99999{}", "９１４３０３００ＭＡ４Ｔ９９９９９{}"]
)
def test_a_code_is_registered_once_however_it_is_typed(
    factory: SiteProjectFactory, client: FlaskClient, typed: str
) -> None:
    registered(factory, client)
    answer = client.post("/register", data=registration(uscc=typed.format(USCC[-1]), email="other@example.com"))
    assert answer.status_code == 422
    assert "请联系本单位的系统管理员为您添加账号" in answer.text


def test_a_rural_collective_registers_and_is_found(
    factory: SiteProjectFactory, client: FlaskClient, enter: Enter
) -> None:
    """Its code begins with a letter."""
    change = {"uscc": "n2430302mf1234567u", "name": "雨湖区示例村股份经济合作联合社"}
    assert client.post("/register", data=registration(**change)).location == "/register/received"
    assert change["name"] in enter("science").get("/admin/organisations", query_string={"q": "N243 0302"}).text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"uscc": USCC[:-1] + ("A" if USCC[-1] != "A" else "B")}, "校验码不符"),
        ({"uscc": "九" + USCC[1:]}, "半角"),
        ({"uscc": USCC[:-1]}, "18 位"),
        ({"mobile": "1380000000"}, "须为 11 位手机号码"),
        ({"email": "张三@example.com"}, "须为电子邮箱地址"),
        ({"name": "湘潭😀有限公司"}, "无法打印的字符“😀”"),
        ({"name": "W" * 3000}, "共 3000 个字符"),
        ({"person_name": "\U00030ede某"}, "无法打印"),
        ({"kind": "寺庙"}, "没有“寺庙”这一选项"),
        (
            {"password": "Zhang.Wei@2026", "password_again": "Zhang.Wei@2026", "email": "zhang.wei@a.cn"},
            "姓名、邮箱、手机号码、单位",
        ),
    ],
)
def test_what_was_typed_wrong_is_named_and_comes_back(
    factory: SiteProjectFactory, client: FlaskClient, change: dict[str, str], sentence: str
) -> None:
    answer = client.post("/register", data=registration(**change))
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = registration(**change)
    for key, value in kept.items():
        if not key.startswith("password") and key != "kind":
            assert f'value="{value}"' in answer.text, key
    assert kept["password"] not in answer.text and "密码不会保留" in answer.text


def test_an_email_that_is_taken_looks_the_same_from_outside(factory: SiteProjectFactory, client: FlaskClient) -> None:
    owner = factory.people["rival"]
    factory.session.rollback()
    free = client.post("/register", data=registration(uscc=make("91430300MA4T99998")))
    taken = client.post("/register", data=registration(email=owner.email.upper()))
    assert (free.status_code, free.location) == (taken.status_code, taken.location)
    factory.session.rollback()
    assert factory.session.scalars(select(Organisation).where(Organisation.uscc == USCC)).first() is None
    assert "您的电子邮箱已有账号" in factory.mails("rival")
    factory.session.rollback()


# ---------------------------------------------------------------- signing in


def sign_in(client: FlaskClient, email: str, password: str, target: str = "") -> Any:
    url = f"/account/sign-in?next={target}" if target else "/account/sign-in"
    return client.post(url, data={"email": email, "password": password})


@pytest.mark.parametrize(
    ("target", "kept"),
    [("/mine", "/mine"), ("//evil.example", None), ("https://evil.example", None), ("/\\evil.example", None)],
)
def test_signing_in_leads_back_only_to_this_site(
    app: Flask, client: FlaskClient, target: str, kept: str | None
) -> None:
    location = client.get("/login", query_string={"next": target}).location
    assert location == (f"/account/sign-in?next={kept}" if kept else "/account/sign-in")


def test_signing_in_and_out(factory: SiteProjectFactory, client: FlaskClient) -> None:
    registered(factory, client)
    visitor = client.application.test_client()
    wrong, unknown = sign_in(visitor, "new@example.com", "wrong password"), sign_in(visitor, "no@example.com", PASSWORD)
    for answer in (wrong, unknown):
        assert "电子邮箱或密码不正确，或账号已停用。" in answer.text
    assert sign_in(visitor, "NEW@example.com", PASSWORD, "/organisation").location.endswith("/organisation")
    assert visitor.get("/organisation").status_code == 200
    assert visitor.post("/account/sign-out").status_code == 302
    assert visitor.get("/organisation").status_code == 302


def test_demo_accounts_are_named_only_in_a_demo(factory: SiteProjectFactory, client: FlaskClient, app: Flask) -> None:
    with factory.writing():
        factory.people["science"].email = "science@demo.example.com"
    assert "xtbang-demo" not in client.get("/account/sign-in").text
    assert 'value="x@y"' not in client.get("/account/sign-in?email=x@y").text
    app.config["DEMO"] = True
    text = client.get("/account/sign-in").text
    assert "xtbang-demo-2026" in text
    assert "science@demo.example.com" in text
    assert "p0@bang.test" not in text


def test_forms_are_protected(factory: SiteProjectFactory, app: Flask, enter: Enter) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    for path in ("/register", "/profile", "/organisation", "/inbox/read", "/account/sign-out", "/account/sign-in"):
        assert enter("issuer").post(path, data={}).status_code == 400


# ---------------------------------------------------------------- the inbox


def letters(factory: SiteProjectFactory, who: str, number: int) -> list[int]:
    """The numbers of so many new mails to that person."""
    with factory.writing() as session:
        mails = [
            Mail(
                person_id=factory.people[who].id, address="a@b", subject=f"来信{n}", body="第一行\n<b>第二行</b>",
                link=f"https://bang.test/projects/{n}?a=1", created_at=factory.now,
            )
            for n in range(number)
        ]  # fmt: skip
        session.add_all(mails)
        session.flush()
        found = [mail.id for mail in mails]
    return found


def test_opening_a_mail_marks_it_and_leads_on(factory: SiteProjectFactory, enter: Enter) -> None:
    first, second = letters(factory, "issuer", 2)
    browser = enter("issuer")
    text = browser.get("/inbox").text
    assert text.index("来信1") < text.index("来信0")
    assert "&lt;b&gt;第二行" in text
    answer = browser.post(f"/inbox/{first}")
    assert answer.location == "/projects/0?a=1"
    factory.session.rollback()
    assert factory.session.get_one(Mail, first).read_at is not None
    assert factory.session.get_one(Mail, second).read_at is None
    factory.session.rollback()
    browser.post("/inbox/read")
    assert "未读" not in browser.get("/inbox").text


def test_the_mail_of_another_is_not_found(factory: SiteProjectFactory, enter: Enter) -> None:
    (mail,) = letters(factory, "issuer", 1)
    assert enter("rival").post(f"/inbox/{mail}").status_code == 404
    assert "来信0" not in enter("rival").get("/inbox").text
    assert factory.session.get_one(Mail, mail).read_at is None
    factory.session.rollback()


def test_the_inbox_in_pages(factory: SiteProjectFactory, enter: Enter) -> None:
    letters(factory, "issuer", 25)
    browser = enter("issuer")
    older = re.search(r'rel="next" href="([^"]+)"', browser.get("/inbox").text)
    assert older
    assert browser.get(older[1]).text.count("来信") >= 5
    assert "来信4<" in browser.get(older[1]).text.replace(" ", "").replace("<span", "<")


# ---------------------------------------------------------------- one's own profile


def test_changing_the_password_ends_other_sessions(factory: SiteProjectFactory, enter: Enter, app: Flask) -> None:
    with app.app_context(), factory.writing():
        factory.people["issuer"].password = hash_password("the old password")
    here, elsewhere = enter("issuer"), enter("issuer")
    typed = {"person_name": "新名字", "title": "", "mobile": "13900000000", "password": PASSWORD}
    typed |= {"password_again": PASSWORD}
    refused = here.post("/profile", data=typed | {"password_old": "a wrong password"})
    assert "原密码不正确" in refused.text
    assert fresh(factory, factory.people["issuer"]).name == "issuer"
    factory.session.rollback()
    here.post("/profile", data=typed | {"password_old": "the old password"})
    assert here.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 302
    person = fresh(factory, factory.people["issuer"])
    assert person.name == "新名字"
    with app.app_context():
        assert verify_password(PASSWORD, person.password)
    event = factory.session.scalars(select(Event).where(Event.trigger == "edit_person")).one()
    assert PASSWORD not in str(event.data)
    factory.session.rollback()


def test_a_profile_without_a_new_password_keeps_the_old_one(factory: SiteProjectFactory, enter: Enter) -> None:
    before = factory.people["issuer"].password
    enter("issuer").post("/profile", data={"person_name": "新名字", "title": "主任", "mobile": "13900000000"})
    person = fresh(factory, factory.people["issuer"])
    assert (person.name, person.password) == ("新名字", before)
