"""A forgotten password and another e-mail, confirmed by a link that was mailed."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from tests.web.accounts import known, letters_to, link_to, trail
from tests.web.visitors import PASSWORD, sign_in, with_password
from xtbang.models import Person

Enter = Callable[[str], FlaskClient]
NEW = "another horse battery"
BOTH = {"password": NEW, "password_again": NEW}


@pytest.fixture
def factory(app: Flask, session: Session) -> SiteProjectFactory:
    app.config["SMTP_HOST"] = "mail.example.com"
    made = SiteProjectFactory(app, session)
    with_password(made, app, "science", "issuer")
    return made


@pytest.fixture
def enter(factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]) -> Enter:
    return lambda name: login(known(factory, name))


def ask(client: FlaskClient, email: str) -> str:
    answer = client.post("/forgot", data={"email": email})
    return f"{answer.status_code} {answer.location}"


# ---------------------------------------------------------------- a forgotten password


def test_the_sign_in_page_leads_to_a_new_password(factory: SiteProjectFactory, client: FlaskClient) -> None:
    page = client.get("/account/sign-in").text
    assert 'href="/forgot"' in page and "0731-58570302" in page


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient
) -> None:
    email = factory.people["science"].email
    signed_in = app.test_client()
    sign_in(signed_in, factory, "science")
    assert ask(client, email.upper()) == "302 /forgot/sent"
    link = link_to(factory, email)
    assert client.get(link).status_code == client.head(link).status_code == 200
    answer = client.post(link, data=BOTH, follow_redirects=True)
    assert f"账号 {email} 的密码已重设，请用新密码登录" in answer.text
    assert signed_in.get("/desk").status_code == 302
    assert sign_in(app.test_client(), factory, "science", PASSWORD).status_code == 200
    assert sign_in(app.test_client(), factory, "science", NEW).status_code == 302
    assert letters_to(factory, email)[0].subject == "登录密码已重设"
    assert trail(factory, "science")[1:3] == ["ask_password_reset", "reset_password"]


def test_the_link_is_used_once_and_within_an_hour(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient, later: Callable[[float], None]
) -> None:
    email = factory.people["science"].email
    ask(client, email)
    late = link_to(factory, email)
    later(3605)
    assert client.get(late).location == "/forgot"
    assert client.post(late, data=BOTH).location == "/forgot"
    ask(client, email)
    link = link_to(factory, email)
    assert client.post(link, data=BOTH).location == "/account/sign-in"
    for answer in (client.get(link), client.post(link, data={"password": "x" * 12, "password_again": "x" * 12})):
        assert answer.location == "/forgot"
    assert "已经用过或已失效" in client.get("/forgot").text
    assert sign_in(app.test_client(), factory, "science", NEW).status_code == 302


def test_nobody_learns_whether_an_account_exists_or_is_switched_off(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    with factory.writing():
        factory.people["issuer"].active = False
    answers = {ask(client, email) for email in (factory.people["science"].email, "no@example.com")}
    assert answers | {ask(client, factory.people["issuer"].email)} == {"302 /forgot/sent"}
    assert letters_to(factory, factory.people["issuer"].email) == [] == letters_to(factory, "no@example.com")
    assert "ask_password_reset" not in trail(factory, "issuer")


def test_who_is_switched_off_meanwhile_gets_no_new_password(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient
) -> None:
    email = factory.people["science"].email
    ask(client, email)
    with factory.writing():
        factory.people["science"].active = False
    assert client.post(link_to(factory, email), data=BOTH).location == "/forgot"


def test_a_bad_new_password_is_refused_and_the_link_stays(factory: SiteProjectFactory, client: FlaskClient) -> None:
    email = factory.people["science"].email
    ask(client, email)
    link = link_to(factory, email)
    answer = client.post(link, data={"password": "short", "password_again": "short"})
    assert answer.status_code == 422 and "密码至少 10 个字符" in answer.text
    assert client.post(link, data=BOTH).location == "/account/sign-in"


def test_the_link_is_not_in_the_inbox_and_names_our_own_site(
    factory: SiteProjectFactory, app: Flask, enter: Enter
) -> None:
    """Who finds an open session must not come by a new password with it, nor who sends another host's name."""
    email = factory.people["science"].email
    app.test_client().post("/forgot", data={"email": email}, headers={"Host": "evil.example"})
    mail = letters_to(factory, email)[0]
    assert mail.link.startswith("http://localhost/forgot/link/") and mail.person_id is None
    assert "重设登录密码" not in enter("science").get("/inbox").text


def test_five_links_an_hour_are_sent_to_one_address(factory: SiteProjectFactory, app: Flask) -> None:
    for name in (factory.people["science"].email, "no@example.com"):
        codes = [app.test_client().post("/forgot", data={"email": name}).status_code for _ in range(6)]
        assert codes == [302] * 5 + [429]


