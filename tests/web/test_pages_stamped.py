"""What is printed and stamped before it is handed in: the very file that is issued and verified afterwards."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.papers.conftest import GREY, page_pictures, page_texts, squeezed
from tests.stages import later
from tests.web.town import Town
from xtbang.models import Document, Paper, Person, Project

Login = Callable[[Person], FlaskClient]
CODE = re.compile(r"校验码：((?:\w{4}-){3}\w{4})")


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


def printed(town: Town, client: FlaskClient, project: Project) -> bytes:
    """The form as its people print it now."""
    answer = client.get(f"/projects/{project.id}/documents/{project.form_id}/preview.pdf")
    assert answer.mimetype == "application/pdf"
    town.session.rollback()
    return bytes(answer.data)


def code_of(pdf: bytes) -> str:
    [code] = set(CODE.findall(squeezed("".join(page_texts(pdf)))))
    return code


def issued(town: Town, client: FlaskClient, project: Project) -> bytes:
    """The newest form that was handed in, as it is served."""
    town.session.rollback()
    query = select(Paper.id).where(Paper.name == "form", Paper.project_id == project.id).order_by(Paper.id.desc())
    number = town.session.scalars(query.limit(1)).one()
    town.session.rollback()
    answer = client.get(f"/papers/{number}.pdf")
    assert answer.status_code == 200
    return bytes(answer.data)


def hand_in(town: Town, project: Project) -> None:
    if town.engine.policy.edition(project.edition).scan_required:
        town.perform(project, "upload_scan", "issuer", {"scan": town.file("盖章件.pdf")})
    town.perform(project, "submit", "issuer")


@pytest.mark.parametrize("edition", ["2021", "2024"])
def test_what_was_stamped_is_what_is_issued(town: Town, login: Login, client: FlaskClient, edition: str) -> None:
    project = town.draft(edition=edition)
    issuer = login(town.people["issuer"])
    definition = town.engine.policy.edition(edition).forms["tech_demand"]
    town.at("2024-09-02 14:00")
    town.fill(project.form, definition, {"title": "改过的名称"}, "issuer")
    sheet = printed(town, issuer, project)
    assert "编号：" not in squeezed("".join(page_texts(sheet)))

    town.at("2024-09-03 09:30")
    hand_in(town, project)
    assert issued(town, issuer, project) == sheet
    address = f"/verify/{code_of(sheet)}"
    assert project.number in client.get(address).text
    assert "一致：“打印稿.pdf”与" in client.post(address, data={"file": (BytesIO(sheet), "打印稿.pdf")}).text

    town.at("2024-09-04 09:00")
    town.perform(project, "send_back", "science", {"reason": "请补充指标", "correct_by": "2024-09-10"})
    again = printed(town, issuer, project)  # nothing was changed: a version of its own all the same
    assert code_of(again) != code_of(sheet)
    assert f"编号：{project.number}第2版" in squeezed(page_texts(again)[0])
    town.at("2024-09-05 09:00")
    hand_in(town, project)
    assert issued(town, issuer, project) == again


def test_saving_what_is_there_already_changes_nothing_printed(town: Town, login: Login) -> None:
    project = town.draft()
    issuer = login(town.people["issuer"])
    definition = town.engine.policy.edition("2024").forms["tech_demand"]
    town.fill(project.form, definition, {"title": "名称"}, "issuer")
    sheet = printed(town, issuer, project)
    town.at("2024-09-03 09:00")
    town.fill(project.form, definition, {"title": "名称"}, "issuer")
    assert printed(town, issuer, project) == sheet

    for title in ("另一个名称", "名称"):  # changed, and changed back: printed at another time, so another paper
        town.fill(project.form, definition, {"title": title}, "issuer")
    other = printed(town, issuer, project)
    assert other != sheet
    assert code_of(other) != code_of(sheet)


def test_the_code_covers_only_what_is_printed(town: Town, login: Login) -> None:
    project = town.draft()
    issuer = login(town.people["issuer"])
    definition = town.engine.policy.edition("2024").forms["tech_demand"]
    town.fill(project.form, definition, {"title": "名称"}, "issuer")
    sheet = printed(town, issuer, project)
    town.perform(project, "upload_scan", "issuer", {"scan": town.file("盖章件.pdf")})
    town.at("2024-09-03 09:00")
    town.fill(project.form, definition, {"title": "名称", "new_tax": "130"}, "issuer")
    assert printed(town, issuer, project) == sheet
    assert town.session.get_one(Document, project.form_id).scan_id is not None
    town.perform(project, "submit", "issuer")
    assert issued(town, issuer, project) == sheet
    assert town.session.get_one(Document, project.form_id).draft["new_tax"] == "130"


def test_only_what_bears_a_code_can_be_stamped(town: Town, login: Login) -> None:
    """Application and report are stamped after they were handed in; a draft of them is marked as one, however complete."""
    project = later.executing(town)
    report = later.reports_of(town, project)[0]
    later.fill_report(town, project, report)
    number = report.document_id
    town.session.rollback()
    bidder = login(town.people["bidder"])
    draft = bidder.get(f"/projects/{project.id}/documents/{number}/preview.pdf").data
    text = squeezed("".join(page_texts(draft)))
    assert "草稿" in text
    assert "校验码" not in text
    assert marked(draft)
    town.at("2025-05-18 09:00")
    later.report(town, project, town.session.get_one(type(report), report.id))
    paper = town.session.scalars(select(Paper.id).where(Paper.name == "report")).one()
    town.session.rollback()
    assert not marked(bidder.get(f"/papers/{paper}.pdf").data)


def marked(pdf: bytes) -> bool:
    """Whether 草稿 stands behind the text of the first page."""
    colours = page_pictures(pdf)[0].getcolors(1 << 20) or []
    return {colour: count for count, colour in colours}.get(GREY, 0) > 10000


def test_a_form_without_its_last_answer_is_no_paper_yet(town: Town, login: Login) -> None:
    project = town.draft(title="")
    document = town.session.get_one(Document, project.form_id)
    assert document.draft["title"] == ""
    sheet = printed(town, login(town.people["issuer"]), project)
    assert "校验码" not in squeezed("".join(page_texts(sheet)))


# ---------------------------------------------------------------- at the page behind the QR code before it is handed in


def test_a_printed_sheet_is_known_before_it_is_handed_in(town: Town, login: Login, client: FlaskClient) -> None:
    project = town.draft(title="不公开的项目名称")
    issuer = login(town.people["issuer"])
    save(town, issuer, project, title="仍不公开的名称")
    sheet = code_of(printed(town, issuer, project))
    answer = client.get(f"/verify/{sheet}")
    assert answer.status_code == 200
    assert "这是尚未提交的填报稿" in answer.text
    for secret in ("公开的名称", "公开的项目", town.organisations["issuer"].name, "SHA-256", "逐字节"):
        assert secret not in answer.text
    assert client.get("/verify", query_string={"code": sheet}).headers["Location"] == f"/verify/{sheet}"

    save(town, issuer, project, title="再改一次的名称")
    gone = client.get(f"/verify/{sheet}")  # what was printed before does not hold any longer
    assert gone.status_code == 404
    assert "改动之前打印的旧稿" in gone.text

    sheet = code_of(printed(town, issuer, project))
    hand_in(town, project)
    assert "尚未提交" not in client.get(f"/verify/{sheet}").text
    town.at("2024-09-04 09:00")
    town.perform(project, "send_back", "science", {"reason": "请补充指标", "correct_by": "2024-09-10"})
    again = code_of(printed(town, issuer, project))
    assert "这是尚未提交的填报稿" in client.get(f"/verify/{again}").text
    town.perform(project, "withdraw", "issuer", {"reason": "不再申报"})
    assert client.get(f"/verify/{again}").status_code == 404


def save(town: Town, client: FlaskClient, project: Project, **changed: str) -> None:
    """Type into the form and save it, as a browser does."""
    town.session.rollback()
    document = town.session.get_one(Document, project.form_id, populate_existing=True)
    known = {key: value for key, value in document.draft.items() if value is not True}
    data = known | {"credit_declaration": "true", "draft_version": str(document.draft_version)} | changed
    town.session.rollback()
    answer = client.post(f"/projects/{project.id}/documents/{project.form_id}", data=data)
    assert answer.status_code == 302
