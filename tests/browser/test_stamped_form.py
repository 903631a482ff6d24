"""2024: print the 项目技术需求表, stamp it, take pictures of it, hand it in; and what a person does wrong on the way."""

from datetime import UTC, datetime

import pypdfium2
from playwright.sync_api import Page

from tests.browser.browser_driver import BUTTON, BrowserDriver
from tests.browser.conftest import Begin
from tests.browser.photo import photographed
from tests.browser.test_lives import States
from tests.support.scans import read_codes
from xtbang.demo.walk import Walk

CALLED = datetime(2024, 9, 2, tzinfo=UTC)  # the call of 2024 was open then
NEW_TITLE = "盖章之后又改动的项目名称"
TEXT = "这是一份文本文件，只是改了扩展名。".encode()


class Issuer:
    """The issuer's person at the form and at the scan."""

    def __init__(self, browser_driver: BrowserDriver, walk: Walk) -> None:
        self.browser_driver = browser_driver
        self.project = f"{browser_driver.site}/projects/{walk.project_id}"
        self.form = f"{self.project}/documents/{walk.project.form_id}"
        self.page: Page = browser_driver.page(browser_driver.people.members[walk.plan.issuer])

    def printed(self, link: str) -> bytes:
        """The PDF behind a link of the form's page."""
        self.page.goto(self.form)
        address = self.page.locator("main a", has_text=link).first.get_attribute("href")
        answer = self.page.request.get(f"{self.browser_driver.site}{address}")
        assert answer.headers["content-type"] == "application/pdf"
        return answer.body()

    def upload(self, name: str, content: bytes, shot: str) -> str:
        """Choose a file as the stamped scan and send it; what the page says against it."""
        self.page.goto(f"{self.project}/actions/upload_scan")
        self.page.set_input_files("[name=scan]", {"name": name, "mimeType": "application/pdf", "buffer": content})
        self.browser_driver.press(self.page, BUTTON)
        self.browser_driver.shot_both(self.page, shot)
        summary = self.page.locator(".summary")
        return summary.first.inner_text() if summary.count() else ""

    def submit(self) -> str:
        """Open the page of submitting; what stands against it."""
        self.page.goto(f"{self.project}/actions/submit")
        summary = self.page.locator(".summary")
        return summary.first.inner_text() if summary.count() else ""


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return found.replace("\r", "").replace("\n", "")


def test_the_stamped_form(begin: Begin, browser_driver: BrowserDriver, states: States) -> None:
    walk = begin("tech_demand", (browser_driver.clock.end - CALLED).days, edition="2024")
    issuer = Issuer(browser_driver, walk)
    page = issuer.page

    assert not read_codes(issuer.printed("预览打印稿"), "application/pdf")
    browser_driver.shot_both(page, "empty")
    walk.write_form()
    browser_driver.shot_both(page, "filled")
    title = page.locator("[name=title]").input_value()
    first = issuer.printed("打开打印稿")
    assert title in words(first)
    assert len(read_codes(first, "application/pdf")) == 1

    assert "只接受 PDF、JPG 或 PNG 文件" in issuer.upload("扫描件.pdf", TEXT, "text-as-pdf")
    assert "尚未上传加盖公章的扫描件" in issuer.submit()
    assert "这是系统生成的电子文件，不是盖章扫描件" in issuer.upload("扫描件.pdf", first, "not-scanned")
    assert issuer.upload("扫描件.pdf", photographed(first), "uploaded") == ""

    page.goto(issuer.form)
    page.fill("[name=title]", NEW_TITLE)
    browser_driver.press(page, "button[name=check]")
    browser_driver.shot_both(page, "edited")
    assert "尚未上传加盖公章的扫描件" in issuer.submit()
    browser_driver.shot_both(page, "scan-dropped")
    said = issuer.upload("扫描件.jpg", photographed(first, "JPEG"), "scan-of-older")
    assert "扫描件与当前填报内容不符" in said
    page.goto(issuer.form)
    assert page.locator("[name=title]").input_value() == NEW_TITLE

    second = issuer.printed("打开打印稿")
    assert NEW_TITLE in words(second)
    scan = photographed(second)
    assert issuer.upload("扫描件.pdf", scan, "uploaded-again") == ""
    page.goto(issuer.form)
    assert "二维码与当前填报内容一致" in page.inner_text("#steps")
    browser_driver.shot_both(page, "ready")
    assert issuer.submit() == ""
    browser_driver.shot_both(page, "submitting")
    browser_driver.submit(page)
    browser_driver.shot_both(page, "submitted")
    assert states(walk) == "solicitation"

    officer = browser_driver.page(browser_driver.people.offices["science"])
    officer.goto(f"{issuer.project}/actions/accept")
    browser_driver.shot_both(officer, "accepting")
    shown = officer.inner_text("main")
    assert "二维码与当前版本一致，印章请打开查看" in shown
    assert NEW_TITLE in shown
    link = officer.locator("main a", has_text="扫描件.pdf").first.get_attribute("href")
    assert officer.request.get(f"{browser_driver.site}{link}").body() == scan
    walk.accept()
    assert states(walk) == "appraisal"
