"""What the program cannot check by a fault of its own closes one action; everything else about the project goes on."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.web.town import Town
from xtbang.actions.registry import FORMS, GUARDS, OPTIONS
from xtbang.errors import Blocked
from xtbang.models import Person, Project

Enter = Callable[[str], FlaskClient]
TYPED = "所填的内容"


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


@pytest.fixture
def enter(town: Town, login: Callable[[Person], FlaskClient]) -> Enter:
    return lambda name: login(town.people[name])


def broken(_context: Any) -> NoReturn:
    raise ValueError(TYPED)


def broken_halfway(_context: Any) -> Iterator[Any]:
    yield from ()
    raise LookupError(TYPED)


def busy(_context: Any) -> NoReturn:
    raise OperationalError("SELECT", {}, Exception("database is locked"))


def rules(town: Town, project: Project, who: str) -> dict[str, set[str]]:
    """Of everything that is offered, the rules against it."""
    offers = town.engine.offers(town.session, project, town.actor(who))
    found = {offer.action.trigger: {reason.rule for reason in offer.reasons} for offer in offers}
    town.session.rollback()
    return found


def number_in(text: str) -> str:
    found = re.search(r"暂时无法核对（错误编号 ([0-9a-f]{8})）。请稍后再试；仍然如此，请把编号告诉系统维护人员", text)
    assert found, text
    return found[1]


@pytest.mark.parametrize("guard", [broken, broken_halfway])
def test_a_guard_that_fails_closes_its_own_action_alone(
    town: Town, enter: Enter, monkeypatch: pytest.MonkeyPatch, unanswered: list[str], guard: Any
) -> None:
    project = town.draft(edition="2021")
    before = rules(town, project, "issuer")
    assert not before["submit"] and not before["discard"]
    monkeypatch.setitem(GUARDS, "form_money_rules", guard)
    assert rules(town, project, "issuer") == before | {"submit": {"unchecked"}}
    browser = enter("issuer")
    for path in ("", "/actions/submit", "/actions/discard", f"/documents/{project.form_id}"):
        assert browser.get(town.page(project, path)).status_code == 200, path
    for path in ("/desk", "/mine"):
        assert browser.get(path, follow_redirects=True).status_code == 200, path
    answer = browser.post(town.page(project, "/actions/submit"), data=town.form(project, confirmed="1"))
    assert answer.status_code == 409 and town.seen(project)[0] == "draft"
    number = number_in(answer.text)
    [line] = [line for line in unanswered if number in line]
    assert "form_money_rules" in line and f"project {project.id}" in line and guard.__name__ in line
    assert "Error" in line and TYPED not in "".join(unanswered)
    unanswered.clear()
    monkeypatch.undo()
    assert not rules(town, project, "issuer")["submit"]


def test_a_draft_is_deleted_while_nothing_of_it_can_be_checked(
    town: Town, enter: Enter, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    project = town.draft(edition="2021")
    for name in town.engine.policy.actions["submit"].needs:
        if name not in town.engine.policy.actions["discard"].needs:
            monkeypatch.setitem(GUARDS, name, broken)
    data = town.form(project, confirmed="1")
    assert enter("issuer").post(town.page(project, "/actions/discard"), data=data).status_code == 302
    unanswered.clear()


def test_choices_that_fail_close_their_own_action_alone(
    town: Town, enter: Enter, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    project = town.submitted(edition="2021")
    monkeypatch.setitem(OPTIONS, "checklist", broken)
    browser = enter("science")
    page = browser.get(town.page(project, "/actions/accept"))
    assert page.status_code == 200 and number_in(page.text)
    assert "暂时无法核对" not in browser.get(town.page(project, "/actions/send_back")).text
    assert browser.get(town.page(project)).status_code == 200
    data = town.form(project, confirmed="1", checklist="齐全")
    answer = browser.post(town.page(project, "/actions/accept"), data=data)
    assert answer.status_code == 409 and number_in(answer.text)
    assert town.seen(project)[0] == "solicitation"
    unanswered.clear()


def test_fields_that_fail_block_the_deed(town: Town, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]) -> None:
    project = town.listed(edition="2021")
    monkeypatch.setitem(FORMS, "confirm_membership", broken)
    bid = town.open_bid(project, lead_share="60", members=[member(town)])
    assert bid.members
    with pytest.raises(Blocked) as caught:
        town.perform(project, "confirm_membership", "member", {"bid": str(bid.id)})
    assert [reason.rule for reason in caught.value.reasons] == ["unchecked"]
    unanswered.clear()


def member(town: Town) -> dict[str, str]:
    organisation = town.organisations["member"]
    return {"name": organisation.name, "uscc": organisation.uscc, "task": "检测", "share": "40"}


def test_a_database_that_is_busy_is_said_to_be(
    town: Town, enter: Enter, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    project = town.draft(edition="2021")
    monkeypatch.setitem(GUARDS, "form_valid", busy)
    browser = enter("issuer")
    assert browser.get(town.page(project)).status_code == 503
    answer = browser.post(town.page(project, "/actions/submit"), data=town.form(project, confirmed="1"))
    assert answer.status_code == 503 and "数据库正忙" in answer.text
    with pytest.raises(OperationalError):
        town.perform(project, "submit", "issuer")
    assert not unanswered
