"""How long a session lasts, and when who pays has to prove once more who they are."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later as reached
from tests.factories.site_projects import SiteProjectFactory
from tests.web.visitors import PASSWORD, sign_in, with_password
from xtbang.models import LedgerEntry

Later = Callable[[float], None]
HOUR = 3600


def entered(factory: SiteProjectFactory, app: Flask, name: str, **more: str) -> FlaskClient:
    with_password(factory, app, name)
    browser = app.test_client()
    assert sign_in(browser, factory, name, **more).status_code == 302
    return browser


def test_a_session_that_is_used_all_the_time_ends_after_twelve_hours(
    factory: SiteProjectFactory, app: Flask, later: Later
) -> None:
    browser = entered(factory, app, "science")
    for _ in range(3):
        later(3.9 * HOUR)
        assert browser.get("/desk").status_code == 200
    later(0.5 * HOUR)
    assert browser.get("/desk").location == "/login?next=/desk"
    assert "登录已超过 12 小时" in browser.get("/account/sign-in").text


def test_who_pays_signs_in_again_after_half_an_hour_others_do_not(
    factory: SiteProjectFactory, app: Flask, later: Later
) -> None:
    finance, science = entered(factory, app, "finance", remember="y"), entered(factory, app, "science")
    later(29 * 60)
    assert finance.get("/desk").status_code == 200
    later(31 * 60)
    assert (finance.get("/desk").status_code, science.get("/desk").status_code) == (302, 200)
    assert "超过 30 分钟没有操作" in finance.get("/account/sign-in").text


def test_a_payment_asks_for_the_password_again_and_keeps_what_was_typed(
    factory: SiteProjectFactory, app: Flask, later: Later
) -> None:
    project = reached.approved(factory, reached.ready(factory))
    url, browser = factory.page(project, "/actions/disburse_first"), entered(factory, app, "finance")
    slip = factory.form(project, amount="20", paid_on="2024-11-20", note="ZF-1")
    assert browser.get("/desk").status_code == 200
    later(16 * 60)
    assert browser.get(url).status_code == 200, "reading needs no proof"
    sent = browser.post(url, data=slip)
    assert sent.location == "/account/prove"
    assert "请再次证明是您本人" in browser.get("/account/prove").text
    assert "登录密码不正确" in browser.post("/account/prove", data={"password_old": "x"}).text
    back = browser.post("/account/prove", data={"password_old": PASSWORD})
    assert back.location.startswith("/kept/")
    assert "ZF-1" in browser.get(back.location).text
    assert 'name="confirmed"' in browser.post(url, data=slip).text
    factory.session.rollback()
    assert factory.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "instalment")).all() == []
    others = entered(factory, app, "issuer")
    later(16 * 60)
    assert others.post(url, data=slip).status_code != 303
