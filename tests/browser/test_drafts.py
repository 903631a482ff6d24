"""What is typed is kept by itself, and a text that is too long is told so while it is written."""

from playwright.sync_api import expect

from tests.browser.browser_driver import BrowserDriver
from tests.browser.conftest import Begin

TOO_LONG = "湘" * 20_001


def test_a_text_that_is_too_long_is_told_at_once_and_kept_when_it_is_shorter(
    begin: Begin, browser_driver: BrowserDriver
) -> None:
    walk = begin("tech_demand", 30, edition="2024")
    page = browser_driver.page(browser_driver.people.members[walk.plan.issuer])
    page.goto(f"{browser_driver.site}/projects/{walk.project_id}/documents/{walk.project.form_id}")
    text, line = page.locator("form[data-autosave-url] textarea").first, page.locator("[data-saved], .saved").first
    text.fill(TOO_LONG)
    expect(line).to_contain_text("尚未保存：")
    expect(line).to_contain_text(f"共 {len(TOO_LONG)} 个字符，最多 20000 个")
    assert text.input_value() == TOO_LONG
    text.fill("短了。")
    expect(line).to_contain_text("已保存")
    page.reload()
    expect(text).to_have_value("短了。")
    browser_driver.faults[:] = [fault for fault in browser_driver.faults if "422" not in fault]
