"""The page of a project and the pages of its actions: who sees what, and that nothing is done by looking."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.counting import counted
from tests.web.town import Town
from xtbang.models import Bid, Finding, Objection, Paper, Person, Project, StoredFile, Voucher
from xtbang.stages import audit

LogIn = Callable[[Person], FlaskClient]
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


@pytest.fixture
def enter(town: Town, login: LogIn) -> Callable[[str], FlaskClient]:
    """``enter("science")``: that person's browser."""
    return lambda name: login(town.people[name])


Enter = Callable[[str], FlaskClient]


# ---------------------------------------------------------------- who may see it


@pytest.mark.parametrize(
    ("state", "sees"),
    [
        ("draft", "issuer"),
        ("submitted", "issuer science industry leader auditor county"),
        ("listed", "issuer science industry leader auditor county"),
        ("agreed", "issuer bidder science industry leader auditor county"),
        ("recommended", "issuer bidder science industry leader finance auditor county"),
    ],
)
def test_who_may_open_a_project(town: Town, enter: Enter, state: str, sees: str) -> None:
    project = getattr(town, state)()
    everyone = "issuer bidder rival member firm agency science industry leader finance auditor admin county 技术0".split()
    found = {name for name in everyone if enter(name).get(town.page(project)).status_code == 200}
    assert found == set(sees.split())


def test_somebody_elses_draft_does_not_exist(town: Town, enter: Enter) -> None:
    project = town.draft()
    document = f"/documents/{project.form_id}"
    for name in ("rival", "science", "county"):
        browser = enter(name)
        for more in ("", document, f"{document}/preview.pdf", "/actions/submit", f"{document}/versions/1"):
            assert browser.get(town.page(project, more)).status_code == 404, (name, more)
        for more in (document, f"{document}/draft", "/actions/submit", "/actions/discard"):
            assert browser.post(town.page(project, more), data={"title": "改"}).status_code == 404, (name, more)
    assert town.seen(project) == ("draft", 1, 0)


def test_a_visitor_is_sent_to_sign_in(town: Town, client: FlaskClient) -> None:
    project = town.submitted()
    answer = client.get(town.page(project))
    assert answer.status_code == 302
    assert "/login" in answer.headers["Location"]


# ---------------------------------------------------------------- what is sealed, what is hidden


def test_a_sealed_bid_shows_only_when_it_is_opened(town: Town, enter: Enter) -> None:
    project = town.listed()
    bid = town.bid(project)
    document, paper = town.page(project, f"/documents/{bid.document_id}/versions/1"), town.session.scalar(
        select(Paper.id).where(Paper.name == "bid")
    )
    for name in ("issuer", "science", "auditor"):
        browser = enter(name)
        text = browser.get(town.page(project)).text
        assert "密封" in text
        assert "湘潭大学" not in text, name
        assert browser.get(document).status_code == 404
        assert browser.get(f"/papers/{paper}.pdf").status_code == 404
    assert enter("bidder").get(document).status_code == 200
    town.at("2024-10-28 17:31")
    for name in ("issuer", "science", "auditor"):
        assert "湘潭大学" in enter(name).get(town.page(project)).text
        assert enter(name).get(document).status_code == 200
    assert enter("rival").get(document).status_code == 404


def test_a_bidder_that_was_not_chosen_sees_its_own_bid_and_what_is_public(town: Town, enter: Enter) -> None:
    project = town.listed()
    town.bid(project, "rival")
    chosen = town.bid(project)
    town.at("2024-10-29 09:00")
    town.choose(project, chosen)
    text = enter("rival").get(town.page(project)).text
    assert "中南大学" in text
    assert "未选中" in text
    assert "湘潭大学" not in text
    assert "13800000000" not in text  # the issuer's contact stands in the form, but is not public
    assert "科研投入总额" not in text


def test_an_expert_reads_the_papers_and_nothing_of_money_or_events(town: Town, enter: Enter) -> None:
    project = town.applied()
    panel = town.panel(project, "roadshow", (3, 2, 0))
    expert = town.seats(panel)[0]
    assert enter(expert).get(town.page(project)).status_code == 404
    town.perform(project, "answer_invitation", expert, {"answer": "接受", "no_conflict": True})
    text = enter(expert).get(town.page(project)).text
    assert "填报内容" in text
    for hidden in ('id="money"', 'id="events"', 'id="people"', 'id="panels"', "办理记录"):
        assert hidden not in text
    for kind, document in (("form", project.form_id), ("bid", project.agreed_bid.document_id)):
        answer = enter(expert).get(town.page(project, f"/documents/{document}/versions/1"))
        assert answer.status_code == 200, kind


