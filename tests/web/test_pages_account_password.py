"""Passwords: what a good one is, and that one handed out is replaced before anything else."""

from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.site_projects import SiteProjectFactory
from tests.web.accounts import shown_password
from xtbang.config import DEMO_PASSWORD
from xtbang.health.checks import results
from xtbang.models import Event, Mail, Person
from xtbang.people.passwords import ALPHABET, first_password, password_reasons
from xtbang.web.account.hashing import hashed, matches

LogIn = Callable[[Person], FlaskClient]
OWN = "correct horse battery"


def hashed_in(app: Flask, password: str) -> str:
    with app.app_context():
        return hashed(password)


def hand_out(factory: SiteProjectFactory, app: Flask, name: str, **values: Any) -> str:
    """An initial password for that person."""
    password = first_password()
    kept = hashed_in(app, password)
    with factory.writing():
        person = factory.people[name]
        person.password, person.password_given = kept, True
        for key, value in values.items():
            setattr(person, key, value)
    return password


def fresh(factory: SiteProjectFactory, name: str) -> Person:
    """The person as the database has them now."""
    factory.session.rollback()
    factory.session.expire_all()
    found: Person = factory.session.get_one(Person, factory.people[name].id)
    factory.session.rollback()
    return found


def choose(browser: FlaskClient, password: str, again: str | None = None, target: str = "") -> Any:
    data = {"password": password, "password_again": password if again is None else again}
    return browser.post("/first-password", query_string={"next": target} if target else {}, data=data)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_initial_password_opens_one_page_only(factory: SiteProjectFactory, app: Flask, client: FlaskClient) -> None:
    initial = hand_out(factory, app, "science")
    email = factory.people["science"].email
    assert client.post("/account/sign-in", data={"email": email, "password": initial}).status_code == 302
    for path in ("/", "/desk", "/admin", "/projects/1?tab=papers", "/profile"):
        answer = client.get(path)
        assert answer.status_code == 303 and answer.location.startswith("/first-password?next="), path
    assert client.post("/profile", data={"person_name": "x"}).location == "/first-password"
    assert "设置自己的密码" in client.get("/first-password").text
    with client.get("/static/style.css") as sheet:
        assert sheet.status_code == 200
    assert fresh(factory, "science").name == "science"
    assert client.post("/account/sign-out").status_code == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_initial_password_is_read_however_it_is_typed_and_ones_own_as_it_is(
    factory: SiteProjectFactory, app: Flask
) -> None:
    initial = hand_out(factory, app, "science")
    assert len(ALPHABET) ** len(initial.replace("-", "")) >= 2**128

    def typed(password: str) -> int:
        sent = {"email": factory.people["science"].email, "password": password}
        return app.test_client().post("/account/sign-in", data=sent).status_code

    as_heard = (initial.upper(), initial.replace("-", ""), f" {initial.replace('-', ' — ')} ")
    assert [typed(password) for password in as_heard] == [302] * 3
    assert typed(initial[:-1]) == 200
    hand_out(factory, app, "science", password=hashed_in(app, "abcdefgh" * 2), password_given=False)
    assert typed("ABCDEFGH" * 2) == 200 and typed("abcdefgh" * 2) == 302


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_ones_own_password_leads_on_and_ends_other_sessions(
    factory: SiteProjectFactory, app: Flask, login: LogIn
) -> None:
    initial = hand_out(factory, app, "science")
    here, elsewhere = login(factory.people["science"]), login(factory.people["science"])
    wanted = here.get("/admin/organisations?status=pending").location
    answer = here.post(wanted, data={"password": OWN, "password_again": OWN})
    assert answer.location == "/admin/organisations?status=pending"
    assert here.get(answer.location).status_code == 200
    assert elsewhere.get("/desk").status_code == 302
    person = fresh(factory, "science")
    assert not person.password_given
    with app.app_context():
        assert matches(OWN, person.password) and not matches(initial, person.password)
    event = factory.session.scalars(select(Event).where(Event.stream == f"person:{person.id}")).one()
    assert event.data == {"password": True}
    factory.session.rollback()
    assert here.get("/first-password").location == "/desk"
    assert choose(here, "another horse battery").location == "/desk"
    with app.app_context():
        assert matches(OWN, fresh(factory, "science").password)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_bad_or_the_same_password_is_refused(factory: SiteProjectFactory, app: Flask, login: LogIn) -> None:
    initial = hand_out(factory, app, "science", email="zhang.wei@example.com")
    browser = login(factory.people["science"])
    for password, again, sentence in (
        (initial, None, "新密码不能与初始密码相同"),
        ("short", None, "密码至少 10 个字符"),
        (OWN, "other", "两次输入的密码不一致"),
        ("Zhang.Wei@2026", None, "邮箱、手机号码、单位"),
    ):
        answer = choose(browser, password, again)
        assert answer.status_code == 422 and sentence in answer.text
        assert password not in answer.text
    assert fresh(factory, "science").password_given


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_password_that_another_site_has_lost_is_refused_where_there_is_a_list(
    factory: SiteProjectFactory, app: Flask, login: LogIn, tmp_path: Path
) -> None:
    hand_out(factory, app, "science")
    browser, lost = login(factory.people["science"]), tmp_path / "pwned.txt"
    lost.write_text(f"{sha1(OWN.encode(), usedforsecurity=False).hexdigest().upper()}:7\n")
    app.config["BREACHED_PASSWORDS"] = str(lost)
    answer = choose(browser, OWN)
    assert answer.status_code == 422 and "这个密码已在别的网站泄露过，请换一个。" in answer.text
    assert not next(one.troubles for one in results(app, ["breached_passwords"]))
    lost.unlink()
    [trouble] = next(one.troubles for one in results(app, ["breached_passwords"])) or ()
    assert str(lost) in trouble.said
    assert choose(browser, OWN).status_code == 302, "a list that is not there keeps nobody out"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_one_is_not_sent_to_another_site_afterwards(factory: SiteProjectFactory, app: Flask, login: LogIn) -> None:
    hand_out(factory, app, "science")
    assert choose(login(factory.people["science"]), OWN, target="//evil.example").location == "/desk"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_who_chose_the_password_is_asked_nothing(factory: SiteProjectFactory, login: LogIn) -> None:
    assert login(factory.people["issuer"]).get("/desk").status_code == 200


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_manager_resets_the_password_of_a_colleague(factory: SiteProjectFactory, app: Flask, login: LogIn) -> None:
    with factory.writing() as session:
        factory.people["issuer"].manager = True
        session.get_one(Person, factory.people["rival"].id).organisation_id = factory.people["issuer"].organisation_id
    manager, colleague = login(factory.people["issuer"]), login(factory.people["rival"])
    number = factory.people["rival"].id
    assert manager.post(f"/colleagues/{number}/password").location == "/colleagues"
    page = manager.get("/colleagues").text
    password = shown_password(page)
    assert "尚未设置密码" in page
    assert colleague.get("/desk").status_code == 302
    with app.app_context():
        assert matches(password, fresh(factory, "rival").password)
    mail = factory.session.scalars(select(Mail).where(Mail.person_id == number)).one()
    assert "密码已重设" in mail.subject and password not in mail.body
    factory.session.rollback()
    assert login(fresh(factory, "rival")).get("/desk").location.startswith("/first-password")
    me, stranger = factory.people["issuer"].id, factory.people["science"].id
    assert manager.post(f"/colleagues/{me}/password").status_code == 403
    assert manager.post(f"/colleagues/{stranger}/password").status_code == 404
    assert login(fresh(factory, "agency")).post(f"/colleagues/{number}/password").status_code == 403


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("typed", ["ｆｕｌｌｗｉｄｔｈ密码", "café-crème-brûlée", "龙䶮 与 𬭎 同行去远方"])
def test_a_password_is_kept_as_the_sign_in_form_reads_it(
    factory: SiteProjectFactory, app: Flask, login: LogIn, client: FlaskClient, typed: str
) -> None:
    hand_out(factory, app, "science", email="clerk@example.com")
    assert choose(login(factory.people["science"]), typed).location == "/desk"
    answer = client.post("/account/sign-in", data={"email": "clerk@example.com", "password": typed})
    assert answer.status_code == 302
    changed = {"person_name": "x", "mobile": "13800000000", "password_old": typed}
    assert client.post("/profile", data=changed | {"password": OWN, "password_again": OWN}).status_code == 302


