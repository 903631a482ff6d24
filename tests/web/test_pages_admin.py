"""管理: organisations are decided on, accounts opened and closed, restrictions laid, mails sent again, the trail searched."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import verify_password
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.web.counting import counted
from tests.web.office import NOW, TODAY, Office
from xtbang.jobs.outbox import DELAYS, waiting
from xtbang.models import Event, Mail, Organisation, Person, Restriction
from xtbang.stages import audit
from xtbang.stages.context import Actor
from xtbang.web import admin_audit
from xtbang.web.admin import SIZE

LogIn = Callable[[Person], FlaskClient]
EVERYONE = "science industry leader finance auditor admin issuer county expert agency".split()
PAGES = {
    "/admin": {"science", "auditor", "admin"},
    "/admin/organisations": {"science", "admin"},
    "/admin/organisations/1": {"science", "admin"},
    "/admin/people": {"admin"},
    "/admin/people/new": {"admin"},
    "/admin/people/1": {"admin"},
    "/admin/restrictions": {"science", "auditor", "admin"},
    "/admin/restrictions/new": {"science"},
    "/admin/mails": {"admin"},
    "/admin/audit": {"auditor", "admin"},
}


@pytest.fixture
def office(app: Flask, session: Session) -> Office:
    app.extensions["engine"].clock = lambda: NOW
    return Office(session)


@pytest.fixture
def admin(office: Office, login: LogIn) -> FlaskClient:
    return login(office.people["admin"])


@pytest.fixture
def science(office: Office, login: LogIn) -> FlaskClient:
    return login(office.people["science"])


def fresh(office: Office, row: Any) -> Any:
    """The row as the database has it now."""
    office.session.rollback()
    office.session.expire_all()
    return office.session.get(type(row), row.id)


def events(office: Office, stream: str) -> list[Event]:
    office.session.rollback()
    return list(office.session.scalars(select(Event).where(Event.stream == stream).order_by(Event.sequence)))


def mails_to(office: Office, name: str) -> list[Mail]:
    office.session.rollback()
    query = select(Mail).where(Mail.person_id == office.people[name].id).order_by(Mail.id)
    return list(office.session.scalars(query))


def hidden(client: FlaskClient, page: str, name: str) -> str:
    """The value of a hidden input of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', client.get(page).get_data(as_text=True))
    assert found
    return found[1]


def add_pending(office: Office) -> Organisation:
    with office.writing():
        row = office.organisation("new", "湘潭新来科技有限公司", status="pending", confirmed_at=None)
        office.session.flush()
        office.person("newcomer", "applicant", organisation=row, organisation_id=row.id, manager=True)
    return row


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_for_its_roles(office: Office, login: LogIn, page: str) -> None:
    answers = {name: login(office.people[name]).get(page).status_code for name in EVERYONE}
    assert answers == {name: 200 if name in PAGES[page] else 403 for name in EVERYONE}


def test_home_counts_what_waits(office: Office, admin: FlaskClient, science: FlaskClient) -> None:
    add_pending(office)
    page = admin.get("/admin").get_data(as_text=True)
    assert "1 家待确认" in page and "人员与角色" in page and "征集批次" not in page
    assert "征集批次" in science.get("/admin").get_data(as_text=True)


def test_an_organisation_is_confirmed(office: Office, science: FlaskClient) -> None:
    row = add_pending(office)
    page = f"/admin/organisations/{row.id}"
    listed = science.get("/admin/organisations").get_data(as_text=True)
    assert listed.index("湘潭新来") < listed.index("湘潭示例电机")
    assert "newcomer" in science.get(page).get_data(as_text=True)
    answer = science.post(f"{page}/confirm", data={"version": hidden(science, page, "version")})
    assert answer.status_code == 302
    row = fresh(office, row)
    assert (row.status, row.confirmed_at, row.confirmed_by_id) == ("confirmed", NOW, office.people["science"].id)
    [event] = events(office, f"organisation:{row.id}")
    assert (event.trigger, event.role, event.actor_name) == ("confirm_organisation", "science", "science")
    [mail] = mails_to(office, "newcomer")
    assert "已确认" in mail.subject
    again = science.post(f"{page}/confirm", data={"version": row.version})
    assert again.status_code == 409 and "已确认" in again.get_data(as_text=True)
    assert len(events(office, f"organisation:{row.id}")) == 1


