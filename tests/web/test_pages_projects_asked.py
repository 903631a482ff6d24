"""How often the page of a project asks the database: whoever opens it, in whatever state, however much there is."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.stages.later import (
    contracting,
    ended,
    executing,
    in_force,
    issued,
    passed,
    published,
    requested,
    sign,
    voucher,
)
from tests.web.counting import counted
from tests.web.town import Town
from xtbang.models import Person, Project

LogIn = Callable[[Person], FlaskClient]
Enter = Callable[[str], FlaskClient]
Reach = Callable[[Town], Project]

MOST = 20  # statements for one page, with the person and the session
EVERYONE = "issuer bidder rival member agency science industry leader finance auditor county".split()


def _bid_on(town: Town) -> Project:
    project = town.listed()
    town.bid(project, "rival")
    town.bid(project)
    return project


def _on_show(town: Town) -> Project:
    project = town.applied()
    town.concluded(project, "roadshow", (3, 2, 0))
    return project


def _half_signed(town: Town) -> Project:
    project = issued(town)
    sign(town, project, "issuer", "bidder")
    return project


def _with_open_vouchers(town: Town) -> Project:
    project = in_force(town)
    for number in ("V1", "V2", "V3"):
        voucher(town, project, number, "30")
    return project


def _asked_for_time(town: Town) -> Project:
    project = executing(town)
    audit = town.upload("audit.pdf")
    data = {"new_end": "2027-06-30", "reason": "设备到货推迟", "audit_file": audit}
    town.perform(project, "request_extension", "bidder", data)
    return project


def _accepting(town: Town) -> Project:
    project = executing(town)
    requested(town, project)
    return project


def _to_be_paid(town: Town) -> Project:
    project = executing(town)
    passed(town, project)
    return project


def _terminated(town: Town) -> Project:
    project = executing(town)
    ended(town, project)
    return project


STATES: dict[str, tuple[str, Reach]] = {
    "draft": ("draft", lambda town: town.draft()),
    "submitted": ("solicitation", lambda town: town.submitted()),
    "accepted": ("appraisal", lambda town: town.accepted()),
    "bid on": ("listing", _bid_on),
    "matched by the market": ("listing", lambda town: town.regular()),
    "agreed": ("bidding", lambda town: town.agreed()),
    "on show": ("roadshow", _on_show),
    "recommended": ("publicity", lambda town: town.recommended()),
    "published": ("publicity", published),
    "contracting": ("contracting", contracting),
    "half signed": ("contracting", _half_signed),
    "in force": ("first_payment", _with_open_vouchers),
    "running": ("execution", executing),
    "asked for time": ("extension", _asked_for_time),
    "accepting": ("acceptance", _accepting),
    "to be paid": ("final_payment", _to_be_paid),
    "terminated": ("termination", _terminated),
}


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


@pytest.fixture
def enter(town: Town, login: LogIn) -> Enter:
    """``enter("science")``: that person's browser."""
    return lambda name: login(town.people[name])


@pytest.mark.parametrize("reached", STATES)
def test_a_page_asks_at_most_twenty_statements_of_anyone(town: Town, enter: Enter, reached: str) -> None:
    state, reach = STATES[reached]
    project = reach(town)
    assert town.seen(project)[0] == state
    asked = {}
    for name in EVERYONE:
        browser = enter(name)
        with counted(town.app) as statements:
            status = browser.get(town.page(project)).status_code
        asked[name] = len(statements) if status == 200 else 0
    assert asked["issuer"] > 0
    assert {name: number for name, number in asked.items() if number > MOST} == {}


def test_a_page_asks_an_expert_at_most_twenty_statements(town: Town, enter: Enter) -> None:
    project = town.applied()
    expert = town.seats(town.panel(project, "roadshow", (3, 2, 0)))[0]
    town.perform(project, "answer_invitation", expert, {"answer": "accepted", "no_conflict": True})
    browser = enter(expert)
    with counted(town.app) as statements:
        assert browser.get(town.page(project)).status_code == 200
    assert len(statements) <= MOST


def test_the_page_of_an_action_asks_only_about_that_action(town: Town, enter: Enter) -> None:
    """What other actions of the state would ask (open vouchers, restrictions) is not asked."""
    project = _with_open_vouchers(town)
    browser = enter("science")
    with counted(town.app) as one:
        assert browser.get(town.page(project, "/actions/assign_agency")).status_code == 200
    with counted(town.app) as all_of_them:
        assert browser.get(town.page(project)).status_code == 200
    assert not [statement for statement in one if "FROM voucher" in statement]
    assert [statement for statement in all_of_them if "FROM voucher" in statement]
    assert len(one) <= MOST
