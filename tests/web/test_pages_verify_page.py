"""核验: what a visitor learns from the page of a paper: whose it is, its digest, whether a file is the original, what a code is."""

import re
from collections.abc import Callable
from errno import ENOSPC
from hashlib import sha256
from html import unescape
from io import BytesIO
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.test import TestResponse

from tests.factories.site_projects import SiteProjectFactory
from tests.web.test_pages_verify import papers, shown
from xtbang.models import Person
from xtbang.papers.codes import make_code


def test_the_digest_is_told_at_once_and_a_file_compared(
    factory: SiteProjectFactory, client: FlaskClient, app: Flask
) -> None:
    """Nobody has opened the paper and no worker runs: it is rendered and kept when its page is opened."""
    factory.submitted(edition="2021")
    [paper] = papers(factory, "form")
    assert paper.file_id is None
    text = shown(client, paper)
    [paper] = papers(factory, "form")
    assert paper.file is not None
    assert paper.file.sha256 in text
    content = app.extensions["store"].get(paper.file.sha256)
    factory.session.rollback()

    def compared(sent: bytes) -> str:
        return outcome(client.post(f"/verify/{paper.code}", data={"file": (BytesIO(sent), "合同.pdf")}))

    assert "一致：“合同.pdf”与本系统留存的原件逐字节相同" in compared(content)
    for other in (content + b"\n", content[:-1], b"%PDF-1.7", b""):
        assert compared(other).startswith("不一致：“合同.pdf”")
    nothing = client.post(f"/verify/{paper.code}", data={})
    assert nothing.status_code == 422
    assert "请先选择" in outcome(nothing)


def outcome(answer: TestResponse) -> str:
    """What the page says about the file that was compared."""
    [text] = re.findall(r'<output class="message [^>]*>([^<]*)</output>', answer.text)
    return str(unescape(text))


def test_a_file_larger_than_any_paper_is_not_the_paper(
    factory: SiteProjectFactory, client: FlaskClient, app: Flask
) -> None:
    factory.submitted(edition="2021")
    [paper] = papers(factory, "receipt")
    address = f"/verify/{paper.code}"
    factory.session.rollback()
    client.get(address)
    app.config["MAX_CONTENT_LENGTH"] = 2000
    answer = client.post(address, data={"file": (BytesIO(b"x" * 3000), "扫描件.pdf")})
    assert answer.status_code == 413
    assert "受理回执" in answer.text
    assert "不可能是这份文书的原件" in outcome(answer)
    assert "压缩扫描件" not in answer.text
    unknown = make_code(b"another installation", "a paper")
    assert client.post(f"/verify/{unknown}", data={"file": (BytesIO(b"x" * 3000), "a.pdf")}).status_code == 413