def test_an_organisation_is_refused_with_a_reason_and_may_be_confirmed_later(
    office: Office, admin: FlaskClient
) -> None:
    row = add_pending(office)
    page = f"/admin/organisations/{row.id}"
    empty = admin.post(f"{page}/refuse", data={"version": "1", "reason": " "})
    assert empty.status_code == 422 and "不予确认的原因" in empty.get_data(as_text=True)
    assert fresh(office, row).status == "pending"
    assert admin.post(f"{page}/refuse", data={"version": "1", "reason": "执照与名称不符"}).status_code == 302
    assert (fresh(office, row).status, row.refusal) == ("refused", "执照与名称不符")
    [mail] = mails_to(office, "newcomer")
    assert "执照与名称不符" in mail.body
    assert admin.post(f"{page}/confirm", data={"version": str(row.version)}).status_code == 302
    assert (fresh(office, row).status, row.refusal) == ("confirmed", "")
    assert [event.trigger for event in events(office, f"organisation:{row.id}")] == [
        "refuse_organisation",
        "confirm_organisation",
    ]


def test_a_decision_on_a_changed_organisation_is_not_taken(office: Office, science: FlaskClient) -> None:
    row = add_pending(office)
    with office.writing() as session:
        session.get_one(Organisation, row.id).version = 7
    answer = science.post(f"/admin/organisations/{row.id}/refuse", data={"version": "1", "reason": "名称不符"})
    assert answer.status_code == 409 and "名称不符" in answer.get_data(as_text=True)
    assert fresh(office, row).status == "pending" and not events(office, f"organisation:{row.id}")


def test_organisations_are_found_by_name_and_code(office: Office, science: FlaskClient) -> None:
    row = add_pending(office)
    code = f"{row.uscc[:4]} {row.uscc[4:].lower()}"
    for word, known in (("新来", True), (code, True), ("没有的", False), ("100%", False)):
        page = science.get("/admin/organisations", query_string={"q": word}).get_data(as_text=True)
        assert ("湘潭新来科技有限公司" in page) is known
    page = science.get("/admin/organisations?status=confirmed").get_data(as_text=True)
    assert "湘潭新来科技有限公司" not in page and "湘潭示例电机有限公司" in page


def test_pages_of_organisations_show_each_once(office: Office, science: FlaskClient, app: Flask) -> None:
    with office.writing():
        for number in range(SIZE * 2 + 3):
            status = {"status": "pending", "confirmed_at": None} if number % 2 else {}
            office.organisation(f"many {number}", f"众多单位{number:03}有限公司", **status)
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


PERSON = {
    "name": "王敏",
    "email": "Wang.Min@example.com",
    "title": "科长",
    "mobile": "13800000000",
    "roles": ["science"],
}


