"""Papers on pages: blank 评分表 for officers, covers of drafts, and a PDF that is rendered once and then served."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.papers.conftest import page_texts, squeezed
from xtbang.models import Acceptance, Event, Meeting, MeetingItem, Panel, Paper, Person, Project

ROADSHOW = {"title": "第一场路演", "starts_at": "2024-11-20T09:00", "place": "路演厅", "minutes": 20}
OFFICERS, OTHERS = ("science", "industry", "leader"), ("issuer", "bidder", "finance", "county", "技术0")

COPIED = (
    "call_id edition kind track issuer_id created_by_id created_at state_since title region domain submitted_at".split()
)

Login = Callable[[Person], FlaskClient]


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


def sheets_of(factory: SiteProjectFactory) -> list[tuple[str, int, str]]:
    """Subject, version and state of every blank sheet that was issued, the oldest first."""
    factory.session.rollback()
    query = select(Paper).where(Paper.name == "score_sheets").order_by(Paper.id)
    return [(row.subject.partition(":")[0], row.version, row.state) for row in factory.session.scalars(query)]


def of(factory: SiteProjectFactory, model: type) -> list[int]:
    """The ids of that table."""
    factory.session.rollback()
    return list(factory.session.scalars(select(model.id).order_by(model.id)))


# ---------------------------------------------------------------- blank score sheets


def test_blank_sheets_of_a_roadshow(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.applied()
    factory.perform(project, "schedule_roadshow", "science", ROADSHOW)
    roadshow = of(factory, Meeting)[-1]
    address = f"/meetings/{roadshow}/sheets"
    assert f'action="{address}"' in login(factory.people["science"]).get(f"/meetings/{roadshow}").text
    sheet, summary, opinion = printed(login(factory.people["science"]), address)  # nobody is seated: one without a name
    assert "评审专家专家类别工作单位" in sheet
    assert summary.startswith("路演评审评分汇总表")
    assert opinion.startswith("路演评审专家论证意见表")

    panel = factory.panel(project, "roadshow", (3, 2, 0))
    pages = printed(login(factory.people["industry"]), address)
    assert len(pages) == 7
    names = factory.seats(panel)
    factory.session.rollback()
    code = factory.session.scalars(select(Paper.code).where(Paper.name == "score_sheets", Paper.version == 2)).one()
    for name, page in zip(names, pages, strict=False):
        assert squeezed(f"评审专家{name}专家类别") in page
        assert squeezed(project.title) in page
        assert "专家签名：" in page
    number = f"LY-2024-{roadshow:04d}"
    assert all(f"编号：{number}第2版" in page and f"校验码：{code}" in page for page in pages)
    assert "结论□通过□不通过" in pages[-1].replace("　", "")
    assert sheets_of(factory) == [("meeting", 1, "cancelled"), ("meeting", 2, "current")]


@pytest.mark.parametrize(("kind", "title"), [("appraisal", "需求论证评分表"), ("liability", "责任论证评分表")])
def test_blank_sheets_of_a_panel(factory: SiteProjectFactory, login: Login, kind: str, title: str) -> None:
    project = factory.accepted() if kind == "appraisal" else later.in_force(factory)
    panel = factory.panel(project, kind, (3, 0, 0) if kind == "appraisal" else (1, 1, 1))
    factory.perform(project, "answer_invitation", factory.seats(panel)[0], {"answer": "recused", "note": "同单位"})
    address = f"/projects/{project.id}/panels/{panel.id}/sheets"
    officer = login(factory.people["science"])
    assert f'action="{address}"' in officer.get(factory.page(project)).text
    pages = printed(officer, address)
    assert len(pages) == 4  # who recused gets none
    assert all(page.startswith(title) for page in pages[:2])
    assert ("责任方□发榜方□揭榜方□双方" in pages[-1].replace("　", "")) == (kind == "liability")


def test_sheets_are_issued_once_and_hold_as_long_as_the_panel_does(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    address, officer = f"/projects/{project.id}/panels/{panel.id}/sheets", login(factory.people["science"])
    first, again = (officer.post(address).location for _ in range(2))
    assert first == again
    assert sheets_of(factory) == [("panel", 1, "current")]
    said = select(Event.actor_name, Event.data).where(Event.trigger == "print_sheets", Event.project_id == project.id)
    assert [(name, data["version"]) for name, data in factory.session.execute(said)] == [("science", 1)]
    assert "打印空白评分表" in officer.get(factory.page(project)).text
    who = factory.seats(panel)
    factory.perform(project, "answer_invitation", who[0], {"answer": "accepted", "no_conflict": True})
    assert sheets_of(factory) == [("panel", 1, "current")]  # the same people sit
    factory.perform(project, "answer_invitation", who[1], {"answer": "declined", "note": "出差"})
    assert sheets_of(factory) == [("panel", 1, "cancelled")]
    officer.post(address)
    factory.perform(project, "draw_more", "science", {"technical": 1, "financial": 0, "legal": 0})
    officer.post(address)
    assert sheets_of(factory) == [("panel", 1, "cancelled"), ("panel", 2, "cancelled"), ("panel", 3, "current")]
    factory.both(project, "list_regular")
    assert sheets_of(factory)[-1] == ("panel", 3, "cancelled")  # dissolved: nothing is judged any more


def test_sheets_that_were_used_stay_good_after_the_conclusion(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    login(factory.people["science"]).post(f"/projects/{project.id}/panels/{panel.id}/sheets")
    factory.perform(project, "conclude_panel", "science", _scored(factory, project, panel))
    assert sheets_of(factory) == [("panel", 1, "current")]


def test_sheets_of_a_day_hold_as_long_as_its_order(factory: SiteProjectFactory, login: Login) -> None:
    first = factory.applied()
    factory.perform(first, "schedule_roadshow", "science", ROADSHOW)
    roadshow = of(factory, Meeting)[-1]
    officer = login(factory.people["science"])
    officer.post(f"/meetings/{roadshow}/sheets")
    page = officer.get(f"/meetings/{roadshow}").text
    assert "已打印" in page
    with factory.writing():
        second = Project(**{name: getattr(first, name) for name in COPIED}, number="XTJB-2024-01-0099", state="draft")
        factory.session.add(second)
        factory.session.flush()
        factory.session.add(MeetingItem(meeting_id=roadshow, project_id=second.id, position=2, joined_at=factory.now))
    officer.post(f"/meetings/{roadshow}/sheets")
    assert sheets_of(factory) == [("meeting", 1, "superseded"), ("meeting", 2, "current")]
    seen = [first.id, second.id]
    officer.post(f"/meetings/{roadshow}/order", data={"seen": seen, "move": f"down-{first.id}"})
    assert sheets_of(factory)[-1] == ("meeting", 2, "cancelled")
    assert "已打印" not in officer.get(f"/meetings/{roadshow}").text
    assert len(printed(officer, f"/meetings/{roadshow}/sheets")) == 6


def test_only_officers_get_blank_sheets(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.applied()
    factory.perform(project, "schedule_roadshow", "science", ROADSHOW)
    panel = factory.panel(project, "roadshow", (3, 2, 0))
    roadshow = of(factory, Meeting)[-1]
    seated = factory.seats(panel)[0]
    factory.perform(project, "answer_invitation", seated, {"answer": "accepted", "no_conflict": True})
    addresses = (f"/meetings/{roadshow}/sheets", f"/projects/{project.id}/panels/{panel.id}/sheets")
    for address in addresses:
        assert {login(factory.people[who]).get(address).status_code for who in OFFICERS} == {
            405
        }  # a GET writes nothing
        assert all(
            login(factory.people[who]).post(address).status_code == 403 for who in (*OTHERS, "leader", "auditor")
        )
        paper = login(factory.people["science"]).post(address).location
        assert all(login(factory.people[who]).get(paper).status_code == 200 for who in (*OFFICERS, "auditor"))
        assert all(login(factory.people[who]).get(paper).status_code == 404 for who in (*OTHERS, seated))
    leader = login(factory.people["leader"])
    assert f'action="{addresses[0]}"' not in leader.get(f"/meetings/{roadshow}").text
    assert f'action="{addresses[1]}"' not in leader.get(factory.page(project)).text
    officer = login(factory.people["science"])
    assert officer.post(f"/meetings/{roadshow + 1}/sheets").status_code == 404
    assert officer.post(f"/projects/{project.id + 1}/panels/{panel.id}/sheets").status_code == 404
    factory.at("2024-11-20 09:30")
    factory.perform(project, "conclude_panel", "science", _scored(factory, project, panel, seated))
    assert officer.post(addresses[1]).status_code == 404  # it does not sit any longer


def _scored(factory: SiteProjectFactory, project: Project, panel: Panel, accepted: str = "") -> dict[str, str]:
    for who in factory.seats(panel):
        if who == accepted:
            sheet = factory.engine.policy.edition(project.edition).sheets[panel.kind]
            factory.perform(
                project, "submit_scores", who, {item.key: item.maximum for item in sheet.criteria} | {"comment": "好"}
            )
            continue
        factory.score(project, panel, who)
    return {"favourable": "passed", "opinion": "同意"}


# ---------------------------------------------------------------- drafts


def test_covers_of_drafts_say_what_is_known(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.listed()
    bid = factory.open_bid(project)
    number, document = project.number, bid.document_id
    issuer, lead = factory.organisations["issuer"].name, factory.organisations["bidder"].name
    factory.session.rollback()
    cover = texts(login(factory.people["bidder"]), f"/projects/{project.id}/documents/{document}/preview.pdf")[0]
    for words in (number, project.title, issuer, lead):
        assert squeezed(words) in cover

    factory.perform(project, "submit_bid", "bidder")
    factory.at("2024-10-29 09:00")
    factory.choose(project, bid)
    document = project.application_id
    factory.session.rollback()
    cover = texts(login(factory.people["issuer"]), f"/projects/{project.id}/documents/{document}/preview.pdf")[0]
    for words in (number, project.title, issuer, lead):
        assert squeezed(words) in cover


def test_drafts_of_reports_and_acceptance_name_the_project(factory: SiteProjectFactory, login: Login) -> None:
    project = later.executing(factory)
    report = later.reports_of(factory, project)[0]
    later.fill_report(factory, project, report)
    request = factory.session.scalars(select(Acceptance.document_id)).one()
    wanted, due = [report.document_id, request], report.due_on
    factory.session.rollback()
    for document in wanted:
        first = texts(login(factory.people["bidder"]), f"/projects/{project.id}/documents/{document}/preview.pdf")[0]
        assert squeezed(project.title) in first
        assert project.number in first
        assert squeezed(factory.organisations["bidder"].name) in first
    first = texts(login(factory.people["bidder"]), f"/projects/{project.id}/documents/{wanted[0]}/preview.pdf")[0]
    assert f"报告到期日{due.year}年{due.month}月{due.day}日" in first


# ---------------------------------------------------------------- rendered once, served from the store


def test_a_paper_asked_for_early_is_kept_and_served_again(
    factory: SiteProjectFactory, login: Login, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.submitted(edition="2021")
    paper = factory.session.scalars(select(Paper).where(Paper.name == "form")).one()
    number = paper.id
    factory.session.rollback()
    issuer = login(factory.people["issuer"])
    first = issuer.get(f"/papers/{number}.pdf")
    factory.session.rollback()
    stored = factory.session.get_one(Paper, number).file
    assert stored is not None
    assert app.extensions["store"].get(stored.sha256) == first.data
    factory.session.rollback()

    def never(*_given: object, **_named: object) -> bytes:
        raise AssertionError("rendered again")

    monkeypatch.setattr("xtbang.rendering.pdf_of_order", never)
    again = issuer.get(f"/papers/{number}.pdf")
    assert again.data == first.data
    assert re.search(r"filename\*=UTF-8''.+\.pdf", again.headers["Content-Disposition"])