GOOD = (
    "correct horse battery",
    "湘江北去橘子洲头看万山红遍",
    "v7-kd9q-mmt2-x",
    "zhang likes red tea",
    "Tr0ub4dor&3xy",
    DEMO_PASSWORD,
)
BAD = {
    "short": "至少 10 个字符",
    "x" * 101: "最长 100 个字符",
    "2026-11-23!!": "日期、重复或连续的字符",
    "aabbaabbaabb": "日期、重复或连续的字符",
    "abcdefghij": "日期、重复或连续的字符",
    "Password2026": "太常见",
    "p@ssw0rd123": "太常见",
    "1qaz2wsx3edc": "太常见",
    "Qwertyuiop!": "太常见",
    "poiuytrewq12": "太常见",
    "hunan8hunan8": "日期、重复或连续的字符",
    "Xiangtan@2026": "本市名称",
    "jiebangguashuai": "本市名称",
    "xtbang2026!": "本市名称",
    "zhang.wei2026": "邮箱、手机号码、单位",
    "13800001111abc": "邮箱、手机号码、单位",
    "Tianhong@2026": "邮箱、手机号码、单位",
    "湘潭天虹机械有限公司": "单位或本市名称",
}


def test_good_and_bad_passwords() -> None:
    own = ("zhang.wei@example.com", "13800001111", "张伟", "湘潭天虹机械有限公司", "tianhong", "xiangtan")
    assert [str(reason) for password in GOOD for reason in password_reasons(password, password, own)] == []
    for password, sentence in BAD.items():
        (reason,) = password_reasons(password, password, own)
        assert sentence in str(reason) and reason.field == "password", password
    assert password_reasons("zhang.wei likes red tea", "zhang.wei likes red tea", own) == []
    assert all(password_reasons(word, word) == [] for word in (first_password() for _ in range(50)))
