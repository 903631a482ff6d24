"""An officer's morning by key: entry after entry is accepted with the hands on the keyboard, and every press is counted."""

from tests.browser.browser_driver import BrowserDriver
from tests.browser.conftest import Begin, Served
from tests.browser.hands import Hands
from xtbang.models import Project

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