def test_who_objects_is_told_to_the_bureaus_only(town: Town, enter: Enter) -> None:
    project = town.recommended()
    town.perform(project, "publish_notice", "science", {"title": "公示", "body": "正文"})
    evidence = town.upload("证据.pdf")
    data = {"name": "赵先生", "contact": "13911112222", "facts": "事实如此", "evidence": evidence}
    from xtbang.stages.context import PUBLIC

    town.engine.perform(town.session, project.id, "file_objection", PUBLIC, data, uploads=town.uploads)
    row = town.session.scalars(select(Objection)).one()
    for name, told in (("science", True), ("auditor", True), ("issuer", False), ("bidder", False), ("finance", False)):
        text = enter(name).get(town.page(project)).text
        assert ("赵先生" in text, "13911112222" in text, "事实如此" in text) == (told, told, told), name
        assert (enter(name).get(f"/files/{row.file_id}").status_code == 200) == told, name
    assert "待处理" in enter("issuer").get(town.page(project)).text


def test_files_go_with_what_they_hang_on(town: Town, enter: Enter) -> None:
    project = town.agreed()
    town.at("2024-11-04 09:00")
    slip = town.upload("回单.pdf")
    data = {"number": "A1", "amount": "80", "paid_on": "2024-11-01", "file": slip}
    town.perform(project, "submit_voucher", "issuer", data)
    row = town.session.scalars(select(StoredFile).where(StoredFile.sha256 == slip)).one()
    answer = enter("science").get(f"/files/{row.id}")
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    may = {n for n in ("issuer", "bidder", "rival", "county", "leader") if enter(n).get(f"/files/{row.id}").status_code == 200}
    assert may == {"issuer", "bidder", "leader"}


# ---------------------------------------------------------------- actions


def test_a_forged_action_is_refused_and_changes_nothing(town: Town, enter: Enter) -> None:
    project = town.submitted()
    before = town.seen(project)
    for name, trigger, status in (
        ("issuer", "accept", 403),
        ("industry", "accept", 403),
        ("finance", "disburse_first", 404),
        ("leader", "recommend", 409),
        ("science", "confirm", 409),
        ("issuer", "submit", 409),
        ("rival", "withdraw", 404),
    ):
        answer = enter(name).post(town.page(project, f"/actions/{trigger}"), data=town.form(project, confirmed="1"))
        assert answer.status_code == status, (name, trigger)
    assert town.seen(project) == before


def test_every_reason_is_told_before_and_after(town: Town, enter: Enter) -> None:
    project = town.listed()
    page = enter("issuer").get(town.page(project)).text
    sentence = "后方可查看揭榜申请并选定揭榜方"
    assert sentence in page
    answer = enter("issuer").post(town.page(project, "/actions/agree"), data=town.form(project, confirmed="1"))
    assert answer.status_code == 409
    assert sentence in answer.text


def test_what_was_typed_stays_when_something_is_wrong(town: Town, enter: Enter) -> None:
    project = town.submitted()
    data = town.form(project, reason="总体可行，<b>须补正</b>", correct_by="2024-09-01", **_remark("title", "名称太长"))
    answer = enter("science").post(town.page(project, "/actions/send_back"), data=data)
    assert answer.status_code == 422
    assert "总体可行，&lt;b&gt;须补正&lt;/b&gt;" in answer.text
    assert "名称太长" in answer.text
    assert "修改截止日期须晚于今天" in answer.text
    assert town.seen(project)[0] == "solicitation"


def _remark(field: str, text: str) -> dict[str, str]:
    return {"remarks-3-field": field, "remarks-3-text": text, "remarks-4-field": "domain", "remarks-4-text": ""}


def test_remarks_stand_beside_the_fields_and_the_next_version_is_compared(town: Town, enter: Enter) -> None:
    project = town.submitted()
    data = town.form(project, reason="请修改", correct_by="2024-09-10", **_remark("outcome", "效益不清"))
    assert enter("science").post(town.page(project, "/actions/send_back"), data=data).status_code == 302
    document = enter("issuer").get(town.page(project, f"/documents/{project.form_id}")).text
    assert "效益不清" in document
    assert "f-outcome-remark" in document
    form = town.engine.policy.edition("2024").forms["tech_demand"]
    town.fill(project.form, form, {"outcome": "年产值三千万元"}, "issuer")
    town.perform(project, "upload_scan", "issuer", {"scan": town.file("盖章件2.pdf")})
    town.perform(project, "submit", "issuer")
    page = enter("science").get(town.page(project, f"/documents/{project.form_id}/versions/2")).text
    assert "<ins>" in page
    assert "效益不清" in page
    assert "is-changed" in page
    accepting = enter("science").get(town.page(project, "/actions/accept")).text
    assert "第 2 版与第 1 版的不同" in accepting