def test_an_account_is_opened_with_a_password_shown_once(office: Office, admin: FlaskClient, app: Flask) -> None:
    answer = admin.post("/admin/people/new", data=PERSON)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    found = re.search(r"<code>([a-z0-9-]{19})</code>", answer.get_data(as_text=True))
    assert found
    person = office.session.scalars(select(Person).where(Person.email == "wang.min@example.com")).one()
    assert person.role_names == {"science"} and person.active
    with app.app_context():
        assert verify_password(found[1], person.password)
    [event] = events(office, f"person:{person.id}")
    assert (event.trigger, event.role, event.data["roles"]) == ("add_person", "admin", ["science"])
    assert found[1] not in str(event.data) and "13800000000" not in str(event.data)
    mail = office.session.scalars(select(Mail).where(Mail.person_id == person.id)).one()
    assert found[1] not in mail.body
    again = admin.post("/admin/people/new", data=PERSON)
    assert again.status_code == 422 and "已有账号" in again.get_data(as_text=True)
    assert "王敏" in again.get_data(as_text=True)  # what was typed is kept


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"roles": []}, "尚未选择"),
        ({"roles": ["admin", "science"]}, "不能与其他角色兼任"),
        ({"roles": ["county"]}, "须选择所属县市区"),
        ({"roles": ["expert"]}, "须选择专家类别"),
        ({"roles": ["expert"], "expert_kind": "技术"}, "至少选择一个专业领域"),
        ({"roles": ["agency"]}, "须填写所在单位"),
        ({"roles": ["agency"], "uscc": "91430300MA4T00000X"}, "校验码"),
        ({"email": "没有"}, "电子邮箱"),
        ({"roles": ["king"]}, "角色"),
    ],
)
def test_what_an_account_needs(office: Office, admin: FlaskClient, change: dict[str, Any], sentence: str) -> None:
    answer = admin.post("/admin/people/new", data=PERSON | change)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert not office.session.scalars(select(Person).where(Person.name == "王敏")).all()


def test_what_goes_with_a_role_is_kept_and_dropped_with_it(office: Office, admin: FlaskClient) -> None:
    agency = office.organisations["agency"]
    asked = {"roles": ["expert", "agency"], "expert_kind": "技术", "expert_domains": ["先进装备制造", "军工"]}
    asked |= {"uscc": agency.uscc.lower(), "region": "韶山市"}
    assert admin.post("/admin/people/new", data=PERSON | asked).status_code == 200
    person = office.session.scalars(select(Person).where(Person.name == "王敏")).one()
    assert (person.expert_kind, person.expert_domains) == ("技术", ["先进装备制造", "军工"])
    assert (person.organisation_id, person.region) == (agency.id, None)
    page = f"/admin/people/{person.id}"
    seen = hidden(admin, page, "seen")
    changed = PERSON | {"seen": seen, "roles": ["county"], "region": "韶山市", "expert_kind": "技术"}
    assert admin.post(page, data=changed).status_code == 302
    person = fresh(office, person)
    assert (person.role_names, person.region, person.expert_kind) == ({"county"}, "韶山市", None)
    assert person.expert_domains == [] and person.organisation_id is None
    assert events(office, f"person:{person.id}")[-1].data["roles"] == ["county"]
    stale = admin.post(page, data=PERSON | {"seen": seen, "name": "王敏敏"})
    assert stale.status_code == 409 and "王敏敏" in stale.get_data(as_text=True)
    assert fresh(office, person).name == "王敏"


def test_an_organisation_that_waits_gives_no_office(office: Office, admin: FlaskClient) -> None:
    row = add_pending(office)
    answer = admin.post("/admin/people/new", data=PERSON | {"roles": ["agency"], "uscc": row.uscc})
    assert answer.status_code == 422 and "还没有确认" in answer.get_data(as_text=True)


def test_an_account_is_switched_off_at_once(office: Office, admin: FlaskClient, login: LogIn) -> None:
    person = office.people["science"]
    browser, page = login(person), f"/admin/people/{person.id}"
    assert browser.get("/admin").status_code == 200
    seen = hidden(admin, page, "seen")
    assert admin.post(f"{page}/active", data={"seen": seen, "active": "0"}).status_code == 302
    assert browser.get("/admin").status_code == 302  # to sign in
    assert not fresh(office, person).active
    [event] = events(office, f"person:{person.id}")
    assert event.trigger == "edit_person" and event.data["active"] is False
    assert admin.post(f"{page}/active", data={"seen": seen, "active": "1"}).status_code == 409
    assert admin.post(f"{page}/active", data={"seen": hidden(admin, page, "seen"), "active": "1"}).status_code == 302
    assert fresh(office, person).active


