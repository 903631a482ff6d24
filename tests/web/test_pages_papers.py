"""Papers on pages: blank 评分表 for officers, covers of drafts, and a PDF that is rendered once and then served."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.papers.conftest import page_texts, squeezed
from tests.stages import later
from tests.web.town import Town
from xtbang.models import Acceptance, Panel, Paper, Person, Project, Roadshow
from xtbang.papers import rendering

ROADSHOW = {"title": "第一场路演", "starts_at": "2024-11-20T09:00", "place": "路演厅", "minutes": 20}
OFFICERS, OTHERS = ("science", "industry", "leader"), ("issuer", "bidder", "finance", "county", "技术0")

Login = Callable[[Person], FlaskClient]


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


def texts(client: FlaskClient, address: str) -> list[str]:
    """The pages of a PDF, without spaces."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    return [squeezed(page) for page in page_texts(answer.data)]


def of(town: Town, model: type) -> list[int]:
    """The ids of that table."""
    town.session.rollback()
    return list(town.session.scalars(select(model.id).order_by(model.id)))


# ---------------------------------------------------------------- blank score sheets


def test_blank_sheets_of_a_roadshow(town: Town, login: Login) -> None:
    project = town.applied()
    town.perform(project, "schedule_roadshow", "science", ROADSHOW)
    [roadshow] = of(town, Roadshow)
    address = f"/roadshows/{roadshow}/sheets.pdf"
    assert address in login(town.people["science"]).get(f"/roadshows/{roadshow}").text
    sheet, summary, opinion = texts(login(town.people["science"]), address)  # nobody is seated: one without a name
    assert "评审专家专家类别工作单位" in sheet
    assert summary.startswith("路演评审评分汇总表")
    assert opinion.startswith("路演评审专家论证意见表")

    panel = town.panel(project, "roadshow", (3, 2, 0))
    pages = texts(login(town.people["industry"]), address)
    assert len(pages) == 7
    names = town.seats(panel)
    for name, page in zip(names, pages, strict=False):
        assert squeezed(f"评审专家{name}专家类别") in page
        assert squeezed(project.title) in page
        assert "专家签名：" in page
        assert "编号：LY-2024-0001空白表" in page
        assert "校验码" not in page
    assert "结论□通过□不通过" in pages[-1].replace("　", "")


@pytest.mark.parametrize(("kind", "title"), [("appraisal", "需求论证评分表"), ("liability", "责任论证评分表")])
def test_blank_sheets_of_a_panel(town: Town, login: Login, kind: str, title: str) -> None:
    project = town.accepted() if kind == "appraisal" else later.in_force(town)
    panel = town.panel(project, kind, (3, 0, 0) if kind == "appraisal" else (1, 1, 1))
    town.perform(project, "answer_invitation", town.seats(panel)[0], {"answer": "申请回避", "note": "同单位"})
    address = f"/projects/{project.id}/panels/{panel.id}/sheets.pdf"
    officer = login(town.people["science"])
    assert address in officer.get(town.page(project)).text
    pages = texts(officer, address)
    assert len(pages) == 4  # who recused gets none
    assert all(page.startswith(title) for page in pages[:2])
    assert ("责任方□发榜方□揭榜方□双方" in pages[-1].replace("　", "")) == (kind == "liability")


def test_only_officers_get_blank_sheets(town: Town, login: Login) -> None:
    project = town.applied()
    town.perform(project, "schedule_roadshow", "science", ROADSHOW)
    panel = town.panel(project, "roadshow", (3, 2, 0))
    [roadshow] = of(town, Roadshow)
    addresses = (f"/roadshows/{roadshow}/sheets.pdf", f"/projects/{project.id}/panels/{panel.id}/sheets.pdf")
    for address in addresses:
        assert all(login(town.people[who]).get(address).status_code == 200 for who in OFFICERS)
        assert all(login(town.people[who]).get(address).status_code == 403 for who in OTHERS)
    officer = login(town.people["science"])
    assert officer.get(f"/roadshows/{roadshow + 1}/sheets.pdf").status_code == 404
    assert officer.get(f"/projects/{project.id + 1}/panels/{panel.id}/sheets.pdf").status_code == 404
    town.perform(project, "conclude_panel", "science", _scored(town, project, panel))
    assert officer.get(addresses[1]).status_code == 404  # it does not sit any longer


def _scored(town: Town, project: Project, panel: Panel) -> dict[str, str]:
    for who in town.seats(panel):
        town.score(project, panel, who)
    return {"favourable": "通过", "opinion": "同意"}


# ---------------------------------------------------------------- drafts


def test_covers_of_drafts_say_what_is_known(town: Town, login: Login) -> None:
    project = town.listed()
    bid = town.open_bid(project)
    number, document = project.number, bid.document_id
    issuer, lead = town.organisations["issuer"].name, town.organisations["bidder"].name
    town.session.rollback()
    cover = texts(login(town.people["bidder"]), f"/projects/{project.id}/documents/{document}/preview.pdf")[0]
    for words in (number, project.title, issuer, lead):
        assert squeezed(words) in cover

    town.perform(project, "submit_bid", "bidder")
    town.at("2024-10-29 09:00")
    town.choose(project, bid)
    document = project.application_id
    town.session.rollback()
    cover = texts(login(town.people["issuer"]), f"/projects/{project.id}/documents/{document}/preview.pdf")[0]
    for words in (number, project.title, issuer, lead):
        assert squeezed(words) in cover


def test_drafts_of_reports_and_acceptance_name_the_project(town: Town, login: Login) -> None:
    project = later.executing(town)
    report = later.reports_of(town, project)[0]
    later.fill_report(town, project, report)
    request = town.session.scalars(select(Acceptance.document_id)).one()
    wanted, due = [report.document_id, request], report.due_on
    town.session.rollback()
    for document in wanted:
        first = texts(login(town.people["bidder"]), f"/projects/{project.id}/documents/{document}/preview.pdf")[0]
        assert squeezed(project.title) in first
        assert project.number in first
        assert squeezed(town.organisations["bidder"].name) in first
    first = texts(login(town.people["bidder"]), f"/projects/{project.id}/documents/{wanted[0]}/preview.pdf")[0]
    assert f"报告到期日{due.year}年{due.month}月{due.day}日" in first


# ---------------------------------------------------------------- rendered once, served from the store


def test_a_paper_asked_for_early_is_kept_and_served_again(
    town: Town, login: Login, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.submitted(edition="2021")
    paper = town.session.scalars(select(Paper).where(Paper.name == "form")).one()
    number = paper.id
    town.session.rollback()
    issuer = login(town.people["issuer"])
    first = issuer.get(f"/papers/{number}.pdf")
    town.session.rollback()
    stored = town.session.get_one(Paper, number).file
    assert stored is not None
    assert app.extensions["store"].get(stored.sha256) == first.data
    town.session.rollback()

    def never(*_given: object, **_named: object) -> bytes:
        raise AssertionError("rendered again")

    monkeypatch.setattr(rendering, "pdf_of", never)
    monkeypatch.setattr("xtbang.background.pdf_of", never)
    again = issuer.get(f"/papers/{number}.pdf")
    assert again.data == first.data
    assert re.search(r"filename\*=UTF-8''.+\.pdf", again.headers["Content-Disposition"])
