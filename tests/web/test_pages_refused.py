"""What was refused is not lost: the next page holds what was typed and chosen, and signing in again comes back to it."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.factories.site_projects import SiteProjectFactory
from tests.web.refusing import (
    TOKEN,
    TYPED,
    LogIn,
    again,
    entered,
    everything_kept,
    fields_of,
    signed_out_elsewhere,
)
from tests.web.test_pages_account import registration
from tests.web.test_pages_too_long import multipart
from tests.web.visitors import count, sign_in, with_password
from xtbang.config import ROOT
from xtbang.models import KeptRequest, Organisation, Person, SignIn
from xtbang.people import kept
from xtbang.web.frame.access import ANYONE, rule_of
from xtbang.web.frame.refused import NOT_KEPT


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_every_form_that_is_refused_is_kept_for_its_sender_alone(
    factory: SiteProjectFactory, app: Flask, login: LogIn
) -> None:
    """Every address that takes a form, refused because the session was ended elsewhere; shown again after signing in."""
    browser = entered(factory, app, "science")
    signed_out_elsewhere(factory)
    asked = []
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint in NOT_KEPT or ANYONE in rule_of(app, rule.endpoint):
            continue
        with app.test_request_context():
            address = rule.build({name: "1" for name in rule.arguments})[1]  # type: ignore[index]
        text = f"{TYPED} {rule.endpoint}"
        answer = browser.post(address, data={"reason": text, "code": f"编号 {text}", "password": "secret word"})
        assert text in answer.text and f"编号 {text}" in answer.text and "secret word" not in answer.text, (
            rule.endpoint,
            answer.status_code,
        )
        asked.append((rule.endpoint, text, again(answer.text)))
    assert len(asked) > 35
    stranger = app.test_client()
    assert stranger.get(asked[0][2]).location.startswith("/login?next=/kept/")
    assert "1 封" not in stranger.get("/").text
    signed_in = sign_in(browser, factory, "science")
    assert signed_in.location.startswith("/kept/")
    rival, mine = login(factory.people["rival"]), app.test_client()
    for endpoint, text, address in asked[-kept.FORMS :]:
        page = browser.get(address)
        assert page.status_code == 200 and text in page.text, endpoint
        assert text not in rival.get(address, follow_redirects=True).text, endpoint
        assert text not in mine.get(address, follow_redirects=True).text, endpoint
    factory.session.rollback()
    assert not [
        row for row in factory.session.scalars(select(KeptRequest)) if b"secret" in kept.zlib.decompress(row.content)
    ]


def test_every_form_of_a_page_says_where_it_is_sent() -> None:
    """A form without an address would be sent to the one that shows it again."""
    for path in (ROOT / "templates").rglob("*.html"):
        for tag in re.findall(r"<form[^>]*method=\"post\"[^>]*>", path.read_text(encoding="utf-8")):
            assert "action=" in tag, (path.name, tag)


def test_every_box_of_a_page_shows_what_was_typed_into_it_and_cuts_nothing() -> None:
    """Only a code that is good for once, and what is searched for on every page, is typed anew."""
    for path in (ROOT / "templates").rglob("*.html"):
        for tag in re.findall(r"<input(?:{{.*?}}|{%.*?%}|[^>])*>", path.read_text(encoding="utf-8"), re.DOTALL):
            kind = re.search(r'type="([a-z]+)"', tag)
            typed = kind is None or kind[1] not in ("hidden", "checkbox", "radio", "file", "password", "search")
            assert not typed or "value=" in tag or "one-time-code" in tag, (path.name, tag)
            assert "maxlength" not in tag, (path.name, tag)


def forms(factory: SiteProjectFactory) -> list[tuple[str, str, dict[str, str]]]:
    """Who sends which form with what."""
    project = factory.draft()
    submitted = factory.submitted()
    return [
        ("issuer", factory.page(project, f"/documents/{project.form_id}"), {"title": TYPED, "draft_version": "0"}),
        ("science", factory.page(submitted, "/actions/send_back"), {"reason": TYPED, "correct_by": "2024-09-30"}),
        ("science", "/calls-admin/new", {"title": TYPED}),
        ("science", "/admin/restrictions/new", {"reason": TYPED}),
        ("science", "/profile", {"person_name": TYPED, "mobile": "13800000001"}),
        (
            "finance",
            "/finance/account",
            {"name": TYPED, "bank_name": "银行", "bank_account": "1", "since": "2024-09-02"},
        ),
        ("issuer", "/organisation", {"address": TYPED}),
        ("issuer", "/colleagues", {"person_name": TYPED}),
        ("admin", "/admin/people/new", {"name": TYPED}),
    ]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_of_a_table_only_the_rows_are_read_out_in_which_something_was_typed(
    factory: SiteProjectFactory, app: Flask
) -> None:
    project = factory.submitted()
    browser, address = entered(factory, app, "science"), factory.page(project, "/actions/send_back")
    sent = fields_of(browser.get(address).text) | {"remarks-1-text": TYPED}
    signed_out_elsewhere(factory)
    page = browser.post(address, data=sent).text
    assert TYPED in page and "逐项意见 第 2 行" in page and "逐项意见 第 1 行" not in page


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("refusal", ["signed out", "another session", "a fault", "too much"])
def test_a_form_comes_back_filled_in_and_can_be_sent(
    factory: SiteProjectFactory, app: Flask, monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    with factory.writing():
        factory.people["issuer"].manager = True
    every = forms(factory)
    for who, address, typed in every if refusal == "signed out" else every[:3]:
        field = next(name for name, value in typed.items() if value == TYPED)
        app.config["WTF_CSRF_ENABLED"] = False
        browser = entered(factory, app, who)
        app.config["WTF_CSRF_ENABLED"] = True
        token, sent = (
            unescape(TOKEN.findall(browser.get(address).text)[-1]),
            dict(typed),
        )
        if refusal == "signed out":
            signed_out_elsewhere(factory)
        elif refusal == "another session":
            token = "a token that holds no more"
        elif refusal == "too much":
            sent[field] += "字" * 1_500_000
        with monkeypatch.context() as broken:
            if refusal == "a fault":
                broken.setitem(
                    app.view_functions, app.url_map.bind("").match(address, method="POST")[0], lambda **_: 1 / 0
                )
            data = sent | {"csrf_token": token, "scripted": "1"}
            answer = browser.post(address, **multipart(data))
        wanted = {"signed out": [401], "another session": [400], "a fault": [500], "too much": [409, 413, 422]}[refusal]
        assert answer.status_code in wanted and TYPED in answer.text, address
        app.config["WTF_CSRF_ENABLED"] = False
        if refusal == "signed out":
            assert sign_in(browser, factory, who).location == again(answer.text)
        page = browser.get(again(answer.text))
        box = re.search(rf'<(?:input|textarea)[^>]*name="{field}"[^>]*?(?:value="|>)([^"<]*)', page.text)
        assert box and unescape(box[1]) == sent[field], (address, page.text)
        assert f'action="{address}"' in page.text and "已原样填在本页" in page.text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_page_is_valid_for_its_person_after_signing_in_again_and_for_nobody_else(
    factory: SiteProjectFactory, app: Flask
) -> None:
    browser = entered(factory, app, "science")
    with_password(factory, app, "finance")
    app.config["WTF_CSRF_ENABLED"] = True
    page = browser.get("/profile").text
    token, logout = (
        unescape(TOKEN.findall(page)[-1]),
        {"csrf_token": unescape(TOKEN.findall(browser.get("/desk").text + page)[0])},
    )

    def as_(name: str) -> str:
        browser.post("/account/sign-out", data=logout)
        app.config["WTF_CSRF_ENABLED"] = False
        answer = sign_in(browser, factory, name)
        assert answer.status_code == 302
        app.config["WTF_CSRF_ENABLED"] = True
        return str(answer.location)

    as_("finance")
    sent = {"person_name": TYPED, "mobile": "13800000001", "csrf_token": token, "scripted": "1"}
    answer = browser.post("/profile", data=sent)
    assert answer.status_code == 400 and "用另一个账号打开的" in answer.text and TYPED not in answer.text
    with factory.writing() as session:
        session.execute(update(SignIn).values(ended_at=factory.now))
    browser = app.test_client()
    assert TYPED in browser.get(as_("science")).text  # as the page said
    assert browser.post("/profile", data=sent).status_code == 302


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_organisation_is_registered_once_however_often_the_button_is_pressed(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    sent = registration(request_key="pressed twice")
    before = count(factory, Organisation)
    for _ in range(2):
        assert client.post("/register", data=sent).location == "/register/received"
    assert count(factory, Organisation) == before + 1
    taken = client.post("/register", data=sent | {"request_key": "another page"})
    assert taken.status_code == 422 and "已经注册" in taken.text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_back_from_a_form_that_went_through_leads_to_its_page_and_not_to_a_sign_in(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    token = {"csrf_token": TOKEN.findall(client.get("/register").text)[-1], "scripted": "1"}
    refused = client.post("/register", data=registration(postcode="4111") | token)
    back = re.search(r'name="shown-again-at" content="([^"]+)"', refused.text)
    assert back and "湘潭新注册有限公司" in client.get(unescape(back[1])).text
    assert client.post("/register", data=registration() | token).location == "/register/received"
    page = client.get(unescape(back[1]), follow_redirects=True)
    assert page.request.path == "/register" and "可能已经办理" in page.text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_points_of_a_score_sheet_are_told_with_their_criteria(factory: SiteProjectFactory, app: Flask) -> None:
    browser = entered(factory, app, "science")
    signed_out_elsewhere(factory)
    for address in ("/reviews/1/scores", "/projects/1/actions/submit_scores"):
        page = browser.post(address, data={"need": "17", "comment": TYPED}).text
        assert "需求的必要性与紧迫性" in page and "评审意见" in page and "填写内容</dt>" not in page


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_action_that_somebody_else_changed_goes_on_with_what_was_typed(
    factory: SiteProjectFactory, login: LogIn
) -> None:
    project = factory.submitted()
    seen = factory.seen(project)[1]
    factory.perform(project, "send_back", "science", {"reason": "请补正", "correct_by": "2024-09-30"})
    browser = login(factory.people["issuer"])
    url = factory.page(project, "/actions/withdraw")
    page = browser.post(url, data={"seen_version": str(seen), "reason": TYPED, "confirmed": "1"})
    assert page.status_code == 409 and TYPED in page.text
    form = browser.post(url, data=fields_of(page.text))
    assert form.status_code == 200 and TYPED in form.text
    assert browser.post(url, data=fields_of(form.text) | {"reason": TYPED, "confirmed": "1"}).status_code == 302


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_two_clicks_do_what_a_form_says_once(factory: SiteProjectFactory, app: Flask) -> None:
    """The same form with the same content counts once, whatever it makes or switches; from another page it counts anew."""
    with factory.writing():
        factory.people["issuer"].manager = True
    browser = entered(factory, app, "issuer")
    app.config["WTF_CSRF_ENABLED"] = True

    def clicks(address: str, **sent: str) -> list[Any]:
        token = unescape(TOKEN.findall(browser.get("/colleagues").text)[-1])
        return [browser.post(address, data=sent | {"csrf_token": token}) for _click in range(2)]

    before = count(factory, Person)
    new = {"person_name": "新同事", "title": "工程师", "mobile": "13800000009", "email": "new@example.com"}
    for address, sent in (("/colleagues", new), (f"/colleagues/{before + 1}/active", {})):
        answers = clicks(address, **sent)
        assert [(answer.status_code, answer.location) for answer in answers] == [
            (302, "/colleagues"),
            (303, "/colleagues"),
        ]
        assert "没有重复办理" in browser.get("/colleagues").text
    factory.session.rollback()
    person = factory.session.scalars(select(Person).where(Person.email == new["email"])).one()
    assert (count(factory, Person), person.active) == (before + 1, False)
    clicks(f"/colleagues/{person.id}/active")
    factory.session.rollback()
    factory.session.refresh(person)
    assert person.active


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_back_leads_to_a_page_that_opens_also_from_forms_with_nothing_to_keep(
    factory: SiteProjectFactory, app: Flask
) -> None:
    """A refused sign-in, a wrong password: with script the page has an address of its own, without it is led to one."""
    stranger, finance = app.test_client(), entered(factory, app, "finance")
    wrong = {"email": factory.people["finance"].email, "password": "falsch", "password_old": "falsch"}
    for browser, path, sentence in (
        (stranger, "/login", "电子邮箱或密码不正确"),
        (stranger, "/login?next=/mine", "电子邮箱或密码不正确"),
        (finance, "/account/prove", "登录密码不正确"),
    ):
        page = browser.get(path, follow_redirects=True).text
        action = re.search(r'<main.*?<form[^>]*action="([^"]*)"', page, re.DOTALL)
        sent = {"csrf_token": TOKEN.findall(page)[-1]} | wrong
        address = unescape(action[1]) if action else path
        scripted = browser.post(address, data=sent | {"scripted": "1"})
        assert sentence in scripted.text
        back = re.search(r'name="shown-again-at" content="([^"]+)"', scripted.text)
        assert back and browser.get(unescape(back[1])).status_code == 200
        sent["csrf_token"] = TOKEN.findall(browser.get(path, follow_redirects=True).text)[-1]
        led = browser.post(address, data=sent)
        assert led.status_code == 303, path
        assert sentence in browser.get(led.location).text and sentence in browser.get(led.location).text
    assert not [row for row in everything_kept(factory) if "falsch" in row]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_page_that_shows_a_secret_is_never_stored(factory: SiteProjectFactory, app: Flask) -> None:
    browser = entered(factory, app, "science")
    page = browser.get("/second-factor").text
    answer = browser.post("/second-factor", data={"csrf_token": TOKEN.findall(page)[-1], "password_old": "falsch"})
    assert answer.status_code == 422 and "登录密码不正确" in answer.text
    assert everything_kept(factory) == []
