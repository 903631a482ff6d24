"""What the program cannot check by a fault of its own closes one action; everything else about the project goes on."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.factories.site_projects import SiteProjectFactory
from xtbang.actions.registry import FORMS, GUARDS, OPTIONS
from xtbang.errors import Blocked
from xtbang.models import Person, Project

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

Enter = Callable[[str], FlaskClient]
TYPED = "所填的内容"


@pytest.fixture
def enter(factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]) -> Enter:
    return lambda name: login(factory.people[name])


def broken(_context: Any) -> NoReturn:
    raise ValueError(TYPED)


def broken_halfway(_context: Any) -> Iterator[Any]:
    yield from ()
    raise LookupError(TYPED)


def busy(_context: Any) -> NoReturn:
    raise OperationalError("SELECT", {}, Exception("database is locked"))


def rules(factory: SiteProjectFactory, project: Project, who: str) -> dict[str, set[str]]:
    """Of everything that is offered, the rules against it."""
    offers = factory.engine.offers(factory.session, project, factory.actor(who))
    found = {offer.action.trigger: {reason.rule for reason in offer.reasons} for offer in offers}
    factory.session.rollback()
    return found


def number_in(text: str) -> str:
    found = re.search(r"暂时无法核对（错误编号 ([0-9a-f]{8})）。请稍后再试；仍然如此，请把编号告诉系统维护人员", text)
    assert found, text
    return found[1]


@pytest.mark.parametrize("guard", [broken, broken_halfway])
def test_a_guard_that_fails_closes_its_own_action_alone(
    factory: SiteProjectFactory, enter: Enter, monkeypatch: pytest.MonkeyPatch, unanswered: list[str], guard: Any
) -> None:
    project = factory.draft(edition="2021")
    before = rules(factory, project, "issuer")
    assert not before["submit"] and not before["discard"]
    monkeypatch.setitem(GUARDS, "form_money_rules", guard)
    assert rules(factory, project, "issuer") == before | {"submit": {"unchecked"}}
    browser = enter("issuer")
    for path in ("", "/actions/submit", "/actions/discard", f"/documents/{project.form_id}"):
        assert browser.get(factory.page(project, path)).status_code == 200, path
    for path in ("/desk", "/mine"):
        assert browser.get(path, follow_redirects=True).status_code == 200, path
    answer = browser.post(factory.page(project, "/actions/submit"), data=factory.form(project, confirmed="1"))
    assert answer.status_code == 409 and factory.seen(project)[0] == "draft"
    number = number_in(answer.text)
    [line] = [line for line in unanswered if number in line]
    assert "form_money_rules" in line and f"project {project.id}" in line and guard.__name__ in line
    assert "Error" in line and TYPED not in "".join(unanswered)
    unanswered.clear()
    monkeypatch.undo()
    assert not rules(factory, project, "issuer")["submit"]


def test_a_draft_is_deleted_while_nothing_of_it_can_be_checked(
    factory: SiteProjectFactory, enter: Enter, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    project = factory.draft(edition="2021")
    for name in factory.engine.policy.actions["submit"].needs:
        if name not in factory.engine.policy.actions["discard"].needs:
            monkeypatch.setitem(GUARDS, name, broken)
    data = factory.form(project, confirmed="1")
    assert enter("issuer").post(factory.page(project, "/actions/discard"), data=data).status_code == 302
    unanswered.clear()


def test_choices_that_fail_close_their_own_action_alone(
    factory: SiteProjectFactory, enter: Enter, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    project = factory.submitted(edition="2021")
    monkeypatch.setitem(OPTIONS, "checklist", broken)
    browser = enter("science")
    page = browser.get(factory.page(project, "/actions/accept"))
    assert page.status_code == 200 and number_in(page.text)
    assert "暂时无法核对" not in browser.get(factory.page(project, "/actions/send_back")).text
    assert browser.get(factory.page(project)).status_code == 200
    data = factory.form(project, confirmed="1", checklist="齐全")
    answer = browser.post(factory.page(project, "/actions/accept"), data=data)
    assert answer.status_code == 409 and number_in(answer.text)
    assert factory.seen(project)[0] == "solicitation"
    unanswered.clear()


def test_fields_that_fail_block_the_deed(
    factory: SiteProjectFactory, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    project = factory.listed(edition="2021")
    monkeypatch.setitem(FORMS, "confirm_membership", broken)
    bid = factory.open_bid(project, lead_share="60", members=[member(factory)])
    assert bid.members
    with pytest.raises(Blocked) as caught:
        factory.perform(project, "confirm_membership", "member", {"bid": str(bid.id)})
    assert [reason.rule for reason in caught.value.reasons] == ["unchecked"]
    unanswered.clear()


def member(factory: SiteProjectFactory) -> dict[str, str]:
    organisation = factory.organisations["member"]
    return {"name": organisation.name, "uscc": organisation.uscc, "task": "检测", "share": "40"}


def test_a_database_that_is_busy_is_said_to_be(
    factory: SiteProjectFactory, enter: Enter, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    project = factory.draft(edition="2021")
    monkeypatch.setitem(GUARDS, "form_valid", busy)
    browser = enter("issuer")
    assert browser.get(factory.page(project)).status_code == 503
    answer = browser.post(factory.page(project, "/actions/submit"), data=factory.form(project, confirmed="1"))
    assert answer.status_code == 503 and "数据库正忙" in answer.text
    with pytest.raises(OperationalError):
        factory.perform(project, "submit", "issuer")
    assert not unanswered
