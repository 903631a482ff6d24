"""How often the page of a project asks the database: whoever opens it, in whatever state, however much there is."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.factories.later import (
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
from tests.factories.site_projects import SiteProjectFactory
from tests.web.counting import counted
from xtbang.models import Person, Project

LogIn = Callable[[Person], FlaskClient]
Enter = Callable[[str], FlaskClient]
Reach = Callable[[SiteProjectFactory], Project]

MOST = 20  # statements for one page, with the person and the session
EVERYONE = "issuer bidder rival member agency science industry leader finance auditor county".split()


def _bid_on(factory: SiteProjectFactory) -> Project:
    project = factory.listed()
    factory.bid(project, "rival")
    factory.bid(project)
    return project


def _on_show(factory: SiteProjectFactory) -> Project:
    project = factory.applied()
    factory.concluded(project, "roadshow", (3, 2, 0))
    return project


def _half_signed(factory: SiteProjectFactory) -> Project:
    project = issued(factory)
    sign(factory, project, "issuer", "bidder")
    return project


def _with_open_vouchers(factory: SiteProjectFactory) -> Project:
    project = in_force(factory)
    for number in ("V1", "V2", "V3"):
        voucher(factory, project, number, "30")
    return project


def _asked_for_time(factory: SiteProjectFactory) -> Project:
    project = executing(factory)
    audit = factory.upload("audit.pdf")
    data = {"new_end": "2027-06-30", "reason": "设备到货推迟", "audit_file": audit}
    factory.perform(project, "request_extension", "bidder", data)
    return project


def _accepting(factory: SiteProjectFactory) -> Project:
    project = executing(factory)
    requested(factory, project)
    return project


def _to_be_paid(factory: SiteProjectFactory) -> Project:
    project = executing(factory)
    passed(factory, project)
    return project


def _terminated(factory: SiteProjectFactory) -> Project:
    project = executing(factory)
    ended(factory, project)
    return project


STATES: dict[str, tuple[str, Reach]] = {
    "draft": ("draft", lambda factory: factory.draft()),
    "submitted": ("solicitation", lambda factory: factory.submitted()),
    "accepted": ("appraisal", lambda factory: factory.accepted()),
    "bid on": ("listing", _bid_on),
    "matched by the market": ("listing", lambda factory: factory.regular()),
    "agreed": ("bidding", lambda factory: factory.agreed()),
    "on show": ("roadshow", _on_show),
    "recommended": ("publicity", lambda factory: factory.recommended()),
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
def enter(factory: SiteProjectFactory, login: LogIn) -> Enter:
    """``enter("science")``: that person's browser."""
    return lambda name: login(factory.people[name])


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("reached", STATES)
def test_a_page_asks_at_most_twenty_statements_of_anyone(
    factory: SiteProjectFactory, enter: Enter, reached: str
) -> None:
    state, reach = STATES[reached]
    project = reach(factory)
    assert factory.seen(project)[0] == state
    asked = {}
    for name in EVERYONE:
        browser = enter(name)
        with counted(factory.app) as statements:
            status = browser.get(factory.page(project)).status_code
        asked[name] = len(statements) if status == 200 else 0
    assert asked["issuer"] > 0
    assert {name: number for name, number in asked.items() if number > MOST} == {}


def test_a_page_asks_an_expert_at_most_twenty_statements(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.applied()
    expert = factory.seats(factory.panel(project, "roadshow", (3, 2, 0)))[0]
    factory.perform(project, "answer_invitation", expert, {"answer": "accepted", "no_conflict": True})
    browser = enter(expert)
    with counted(factory.app) as statements:
        assert browser.get(factory.page(project)).status_code == 200
    assert len(statements) <= MOST


def test_the_page_of_an_action_asks_only_about_that_action(factory: SiteProjectFactory, enter: Enter) -> None:
    """What other actions of the state would ask (open vouchers, restrictions) is not asked."""
    project = _with_open_vouchers(factory)
    browser = enter("science")
    with counted(factory.app) as one:
        assert browser.get(factory.page(project, "/actions/assign_agency")).status_code == 200
    with counted(factory.app) as all_of_them:
        assert browser.get(factory.page(project)).status_code == 200
    assert not [statement for statement in one if "FROM voucher" in statement]
    assert [statement for statement in all_of_them if "FROM voucher" in statement]
    assert len(one) <= MOST
