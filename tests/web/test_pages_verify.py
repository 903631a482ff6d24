"""核验: what a paper is today, for anyone; each state is set by what happened to the project, nothing else."""

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
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from xtbang.domain.notices import supersede
from xtbang.models import Notice, Paper, Person, Project
from xtbang.papers.codes import make_code

VALID, SUPERSEDED, CANCELLED = "有效", "已被新版本取代", "已作废"


def papers(factory: SiteProjectFactory, name: str, project: Project | None = None) -> list[Paper]:
    """Every paper of that name, the oldest first."""
    factory.session.rollback()
    query = select(Paper).where(Paper.name == name).order_by(Paper.id)
    return list(factory.session.scalars(query.where(Paper.project_id == project.id) if project else query))


def shown(client: FlaskClient, paper: Paper) -> str:
    """The page about a paper, as a visitor without an account sees it."""
    answer = client.get(f"/verify/{paper.code}")
    assert answer.status_code == 200
    return answer.text


def state_shown(client: FlaskClient, paper: Paper) -> str:
    text = shown(client, paper)
    heading = text[text.index('id="paper-title"') :].partition("</h2>")[0]
    [found] = [state for state in (VALID, SUPERSEDED, CANCELLED) if state in heading]
    return found


def test_a_form_sent_back_and_handed_in_again_supersedes_the_first(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    project = factory.submitted(edition="2021")
    [first] = papers(factory, "form")
    assert state_shown(client, first) == VALID
    factory.perform(project, "send_back", "science", {"reason": "请补充指标", "correct_by": "2024-09-10"})
    definition = factory.engine.policy.edition("2021").forms["tech_demand"]
    factory.fill(project.form, definition, {"requirement": "结合强度不低于 45MPa"}, "issuer")
    factory.perform(project, "submit", "issuer")
    first, second = papers(factory, "form")
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert "现行的是第 2 版" in shown(client, first)
    assert "不能再作为办理依据" in shown(client, first)
    assert [state_shown(client, paper) for paper in papers(factory, "receipt")] == [SUPERSEDED, VALID]


def test_what_the_issuer_takes_back_is_cancelled(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = factory.listed()
    factory.perform(project, "withdraw", "issuer", {"reason": "已自行解决"})
    [form], [board] = papers(factory, "form"), papers(factory, "notice")
    assert state_shown(client, form) == CANCELLED
    assert state_shown(client, board) == CANCELLED
    assert "不能再使用" in shown(client, form)
    [receipt] = papers(factory, "receipt")
    assert state_shown(client, receipt) == VALID  # it was received, all the same


def test_a_released_bid_is_cancelled_and_the_board_published_anew(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    project = factory.agreed()
    data = {"reason": "技术合同未能签订", "bids_until": "2024-11-29T17:30"}
    factory.perform(project, "reopen", "science", data)
    [bid] = papers(factory, "bid")
    assert state_shown(client, bid) == CANCELLED
    first, second = papers(factory, "notice", project)
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert f'href="/notices/{second.notice_id}"' in shown(client, first)


def test_a_contract_changed_before_it_is_signed(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = later.issued(factory)
    later.fill_contract(factory, project, copies=12)
    factory.perform(project, "issue_contract", "science")
    first, second = papers(factory, "contract")
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert "现行的是第 2 版" in shown(client, first)


def test_a_contract_that_never_came_into_force(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = later.issued(factory)
    later.ended(factory, project)
    [contract] = papers(factory, "contract")
    assert state_shown(client, contract) == CANCELLED


def test_a_notice_that_was_corrected(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = later.published(factory)
    old = factory.session.scalars(select(Notice).where(Notice.kind == "publicity")).one()
    values = {"title": "拟立项公示（更正）", "number": "", "body": "更正金额。", "reason": "金额有误"}
    supersede(factory.caller("science"), old.id, values)
    _board, first, second = papers(factory, "notice", project)
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert "拟立项公示（更正）" in shown(client, first)


def test_an_agenda_put_into_another_order(factory: SiteProjectFactory, client: FlaskClient) -> None:
    data = {"title": "第一场路演", "starts_at": "2024-11-20T09:00", "place": "路演厅", "minutes": 20}
    factory.perform(factory.applied(), "schedule_roadshow", "science", data)
    factory.at("2024-09-02 10:00")
    factory.perform(factory.applied(), "schedule_roadshow", "science", data)
    first, second = papers(factory, "agenda")
    assert first.number == second.number == "LY-2024-0002"
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert "现行的是第 2 版" in shown(client, first)


def test_a_request_to_be_rectified(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = later.executing(factory)
    later.requested(factory, project)
    factory.both(project, "rectify", {"reason": "寿命未达标", "rectify_by": "2025-06-30"})
    [request] = papers(factory, "acceptance")
    assert state_shown(client, request) == CANCELLED


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
        ("7K3M-Q2XW-9DRT-4HB0", "至少有一位不对"), ("x" * 3000, "这不是校验码"),
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


def test_blank_sheets_say_what_they_are_and_whether_they_still_hold(
    factory: SiteProjectFactory, client: FlaskClient, login: Callable[[Person], FlaskClient]
) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    login(factory.people["science"]).post(f"/projects/{project.id}/panels/{panel.id}/sheets")
    [sheets] = papers(factory, "score_sheets", project)
    text = shown(client, sheets)
    assert state_shown(client, sheets) == VALID
    assert "需求论证评分表（空白）" in text
    assert "供专家组在纸上评审使用" in text
    names = factory.seats(panel)
    assert not any(f">{name}<" in text for name in names)
    factory.perform(project, "answer_invitation", names[0], {"answer": "recused"})
    assert state_shown(client, sheets) == CANCELLED
    assert client.get(f"/papers/{sheets.id}.pdf").status_code == 404
