"""An officer's morning by key: entry after entry is accepted with the hands on the keyboard, and every press is counted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.browser.browser_driver import BrowserDriver
from tests.browser.conftest import Begin, Served
from tests.browser.hands import Hands
from xtbang.models import Person, Project
from xtbang.models.writing import begin_write

SEASON, MOST = 200, 600  # entries, clicks and keys


def test_two_hundred_entries_are_accepted_with_no_more_than_six_hundred_clicks_and_keys(
    begin: Begin, browser_driver: BrowserDriver, served: Served
) -> None:
    entries = [begin("tech_supply", 30 + number, ("submit",)).project_id for number in range(3)]
    hands = Hands(browser_driver, "science")
    page = hands.page
    page.goto(f"{browser_driver.site}/desk")
    hands.press("j")
    browser_driver.shot_both(page, "desk")
    hands.send("Enter")
    opening = hands.presses
    known = page.locator("[name=checklist]:checked").count()
    assert 0 < known < page.locator("[name=checklist]").count()
    assert "第 1 件，共 3 件" in page.inner_text(".queue")
    browser_driver.shot_both(page, "first")
    page.click("[data-keys-switch]")
    page.keyboard.press("a")
    assert page.locator("[name=checklist]:checked").count() == known
    page.click("[data-keys-switch]")
    page.evaluate("document.activeElement.blur()")  # Enter would press it once more
    for place in range(len(entries)):
        if place:
            assert f"第 {place + 1} 件，共 3 件" in page.inner_text(".queue")
        hands.press("a")
        hands.send("Enter")
    assert "都办完了" in page.inner_text("main")
    served.session.rollback()
    served.session.expire_all()
    assert {served.session.get_one(Project, number).state for number in entries} == {"appraisal"}
    each = (hands.presses - opening) / len(entries)
    season = opening + round(each * SEASON)
    print(f"受理 {SEASON} 件：{season} 次点击和按键")  # in the log of the tests
    assert season <= MOST


@pytest.mark.faults
def test_two_officers_accept_two_hundred_entries_and_send_one_back(
    begin: Begin, browser_driver: BrowserDriver, served: Served
) -> None:
    """From both ends of the queue at once, until they meet; the one that is not complete goes back with a text."""
    entries = [begin("tech_supply", 30, ("submit",)).project_id for _number in range(SEASON)]
    offices = browser_driver.people.offices
    offices["science too"] = _colleague(served, offices["science"])
    first, second = hands = Hands(browser_driver, "science"), Hands(browser_driver, "science too")
    first.open(f"/desk/accept/{entries[0]}")
    assert f"第 1 件，共 {SEASON} 件" in first.page.inner_text(".queue")
    second.open(f"/desk/accept/{entries[-1]}")
    assert f"第 {SEASON} 件，共 {SEASON} 件" in second.page.inner_text(".queue")
    returned = _send_back(first, f"{served.clock.end + timedelta(days=10):%Y-%m-%d}")
    while any(hand.page.query_selector(".queue") for hand in hands):
        for hand in hands:
            if hand.page.query_selector(".queue"):
                hand.press("a")
                hand.send("Enter")
    served.session.rollback()
    served.session.expire_all()
    states = {row.id: row.state for row in served.session.scalars(select(Project))}
    assert states == dict.fromkeys(entries, "appraisal") | {returned: "draft"}
    presses = first.presses + second.presses
    print(f"受理 {SEASON - 1} 件、退回 1 件，两人：{presses} 次点击和按键，{first.pages + second.pages} 页")
    assert presses <= MOST


def _send_back(hand: Hands, until: str) -> int:
    """Send back the entry that is shown; the id of its project."""
    number = int(hand.page.url.split("/projects/")[1].split("/")[0])
    hand.leave("text=改为：退回修改")
    hand.clicks += 1
    hand.keys += 2  # pasted: the text is the same for all that lack it
    hand.page.fill("[name=reason]", "缺少技术成果的证明材料，请补充。")
    hand.clicks += 1
    hand.page.fill("[name=correct_by]", until)
    hand.leave("form[method=post] button.btn-primary[type=submit]")
    return number


def _colleague(served: Served, person_id: int) -> int:
    """A second person of the office, who signs in with the same password."""
    known = served.session.get_one(Person, person_id)
    begin_write(served.session)
    facts = {column.key: getattr(known, column.key) for column in Person.__table__.columns}
    own = {"id": None, "name": "科技局经办乙", "email": "science.too@example.com", "fs_uniquifier": "too"}
    other = Person(**facts | own)
    other.roles = list(known.roles)
    served.session.add(other)
    served.session.commit()
    return other.id
