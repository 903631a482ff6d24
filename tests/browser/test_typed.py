"""What is typed in a browser is never lost, with script and without: a session that is over, Back, somebody else's pen."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from tests.browser.browser_driver import PASSWORD, SAVE, BrowserDriver
from tests.browser.conftest import Begin, Served
from xtbang.domain.drafts import save_draft
from xtbang.models import Document, Person, SignIn
from xtbang.models.writing import begin_write

TYPED = "一段写了很久的背景说明"
ON_AND_OFF = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
BOX = "[name=background]"
PASTE = """(box, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  box.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""
HIDE = """() => {
  Object.defineProperty(document, "visibilityState", {value: "hidden"});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


class Desk:
    """One form of one project in one browser, and a colleague who writes in it, too."""

    def __init__(self, begin: Begin, browser_driver: BrowserDriver, served: Served, script: bool) -> None:
        browser_driver.javascript = script
        self.browser_driver, self.served = browser_driver, served
        walk = begin("tech_demand", 30, edition="2024")
        self.person = browser_driver.people.members[walk.plan.issuer]
        self.document = walk.project.form_id
        self.url = f"{browser_driver.site}/projects/{walk.project_id}/documents/{self.document}"
        self.page: Page = browser_driver.page(self.person)
        self.page.goto(self.url)

    def colleague_writes(self, **values: str) -> None:
        """Somebody else of the organisation saves other values."""
        session = self.served.session
        session.rollback()
        document = session.get_one(Document, self.document, populate_existing=True)
        caller = self.browser_driver.caller(self.browser_driver.member(document.organisation_id))
        save_draft(caller, document.id, document.draft | values, document.draft_version)
        session.rollback()

    def stored(self) -> dict[str, str]:
        """The draft as the database has it."""
        self.served.session.rollback()
        return dict(self.served.session.get_one(Document, self.document, populate_existing=True).draft)

    def sign_out_elsewhere(self) -> None:
        """End every session."""
        begin_write(self.served.session)
        self.served.session.execute(update(SignIn).values(ended_at=self.served.clock()))
        self.served.session.commit()

    def sign_in(self, page: Page) -> None:
        """By the form that is shown."""
        self.served.session.rollback()
        page.fill("[name=email]", self.served.session.get_one(Person, self.person).email)
        page.fill("[name=password]", PASSWORD)
        self.browser_driver.press(page, "main form button[type=submit]")

    def forgive(self, *refusals: str) -> None:
        """These refusals were meant."""
        self.browser_driver.faults[:] = [
            fault for fault in self.browser_driver.faults if not any(word in fault for word in refusals)
        ]


@pytest.fixture
def desk(begin: Begin, browser_driver: BrowserDriver, served: Served, script: bool) -> Desk:
    return Desk(begin, browser_driver, served, script)


@pytest.mark.parametrize("script", [True], ids=["script"])
def test_a_button_does_not_move_away_while_it_is_pressed(desk: Desk) -> None:
    page = desk.page
    desk.sign_out_elsewhere()
    page.fill(BOX, TYPED)
    page.locator(SAVE).hover()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.mouse.down()  # leaves the field, which is saved: the answer takes a line of its own in the bar
    page.wait_for_timeout(100)
    with page.expect_navigation():
        page.mouse.up()
    expect(page.locator("main")).to_contain_text("登录已过期")
    desk.forgive("401")


@ON_AND_OFF
def test_what_is_saved_after_the_session_was_over_is_there_after_signing_in(desk: Desk, script: bool) -> None:
    page = desk.page
    desk.sign_out_elsewhere()
    page.fill(BOX, TYPED)
    desk.browser_driver.press(page, SAVE)
    expect(page.locator("main")).to_contain_text("登录已过期")
    expect(page.locator("main")).to_contain_text(TYPED)
    desk.browser_driver.shot(page, "signed-out")
    desk.browser_driver.press(page, "main .buttons a.btn-primary")
    desk.sign_in(page)
    assert page.input_value(BOX) == TYPED
    desk.browser_driver.shot(page, "back-again")
    desk.browser_driver.press(page, SAVE)
    assert desk.stored()["background"] == TYPED
    desk.forgive("401", "422")


@ON_AND_OFF
def test_back_and_a_key_do_not_put_an_old_text_over_a_newer_one(desk: Desk, script: bool) -> None:
    page = desk.page
    page.fill(BOX, TYPED)
    if script:
        expect(page.locator("[data-saved]")).to_contain_text("已保存")
    page.goto(f"{desk.browser_driver.site}/mine")
    page.go_back()
    assert page.input_value(BOX) == TYPED
    page.goto(f"{desk.browser_driver.site}/mine")
    desk.colleague_writes(background="同事写的更新的说明")
    page.go_back()
    assert page.input_value(BOX) == "同事写的更新的说明"
    page.locator("[name=outcome]").press_sequentially("又")
    if script:
        expect(page.locator("[data-saved]")).to_contain_text("已保存")
    else:
        desk.browser_driver.press(page, SAVE)
    assert desk.stored()["background"] == "同事写的更新的说明"
    assert desk.stored()["outcome"].endswith("又")
    desk.forgive("422")


@ON_AND_OFF
def test_two_people_in_two_fields_are_merged_and_asked_about_the_third(desk: Desk, script: bool) -> None:
    page = desk.page
    desk.colleague_writes(outcome="同事写的成果")
    page.fill(BOX, TYPED)
    if script:
        expect(page.locator("[data-saved]")).to_contain_text("同时填写了“")
    else:
        desk.browser_driver.press(page, SAVE)
    assert (desk.stored()["outcome"], desk.stored()["background"]) == ("同事写的成果", TYPED)
    page.goto(desk.url)
    desk.colleague_writes(background="同事也改了")
    page.fill(BOX, "我又改了")
    if script:
        expect(page.locator("[data-saved]")).to_contain_text("也改了“")
    desk.browser_driver.press(page, SAVE)
    expect(page.locator(".changes .change")).to_have_count(1)
    assert page.input_value(BOX) == "我又改了" and desk.stored()["background"] == "同事也改了"
    desk.browser_driver.shot(page, "both-changed")
    desk.browser_driver.press(page, SAVE)
    assert desk.stored()["background"] == "我又改了"
    desk.forgive("409", "422")


@pytest.mark.parametrize("script", [True])
def test_the_script_says_why_nothing_is_saved_and_goes_on_after_signing_in(desk: Desk, script: bool) -> None:
    page = desk.page
    desk.sign_out_elsewhere()
    page.fill(BOX, TYPED)
    line = page.locator("[data-saved]")
    expect(line).to_contain_text("尚未保存：登录已过期")
    desk.browser_driver.shot(page, "autosave-signed-out")
    with page.context.expect_page() as opened:
        line.locator("a").click()
    desk.sign_in(opened.value)
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(line).to_contain_text("已保存")
    assert desk.stored()["background"] == TYPED
    desk.forgive("401")


@ON_AND_OFF
def test_back_leads_to_a_page_that_was_refused(desk: Desk, script: bool) -> None:
    driver = desk.browser_driver
    officer = driver.page(driver.people.offices["science"])
    officer.goto(f"{driver.site}/calls-admin/new")
    officer.fill("[name=title]", TYPED)
    if script:
        officer.locator("[name=opens_at]").evaluate(PASTE, "二〇二六年十一月二十三日上午9点半")
    driver.press(officer, "main form button[type=submit]")
    expect(officer.locator(".summary")).to_be_visible()
    if script:  # what the box for dates does not know, the server does
        expect(officer.locator("[name=opens_at]")).to_have_value("2026-11-23T09:30")
    officer.goto(f"{driver.site}/desk")
    officer.go_back()
    expect(officer.locator("[name=title]")).to_have_value(TYPED)
    if not script:  # the very page that was refused, with its reasons
        expect(officer.locator(".summary")).to_be_visible()
    desk.page.fill(BOX, TYPED)
    driver.press(desk.page, SAVE)  # saved, and the page says what is still missing
    desk.page.goto(f"{driver.site}/desk")
    desk.page.go_back()
    expect(desk.page.locator(BOX)).to_have_value(TYPED)
    desk.forgive("422")


@pytest.mark.parametrize("script", [True])
def test_a_long_text_is_saved_when_the_window_is_left(desk: Desk, script: bool) -> None:
    """Browsers send on no more than 64 KB while a page closes, and refuse the rest."""
    long = TYPED * 1500
    for box in (BOX, "[name=outcome]"):
        desk.page.locator(box).evaluate("(box, text) => { box.value = text; }", long)
    desk.page.locator(BOX).press("End")
    desk.page.locator(BOX).dispatch_event("input")
    desk.page.evaluate(HIDE)
    expect(desk.page.locator("[data-saved]")).to_contain_text("已保存")
    assert (desk.stored()["background"], desk.stored()["outcome"]) == (long, long)


@pytest.mark.parametrize("script", [True])
def test_what_is_too_large_is_not_even_sent(desk: Desk, script: bool, tmp_path: Path) -> None:
    page = desk.page
    page.evaluate("document.querySelector('[name=background]').value = '字'.repeat(1_500_000)")
    page.locator(SAVE).click()
    expect(page.locator("[data-too-large]")).to_contain_text("没有提交：填写的文字有 4.3 MB，最多 4 MB")
    assert len(page.input_value(BOX)) == 1_500_000
    page.fill(BOX, TYPED)
    desk.browser_driver.press(page, SAVE)
    assert desk.stored()["background"] == TYPED
    desk.forgive("422")
