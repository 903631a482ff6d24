"""Reviews: nothing before the invitation is accepted, the papers beside the sheet, nothing once the panel is closed."""

from collections.abc import Callable
from io import BytesIO
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later
from tests.factories.meetings import meeting_of
from tests.factories.site_projects import SiteProjectFactory
from tests.papers.test_contacts_in_files import written
from tests.support.files import pdf
from tests.web.counting import counted
from xtbang.actions.context import Upload
from xtbang.models import Panel, Paper, PartyStatement, Person, Project, Seat, StoredFile
from xtbang.queries.rights.files import may_open_file

LogIn = Callable[[Person], FlaskClient]
Enter = Callable[[str], FlaskClient]


@pytest.fixture
def enter(factory: SiteProjectFactory, login: LogIn) -> Enter:
    """``enter("技术0")``: that person's browser."""
    return lambda name: login(factory.people[name])


def sit(factory: SiteProjectFactory, background: str = "我市高温合金产业规模可观") -> tuple[Project, Panel, str, Seat]:
    """A demand whose panel has been drawn, and one of its experts."""
    project = factory.accepted(background=background)
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    name = factory.seats(panel)[0]
    seat = factory.session.scalars(select(Seat).where(Seat.expert_id == factory.people[name].id)).one()
    return project, panel, name, seat


def seat_now(factory: SiteProjectFactory, seat: Seat) -> Seat:
    factory.session.rollback()
    return factory.session.get_one(Seat, seat.id, populate_existing=True)


ACCEPT = {"answer": "accepted", "no_conflict": "true", "note": ""}
SCORES = {"need": "25", "frontier": "24", "clear": "16", "benefit": "15", "comment": "需求明确"}


def test_before_accepting_there_are_only_title_and_parties(factory: SiteProjectFactory, enter: Enter) -> None:
    project, _panel, name, seat = sit(factory)
    assert "答复邀请" in enter(name).get("/reviews").text
    text = enter(name).get(f"/reviews/{seat.id}").text
    for told in (project.title, "湘潭电机有限公司", "保密与回避"):
        assert told in text
    assert "我市高温合金产业规模可观" not in text
    assert "评分表" not in text
    assert enter(name).get(f"/projects/{project.id}").status_code == 404
    assert enter(name).post(f"/reviews/{seat.id}/scores", data=SCORES).status_code == 409
    assert seat_now(factory, seat).scores == {}


def test_a_conflict_is_declared_before_anything_is_read(factory: SiteProjectFactory, enter: Enter) -> None:
    project, _panel, name, seat = sit(factory)
    address = f"/projects/{project.id}/actions/answer_invitation"
    answer = enter(name).post(address, data={"answer": "accepted", "note": "可以"})
    assert answer.status_code == 422
    assert "接受邀请前须承诺" in answer.text
    assert 'value="可以"' in answer.text
    assert enter(name).post(address, data={"answer": "recused", "note": "曾合作"}).status_code == 302
    assert seat_now(factory, seat).status == "recused"
    assert enter(name).get(f"/reviews/{seat.id}").status_code == 404


