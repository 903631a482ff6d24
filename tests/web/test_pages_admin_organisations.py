"""管理: organisations are decided on, restrictions laid and lifted."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.records import NOW, TODAY, RecordFactory
from tests.web.administration import add_pending, events, fresh, hidden, mails_to
from tests.web.counting import counted
from xtbang.models import Organisation, Person, Restriction
from xtbang.web.frame.registers import SIZE

LogIn = Callable[[Person], FlaskClient]


@pytest.fixture
def admin(records: RecordFactory, login: LogIn) -> FlaskClient:
    return login(records.people["admin"])


@pytest.fixture
def science(records: RecordFactory, login: LogIn) -> FlaskClient:
    return login(records.people["science"])


@pytest.fixture
def other(records: RecordFactory, login: LogIn) -> FlaskClient:
    """Another person of the office, who confirms."""
    with records.writing():
        person = records.person("science2", "science")
    return login(person)


def confirm(client: FlaskClient) -> str:
    """Press the button of what waits for another person; what the page says then."""
    url = re.search(r'action="([^"]+/confirm)"', client.get("/admin/restrictions/acts").get_data(as_text=True))
    assert url
    return client.post(url[1], follow_redirects=True).get_data(as_text=True)


def test_an_organisation_is_confirmed(records: RecordFactory, science: FlaskClient) -> None:
    row = add_pending(records)
    page = f"/admin/organisations/{row.id}"
    listed = science.get("/admin/organisations").get_data(as_text=True)
    assert listed.index("湘潭新来") < listed.index("湘潭示例电机")
    assert "newcomer" in science.get(page).get_data(as_text=True)
    answer = science.post(f"{page}/confirm", data={"version": hidden(science, page, "version")})
    assert answer.status_code == 302
    row = fresh(records, row)
    assert (row.status, row.confirmed_at, row.confirmed_by_id) == ("confirmed", NOW, records.people["science"].id)
    [event] = events(records, f"organisation:{row.id}")
    assert (event.trigger, event.role, event.actor_name) == ("confirm_organisation", "science", "science")
    [mail] = mails_to(records, "newcomer")
    assert "已确认" in mail.subject
    again = science.post(f"{page}/confirm", data={"version": row.version})
    assert again.status_code == 409 and "已确认" in again.get_data(as_text=True)
    assert len(events(records, f"organisation:{row.id}")) == 1


def test_an_organisation_is_refused_with_a_reason_and_may_be_confirmed_later(
    records: RecordFactory, admin: FlaskClient
) -> None:
    row = add_pending(records)
    page = f"/admin/organisations/{row.id}"
    empty = admin.post(f"{page}/refuse", data={"version": "1", "reason": " "})
    assert empty.status_code == 422 and "不予确认的原因" in empty.get_data(as_text=True)
    assert fresh(records, row).status == "pending"
    assert admin.post(f"{page}/refuse", data={"version": "1", "reason": "执照与名称不符"}).status_code == 302
    assert (fresh(records, row).status, row.refusal) == ("refused", "执照与名称不符")
    [mail] = mails_to(records, "newcomer")
    assert "执照与名称不符" in mail.body
    assert admin.post(f"{page}/confirm", data={"version": str(row.version)}).status_code == 302
    assert (fresh(records, row).status, row.refusal) == ("confirmed", "")
    assert [event.trigger for event in events(records, f"organisation:{row.id}")] == [
        "refuse_organisation",
        "confirm_organisation",
    ]


def test_a_decision_on_a_changed_organisation_is_not_taken(records: RecordFactory, science: FlaskClient) -> None:
    row = add_pending(records)
    with records.writing() as session:
        session.get_one(Organisation, row.id).version = 7
    answer = science.post(f"/admin/organisations/{row.id}/refuse", data={"version": "1", "reason": "名称不符"})
    assert answer.status_code == 409 and "名称不符" in answer.get_data(as_text=True)
    assert fresh(records, row).status == "pending" and not events(records, f"organisation:{row.id}")


def test_organisations_are_found_by_name_and_code(records: RecordFactory, science: FlaskClient) -> None:
    row = add_pending(records)
    code = f"{row.uscc[:4]} {row.uscc[4:].lower()}"
    for word, known in (("新来", True), (code, True), ("没有的", False), ("100%", False)):
        page = science.get("/admin/organisations", query_string={"q": word}).get_data(as_text=True)
        assert ("湘潭新来科技有限公司" in page) is known
    page = science.get("/admin/organisations?status=confirmed").get_data(as_text=True)
    assert "湘潭新来科技有限公司" not in page and "湘潭示例电机有限公司" in page


def test_pages_of_organisations_show_each_once(records: RecordFactory, science: FlaskClient, app: Flask) -> None:
    with records.writing():
        for number in range(SIZE * 2 + 3):
            status = {"status": "pending", "confirmed_at": None} if number % 2 else {}
            records.organisation(f"many {number}", f"众多单位{number:03}有限公司", **status)
    for start in ("/admin/organisations?status=confirmed", "/admin/organisations?status=pending"):
        seen, url = [], start
        while url:
            page = science.get(url).get_data(as_text=True)
            seen += re.findall(r"众多单位(\d+)有限公司</a>", page)
            found = re.search(r'rel="next" href="([^"]+)"', page)
            url = found[1].replace("&amp;", "&") if found else ""
        assert len(seen) == len(set(seen)) >= SIZE + 1
    with counted(app) as statements:
        science.get("/admin/organisations")
    assert len(statements) < 15


def restriction(records: RecordFactory, **change: Any) -> dict[str, Any]:
    """What the form sends."""
    return {
        "uscc": records.organisations["bidder"].uscc,
        "starts_on": TODAY.isoformat(),
        "ends_on": (TODAY + timedelta(days=365)).isoformat(),
        "reason": "虚报发票",
        "document": "湘科发〔2026〕9号",
    } | change


def test_a_restriction_is_shown_once_more_then_laid_once(
    records: RecordFactory, science: FlaskClient, other: FlaskClient
) -> None:
    shown = science.post("/admin/restrictions/new", data=restriction(records)).get_data(as_text=True)
    assert "限制示例大学" in shown and "2027年11月23日" in shown
    assert not records.session.scalars(select(Restriction)).all()
    key = re.search(r'name="request_key" value="([^"]+)"', shown)
    assert key
    sent = restriction(records, confirmed="1", request_key=key[1])
    for _twice in range(2):
        assert science.post("/admin/restrictions/new", data=sent).status_code == 302
    assert "/confirm" not in science.get("/admin/restrictions/acts").get_data(as_text=True), (
        "it is not offered to who asked"
    )
    assert "1 项待另一人确认" in science.get("/admin").get_data(as_text=True)
    assert "已确认" in confirm(other)
    records.session.rollback()
    [row] = records.session.scalars(select(Restriction)).all()
    assert (row.starts_on, row.reason) == (TODAY, "虚报发票")
    asked, event = events(records, f"organisation:{row.organisation_id}")
    assert (asked.trigger, event.trigger, event.reason) == ("ask_restriction", "restrict", "虚报发票")
    assert len(mails_to(records, "bidder")) == 1
    again = science.post("/admin/restrictions/new", data=sent | {"again": "1"}).get_data(as_text=True)
    assert "虚报发票" in again and "下一步：核对" in again


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"uscc": "91430300MA4T00000X"}, "校验码"),
        ({"uscc": "12430000444885356P"}, "统一社会信用代码"),
        ({"ends_on": "2026-11-22"}, "截止日期不能早于开始日期"),
        ({"starts_on": "2026-01-01", "ends_on": "2026-11-22"}, "截止日期不能早于今天"),
        ({"reason": ""}, "尚未填写"),
    ],
)
def test_what_a_restriction_needs(
    records: RecordFactory, science: FlaskClient, change: dict[str, Any], sentence: str
) -> None:
    sent = restriction(records, confirmed="1", request_key="k", **change)
    answer = science.post("/admin/restrictions/new", data=sent)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert not records.session.scalars(select(Restriction)).all()


def test_a_restriction_of_our_own_goes_from_notice_to_decision_on_its_pages(
    records: RecordFactory, science: FlaskClient, other: FlaskClient, login: LogIn
) -> None:
    """告知书, service, the organisation's own page, and the decision by another person, shown once more before."""
    uscc, until = records.organisations["bidder"].uscc, (TODAY + timedelta(days=365)).isoformat()
    sent = {
        "uscc": uscc,
        "starts_on": TODAY.isoformat(),
        "ends_on": until,
        "reason": "虚报发票",
        "evidence": "查验结果",
    }
    assert science.post("/admin/restrictions/tell", data=sent | {"evidence": ""}).status_code == 422
    page = science.post("/admin/restrictions/tell", data=sent | {"request_key": "k"}).headers["Location"]
    text = science.get(page).get_data(as_text=True)
    assert "决定由另一人作出" in text and "作出限制申报的决定</summary>" not in text
    assert "尚未登记送达" in science.get("/admin/restrictions").get_data(as_text=True)
    science.post(f"{page}/serve", data={"manner": "in_person", "dated": TODAY.isoformat()})
    own = f"/organisation/notices/{page.rsplit('/', 1)[1]}"
    bidder = login(records.people["bidder"])
    assert own in bidder.get("/organisation").get_data(as_text=True)
    assert login(records.people["issuer"]).get(own).status_code == 404
    assert bidder.post(own, data={"kind": "stated", "text": ""}).status_code == 409
    assert bidder.post(own, data={"kind": "stated", "text": "发票属实。"}).status_code == 302
    assert bidder.post(own, data={"kind": "waived", "text": ""}).status_code == 302
    assert "发票属实。" in (shown := bidder.get(own).get_data(as_text=True)) and "放弃陈述、申辩" in shown
    entered = {"kind": "waived", "text": "", "channel": "oral", "received_on": TODAY.isoformat()}
    assert science.post(f"{page}/enter", data=entered).status_code == 302
    wrong = {"statement": "3", "reason": "登记到了另一单位"}
    assert "收回须由另一人办理" in science.post(f"{page}/takeback", data=wrong).get_data(as_text=True)
    assert other.post(f"{page}/takeback", data=wrong | {"reason": ""}).status_code == 422
    assert other.post(f"{page}/takeback", data=wrong).status_code == 302
    assert other.post(f"{page}/takeback", data=wrong).status_code == 404, "nothing entered is left"
    assert "收回登记" in bidder.get(own).get_data(as_text=True)
    assert other.post(f"{page}/decide", data={"ends_on": until, "considered": ""}).status_code == 409
    decision = {"ends_on": until, "considered": "不予采纳。"}
    shown = other.post(f"{page}/decide", data=decision).get_data(as_text=True)
    assert "请最后核对" in shown and "不予采纳。" in shown and uscc in shown
    assert not records.session.scalars(select(Restriction)).all()
    assert other.post(f"{page}/decide", data=decision | {"confirmed": "1", "request_key": "d"}).status_code == 302
    records.session.rollback()
    row = records.session.scalars(select(Restriction)).one()
    assert f"restriction={row.id}" in science.get("/admin/restrictions").get_data(as_text=True)
    assert "限制申报决定书" in bidder.get(own).get_data(as_text=True)


