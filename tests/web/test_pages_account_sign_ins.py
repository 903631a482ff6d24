"""登录记录: each device on its own, and what signing in leaves in the audit trail and the log."""

import logging
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from tests.web.accounts import trail
from tests.web.clients import FORM
from tests.web.visitors import PASSWORD, sign_in, with_password
from xtbang.models import Event, SignIn

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1"
NEW = "another horse battery"


@pytest.fixture
def factory(app: Flask, session: Session) -> SiteProjectFactory:
    made = SiteProjectFactory(app, session)
    with_password(made, app, "science", "issuer")
    return made


def browser(
    app: Flask, factory: SiteProjectFactory, agent: str = FIREFOX, name: str = "science", **more: str
) -> FlaskClient:
    """Somebody signed in on such a device."""
    made = app.test_client()
    made.environ_base["HTTP_USER_AGENT"] = agent
    assert sign_in(made, factory, name, **more).status_code == 302
    return made


def rows(factory: SiteProjectFactory) -> list[SignIn]:
    factory.session.rollback()
    factory.session.expire_all()
    found = list(factory.session.scalars(select(SignIn).order_by(SignIn.id)))
    factory.session.rollback()
    return found


def test_the_page_names_every_device(factory: SiteProjectFactory, app: Flask) -> None:
    browser(app, factory, IPHONE)
    page = browser(app, factory).get("/sign-ins").text
    assert "Safari，iPhone" in page and "Firefox，Windows" in page and "127.0.0.1" in page
    assert page.count("本设备") == 1 and page.count("登录中") == 1


def test_signing_in_says_when_the_last_time_was(factory: SiteProjectFactory, app: Flask) -> None:
    first = browser(app, factory, IPHONE)
    assert "上次登录" not in first.get("/desk").text
    second = browser(app, factory).get("/desk").text
    assert "上次登录：2024年9月2日 10:00，Safari，iPhone，地址 127.0.0.1" in second


def test_signing_out_ends_this_device_alone(factory: SiteProjectFactory, app: Flask) -> None:
    here, there = browser(app, factory), browser(app, factory, IPHONE)
    saved = here.get_cookie("session")
    here.post("/account/sign-out")
    thief = app.test_client()
    assert saved
    thief.set_cookie(saved.key, saved.value)
    assert thief.get("/desk").status_code == 302
    assert there.get("/desk").status_code == 200
    assert "已退出" in there.get("/sign-ins").text


def test_one_device_is_signed_out_from_another(factory: SiteProjectFactory, app: Flask) -> None:
    lost, here = browser(app, factory, IPHONE, remember="y"), browser(app, factory)
    number = rows(factory)[0].id
    assert here.post(f"/sign-ins/{number}/end").location == "/sign-ins"
    assert lost.get("/desk").status_code == 302, "also with what keeps it signed in"
    assert here.get("/desk").status_code == 200
    assert trail(factory, "science")[-1] == "end_sign_in"


def test_all_others_are_signed_out(factory: SiteProjectFactory, app: Flask) -> None:
    others = [browser(app, factory, IPHONE), browser(app, factory)]
    here = browser(app, factory)
    assert here.post("/sign-ins/end", data={"others": "1"}).location == "/sign-ins"
    assert [other.get("/desk").status_code for other in others] == [302, 302]
    page = here.get("/sign-ins").text
    assert page.count("本设备") == 1 and "登录中" not in page
    assert trail(factory, "science")[-1] == "end_sign_ins"


def test_everything_is_signed_out(factory: SiteProjectFactory, app: Flask) -> None:
    there, here = browser(app, factory, IPHONE), browser(app, factory)
    assert here.post("/sign-ins/end").location == "/"
    assert [there.get("/desk").status_code, here.get("/desk").status_code] == [302, 302]


def test_nobody_ends_what_is_not_theirs(factory: SiteProjectFactory, app: Flask) -> None:
    there, stranger = browser(app, factory), browser(app, factory, name="issuer")
    assert stranger.post(f"/sign-ins/{rows(factory)[0].id}/end").status_code == 404
    assert there.get("/desk").status_code == 200


def test_a_new_password_keeps_this_device_and_ends_the_others(factory: SiteProjectFactory, app: Flask) -> None:
    there, here = browser(app, factory, IPHONE), browser(app, factory)
    data = {"person_name": "x", "mobile": "13800000000", "password_old": PASSWORD}
    assert here.post("/profile", data=data | {"password": NEW, "password_again": NEW}).status_code == 302
    assert there.get("/desk").status_code == 302
    page = here.get("/sign-ins").text
    assert page.count("本设备") == 1 and page.count("已退出") >= 1


def test_reading_does_not_count_as_seen_and_sending_a_form_does(
    factory: SiteProjectFactory, app: Flask, later: Callable[[float], None]
) -> None:
    here = browser(app, factory)
    began = rows(factory)[0].seen_at
    factory.now = factory.now.replace(hour=15)
    later(5 * 3600)
    here.get("/desk")
    assert rows(factory)[0].seen_at == began
    here.post("/inbox/read")
    assert rows(factory)[0].seen_at > began


def test_signing_in_refusals_and_a_lock_are_recorded(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "xtbang.accounts")
    for _ in range(10):
        sign_in(client, factory, "science", "guessed word")
    for _ in range(2):
        assert sign_in(client, factory, "science").status_code == 429
    client.post("/account/sign-in", data={"email": "no@example.com", "password": "guessed word"})
    browser(app, factory, name="issuer")
    assert trail(factory, "science") == ["sign_in_refused"] * 10 + ["sign_in_locked"]
    assert trail(factory, "issuer") == ["sign_in"]
    event = factory.session.scalars(select(Event).where(Event.trigger == "sign_in_locked")).one()
    assert (event.address, event.actor_name) == ("127.0.0.1", "社会公众")
    factory.session.rollback()
    assert f"sign_in_locked: person {factory.people['science'].id}, from 127.0.0.1" in caplog.text
    assert "no such account" in caplog.text
    assert "guessed" not in caplog.text and "@" not in caplog.text and PASSWORD not in caplog.text


def test_the_trail_is_told_in_words(factory: SiteProjectFactory, app: Flask, login: Callable[..., FlaskClient]) -> None:
    browser(app, factory)
    page = login(factory.people["auditor"]).get("/admin/audit").text
    assert "登录" in page and "Firefox，Windows" in page


@pytest.mark.parametrize("email", ["\0@example.com", "\udcff@example.com", "x" * 5000, "😀", " "])
def test_what_is_no_address_is_refused_like_any_other(
    factory: SiteProjectFactory, client: FlaskClient, email: str
) -> None:
    body = urlencode({"email": email, "password": "guessed word"}, errors="surrogatepass")
    answer = client.post("/account/sign-in", data=body, content_type=FORM)
    assert answer.status_code in (200, 400)
