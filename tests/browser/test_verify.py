"""The comparison at /verify: a file is dropped or chosen, with and without what browsers only have on secure addresses."""

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.browser_driver import visitor
from tests.browser.conftest import Served
from xtbang.extensions import db
from xtbang.models import Paper
from xtbang.models.writing import begin_write
from xtbang.papers.codes import make_code
from xtbang.rendering import renderer_of

FACTS = {
    "number": "XTJB-2021-0001",
    "title": "高温合金涂层关键技术",
    "issuer": "湘潭电机有限公司",
    "uscc": "91430300MA4L1XKQ7P",
    "call": "2021年度征集",
    "submitted_at": "2026-09-01T10:00:00+08:00",
    "version": 1,
    "digest": "0" * 64,
    "form": "附件1 项目表",
}
# what a visitor's hand does: a file with that name and these bytes over the field, or beside it
DROP = """([selector, name, bytes]) => {
  const held = new DataTransfer();
  held.items.add(new File([new Uint8Array(bytes)], name, { type: "application/pdf" }));
  const event = new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(event);
  return event.defaultPrevented;
}"""
PLAIN_HTTP = 'Object.defineProperty(window.crypto, "subtle", { value: undefined });'
FOLDERS = """const slice = Blob.prototype.slice;
Blob.prototype.slice = function (...given) {
  if (this.name === "文件夹") throw new DOMException("unreadable", "NotReadableError");
  return slice.apply(this, given);
};"""
SLOW = """const read = Blob.prototype.arrayBuffer;
window.held = [];
Blob.prototype.arrayBuffer = async function () {
  if (this.name === "慢.pdf") await new Promise((go) => { window.held.push(go); });
  return read.call(this);
};"""


@pytest.fixture
def paper(served: Served) -> tuple[str, bytes]:
    """The address and the bytes of a paper in the store."""
    code = make_code(b"test", "a receipt")
    row = Paper(
        code=code, name="receipt", title="受理回执", number="XTJB-2021-0001", version=1, data=FACTS, made_at=served.clock()
    )  # fmt: skip
    begin_write(served.session)
    served.session.add(row)
    served.session.commit()
    with served.app.app_context():
        content = renderer_of(served.app).stored_pdf(db.session(), row.id)
    return f"{served.url}/verify/{code}", content


@pytest.fixture
def visit(browser: Browser, paper: tuple[str, bytes]) -> Any:
    """``visit(script)``: the page about the paper, in a browser where that script runs first."""
    contexts: list[BrowserContext] = []

    def go(script: str = "", **options: Any) -> Page:
        context = visitor(browser, **options)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(paper[0])
        return page

    yield go
    for context in contexts:
        context.close()


def drop(page: Page, name: str, content: bytes, over: str = ".drop") -> None:
    assert page.evaluate(DROP, [over, name, list(content)])


@pytest.mark.parametrize("script", ["", PLAIN_HTTP], ids=["secure", "plain-http"])
def test_a_dropped_file_is_compared(visit: Any, paper: tuple[str, bytes], script: str) -> None:
    address, content = paper
    page = visit(script)
    said = page.locator("form output")
    changed = content[:-1] + bytes([content[-1] ^ 1])
    for name, sent, over, answer in (
        ("原件.pdf", content, ".drop", "一致：“原件.pdf”"),
        ("改过.pdf", changed, ".drop", "不一致：“改过.pdf”"),
        ("短.pdf", content[:-9], "h1", "不一致：“短.pdf”"),
    ):
        drop(page, name, sent, over)
        expect(said).to_contain_text(answer)
        assert page.url.split("#")[0] == address
        if not script:
            assert page.evaluate("document.querySelector('input[type=file]').files[0].name") == name


@pytest.mark.parametrize("script", ["", PLAIN_HTTP], ids=["secure", "plain-http"])
def test_what_cannot_be_read_is_said(visit: Any, script: str) -> None:
    page = visit(script + FOLDERS)
    drop(page, "文件夹", b"")
    expect(page.locator("form output")).to_contain_text("读不出“文件夹”")


def test_of_two_files_the_later_one_is_spoken_of(visit: Any, paper: tuple[str, bytes]) -> None:
    page = visit(SLOW)
    said = page.locator("form output")
    drop(page, "慢.pdf", paper[1])
    expect(said).to_contain_text("正在核对“慢.pdf”")
    page.wait_for_function("window.held.length === 1")
    drop(page, "后来.pdf", b"%PDF-1.7")
    expect(said).to_contain_text("不一致：“后来.pdf”")
    page.evaluate("window.held.forEach((go) => go())")
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    expect(said).to_contain_text("不一致：“后来.pdf”")


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_comparing_without_a_file_and_with_one(visit: Any, paper: tuple[str, bytes], scripted: bool) -> None:
    page = visit(java_script_enabled=scripted)
    said = page.locator("form output")
    page.get_by_role("button", name="比对").click()
    expect(said).to_contain_text("请先选择要比对的 PDF 文件")
    page.set_input_files("input[type=file]", {"name": "原件.pdf", "mimeType": "application/pdf", "buffer": paper[1]})
    page.get_by_role("button", name="比对").click()
    expect(said).to_contain_text("一致：“原件.pdf”")
