"""Signing in with a code: set up with a telephone, compulsory for some roles, recovery codes, a lost device."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from tests.web.accounts import code_of, known, letters_to, set_up, trail
from tests.web.visitors import PASSWORD, sign_in, with_password
from xtbang.config import DECIDE_OR_PAY, SettingError, load
from xtbang.models import Person
from xtbang.people.officers import seal

Enter = Callable[[str], FlaskClient]


@pytest.fixture
def factory(app: Flask, session: Session) -> SiteProjectFactory:
    made = SiteProjectFactory(app, session)
    with_password(made, app, "science", "issuer", "admin")
    return made


@pytest.fixture
def enter(factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]) -> Enter:
    return lambda name: login(known(factory, name))


def half(app: Flask, factory: SiteProjectFactory, name: str = "issuer", **more: str) -> FlaskClient:
    """A browser in which the password was right."""
    browser = app.test_client()
    assert sign_in(browser, factory, name, **more).location.startswith("/account/code")
    return browser


def type_in(browser: FlaskClient, code: str) -> int:
    return browser.post("/account/code", data={"code": code}).status_code


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_telephone_is_set_up_and_asked_for_at_the_next_sign_in(
    factory: SiteProjectFactory, app: Flask, enter: Enter
) -> None:
    page = enter("issuer").get("/second-factor").text
    assert "data:image/png;base64," in page and "手工输入密钥" in page
    secret, codes = set_up(app, enter("issuer"))
    assert len(set(codes)) == 10
    kept = known(factory, "issuer")
    assert kept.totp_secret and "enckey" in kept.totp_secret and codes[0] not in str(kept.recovery_codes)
    browser = half(app, factory)
    assert browser.get("/desk").status_code == 302, "the password alone does not open anything"
    assert type_in(browser, code_of(app, secret)) == 302
    assert browser.get("/desk").status_code == 200
    assert trail(factory, "issuer") == ["set_second_factor", "sign_in"]
    assert "登录验证码已启用" in factory.mails("issuer")


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_one_goes_on_where_one_was_going(factory: SiteProjectFactory, app: Flask, enter: Enter) -> None:
    secret, _codes = set_up(app, enter("issuer"))
    browser = app.test_client()
    data = {"email": factory.people["issuer"].email, "password": PASSWORD}
    step = browser.post("/account/sign-in?next=/mine", data=data).location
    assert browser.post(step, data={"code": code_of(app, secret)}).location == "/mine"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_no_code_is_taken_twice(factory: SiteProjectFactory, app: Flask, enter: Enter) -> None:
    secret, _codes = set_up(app, enter("issuer"))
    code = code_of(app, secret)
    assert type_in(half(app, factory), code) == 302
    assert type_in(half(app, factory), code) == 422
    assert type_in(half(app, factory), code_of(app, secret, 1)) == 302
    assert trail(factory, "issuer").count("sign_in_refused") == 1


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_recovery_code_stands_in_for_the_telephone_once(
    factory: SiteProjectFactory, app: Flask, enter: Enter
) -> None:
    _secret, codes = set_up(app, enter("issuer"))
    assert type_in(half(app, factory), codes[3].upper().replace("-", " ")) == 302
    assert type_in(half(app, factory), codes[3]) == 422
    assert len(known(factory, "issuer").recovery_codes) == 9
    assert "还剩 9 个恢复码" in letters_to(factory, factory.people["issuer"].email)[0].body
    assert "use_recovery_code" in trail(factory, "issuer")


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_ten_wrong_codes_close_the_account_for_a_quarter_of_an_hour(
    factory: SiteProjectFactory, app: Flask, enter: Enter
) -> None:
    secret, _codes = set_up(app, enter("issuer"))
    for _ in range(10):
        assert type_in(half(app, factory), "000000") == 422
    browser = half(app, factory)
    assert type_in(browser, code_of(app, secret)) == 429
    assert type_in(browser, code_of(app, secret)) == 429
    assert trail(factory, "issuer").count("sign_in_locked") == 1


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_code_is_asked_for_only_after_the_password_and_not_for_long(
    factory: SiteProjectFactory, app: Flask, enter: Enter, later: Callable[[float], None]
) -> None:
    secret, _codes = set_up(app, enter("issuer"))
    stranger = app.test_client()
    assert stranger.get("/account/code").location == "/account/sign-in"
    assert stranger.post("/account/code", data={"code": code_of(app, secret)}).location == "/account/sign-in"
    browser = half(app, factory)
    later(601)
    assert browser.post("/account/code", data={"code": code_of(app, secret)}).location == "/account/sign-in"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("code", "password"), [("000000", PASSWORD), ("right", "wrong")])
def test_a_wrong_code_or_password_sets_nothing_up(
    factory: SiteProjectFactory, app: Flask, enter: Enter, code: str, password: str
) -> None:
    browser = enter("issuer")
    browser.get("/second-factor")
    with browser.session_transaction() as kept:
        right = code_of(app, kept["own"]["new_secret"])
    data = {"code": right if code == "right" else code, "password_old": password}
    assert browser.post("/second-factor", data=data).status_code == 422
    assert known(factory, "issuer").totp_secret is None


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_owner_takes_another_telephone_and_new_recovery_codes_and_switches_off(
    factory: SiteProjectFactory, app: Flask, enter: Enter
) -> None:
    browser = enter("issuer")
    first, old = set_up(app, browser)
    second, _codes = set_up(app, browser, path="/second-factor?new=1")
    assert type_in(half(app, factory), code_of(app, first)) == 422
    assert type_in(half(app, factory), code_of(app, second)) == 302
    assert browser.post("/second-factor/codes", data={"password_old": "wrong"}).status_code == 422
    assert browser.post("/second-factor/codes", data={"password_old": PASSWORD}).status_code == 200
    assert type_in(half(app, factory), old[0]) == 422
    assert browser.post("/second-factor/off", data={"password_old": "wrong"}).status_code == 422
    assert browser.post("/second-factor/off", data={"password_old": PASSWORD}).status_code == 302
    assert sign_in(app.test_client(), factory, "issuer").location == "/desk"
    assert [item for item in trail(factory, "issuer") if item.endswith(("factor", "codes"))] == [
        "set_second_factor", "set_second_factor", "renew_recovery_codes", "drop_second_factor",
    ]  # fmt: skip


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_who_decides_or_pays_sets_it_up_before_anything_else(factory: SiteProjectFactory, app: Flask) -> None:
    app.config["TOTP_ROLES"] = DECIDE_OR_PAY
    browser = app.test_client()
    sign_in(browser, factory, "science")
    for path in ("/", "/desk", "/profile"):
        answer = browser.get(path)
        assert answer.status_code == 303 and answer.location.startswith("/second-factor?next="), path
    assert browser.post("/profile", data={}).location == "/second-factor"
    assert "须使用验证码" in browser.get("/second-factor").text
    set_up(app, browser, path="/second-factor?next=/desk")
    assert browser.get("/desk").status_code == 200
    assert "不能停用" in browser.get("/second-factor").text
    assert browser.post("/second-factor/off", data={"password_old": PASSWORD}).status_code == 403
    assert sign_in(app.test_client(), factory, "issuer").location == "/desk"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_administrator_lets_in_who_has_lost_the_telephone(
    factory: SiteProjectFactory, app: Flask, enter: Enter
) -> None:
    set_up(app, enter("issuer"))
    signed_in = enter("issuer")
    person = known(factory, "issuer")
    page = f"/admin/people/{person.id}"
    assert "解除登录验证码" in enter("admin").get(page).text
    assert enter("admin").post(f"{page}/second-factor", data={"seen": "old"}).status_code == 409
    assert enter("admin").post(f"{page}/second-factor", data={"seen": seal(person)}).status_code == 302
    assert signed_in.get("/desk").status_code == 302
    assert sign_in(app.test_client(), factory, "issuer").location == "/desk"
    assert trail(factory, "issuer")[:2] == ["set_second_factor", "reset_second_factor"]
    assert "登录验证码已解除" in factory.mails("issuer")
    assert enter("science").post(f"{page}/second-factor", data={"seen": seal(person)}).status_code == 403


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", ["second-factor", "password"])
def test_an_open_session_of_an_administrator_changes_neither_its_own_password_nor_its_telephone(
    factory: SiteProjectFactory, app: Flask, enter: Enter, what: str
) -> None:
    """Both are asked for the password on the owner's page."""
    set_up(app, enter("admin"))
    person, browser = known(factory, "admin"), enter("admin")
    page = f"/admin/people/{person.id}"
    assert f"{page}/{what}" not in browser.get(page).text
    answer = browser.post(f"{page}/{what}", data={"seen": seal(person)})
    assert answer.status_code == 409 and "请另一名系统管理员重设" in answer.text
    assert known(factory, "admin").totp_secret and browser.get("/admin").status_code == 200


