"""Whole lives by clicking; each person in a session of their own."""

from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import select

from tests.browser.browser_driver import SAVE, BrowserDriver
from tests.browser.conftest import ON_BOTH, ON_POSTGRESQL, Begin
from xtbang.demo.walk import FUNDED, Walk
from xtbang.models import Remark
from xtbang.queries.ledger import balances
from xtbang.rules.money import wan

States = Callable[[Walk], str]
OF_EACH_KIND = (  # a document, the chair's score sheet, a decision of both bureaus, scans, money, a report, the experts' opinion
    "write_application show recommend sign disburse_first report pass_acceptance"
).split()


def until(step: str) -> tuple[str, ...]:
    return tuple(FUNDED[: FUNDED.index(step) + 1])


def text(browser_driver: BrowserDriver, walk: Walk, role: str) -> str:
    """What a person of an office reads on the project's page."""
    page = browser_driver.page(browser_driver.people.offices[role])
    page.goto(f"{browser_driver.site}/projects/{walk.project_id}")
    browser_driver.shot(page, f"project-{role}")
    return page.inner_text("main")


def funded(begin: Begin, browser_driver: BrowserDriver, states: States, clicked: Iterable[str]) -> None:
    """From the registration to the last payment, with those steps by clicking."""
    new = (browser_driver.register(1, "企业"), browser_driver.register(2, "新型研发机构"))
    walk = begin("tech_demand", 900, months=12, new=new)
    walk.write_form()
    for step in FUNDED:
        browser_driver.clicking = step in clicked
        walk.go((step,), 1, 3)
    assert states(walk) == "closed"
    shown = text(browser_driver, walk, "finance")
    assert "15.00 万元" in shown
    assert "办结" in shown
    paid = balances(browser_driver.session, walk.project_id)
    assert {source: wan(amount) for source, amount in paid.paid.items()} == {"city": "30", "county": "30"}


def test_a_funded_project_with_a_page_of_each_kind(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    funded(begin, browser_driver, states, OF_EACH_KIND)


@pytest.mark.faults
@ON_BOTH
def test_a_funded_project_by_clicking_alone(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    funded(begin, browser_driver, states, FUNDED)


def test_a_market_deal(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    walk = begin("tech_supply", 200, ("submit", "accept", "list_regular"))
    walk.go(("bid", "agree", "register_deal"), 1, 3)
    assert states(walk) == "closed"
    assert "对接成功" in text(browser_driver, walk, "science")


@ON_POSTGRESQL
def test_a_market_deal_without_javascript(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    browser_driver.javascript = False
    walk = begin("tech_supply", 200)
    walk.plan.bidders = walk.plan.bidders[:1]
    walk.write_form()
    walk.go(("submit", "send_back"), 1, 2)
    page = browser_driver.page(browser_driver.people.members[walk.plan.issuer])
    page.goto(f"{browser_driver.site}/projects/{walk.project_id}/documents/{walk.project.form_id}")
    assert page.locator(".remark").count() > 0
    page.fill("[name=title]", "不用脚本也能修改的名称")
    browser_driver.press(page, SAVE)
    browser_driver.shot_both(page, "saved")
    walk.go(("submit", "accept", "list_regular", "bid", "agree", "register_deal"), 1, 3)
    assert states(walk) == "closed"
    assert "不用脚本也能修改的名称" in text(browser_driver, walk, "science")
    assert not page.locator("html").evaluate("element => element.classList.contains('js')")


def test_sent_back_and_corrected(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    walk = begin("tech_demand", 60, ("submit",))
    walk.go(("send_back",), 1, 2)
    assert states(walk) == "draft"
    page = browser_driver.page(browser_driver.people.members[walk.plan.issuer])
    page.goto(f"{browser_driver.site}/projects/{walk.project_id}/documents/{walk.project.form_id}")
    browser_driver.shot(page, "remarks")
    remarks = browser_driver.session.execute(select(Remark.field, Remark.text)).all()
    assert len(remarks) > 2
    assert "org_name" not in {field for field, _text in remarks}  # nobody remarked on that
    for field, said in remarks:
        assert said in page.inner_text(f"#f-{field}-remark" if field else ".remark-whole")
    page.fill("[name=title]", "修改后的项目名称")
    browser_driver.press(page, "button[name=check]")
    walk.submit()
    assert states(walk) == "solicitation"
    officer = browser_driver.page(browser_driver.people.offices["science"])
    officer.goto(f"{browser_driver.site}/projects/{walk.project_id}/documents/{walk.project.form_id}/versions/2")
    browser_driver.shot(officer, "compared")
    assert "修改后的项目名称" in officer.inner_text("main")


@ON_POSTGRESQL
def test_an_objection_holds_the_project(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    walk = begin("tech_demand", 300, until("publish"))
    walk.object()
    assert "回执" in browser_driver.page(None).inner_text("main")
    browser_driver.clock.set(
        browser_driver.clock.now.replace(hour=2) + (browser_driver.clock.end - browser_driver.clock.now) / 2
    )
    page = browser_driver.page(browser_driver.people.offices["science"])
    page.goto(f"{browser_driver.site}/projects/{walk.project_id}/actions/confirm")
    browser_driver.shot(page, "held")
    assert "异议" in page.locator(".summary").first.inner_text()
    assert states(walk) == "publicity"
    walk.decide()
    walk.confirm()
    assert states(walk) == "contracting"


def test_an_extension(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    walk = begin("tech_demand", 400, until("county_pays"), months=30)
    before = walk.project.ends_on
    walk.request_extension()
    assert states(walk) == "extension"
    walk.grant_extension()
    assert states(walk) == "execution"
    assert before is not None
    assert walk.project.ends_on is not None
    assert walk.project.ends_on > before


@ON_POSTGRESQL
def test_a_termination_with_half_back(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    walk = begin("tech_demand", 400, until("county_pays"), months=30)
    walk.terminate_objective()
    assert states(walk) == "termination"
    shown = text(browser_driver, walk, "finance")
    assert "7.50 万元" in shown  # half of the 15 that each source has paid
    assert "第十一条" in shown
    walk.recover()
    walk.settle()
    assert states(walk) == "terminated"


@pytest.mark.faults
def test_a_termination_with_everything_back(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    walk = begin("tech_demand", 400, until("county_pays"), months=30)
    walk.terminate_subjective()
    shown = text(browser_driver, walk, "finance")
    assert "15.00 万元" in shown
    assert "第十二条" in shown
    walk.recover()
    walk.settle()
    assert states(walk) == "terminated"