def test_the_last_admin_stays(office: Office, admin: FlaskClient) -> None:
    me = office.people["admin"]
    page = f"/admin/people/{me.id}"
    seen = hidden(admin, page, "seen")
    off = admin.post(f"{page}/active", data={"seen": seen, "active": "0"})
    assert off.status_code == 409 and "最后一个启用的系统管理员" in off.get_data(as_text=True)
    other = PERSON | {"email": me.email, "seen": seen}
    lost = admin.post(page, data=other)
    assert lost.status_code == 422 and "最后一个启用的系统管理员" in lost.get_data(as_text=True)
    assert fresh(office, me).active and me.role_names == {"admin"} and not events(office, f"person:{me.id}")
    with office.writing():
        office.person("second admin", "admin")
    assert admin.post(page, data=other).status_code == 302
    assert fresh(office, me).role_names == {"science"}
    assert admin.get(page).status_code == 403


def test_a_password_is_reset(office: Office, admin: FlaskClient, login: LogIn, app: Flask) -> None:
    person = office.people["finance"]
    browser, page = login(person), f"/admin/people/{person.id}"
    answer = admin.post(f"{page}/password", data={"seen": hidden(admin, page, "seen")})
    found = re.search(r"<code>([a-z0-9-]{19})</code>", answer.get_data(as_text=True))
    assert answer.status_code == 200 and found
    with app.app_context():
        assert verify_password(found[1], fresh(office, person).password)
    assert browser.get("/desk").status_code == 302
    assert [mail.subject for mail in mails_to(office, "finance")] == ["密码已重设，请登录并修改密码"]
    assert events(office, f"person:{person.id}")[0].data["password"] == "重设"


def test_people_are_filtered(office: Office, admin: FlaskClient, app: Flask) -> None:
    for query, there, gone in (
        ({"role": "county"}, ">far county<", ">leader<"),
        ({"q": "示例大学"}, ">bidder<", ">issuer<"),
        ({"q": "P0@EXAMPLE"}, ">issuer<", ">bidder<"),
        ({"state": "on"}, ">leader<", ">nobody<"),
    ):
        page = admin.get("/admin/people", query_string=query).get_data(as_text=True)
        assert there in page and gone not in page
    assert "没有符合条件的人员" in admin.get("/admin/people?state=off").get_data(as_text=True)
    with office.writing():
        for number in range(SIZE):
            office.person(f"expert {number}", "expert", expert_kind="财务")
    with counted(app) as statements:
        assert 'rel="next"' in admin.get("/admin/people").get_data(as_text=True)
    assert len(statements) < 15


def restriction(office: Office, **change: Any) -> dict[str, Any]:
    """What the form sends."""
    return {
        "uscc": office.organisations["bidder"].uscc,
        "starts_on": TODAY.isoformat(),
        "ends_on": (TODAY + timedelta(days=365)).isoformat(),
        "reason": "虚报发票",
    } | change


def test_a_restriction_is_shown_once_more_then_laid_once(office: Office, science: FlaskClient) -> None:
    shown = science.post("/admin/restrictions/new", data=restriction(office)).get_data(as_text=True)
    assert "限制示例大学" in shown and "2027年11月23日" in shown
    assert not office.session.scalars(select(Restriction)).all()
    key = re.search(r'name="request_key" value="([^"]+)"', shown)
    assert key
    sent = restriction(office, confirmed="1", request_key=key[1])
    for _twice in range(2):
        assert science.post("/admin/restrictions/new", data=sent).status_code == 302
    office.session.rollback()
    [row] = office.session.scalars(select(Restriction)).all()
    assert (row.starts_on, row.reason, row.created_by_id) == (TODAY, "虚报发票", office.people["science"].id)
    [event] = events(office, f"organisation:{row.organisation_id}")
    assert (event.trigger, event.reason) == ("restrict", "虚报发票")
    assert len(mails_to(office, "bidder")) == 1
    again = science.post("/admin/restrictions/new", data=sent | {"again": "1"}).get_data(as_text=True)
    assert "虚报发票" in again and "下一步：核对" in again


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
def test_what_a_restriction_needs(office: Office, science: FlaskClient, change: dict[str, Any], sentence: str) -> None:
    sent = restriction(office, confirmed="1", request_key="k", **change)
    answer = science.post("/admin/restrictions/new", data=sent)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert not office.session.scalars(select(Restriction)).all()