def test_a_paper_that_cannot_be_kept_is_being_archived(
    factory: SiteProjectFactory,
    client: FlaskClient,
    login: Callable[[Person], FlaskClient],
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk, and later enough room: whoever asks meanwhile is told to come back, and nothing is rendered again."""
    factory.submitted(edition="2021")
    [paper] = papers(factory, "form")
    number, code, tried = paper.id, paper.code, list[str]()
    store, issuer = app.extensions["store"], login(factory.people["issuer"])
    factory.session.rollback()

    def full(content: bytes) -> str:
        tried.append(sha256(content).hexdigest())
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(store, "put", full)
        for _ in range(3):
            answer = client.get(f"/verify/{code}")
            assert answer.status_code == 200
            assert "正在归档" in answer.text
            assert "稍后再" in answer.text
            answer = issuer.get(f"/papers/{number}.pdf")
            assert answer.status_code == 503
            assert "正在归档" in answer.text
            assert answer.headers["Retry-After"]
    assert len(tried) == 1
    assert "正在归档" in client.get(f"/verify/{code}").text  # there is room, but the pause is not over
    app.extensions.pop("renderer")
    assert tried[0] in client.get(f"/verify/{code}").text
    assert issuer.get(f"/papers/{number}.pdf").status_code == 200


def test_a_stranger_learns_what_the_paper_is_whose_and_since_when(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    factory.at("2024-09-02 14:05")
    project = factory.draft(edition="2021")
    factory.at("2024-09-03 09:30")
    factory.perform(project, "submit", "issuer")
    [form], [receipt] = papers(factory, "form"), papers(factory, "receipt")
    number, codes = project.number, (form.code, receipt.code)
    factory.session.rollback()
    first, second = (plain(client.get(f"/verify/{code}").text) for code in codes)
    assert "单位申报“揭榜挂帅”项目时填写、提交的项目表。有效：" in first
    assert f"编号{number}提交后取得。这一版在提交前打印盖章，纸面页脚没有编号" in first
    assert "由谁出具申报单位填写，提交后由本系统登记" in first
    assert "生成时间2024年9月2日14:05:00与纸面页脚所印的一致提交时间2024年9月3日09:30:00" in first
    assert "收到所提交材料的凭证，写明编号、提交时间和内容摘要。有效：" in second
    assert f"编号{number}版本第1版由谁出具湘潭市科学技术局生成时间2024年9月3日09:30:00" in second
    assert "提交时间" not in second.replace("编号、提交时间和内容摘要", "")


def plain(page: str) -> str:
    """The words of a page, without spaces."""
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]*>", "", page)))


def test_the_digest_can_be_read_aloud(factory: SiteProjectFactory, client: FlaskClient) -> None:
    factory.submitted(edition="2021")
    [paper] = papers(factory, "receipt")
    text = shown(client, paper)
    [paper] = papers(factory, "receipt")
    assert paper.file is not None
    part = text[text.index('class="digest"') :].partition("</code>")[0]
    groups = re.findall(r"<span>(\w{4})</span>", part)
    assert len(groups) == 16
    assert "".join(groups) == paper.file.sha256


def test_nothing_is_said_about_a_code_that_nobody_issued(client: FlaskClient) -> None:
    code = make_code(b"another installation", "a paper")
    for address in (f"/verify/{code}", f"/verify?code={code}"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert f"没有登记校验码为 {code} 的文书" in answer.text
        assert f'value="{code}"' in answer.text


def test_however_it_is_pasted_the_paper_is_found(factory: SiteProjectFactory, client: FlaskClient) -> None:
    factory.submitted(edition="2021")
    [paper] = papers(factory, "receipt")
    code = paper.code
    factory.session.rollback()
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (
        code, code.lower(), code.replace("-", ""), code.replace("-", " "), f"  {code}\t", wide, f"校验码：{code}",
        f"http://localhost/verify/{code}", f"https://elsewhere.example/verify/{code.lower()}?from=mail#top",
    ):  # fmt: skip
        answer = client.get("/verify", query_string={"code": typed})
        assert answer.status_code == 302, typed
        assert answer.headers["Location"] == f"/verify/{code}"
        assert "受理回执" in client.get(f"/verify/{quote(typed, safe='')}").text or "/" in typed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("7K3M", "这不是校验码"), ("../admin?x=<b>", "这不是校验码"), ("二〇二四年的回执", "这不是校验码"),
        ("7K3M-Q2XW-9DRT-4HB0", "至少有一位不对"), ("7K3M" * 7, "至少有一位不对"), ("x" * 3000, "这不是校验码"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_code_is_said_beside_it(client: FlaskClient, typed: str, said: str) -> None:
    answer = client.get("/verify", query_string={"code": typed})
    assert answer.status_code == 404
    assert answer.request.path == "/verify"
    assert said in answer.text
    assert f'value="{escape(typed[:200])}"' in answer.text


def test_no_copy_is_kept_of_what_may_change(factory: SiteProjectFactory, client: FlaskClient) -> None:
    factory.submitted(edition="2021")
    [paper] = papers(factory, "receipt")
    code = paper.code
    factory.session.rollback()
    for address in ("/verify", f"/verify?code={code}", f"/verify/{code}", "/verify/nothing"):
        headers = client.get(address).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex"
