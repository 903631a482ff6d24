"""The secret key is replaced after others may have seen it: sessions end, passwords, telephones and codes stay."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.site_projects import SiteProjectFactory
from tests.support.site import application
from tests.web.accounts import code_of, set_up
from tests.web.visitors import sign_in, with_password
from xtbang import config
from xtbang.cli import cli
from xtbang.keys import read_keys

Enter = Callable[[str], FlaskClient]


@pytest.fixture
def with_new_key(app: Flask) -> Iterator[Flask]:
    """The site after its key was replaced, on the same database."""
    folder, url = app.config["INSTANCE"], app.config["SQLALCHEMY_DATABASE_URI"]
    made, database = application(folder, url, SECRET_KEY="new", FORMER_KEYS=["test"])
    yield made
    database.dispose()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_passwords_telephones_and_recovery_codes_outlast_the_key_and_sessions_do_not(
    factory: SiteProjectFactory, app: Flask, enter: Enter, with_new_key: Flask
) -> None:
    with_password(factory, app, "issuer")
    browser = enter("issuer")
    secret, codes = set_up(app, browser)
    cookie = browser.get_cookie("session")
    assert cookie is not None and browser.get("/desk").status_code == 200

    old = with_new_key.test_client()
    old.set_cookie("session", cookie.value)
    assert old.get("/desk").location == "/login?next=/desk"

    for code in (code_of(app, secret), codes[0]):
        again = with_new_key.test_client()
        assert sign_in(again, factory, "issuer").location.startswith("/account/code")
        assert again.post("/account/code", data={"code": code}).status_code == 302
        assert again.get("/desk").status_code == 200


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_form_printed_before_the_key_was_replaced_is_recognised(app: Flask, with_new_key: Flask) -> None:
    assert app.extensions["engine"].site.secret == with_new_key.extensions["engine"].site.secret == b"test"


def test_the_command_puts_a_new_key_before_those_that_there_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XTBANG_INSTANCE", str(tmp_path))
    monkeypatch.delenv("XTBANG_SECRET_KEY", raising=False)
    (first,) = read_keys(tmp_path)
    assert CliRunner().invoke(cli, ["replace-key"], input="n\n").exit_code == 1
    assert read_keys(tmp_path) == [first], "refused"
    assert "重新启动" in CliRunner().invoke(cli, ["replace-key", "--yes"]).output
    second, last = read_keys(tmp_path)
    assert last == first and len(second) == len(first) and second != first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    settings = config.load()
    assert (settings["SECRET_KEY"], settings["SECURITY_PASSWORD_SALT"]) == (second, first)


def test_a_key_in_the_settings_is_replaced_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XTBANG_INSTANCE", str(tmp_path))
    monkeypatch.setenv("XTBANG_SECRET_KEY", "second")
    monkeypatch.setenv("XTBANG_FORMER_KEYS", "first")
    said = CliRunner().invoke(cli, ["replace-key", "--yes"]).output
    assert "XTBANG_FORMER_KEYS=second first\n" in said and not (tmp_path / "secret_key").exists()
    monkeypatch.setenv("XTBANG_SECRET_KEY", "third")
    monkeypatch.setenv("XTBANG_FORMER_KEYS", "second first")
    assert config.load()["LASTING_KEY"] == "first"


def test_a_secret_may_be_a_credential_of_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = tmp_path / "credentials"
    passed.mkdir()
    monkeypatch.setenv("XTBANG_INSTANCE", str(tmp_path))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(passed))
    written = {"DATABASE_URL": "postgresql://x:y@db/z", "XTBANG_SECRET_KEY": "new", "XTBANG_FORMER_KEYS": "old first"}
    written |= {f"XTBANG_{name}": name for name in ("SMTP_PASSWORD", "SEAL_PASSWORD", "METRICS_TOKEN")}
    for name, value in written.items():
        monkeypatch.delenv(name, raising=False)
        (passed / name).write_text(f"{value}\n", encoding="utf-8")
    settings = config.load()
    assert (settings["SECRET_KEY"], settings["LASTING_KEY"]) == ("new", "first") and not (
        tmp_path / "secret_key"
    ).exists()
    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://x:y@db/z"
    assert [settings[name] for name in ("SMTP_PASSWORD", "SEAL_PASSWORD", "METRICS_TOKEN")] == [
        "SMTP_PASSWORD",
        "SEAL_PASSWORD",
        "METRICS_TOKEN",
    ]
    monkeypatch.setenv("XTBANG_SMTP_PASSWORD", "of the environment")
    assert config.load()["SMTP_PASSWORD"] == "of the environment"
