"""Two at the same moment, and pages that do not say which version they show."""

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.factories.site_projects import SiteProjectFactory
from tests.web.accounts import trail
from tests.web.test_pages_account import registration
from xtbang.actions import audit
from xtbang.actions.registry import EFFECTS
from xtbang.extensions import db
from xtbang.models import Document, Event, Person

LogIn = Callable[[Person], FlaskClient]
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


def begin(app: Flask, other: Thread) -> None:
    """Start the other one and return when it waits for a lock, or has ended."""
    other.start()
    with app.app_context(), db.engine.connect() as watcher:
        while other.is_alive() and not watcher.scalar(WAITING):
            watcher.rollback()
            time.sleep(0.01)


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_a_draft_is_not_saved_while_it_is_handed_in(
    factory: SiteProjectFactory, app: Flask, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = factory.draft()
    factory.perform(project, "upload_scan", "issuer", {"scan": factory.file("盖章件.pdf")})
    document = factory.session.get_one(Document, project.form_id)
    saved, said = dict(document.draft), str(document.draft_version)
    browser, address = login(factory.people["issuer"]), factory.page(project, f"/documents/{document.id}/draft")
    answers: list[int] = []

    def save() -> None:
        answers.append(browser.post(address, data={"title": "改过的名称", "draft_version": said}).status_code)

    other, hand_in = Thread(target=save), EFFECTS["submit"]

    def slowly(context: Any) -> None:
        begin(app, other)
        hand_in(context)

    monkeypatch.setitem(EFFECTS, "submit", slowly)
    factory.perform(project, "submit", "issuer")
    other.join()
    assert answers == [409]
    factory.session.rollback()
    factory.session.expire_all()
    assert project.state == "solicitation"
    assert document.draft == saved


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_a_profile_is_saved_while_a_sign_in_is_refused(
    factory: SiteProjectFactory, app: Flask, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = factory.people["science"]
    browser, stranger = login(person), app.test_client()
    guess = {"email": person.email, "password": "guessed word"}
    answers: list[int] = []

    def refuse() -> None:
        answers.append(stranger.post("/account/sign-in", data=guess).status_code)

    other, digest = Thread(target=refuse), audit.digest

    def slowly(event: Event) -> str:
        """Let the other one begin when the last event of the stream has been read and the next is not yet written."""
        if not other.ident:
            begin(app, other)
        return digest(event)

    monkeypatch.setattr(audit, "digest", slowly)
    data = {"person_name": "李明", "title": "", "mobile": "13800000009"}
    assert browser.post("/profile", data=data).status_code == 302
    other.join()
    assert answers == [200]
    assert trail(factory, "science") == ["edit_person", "sign_in_refused"]


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_of_two_who_register_one_unit_in_the_same_moment_the_second_is_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: dict[str, Any] = {}
    digest = audit.digest

    def register(email: str) -> None:
        answers[email] = app.test_client().post("/register", data=registration(email=email))

    other = Thread(target=register, args=["second@bang.test"])

    def slowly(event: Event) -> str:
        """Let the other one begin when the unit of the first is written and not yet saved."""
        if not other.ident:
            begin(app, other)
        return digest(event)

    monkeypatch.setattr(audit, "digest", slowly)
    register("first@bang.test")
    other.join()
    first, second = answers["first@bang.test"], answers["second@bang.test"]
    assert (first.status_code, second.status_code) == (302, 422)
    page = second.get_data(as_text=True)
    assert "已经注册" in page
    assert registration()["name"] in page


@pytest.mark.parametrize(("seen", "status"), [(None, 409), ("", 409), ("99999999999999999999", 400)])
def test_a_page_says_which_version_it_shows(
    factory: SiteProjectFactory, login: LogIn, seen: str | None, status: int
) -> None:
    project = factory.submitted()
    before = factory.seen(project)
    data = {"confirmed": "1", "reason": "联系电话有误", "correct_by": "2024-09-09"}
    data |= {} if seen is None else {"seen_version": seen}
    answer = login(factory.people["science"]).post(factory.page(project, "/actions/send_back"), data=data)
    assert answer.status_code == status
    assert factory.seen(project) == before


def test_the_key_of_another_deed_does_not_pass_for_this_one(factory: SiteProjectFactory, login: LogIn) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    data = {"confirmed": "1", "reason": "联系电话有误", "correct_by": "2024-09-09"}
    browser = login(factory.people["science"])
    done = browser.post(factory.page(first, "/actions/send_back"), data=factory.form(first, **data, request_key="same"))
    assert done.status_code == 302
    again = browser.post(
        factory.page(first, "/actions/send_back"), data=factory.form(first, **data, request_key="same")
    )
    assert again.status_code == 302
    other = browser.post(
        factory.page(second, "/actions/send_back"), data=factory.form(second, **data, request_key="same")
    )
    assert other.status_code == 403
    assert factory.seen(second)[0] == "solicitation"
