"""Papers on pages: blank 评分表 for officers, covers of drafts, and a PDF that is rendered once and then served."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.papers.conftest import page_texts, squeezed
from tests.stages import later
from tests.web.town import Town
from xtbang.models import Acceptance, Event, Panel, Paper, Person, Project, Roadshow, RoadshowItem

ROADSHOW = {"title": "第一场路演", "starts_at": "2024-11-20T09:00", "place": "路演厅", "minutes": 20}
OFFICERS, OTHERS = ("science", "industry", "leader"), ("issuer", "bidder", "finance", "county", "技术0")

COPIED = (
    "call_id edition kind track issuer_id created_by_id created_at state_since title region domain submitted_at".split()
)

Login = Callable[[Person], FlaskClient]


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


def pages_of(answer: TestResponse) -> list[str]:
    """The pages of a PDF, without spaces."""
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    return [squeezed(page) for page in page_texts(answer.data)]


def texts(client: FlaskClient, address: str) -> list[str]:
    """The same of what lies there."""
    return pages_of(client.get(address))


def printed(client: FlaskClient, address: str) -> list[str]:
    """The same of what comes of a button that prints."""
    return pages_of(client.post(address, follow_redirects=True))


def sheets_of(town: Town) -> list[tuple[str, int, str]]:
    """Subject, version and state of every blank sheet that was issued, the oldest first."""
    town.session.rollback()
    query = select(Paper).where(Paper.name == "score_sheets").order_by(Paper.id)
    return [(row.subject.partition(":")[0], row.version, row.state) for row in town.session.scalars(query)]


def of(town: Town, model: type) -> list[int]:
    """The ids of that table."""
    town.session.rollback()
    return list(town.session.scalars(select(model.id).order_by(model.id)))


# ---------------------------------------------------------------- blank score sheets


def test_blank_sheets_of_a_roadshow(town: Town, login: Login) -> None:
    project = town.applied()
    town.perform(project, "schedule_roadshow", "science", ROADSHOW)
    [roadshow] = of(town, Roadshow)
    address = f"/roadshows/{roadshow}/sheets"
    assert f'action="{address}"' in login(town.people["science"]).get(f"/roadshows/{roadshow}").text
    sheet, summary, opinion = printed(login(town.people["science"]), address)  # nobody is seated: one without a name
    assert "评审专家专家类别工作单位" in sheet
    assert summary.startswith("路演评审评分汇总表")
    assert opinion.startswith("路演评审专家论证意见表")

    panel = town.panel(project, "roadshow", (3, 2, 0))
    pages = printed(login(town.people["industry"]), address)
    assert len(pages) == 7
    names = town.seats(panel)
    town.session.rollback()
    code = town.session.scalars(select(Paper.code).where(Paper.name == "score_sheets", Paper.version == 2)).one()
    for name, page in zip(names, pages, strict=False):
        assert squeezed(f"评审专家{name}专家类别") in page
        assert squeezed(project.title) in page
        assert "专家签名：" in page
    assert all("编号：LY-2024-0001第2版" in page and f"校验码：{code}" in page for page in pages)
    assert "结论□通过□不通过" in pages[-1].replace("　", "")
    assert sheets_of(town) == [("roadshow", 1, "cancelled"), ("roadshow", 2, "current")]


@pytest.mark.parametrize(("kind", "title"), [("appraisal", "需求论证评分表"), ("liability", "责任论证评分表")])
def test_blank_sheets_of_a_panel(town: Town, login: Login, kind: str, title: str) -> None:
    project = town.accepted() if kind == "appraisal" else later.in_force(town)
    panel = town.panel(project, kind, (3, 0, 0) if kind == "appraisal" else (1, 1, 1))
    town.perform(project, "answer_invitation", town.seats(panel)[0], {"answer": "recused", "note": "同单位"})
    address = f"/projects/{project.id}/panels/{panel.id}/sheets"
    officer = login(town.people["science"])
    assert f'action="{address}"' in officer.get(town.page(project)).text
    pages = printed(officer, address)
    assert len(pages) == 4  # who recused gets none
    assert all(page.startswith(title) for page in pages[:2])
    assert ("责任方□发榜方□揭榜方□双方" in pages[-1].replace("　", "")) == (kind == "liability")


def test_sheets_are_issued_once_and_hold_as_long_as_the_panel_does(town: Town, login: Login) -> None:
    project = town.accepted()
    panel = town.panel(project, "appraisal", (3, 0, 0))
    address, officer = f"/projects/{project.id}/panels/{panel.id}/sheets", login(town.people["science"])
    first, again = (officer.post(address).location for _ in range(2))
    assert first == again
    assert sheets_of(town) == [("panel", 1, "current")]
    said = select(Event.actor_name, Event.data).where(Event.trigger == "print_sheets", Event.project_id == project.id)
    assert [(name, data["version"]) for name, data in town.session.execute(said)] == [("science", 1)]
    assert "打印空白评分表" in officer.get(town.page(project)).text
    who = town.seats(panel)
    town.perform(project, "answer_invitation", who[0], {"answer": "accepted", "no_conflict": True})
    assert sheets_of(town) == [("panel", 1, "current")]  # the same people sit
    town.perform(project, "answer_invitation", who[1], {"answer": "declined"})
    assert sheets_of(town) == [("panel", 1, "cancelled")]
    officer.post(address)
    town.perform(project, "draw_more", "science", {"technical": 1, "financial": 0, "legal": 0})
    officer.post(address)
    assert sheets_of(town) == [("panel", 1, "cancelled"), ("panel", 2, "cancelled"), ("panel", 3, "current")]
    town.both(project, "list_regular")
    assert sheets_of(town)[-1] == ("panel", 3, "cancelled")  # dissolved: nothing is judged any more


def test_sheets_that_were_used_stay_good_after_the_conclusion(town: Town, login: Login) -> None:
    project = town.accepted()
    panel = town.panel(project, "appraisal", (3, 0, 0))
    login(town.people["science"]).post(f"/projects/{project.id}/panels/{panel.id}/sheets")
    town.perform(project, "conclude_panel", "science", _scored(town, project, panel))
    assert sheets_of(town) == [("panel", 1, "current")]


def test_sheets_of_a_day_hold_as_long_as_its_order(town: Town, login: Login) -> None:
    first = town.applied()
    town.perform(first, "schedule_roadshow", "science", ROADSHOW)
    [roadshow] = of(town, Roadshow)
    officer = login(town.people["science"])
    officer.post(f"/roadshows/{roadshow}/sheets")
    page = officer.get(f"/roadshows/{roadshow}").text
    assert "已打印" in page
    with town.writing():
        second = Project(**{name: getattr(first, name) for name in COPIED}, number="XTJB-2024-01-0099", state="draft")
        town.session.add(second)
        town.session.flush()
        town.session.add(RoadshowItem(roadshow_id=roadshow, project_id=second.id, position=2))
    officer.post(f"/roadshows/{roadshow}/sheets")
    assert sheets_of(town) == [("roadshow", 1, "superseded"), ("roadshow", 2, "current")]
    seen = [first.id, second.id]
    officer.post(f"/roadshows/{roadshow}/order", data={"seen": seen, "move": f"down-{first.id}"})
    assert sheets_of(town)[-1] == ("roadshow", 2, "cancelled")
    assert "已打印" not in officer.get(f"/roadshows/{roadshow}").text
    assert len(printed(officer, f"/roadshows/{roadshow}/sheets")) == 6


def test_only_officers_get_blank_sheets(town: Town, login: Login) -> None:
    project = town.applied()
    town.perform(project, "schedule_roadshow", "science", ROADSHOW)
    panel = town.panel(project, "roadshow", (3, 2, 0))
    [roadshow] = of(town, Roadshow)
    seated = town.seats(panel)[0]
    town.perform(project, "answer_invitation", seated, {"answer": "accepted", "no_conflict": True})
    addresses = (f"/roadshows/{roadshow}/sheets", f"/projects/{project.id}/panels/{panel.id}/sheets")
    for address in addresses:
        assert {login(town.people[who]).get(address).status_code for who in OFFICERS} == {405}  # a GET writes nothing
        assert all(login(town.people[who]).post(address).status_code == 403 for who in (*OTHERS, "leader", "auditor"))
        paper = login(town.people["science"]).post(address).location
        assert all(login(town.people[who]).get(paper).status_code == 200 for who in (*OFFICERS, "auditor"))
        assert all(login(town.people[who]).get(paper).status_code == 404 for who in (*OTHERS, seated))
    leader = login(town.people["leader"])
    assert f'action="{addresses[0]}"' not in leader.get(f"/roadshows/{roadshow}").text
    assert f'action="{addresses[1]}"' not in leader.get(town.page(project)).text
    officer = login(town.people["science"])
    assert officer.post(f"/roadshows/{roadshow + 1}/sheets").status_code == 404
    assert officer.post(f"/projects/{project.id + 1}/panels/{panel.id}/sheets").status_code == 404
    town.perform(project, "conclude_panel", "science", _scored(town, project, panel, seated))
    assert officer.post(addresses[1]).status_code == 404  # it does not sit any longer


def _scored(town: Town, project: Project, panel: Panel, accepted: str = "") -> dict[str, str]:
    for who in town.seats(panel):
        if who == accepted:
            sheet = town.engine.policy.edition(project.edition).sheets[panel.kind]
            town.perform(
                project, "submit_scores", who, {item.key: item.maximum for item in sheet.criteria} | {"comment": "好"}
            )
            continue
        town.score(project, panel, who)
    return {"favourable": "passed", "opinion": "同意"}


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

    monkeypatch.setattr("xtbang.background.pdf_of_order", never)
    again = issuer.get(f"/papers/{number}.pdf")
    assert again.data == first.data
    assert re.search(r"filename\*=UTF-8''.+\.pdf", again.headers["Content-Disposition"])