def test_a_restriction_is_lifted_and_restored_by_two_people(
    records: RecordFactory, science: FlaskClient, other: FlaskClient, login: LogIn
) -> None:
    science.post("/admin/restrictions/new", data=restriction(records, confirmed="1", request_key="k"))
    confirm(other)
    row = records.session.scalars(select(Restriction)).one()
    assert "虚报发票" in login(records.people["auditor"]).get("/admin/restrictions").get_data(as_text=True)
    page = f"/admin/restrictions/{row.id}/lift"
    assert science.post(page, data={"reason": ""}).status_code == 422
    assert science.post(page, data={"reason": "复核后撤销"}).status_code == 302
    assert other.post(page, data={"reason": "再来一次"}).status_code == 409
    listed = other.get("/admin/restrictions").get_data(as_text=True)
    assert "待另一人确认" in listed and page not in listed
    drop = re.search(r'action="([^"]+/drop)"', other.get("/admin/restrictions/acts").get_data(as_text=True))
    assert drop and other.post(drop[1], data={"reason": ""}).status_code == 422
    confirm(other)
    assert fresh(records, row).lifted_at == NOW
    assert [event.trigger for event in events(records, f"organisation:{row.organisation_id}")] == [
        "ask_restriction",
        "restrict",
        "ask_restriction",
        "lift_restriction",
    ]
    assert len(mails_to(records, "bidder")) == 2
    assert "虚报发票" not in science.get("/admin/restrictions").get_data(as_text=True)
    past = "/admin/restrictions?show=past"
    assert "复核后撤销" in science.get(past).get_data(as_text=True)
    restore = f"/admin/restrictions/{row.id}/restore"
    assert all(restore in who.get(past).get_data(as_text=True) for who in (science, other))
    assert other.post(restore, data={"reason": "误解除"}).status_code == 302
    confirm(science)
    assert fresh(records, row).lifted_at is None