def test_a_restriction_is_lifted(office: Office, science: FlaskClient, login: LogIn) -> None:
    science.post("/admin/restrictions/new", data=restriction(office, confirmed="1", request_key="k"))
    row = office.session.scalars(select(Restriction)).one()
    assert "虚报发票" in login(office.people["auditor"]).get("/admin/restrictions").get_data(as_text=True)
    page = f"/admin/restrictions/{row.id}/lift"
    assert science.post(page, data={"reason": ""}).status_code == 422
    assert science.post(page, data={"reason": "复核后撤销"}).status_code == 302
    assert fresh(office, row).lifted_at == NOW
    assert [event.trigger for event in events(office, f"organisation:{row.organisation_id}")] == [
        "restrict",
        "lift_restriction",
    ]
    assert len(mails_to(office, "bidder")) == 2
    assert science.post(page, data={"reason": "再来一次"}).status_code == 409
    assert "虚报发票" not in science.get("/admin/restrictions").get_data(as_text=True)
    assert "复核后撤销" in science.get("/admin/restrictions?show=past").get_data(as_text=True)


def add_mails(office: Office, count: int) -> None:
    with office.writing() as session:
        known = {
            "person_id": office.people["issuer"].id,
            "address": "old@example.com",
            "body": "不公开的内容",
            "created_at": NOW,
        }
        for number in range(count):
            session.add(Mail(subject=f"失败{number:02}", tries=len(DELAYS) + 1, error="550 无此用户", **known))
        session.add(Mail(subject="送达的", sent_at=NOW, tries=1, error="", **known))
        session.add(Mail(subject="等待的", tries=0, error="", **known))


def test_failed_mails_are_sent_again(office: Office, admin: FlaskClient) -> None:
    add_mails(office, 3)
    page = admin.get("/admin/mails?state=failed").get_data(as_text=True)
    assert "550 无此用户" in page and "失败00" in page and "送达的" not in page and "不公开的内容" not in page
    first = office.session.scalars(select(Mail).where(Mail.subject == "失败00")).one()
    assert admin.post("/admin/mails/retry", data={"mail": first.id, "state": "failed"}).status_code == 302
    first = fresh(office, first)
    assert (first.tries, first.error, first.address) == (0, "", office.people["issuer"].email)
    assert {mail.subject for mail in office.session.scalars(waiting(NOW))} == {"失败00", "等待的"}
    assert admin.post("/admin/mails/retry").status_code == 302
    office.session.rollback()
    assert {mail.subject for mail in office.session.scalars(waiting(NOW))} == {"失败00", "失败01", "失败02", "等待的"}
    assert [event.trigger for event in events(office, f"mail:{first.id}")] == ["retry_mail"]
    answer = admin.post("/admin/mails/retry", follow_redirects=True).get_data(as_text=True)
    assert "没有需要重发的邮件" in answer


def write_events(office: Office, count: int, **values: Any) -> None:
    with office.writing() as session:
        for _number in range(count):
            actor = Actor.of(office.people["science"], "192.0.2.9")
            audit.append(session, "call:1", actor, **({"trigger": "edit_call", "now": NOW, "role": "science"} | values))


