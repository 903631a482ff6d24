"""What is printed and stamped before it is handed in: the very file that is issued and verified afterwards."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.papers.conftest import GREY, page_pictures, page_texts, squeezed
from xtbang.models import Document, Paper, Person, Project

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

Login = Callable[[Person], FlaskClient]
CODE = re.compile(r"校验码：((?:\w{4}-){6}\w{4})")


def printed(factory: SiteProjectFactory, client: FlaskClient, project: Project) -> bytes:
    """The form as its people print it now."""
    answer = client.get(f"/projects/{project.id}/documents/{project.form_id}/preview.pdf")
    assert answer.mimetype == "application/pdf"
    factory.session.rollback()
    return bytes(answer.data)


def code_of(pdf: bytes) -> str:
    [code] = set(CODE.findall(squeezed("".join(page_texts(pdf)))))
    return code


def issued(factory: SiteProjectFactory, client: FlaskClient, project: Project) -> bytes:
    """The newest form that was handed in, as it is served."""
    factory.session.rollback()
    query = select(Paper.id).where(Paper.name == "form", Paper.project_id == project.id).order_by(Paper.id.desc())
    number = factory.session.scalars(query.limit(1)).one()
    factory.session.rollback()
    answer = client.get(f"/papers/{number}.pdf")
    assert answer.status_code == 200
    return bytes(answer.data)


def hand_in(factory: SiteProjectFactory, project: Project) -> None:
    if factory.engine.policy.edition(project.edition).scan_required:
        factory.perform(project, "upload_scan", "issuer", {"scan": factory.file("盖章件.pdf")})
    factory.perform(project, "submit", "issuer")


@pytest.mark.parametrize("edition", ["2021", "2024"])
def test_what_was_stamped_is_what_is_issued(
    factory: SiteProjectFactory, login: Login, client: FlaskClient, edition: str
) -> None:
    project = factory.draft(edition=edition)
    issuer = login(factory.people["issuer"])
    definition = factory.engine.policy.edition(edition).forms["tech_demand"]
    factory.at("2024-09-02 14:00")
    factory.fill(project.form, definition, {"title": "改过的名称"}, "issuer")
    sheet = printed(factory, issuer, project)
    assert "编号：" not in squeezed("".join(page_texts(sheet)))

    factory.at("2024-09-03 09:30")
    hand_in(factory, project)
    assert issued(factory, issuer, project) == sheet
    address = f"/verify/{code_of(sheet)}"
    assert project.number in client.get(address).text
    assert "一致：“打印稿.pdf”与" in client.post(address, data={"file": (BytesIO(sheet), "打印稿.pdf")}).text

    factory.at("2024-09-04 09:00")
    factory.perform(project, "send_back", "science", {"reason": "请补充指标", "correct_by": "2024-09-10"})
    again = printed(factory, issuer, project)  # nothing was changed: a version of its own all the same
    assert code_of(again) != code_of(sheet)
    assert f"编号：{project.number}第2版" in squeezed(page_texts(again)[0])
    factory.at("2024-09-05 09:00")
    hand_in(factory, project)
    assert issued(factory, issuer, project) == again


def test_saving_what_is_there_already_changes_nothing_printed(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.draft()
    issuer = login(factory.people["issuer"])
    definition = factory.engine.policy.edition("2024").forms["tech_demand"]
    factory.fill(project.form, definition, {"title": "名称"}, "issuer")
    sheet = printed(factory, issuer, project)
    factory.at("2024-09-03 09:00")
    factory.fill(project.form, definition, {"title": "名称"}, "issuer")
    assert printed(factory, issuer, project) == sheet

    for title in ("另一个名称", "名称"):  # changed, and changed back: printed at another time, so another paper
        factory.fill(project.form, definition, {"title": title}, "issuer")
    other = printed(factory, issuer, project)
    assert other != sheet
    assert code_of(other) != code_of(sheet)


def test_the_code_covers_only_what_is_printed(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.draft()
    issuer = login(factory.people["issuer"])
    definition = factory.engine.policy.edition("2024").forms["tech_demand"]
    factory.fill(project.form, definition, {"title": "名称"}, "issuer")
    sheet = printed(factory, issuer, project)
    factory.perform(project, "upload_scan", "issuer", {"scan": factory.file("盖章件.pdf")})
    factory.at("2024-09-03 09:00")
    factory.fill(project.form, definition, {"title": "名称", "new_tax": "130"}, "issuer")
    assert printed(factory, issuer, project) == sheet
    assert factory.session.get_one(Document, project.form_id).scan_id is not None
    factory.perform(project, "submit", "issuer")
    assert issued(factory, issuer, project) == sheet
    assert factory.session.get_one(Document, project.form_id).draft["new_tax"] == "130"


def test_only_what_bears_a_code_can_be_stamped(factory: SiteProjectFactory, login: Login) -> None:
    """Application and report are stamped after they were handed in; a draft of them is marked as one, however complete."""
    project = later.executing(factory)
    report = later.reports_of(factory, project)[0]
    later.fill_report(factory, project, report)
    number = report.document_id
    factory.session.rollback()
    bidder = login(factory.people["bidder"])
    draft = bidder.get(f"/projects/{project.id}/documents/{number}/preview.pdf").data
    text = squeezed("".join(page_texts(draft)))
    assert "草稿" in text
    assert "校验码" not in text
    assert marked(draft)
    factory.at("2025-05-18 09:00")
    later.report(factory, project, factory.session.get_one(type(report), report.id))
    paper = factory.session.scalars(select(Paper.id).where(Paper.name == "report")).one()
    factory.session.rollback()
    assert not marked(bidder.get(f"/papers/{paper}.pdf").data)


def marked(pdf: bytes) -> bool:
    """Whether 草稿 stands behind the text of the first page."""
    colours = page_pictures(pdf)[0].getcolors(1 << 20) or []
    return {colour: count for count, colour in colours}.get(GREY, 0) > 10000


def test_a_form_without_its_last_answer_is_no_paper_yet(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.draft(title="")
    document = factory.session.get_one(Document, project.form_id)
    assert document.draft["title"] == ""
    sheet = printed(factory, login(factory.people["issuer"]), project)
    assert "校验码" not in squeezed("".join(page_texts(sheet)))


# ---------------------------------------------------------------- at the page behind the QR code before it is handed in


def test_a_printed_sheet_is_known_before_it_is_handed_in(
    factory: SiteProjectFactory, login: Login, client: FlaskClient
) -> None:
    project = factory.draft(title="不公开的项目名称")
    issuer = login(factory.people["issuer"])
    save(factory, issuer, project, title="仍不公开的名称")
    sheet = code_of(printed(factory, issuer, project))
    answer = client.get(f"/verify/{sheet}")
    assert answer.status_code == 200
    assert "这是尚未提交的填报稿" in answer.text
    for secret in ("公开的名称", "公开的项目", factory.organisations["issuer"].name, "SHA-256", "逐字节"):
        assert secret not in answer.text
    assert client.get("/verify", query_string={"code": sheet}).headers["Location"] == f"/verify/{sheet}"

    save(factory, issuer, project, title="再改一次的名称")
    gone = client.get(f"/verify/{sheet}")  # what was printed before does not hold any longer
    assert gone.status_code == 404
    assert "改动之前打印的旧稿" in gone.text

    sheet = code_of(printed(factory, issuer, project))
    hand_in(factory, project)
    assert "尚未提交" not in client.get(f"/verify/{sheet}").text
    factory.at("2024-09-04 09:00")
    factory.perform(project, "send_back", "science", {"reason": "请补充指标", "correct_by": "2024-09-10"})
    again = code_of(printed(factory, issuer, project))
    assert "这是尚未提交的填报稿" in client.get(f"/verify/{again}").text
    factory.perform(project, "withdraw", "issuer", {"reason": "不再申报"})
    assert client.get(f"/verify/{again}").status_code == 404


def save(factory: SiteProjectFactory, client: FlaskClient, project: Project, **changed: str) -> None:
    """Type into the form and save it, as a browser does."""
    factory.session.rollback()
    document = factory.session.get_one(Document, project.form_id, populate_existing=True)
    known = {key: value for key, value in document.draft.items() if value is not True}
    data = known | {"credit_declaration": "true", "draft_version": str(document.draft_version)} | changed
    factory.session.rollback()
    answer = client.post(f"/projects/{project.id}/documents/{project.form_id}", data=data)
    assert answer.status_code == 302