def test_an_invitation_is_open_after_its_last_day_until_the_panel_does_without(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project, panel, name, seat = sit(factory)
    factory.later(days=30)
    assert "接受邀请后方可查看材料" in enter(name).get(f"/reviews/{seat.id}").text
    for who in factory.seats(panel)[1:]:
        factory.score(project, panel, who)
    answer = enter(name).post(f"/projects/{project.id}/actions/answer_invitation", data=ACCEPT)
    assert (answer.status_code, seat_now(factory, seat).status) == (302, "accepted")


def test_scores_are_kept_in_between_and_locked_at_the_end(factory: SiteProjectFactory, enter: Enter) -> None:
    project, _panel, name, seat = sit(factory)
    browser, address = enter(name), f"/reviews/{seat.id}"
    assert browser.post(f"/projects/{project.id}/actions/answer_invitation", data=ACCEPT).status_code == 302
    page = browser.get(address).text
    for told in ("我市高温合金产业规模可观", "需求论证评分表", "/ 30 分"):
        assert told in page
    assert browser.post(f"{address}/scores", data={"need": "25", "comment": "未完"}).status_code == 302
    assert seat_now(factory, seat).scores == {"need": 25}
    assert 'value="25"' in browser.get(address).text
    script = browser.post(
        f"{address}/scores", data={"need": "26", "clear": "很好"}, headers={"Accept": "application/json"}
    )
    assert script.json["ok"]
    assert seat_now(factory, seat).scores == {"need": 26}
    wrong = browser.post(f"{address}/scores", data={"need": "99", "comment": "高"})
    assert wrong.status_code == 422
    assert 'value="99"' in wrong.text
    submit = f"/projects/{project.id}/actions/submit_scores"
    assert browser.post(submit, data=SCORES | {"need": "31", "confirmed": "1"}).status_code == 422
    assert "锁定" in browser.post(submit, data=SCORES).text
    assert seat_now(factory, seat).status == "accepted"
    assert browser.post(submit, data=SCORES | {"confirmed": "1"}).status_code == 302
    assert seat_now(factory, seat).status == "locked"
    late = browser.post(f"{address}/scores", data={"need": "1"})
    assert late.status_code == 409 and "这份评分表现在不能填写" in late.text
    assert "提交并锁定" in browser.get(address).text


def test_a_seat_is_its_experts_own_and_only_while_the_panel_sits(factory: SiteProjectFactory, enter: Enter) -> None:
    project, panel, name, seat = sit(factory)
    others = factory.seats(panel)[1:]
    assert enter(others[0]).get(f"/reviews/{seat.id}").status_code == 404
    assert enter("science").get(f"/reviews/{seat.id}").status_code == 403
    for who in (name, *others):
        factory.score(project, panel, who)
    assert enter(name).get(f"/reviews/{seat.id}").status_code == 200
    factory.perform(project, "conclude_panel", "science", {"favourable": "passed", "opinion": "同意"})
    assert enter(name).get(f"/reviews/{seat.id}").status_code == 404
    assert enter(name).get(f"/projects/{project.id}").status_code == 404
    assert "没有评审任务" in enter(name).get("/reviews").text


def test_the_list_of_reviews_asks_the_same_number_of_queries(factory: SiteProjectFactory, enter: Enter) -> None:
    expert = factory.people["技术5"]

    def seats(number: int) -> None:
        projects = [factory.draft(edition="2021") for _ in range(number)]
        with factory.writing() as session:
            for project in projects:
                panel = Panel(
                    project_id=project.id,
                    meeting_id=meeting_of(session, "appraisal", [project], factory.now).id,
                    kind="appraisal",
                    convened_at=factory.now,
                    convened_by_id=factory.people["science"].id,
                )
                session.add(panel)
                session.flush()
                session.add(Seat(panel_id=panel.id, expert_id=expert.id, kind="技术", invited_at=factory.now))

    browser = enter("技术5")
    seats(3)
    with counted(factory.app) as few:
        assert browser.get("/reviews").status_code == 200
    seats(27)
    with counted(factory.app) as many:
        assert browser.get("/reviews").status_code == 200
    assert len(many) == len(few)


def test_a_reason_for_a_recusal_is_never_dropped(factory: SiteProjectFactory, enter: Enter) -> None:
    project, panel, name, _seat = sit(factory)
    address, why = f"/reviews/meetings/{panel.meeting_id}", f"why-{project.id}"
    refused = enter(name).post(address, data={"answer": "accepted", "no_conflict": "true", why: "同乡，合作过"})
    assert refused.status_code == 422 and "没有勾选回避" in refused.text and 'value="同乡，合作过"' in refused.text
    refused = enter(name).post(address, data={"recuse": str(project.id), why: "同乡，合作过"})
    assert refused.status_code == 422 and 'value="同乡，合作过"' in refused.text


@pytest.mark.parametrize(("kind", "opens"), [("roadshow", set()), ("acceptance", {"决算.pdf"})])
def test_experts_open_no_scan_and_only_attachments_that_are_declared_for_them(
    factory: SiteProjectFactory, enter: Enter, kind: str, opens: set[str]
) -> None:
    """Stamped scans, contracts and printed papers have telephones; the accounts of a project are examined."""
    if kind == "roadshow":
        project = factory.applied()
    else:
        project = later.executing(factory)
        accounts = StoredFile(
            project_id=project.id, sha256=factory.file("决算.pdf"), name="决算.pdf", mime="application/pdf", size=9,
            uploaded_by_id=factory.people["bidder"].id, uploaded_at=factory.now,
        )  # fmt: skip
        with factory.writing() as session:
            session.add(accounts)
        later.requested(factory, project, fund_file=accounts.sha256)
    panel = factory.panel(project, kind, (3, 1, 1) if kind == "roadshow" else (2, 1, 0))
    name = factory.seats(panel)[0]
    factory.perform(project, "answer_invitation", name, {"answer": "accepted", "no_conflict": True})
    seat = factory.session.scalars(
        select(Seat).where(Seat.panel_id == panel.id, Seat.expert_id == factory.people[name].id)
    ).one()
    number, seat_id = project.id, seat.id
    rows = factory.session.scalars(select(StoredFile).where(StoredFile.project_id == number)).all()
    files, reader = {row.id: row.name for row in rows}, factory.caller(name)
    opened = {row.name for row in rows if may_open_file(reader, row)}
    assert len(files) > len(opens) and opened == opens
    papers = factory.session.scalars(select(Paper.id).where(Paper.project_id == number, Paper.name != "notice")).all()
    factory.session.rollback()
    browser = enter(name)
    assert {browser.get(f"/papers/{paper}.pdf").status_code for paper in papers} == {404}
    shown = "".join(browser.get(page).text for page in (f"/projects/{number}", f"/reviews/{seat_id}"))
    linked = {title for row, title in files.items() if f'/files/{row}"' in shown}
    assert linked == opens


def test_telephones_and_addresses_are_never_shown_to_experts(factory: SiteProjectFactory, enter: Enter) -> None:
    project, _panel, name, seat = sit(factory, "我市高温合金产业规模可观，联系 0731-58570302 或 li@example.com。")
    factory.perform(project, "answer_invitation", name, {"answer": "accepted", "no_conflict": True})
    row = factory.session.get_one(Project, project.id)
    form = factory.engine.policy.edition(row.edition).forms[row.kind]
    asked = [field for field in form.fields if field.kind in ("phone", "mobile", "email")]
    said = {row.form.draft[field.key] for field in asked} | {"58570302", "li@example.com"}  # also in a text
    paper = factory.session.scalars(
        select(Paper.id).where(Paper.project_id == project.id, Paper.name == "form")
    ).first()
    pages = [
        f"/reviews/{seat.id}",
        f"/projects/{project.id}",
        f"/projects/{project.id}/documents/{row.form_id}/versions/1",
    ]
    for page in pages:
        text = enter(name).get(page).text
        assert "产业规模可观" in text, page
        assert not [value for value in said if value in text], page
    assert len(said) > 3
    assert enter(name).get(f"/papers/{paper}.pdf").status_code == 404


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_evidence_of_both_sides_bears_no_telephone_in_its_name(factory: SiteProjectFactory, enter: Enter) -> None:
    project, case = later.executing(factory), {"organiser": "湘潭市科技评估中心", "allegation": "未投入约定的人员"}
    evidence = {"evidence": factory.file("检查记录（13800000000）.pdf"), "technical": 1, "financial": 1, "legal": 1}
    factory.perform(project, "convene_liability", "science", case | evidence)
    content = pdf()
    digest = factory.app.extensions["store"].put(content)
    factory.uploads[digest] = Upload(digest, "到货单 李工li@example.com.PDF", "application/pdf", len(content))
    factory.perform(project, "state_in_inquiry", "bidder", {"text": "设备到货延迟。", "file": digest})
    panel = factory.session.scalars(select(Panel).where(Panel.kind == "liability")).one()
    name, (number, *_more) = factory.seats(panel)[0], factory.session.scalars(select(PartyStatement.file_id)).all()
    seats = select(Seat.id).where(Seat.panel_id == panel.id, Seat.expert_id == factory.people[name].id)
    seat = factory.session.scalars(seats).one()
    factory.perform(project, "answer_invitation", name, {"answer": "accepted", "no_conflict": True})
    page = enter(name).get(f"/reviews/{seat}").text
    assert "检查记录（（隐去））.pdf" in page and "到货单 李工（隐去）.PDF" in page
    sent = [enter(who).get(f"/files/{number}").headers["Content-Disposition"] for who in (name, "bidder")]
    assert [quote("（隐去）.PDF") in header for header in sent] == [True, False]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_file_with_a_telephone_on_a_page_does_not_open_to_experts_and_everyone_is_told_why(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    """Whoever hands it in is advised before, names the page, and is not refused; a copy without it opens."""
    project, why = later.executing(factory), "第 2 页有电话或者电子邮箱，不向专家公开"
    case = {
        "organiser": "湘潭市科技评估中心",
        "allegation": "未投入约定的人员",
        "technical": 1,
        "financial": 1,
        "legal": 1,
    }
    content = written("no contact", "call 138-1234-5678")
    sent = factory.form(project, **case, evidence=(BytesIO(content), "检查记录.pdf"))
    address = factory.page(project, "/actions/convene_liability")
    shown = enter("science").post(address, data=sent, content_type="multipart/form-data").text
    assert why in shown and "请最后核对" in shown
    again = factory.form(project, **case, evidence=(BytesIO(content), "检查记录.pdf"), confirmed="1")
    assert enter("science").post(address, data=again, content_type="multipart/form-data").status_code == 302
    factory.session.rollback()
    panel = factory.session.scalars(select(Panel).where(Panel.kind == "liability")).one()
    name = factory.seats(panel)[0]
    seats = select(Seat.id).where(Seat.panel_id == panel.id, Seat.expert_id == factory.people[name].id)
    seat = factory.session.scalars(seats).one()
    factory.perform(project, "answer_invitation", name, {"answer": "accepted", "no_conflict": True})
    assert why in enter(name).get(f"/reviews/{seat}").text
    opened = [enter(who).get(f"/files/{panel.evidence_id}").status_code for who in (name, "science", "issuer")]
    assert opened == [404, 200, 200]