def test_an_amount_is_shown_once_more_in_words_before_it_is_paid(town: Town, enter: Enter) -> None:
    project = town.agreed()
    town.at("2024-11-04 09:00")
    address = town.page(project, "/actions/submit_voucher")
    data = town.form(project, number="A1", amount="80", paid_on="2024-11-01", file=_known(town, project))
    first = enter("issuer").post(address, data=data)
    assert first.status_code == 200
    for text in ("80.00 万元", "800,000.00 元", "捌拾万元整", "请最后核对", project.number):
        assert text in first.text
    assert town.session.scalars(select(Voucher)).all() == []
    back = enter("issuer").post(address, data=data | {"edit": "1"})
    assert back.status_code == 200
    assert 'value="A1"' in back.text
    assert enter("issuer").post(address, data=data | {"confirmed": "1"}).status_code == 302
    again = enter("issuer").post(address, data=data | {"confirmed": "1"})
    assert again.status_code == 302
    town.session.rollback()
    assert [row.amount for row in town.session.scalars(select(Voucher))] == [Decimal(800_000)]


def _known(town: Town, project: Project) -> str:
    with town.writing() as session:
        digest = town.upload("回单.pdf")
        session.add(
            StoredFile(
                sha256=digest, name="回单.pdf", mime="application/pdf", size=9, project_id=project.id, uploaded_at=town.now
            )
        )
    return digest


def test_whoever_is_slower_is_told_what_changed(town: Town, enter: Enter) -> None:
    project = town.accepted()
    old = town.form(project, reason="不宜列入", confirmed="1")
    town.perform(project, "list_regular", "science")
    answer = enter("industry").post(town.page(project, "/actions/drop"), data=old)
    assert answer.status_code == 409
    for text in ("情况已有变化", "常态化发布", "不宜列入"):
        assert text in answer.text
    assert town.seen(project)[0] == "appraisal"


def test_the_second_signature_shows_what_the_first_said(town: Town, enter: Enter) -> None:
    project = town.accepted()
    town.perform(project, "drop", "science", {"reason": "与产业方向不符"})
    assert "等待市工信局会签" in enter("science").get(town.page(project)).text
    page = enter("industry").get(town.page(project, "/actions/drop"))
    assert "与产业方向不符" in page.text
    assert enter("industry").post(town.page(project, "/actions/drop"), data=town.form(project)).status_code == 302
    assert town.seen(project)[0] == "rejected"


def test_opening_a_bid_leads_to_its_document(town: Town, enter: Enter) -> None:
    project = town.listed()
    page = enter("bidder").get(town.page(project, "/actions/open_bid"))
    assert page.status_code == 200
    assert f"/entries/{project.number}" in page.text
    answer = enter("bidder").post(town.page(project, "/actions/open_bid"), data=town.form(project))
    bid = town.session.scalars(select(Bid)).one()
    assert answer.headers["Location"].endswith(f"/documents/{bid.document_id}")


# ---------------------------------------------------------------- how it is made


def test_looking_writes_nothing(town: Town, enter: Enter) -> None:
    project = town.recommended()
    browsers = {name: enter(name) for name in ("science", "issuer", "bidder", "finance")}
    addresses = [town.page(project), *(town.page(project, f"/actions/{t}") for t in town.engine.policy.actions)]
    addresses += [town.page(project, f"/documents/{project.form_id}/versions/1"), "/mine", "/mine/new"]
    with counted(town.app) as statements:
        for browser in browsers.values():
            for address in addresses:
                assert browser.get(address).status_code in (200, 403, 404, 409), address
    assert [statement for statement in statements if statement.lstrip().upper().startswith(WRITES)] == []


def _grow(town: Town, project: Project, start: int, stop: int) -> None:
    """More of everything that stands beside a project."""
    science = town.people["science"]
    with town.writing() as session:
        for n in range(start, stop):
            file = StoredFile(sha256=f"{n:064d}", name="a.pdf", mime="application/pdf", size=1, project_id=project.id, uploaded_at=town.now)
            session.add(file)
            session.flush()
            session.add_all(
                [
                    Voucher(project_id=project.id, number=f"V{n}", amount=Decimal(100), paid_on=town.now.date(), file_id=file.id, status="open", uploaded_at=town.now),
                    Finding(project_id=project.id, kind="check", role="science", person_id=science.id, dated=town.now.date(), favourable=True, text="正常", file_id=file.id, at=town.now),
                    Paper(code=f"C{n}", project_id=project.id, name="receipt", title="回执", version=n, state="superseded", data={}, made_at=town.now),
                ]
            )  # fmt: skip
            audit.append(
                session, f"project:{project.id}", town.actor("science"), trigger="record_check", now=town.now,
                project_id=project.id, role="science",
            )  # fmt: skip
        session.flush()


@pytest.mark.parametrize("name", ["science", "issuer"])
def test_the_number_of_queries_does_not_grow(town: Town, enter: Enter, name: str) -> None:
    project = town.recommended()
    browser = enter(name)
    _grow(town, project, 0, 3)
    with counted(town.app) as few:
        assert browser.get(town.page(project)).status_code == 200
    _grow(town, project, 3, 30)
    with counted(town.app) as many:
        assert browser.get(town.page(project)).status_code == 200
    assert len(many) == len(few)
    assert len(many) < 90