def test_without_a_mail_server_the_page_says_whom_to_call(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient
) -> None:
    app.config["SMTP_HOST"] = ""
    page = client.get("/forgot").text
    assert "本系统现在不能发送邮件" in page and "0731-58570302" in page and 'name="email"' not in page


# ---------------------------------------------------------------- another e-mail


def change(browser: FlaskClient, email: str, password: str = PASSWORD) -> int:
    return browser.post("/email", data={"email": email, "password_old": password}).status_code


def test_the_owner_changes_the_email_by_a_link_to_the_new_address(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient, enter: Enter
) -> None:
    before, new = factory.people["science"].email, "new.address@example.com"
    assert change(enter("science"), "New.Address@example.com") == 302
    assert known(factory, "science").email == before
    link = link_to(factory, new)
    page = client.get(link)
    assert before in page.text and new in page.text
    assert client.head(link).status_code == 200, "as a scanner of mails asks"
    assert known(factory, "science").email == before, "looking changes nothing"
    assert client.post(link).location == "/profile"
    assert known(factory, "science").email == new
    assert "更换为 new.address@example.com" in letters_to(factory, before)[0].body
    answer = app.test_client().post("/account/sign-in", data={"email": new, "password": PASSWORD})
    assert answer.status_code == 302
    assert trail(factory, "science")[:2] == ["ask_email_change", "change_email"]
    assert client.post(link, follow_redirects=False).location == "/email", "only once"
    assert client.get(link).location == "/email", "and it says so when it is opened"


def test_a_new_email_voids_the_link_for_a_new_password_in_the_old_mailbox(
    factory: SiteProjectFactory, app: Flask
) -> None:
    old, new = factory.people["science"].email, "new@example.com"
    here, there = app.test_client(), app.test_client()
    for browser in (here, there):
        assert sign_in(browser, factory, "science").status_code == 302
    ask(app.test_client(), old)
    reset = link_to(factory, old)
    assert change(here, new) == 302
    assert here.post(link_to(factory, new)).location == "/profile"
    assert app.test_client().post(reset, data=BOTH).location == "/forgot"
    assert here.get("/desk").status_code == 200, "this device stays signed in"
    assert there.get("/desk").status_code == 302


def test_a_link_opened_by_somebody_else_who_is_signed_in_says_whose_account_it_is(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    owner, other = factory.people["science"].email, enter("issuer")
    ask(other, owner)
    assert f"账号 {owner}。" in other.get(link_to(factory, owner)).text
    assert change(enter("science"), "new@example.com") == 302
    answer = other.post(link_to(factory, "new@example.com"), follow_redirects=True).text
    assert f"账号 {owner} 的登录邮箱已更换为 new@example.com" in answer and factory.people["issuer"].email in answer


@pytest.mark.parametrize("meanwhile", ["closed", "changed"])
def test_a_link_for_a_new_email_is_of_no_use_once_the_account_is_another(
    factory: SiteProjectFactory, client: FlaskClient, enter: Enter, meanwhile: str
) -> None:
    change(enter("science"), "new@example.com")
    with factory.writing():
        if meanwhile == "closed":
            factory.people["science"].active = False
        else:
            factory.people["science"].email = "other@example.com"
    assert client.get(link_to(factory, "new@example.com")).location == "/email"


def test_the_email_is_not_changed_without_the_password(factory: SiteProjectFactory, enter: Enter) -> None:
    assert change(enter("science"), "new@example.com", "wrong") == 422
    assert letters_to(factory, "new@example.com") == []


def test_an_address_that_is_taken_is_not_told(factory: SiteProjectFactory, enter: Enter) -> None:
    taken = factory.people["issuer"].email
    assert change(enter("science"), taken) == 302
    assert letters_to(factory, taken) == []


def test_an_address_that_was_taken_meanwhile_is_refused(
    factory: SiteProjectFactory, client: FlaskClient, enter: Enter
) -> None:
    change(enter("science"), "new@example.com")
    with factory.writing():
        factory.people["issuer"].email = "new@example.com"
    before = known(factory, "science").email
    client.post(link_to(factory, "new@example.com"))
    assert known(factory, "science").email == before


def test_a_new_password_voids_a_change_that_was_asked_before(
    factory: SiteProjectFactory, client: FlaskClient, enter: Enter
) -> None:
    change(enter("science"), "new@example.com")
    link = link_to(factory, "new@example.com")
    ask(client, factory.people["science"].email)
    client.post(link_to(factory, factory.people["science"].email), data=BOTH)
    client.post(link)
    assert known(factory, "science").email == factory.people["science"].email


def test_nobody_sends_more_than_five_of_these_links_an_hour(factory: SiteProjectFactory, enter: Enter) -> None:
    codes = [change(enter("science"), f"new{number}@example.com") for number in range(6)]
    assert codes == [302] * 5 + [429]


@pytest.mark.parametrize("path", ["/forgot/link/x", "/email/link/x", "/email/link/WyJhIl0.x.y"])
def test_a_link_that_was_made_up_leads_nowhere(factory: SiteProjectFactory, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == client.post(path).status_code == 302
