"""What is typed is kept by itself, and a text that is too long is told so while it is written."""

from playwright.sync_api import expect

from tests.browser.browser_driver import PASSWORD, BrowserDriver
from tests.browser.conftest import Begin
from xtbang.models import Person

TOO_LONG = "湘" * 20_001


def test_a_text_that_is_not_saved_is_told_why_and_saved_as_soon_as_it_can_be(
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
    page.context.clear_cookies()  # the session is over, then another person signs in, then the same one
    text.fill("登录过期以后写的。")
    expect(line).to_contain_text("登录已过期，或已在别处退出。")
    other, own = (
        browser_driver.session.get_one(Person, number).email
        for number in (browser_driver.people.offices["finance"], browser_driver.people.members[walk.plan.issuer])
    )
    for email, told in ((other, "退出后用原来的账号登录"), (own, "已保存")):
        page.context.clear_cookies()
        window = page.context.new_page()
        browser_driver.sign_in(window, email, PASSWORD)
        page.bring_to_front()
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        expect(line).to_contain_text(told)
    browser_driver.faults[:] = [fault for fault in browser_driver.faults if "422" not in fault]