def test_it_is_asked_of_who_decides_or_pays_and_not_in_a_demo(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("settings")
    assert load({"INSTANCE": folder})["TOTP_ROLES"] == DECIDE_OR_PAY
    assert load({"INSTANCE": folder, "DEMO": True})["TOTP_ROLES"] == ()
    monkeypatch.setenv("XTBANG_TOTP_ROLES", "finance, admin")
    assert load({"INSTANCE": folder})["TOTP_ROLES"] == ("finance", "admin")
    monkeypatch.setenv("XTBANG_TOTP_ROLES", "king")
    with pytest.raises(SettingError, match="king"):
        load({"INSTANCE": folder})


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_next_person_at_the_same_computer_gets_another_secret(factory: SiteProjectFactory, app: Flask) -> None:
    browser = app.test_client()
    secrets = []
    for name in ("science", "issuer"):  # the first one neither finishes nor signs out
        sign_in(browser, factory, name)
        browser.get("/second-factor")
        with browser.session_transaction() as kept:
            secrets.append(kept["own"]["new_secret"])
        with browser.session_transaction() as kept:
            del kept["_user_id"]  # as when the sign-in has expired
    assert secrets[0] != secrets[1]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_signing_out_forgets_a_secret_that_was_not_set_up(factory: SiteProjectFactory, app: Flask) -> None:
    browser = app.test_client()
    sign_in(browser, factory, "science")
    browser.get("/second-factor")
    browser.post("/account/sign-out")
    with browser.session_transaction() as kept:
        assert "own" not in kept


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_secret_of_one_person_is_not_read_by_another(factory: SiteProjectFactory, enter: Enter) -> None:
    first, second = enter("science"), enter("issuer")
    first.get("/second-factor")
    with first.session_transaction() as kept:
        own = kept["own"]
    with second.session_transaction() as kept:
        kept["own"] = own
    second.get("/second-factor")
    with second.session_transaction() as kept:
        assert kept["own"]["new_secret"] != own["new_secret"]
