"""管理: accounts are opened, changed, switched off, given a new password."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import verify_password
from sqlalchemy import select

from tests.factories.records import RecordFactory
from tests.web.accounts import shown_password
from tests.web.administration import add_pending, events, fresh, hidden, mails_to
from tests.web.counting import counted
from xtbang.models import Mail, Person
from xtbang.web.frame.registers import SIZE

LogIn = Callable[[Person], FlaskClient]


@pytest.fixture
def admin(records: RecordFactory, login: LogIn) -> FlaskClient:
    return login(records.people["admin"])


PERSON = {
    "name": "王敏",
    "email": "Wang.Min@example.com",
    "title": "科长",
    "mobile": "13800000000",
    "roles": ["science"],
}


def test_an_account_is_opened_with_a_password_shown_once(
    records: RecordFactory, admin: FlaskClient, app: Flask
) -> None:
    answer = admin.post("/admin/people/new", data=PERSON)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    found = shown_password(answer.text)
    person = records.session.scalars(select(Person).where(Person.email == "wang.min@example.com")).one()
    assert person.role_names == {"science"} and person.active and person.password_given
    with app.app_context():
        assert verify_password(found, person.password)
    [event] = events(records, f"person:{person.id}")
    assert (event.trigger, event.role, event.data["roles"]) == ("add_person", "admin", ["science"])
    assert found not in str(event.data) and "13800000000" not in str(event.data)
    mail = records.session.scalars(select(Mail).where(Mail.person_id == person.id)).one()
    assert found[1] not in mail.body
    again = admin.post("/admin/people/new", data=PERSON)
    assert again.status_code == 422 and "已有账号" in again.get_data(as_text=True)
    assert "王敏" in again.get_data(as_text=True)  # what was typed is kept


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"roles": []}, "尚未选择"),
        ({"roles": ["admin", "science"]}, "不能与其他角色兼任"),
        ({"roles": ["county"]}, "须选择所属县市区"),
        ({"roles": ["expert"]}, "须选择专家类别"),
        ({"roles": ["expert"], "expert_kind": "技术"}, "至少选择一个专业领域"),
        ({"roles": ["expert"], "expert_kind": "法律"}, "评审专家须填写工作单位"),
        ({"roles": ["agency"]}, "须填写所在单位"),
        ({"roles": ["agency"], "uscc": "91430300MA4T00000X"}, "校验码"),
        ({"email": "没有"}, "电子邮箱"),
        ({"roles": ["king"]}, "角色"),
    ],
)
def test_what_an_account_needs(
    records: RecordFactory, admin: FlaskClient, change: dict[str, Any], sentence: str
) -> None:
    answer = admin.post("/admin/people/new", data=PERSON | change)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert not records.session.scalars(select(Person).where(Person.name == "王敏")).all()


def test_what_goes_with_a_role_is_kept_and_dropped_with_it(records: RecordFactory, admin: FlaskClient) -> None:
    agency = records.organisations["agency"]
    asked = {"roles": ["expert", "agency"], "expert_kind": "技术", "expert_domains": ["先进装备制造", "军工"]}
    asked |= {"uscc": agency.uscc.lower(), "region": "韶山市"}
    assert admin.post("/admin/people/new", data=PERSON | asked).status_code == 200
    person = records.session.scalars(select(Person).where(Person.name == "王敏")).one()
    assert (person.expert_kind, person.expert_domains) == ("技术", ["先进装备制造", "军工"])
    assert (person.organisation_id, person.region) == (agency.id, None)
    page = f"/admin/people/{person.id}"
    seen = hidden(admin, page, "seen")
    changed = PERSON | {"seen": seen, "roles": ["county"], "region": "韶山市", "expert_kind": "技术"}
    assert admin.post(page, data=changed).status_code == 302
    person = fresh(records, person)
    assert (person.role_names, person.region, person.expert_kind) == ({"county"}, "韶山市", None)
    assert person.expert_domains == [] and person.organisation_id is None
    assert events(records, f"person:{person.id}")[-1].data["roles"] == ["county"]
    stale = admin.post(page, data=PERSON | {"seen": seen, "name": "王敏敏"})
    assert stale.status_code == 409 and "王敏敏" in stale.get_data(as_text=True)
    assert fresh(records, person).name == "王敏"


def test_an_organisation_that_waits_gives_no_office(records: RecordFactory, admin: FlaskClient) -> None:
    row = add_pending(records)
    answer = admin.post("/admin/people/new", data=PERSON | {"roles": ["agency"], "uscc": row.uscc})
    assert answer.status_code == 422 and "还没有确认" in answer.get_data(as_text=True)


def test_an_account_is_switched_off_at_once(records: RecordFactory, admin: FlaskClient, login: LogIn) -> None:
    person = records.people["science"]
    browser, page = login(person), f"/admin/people/{person.id}"
    assert browser.get("/admin").status_code == 200
    seen = hidden(admin, page, "seen")
    assert admin.post(f"{page}/active", data={"seen": seen, "active": "0"}).status_code == 302
    assert browser.get("/admin").status_code == 302  # to sign in
    assert not fresh(records, person).active
    [event] = events(records, f"person:{person.id}")
    assert event.trigger == "edit_person" and event.data["active"] is False
    assert admin.post(f"{page}/active", data={"seen": seen, "active": "1"}).status_code == 409
    assert admin.post(f"{page}/active", data={"seen": hidden(admin, page, "seen"), "active": "1"}).status_code == 302
    assert fresh(records, person).active


def test_the_last_admin_stays(records: RecordFactory, admin: FlaskClient) -> None:
    me = records.people["admin"]
    page = f"/admin/people/{me.id}"
    seen = hidden(admin, page, "seen")
    off = admin.post(f"{page}/active", data={"seen": seen, "active": "0"})
    assert off.status_code == 409 and "最后一个启用的系统管理员" in off.get_data(as_text=True)
    other = PERSON | {"email": me.email, "seen": seen}
    lost = admin.post(page, data=other)
    assert lost.status_code == 422 and "最后一个启用的系统管理员" in lost.get_data(as_text=True)
    assert fresh(records, me).active and me.role_names == {"admin"} and not events(records, f"person:{me.id}")
    with records.writing():
        records.person("second admin", "admin")
    assert admin.post(page, data=other).status_code == 302
    assert fresh(records, me).role_names == {"science"}
    assert admin.get(page).status_code == 403


def test_a_password_is_reset(records: RecordFactory, admin: FlaskClient, login: LogIn, app: Flask) -> None:
    person = records.people["finance"]
    browser, page = login(person), f"/admin/people/{person.id}"
    answer = admin.post(f"{page}/password", data={"seen": hidden(admin, page, "seen")})
    found = shown_password(answer.text)
    assert answer.status_code == 200
    with app.app_context():
        assert verify_password(found, fresh(records, person).password)
    assert person.password_given
    assert browser.get("/desk").status_code == 302
    assert [mail.subject for mail in mails_to(records, "finance")] == ["密码已重设，请登录并设置自己的密码"]
    assert events(records, f"person:{person.id}")[0].data["password"] == "重设"


def test_people_are_filtered(records: RecordFactory, admin: FlaskClient, app: Flask) -> None:
    for query, there, gone in (
        ({"role": "county"}, ">far county<", ">leader<"),
        ({"q": "示例大学"}, ">bidder<", ">issuer<"),
        ({"q": "P0@EXAMPLE"}, ">issuer<", ">bidder<"),
        ({"state": "on"}, ">leader<", ">nobody<"),
    ):
        page = admin.get("/admin/people", query_string=query).get_data(as_text=True)
        assert there in page and gone not in page
    assert "没有符合条件的人员" in admin.get("/admin/people?state=off").get_data(as_text=True)
    with records.writing():
        for number in range(SIZE):
            records.person(f"expert {number}", "expert", expert_kind="财务")
    with counted(app) as statements:
        assert 'rel="next"' in admin.get("/admin/people").get_data(as_text=True)
    assert len(statements) < 15