def test_the_trail_is_searched(office: Office, login: LogIn) -> None:
    with office.writing() as session:
        project = office.project("solicitation")
        audit.append(
            session, f"project:{project.id}", Actor.of(office.people["issuer"], "192.0.2.1"), trigger="submit", now=NOW,
            role="issuer", project_id=project.id, from_state="draft", to_state="solicitation", outcome="moved",
        )  # fmt: skip
        audit.append(
            session, f"person:{office.people['leader'].id}", Actor.of(office.people["admin"]), trigger="edit_person",
            now=NOW - timedelta(days=40), role="admin", data={"name": "李局", "roles": ["leader"]},
        )  # fmt: skip
    auditor = login(office.people["auditor"])
    page = auditor.get("/admin/audit").get_data(as_text=True)
    assert project.number in page and "192.0.2.1" in page and "市科技局领导" in page and "草稿 → 征集" in page
    for query, there in (
        ({"number": project.number.lower()}, (True, False)),
        ({"name": "issue"}, (True, False)),
        ({"trigger": "edit_person"}, (False, True)),
        ({"from": TODAY.isoformat(), "until": TODAY.isoformat()}, (True, False)),
        ({"until": (TODAY - timedelta(days=1)).isoformat()}, (False, True)),
        ({"stream": f"person:{office.people['leader'].id}"}, (False, True)),
        ({"name": "_"}, (False, False)),
    ):
        page = auditor.get("/admin/audit", query_string=query).get_data(as_text=True)
        assert (f"/projects/{project.id}" in page, ">李局" in page) == there, query
    assert "无法识别" in auditor.get("/admin/audit?from=昨天").get_data(as_text=True)
    own = login(office.people["admin"]).get("/admin/audit").get_data(as_text=True)
    assert project.number in own and f"/projects/{project.id}" not in own


def test_sealed_bids_are_not_told(office: Office, login: LogIn) -> None:
    with office.writing() as session:
        project = office.project("listing")
        audit.append(
            session, f"project:{project.id}", Actor.of(office.people["bidder"]), trigger="submit_bid", now=NOW,
            role="applicant", project_id=project.id,
        )  # fmt: skip
    auditor = login(office.people["auditor"])
    assert "示例大学" not in auditor.get("/admin/audit").get_data(as_text=True)
    with office.writing():
        office.session.get_one(type(project), project.id).bids_until = NOW - timedelta(seconds=1)
    assert "示例大学" in auditor.get("/admin/audit").get_data(as_text=True)


def test_the_trail_is_paged_by_a_constant_number_of_statements(office: Office, login: LogIn, app: Flask) -> None:
    write_events(office, admin_audit.SIZE + 5)
    auditor = login(office.people["auditor"])
    with counted(app) as statements:
        page = auditor.get("/admin/audit").get_data(as_text=True)
    assert len(statements) < 15 and page.count("<time ") == admin_audit.SIZE + 1  # and the clock
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    assert auditor.get(older[1]).get_data(as_text=True).count("<time ") == 5 + 1


def test_the_chains_are_checked(office: Office, login: LogIn, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    write_events(office, 3)
    write_events(office, 1, data={"title": "第一批"})
    auditor = login(office.people["auditor"])
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "核验了 1 个对象的 4 条记录" in page and "没有发现改动" in page
    with office.writing() as session:  # what only somebody with the database in hand can do
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER event_no_update"))
        else:
            session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        session.execute(text("UPDATE event SET actor_name = 'nobody' WHERE stream = 'call:1' AND sequence = 2"))
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "其中 1 条被改动过" in page and "批次 1 的第 2 条" in page
    assert "其中 1 条" in auditor.get("/admin/audit?verify=1&stream=call:1").get_data(as_text=True)
    monkeypatch.setattr(admin_audit, "AT_ONCE", 1)
    with office.writing() as session:
        audit.append(session, "person:1", Actor.of(office.people["admin"]), trigger="edit_person", now=NOW)
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "核验了 1 个对象的 4 条记录" in page and "after=call:1" in page
    page = auditor.get("/admin/audit?verify=1&after=call:1").get_data(as_text=True)
    assert "核验了 1 个对象的 1 条记录" in page and "继续核验" not in page


def test_looking_writes_nothing(office: Office, login: LogIn, app: Flask) -> None:
    row = add_pending(office)
    add_mails(office, 1)
    clients = [login(office.people[name]) for name in ("admin", "science", "auditor")]
    with counted(app) as statements:
        for page in (*PAGES, f"/admin/organisations/{row.id}", "/admin/audit?verify=1"):
            for client in clients:
                client.get(page)
    assert not [statement for statement in statements if statement.split()[0] in ("INSERT", "UPDATE", "DELETE")]
