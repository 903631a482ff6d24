"""An organisation's profile and people: who may change what."""

import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import verify_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from tests.support.files import pdf
from tests.web.accounts import shown_password
from tests.web.refusing import fields_of
from tests.web.visitors import sign_in, with_password
from xtbang.enums import RoleName
from xtbang.models import Event, Mail, Organisation, Person

Enter = Callable[[str], FlaskClient]
PROFILE = {
    "address": "新路2号", "postcode": "411101", "legal_name": "李强", "legal_phone": "0731-58570303", "staff": "210",
    "rd_staff": "50", "revenue": "1234.5", "profit_tax": "-12.5", "rd_spend": "60", "bank_name": "示例银行",
    "bank_account": "0001", "version": "1",
}  # fmt: skip
COLLEAGUE = {"person_name": "同事甲", "title": "", "mobile": "13800000009", "email": "Colleague@example.com"}


@pytest.fixture
def factory(app: Flask, session: Session) -> SiteProjectFactory:
    made = SiteProjectFactory(app, session)
    with made.writing():
        made.people["issuer"].manager = True
        made.person("colleague", RoleName.APPLICANT, organisation=made.organisations["issuer"])
    return made


@pytest.fixture
def enter(factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]) -> Enter:
    return lambda name: login(factory.people[name])


def fresh(factory: SiteProjectFactory, row: Any) -> Any:
    """The row as the database has it now."""
    factory.session.rollback()
    factory.session.expire_all()
    return factory.session.get(type(row), row.id)


def own(factory: SiteProjectFactory) -> Organisation:
    found: Organisation = fresh(factory, factory.organisations["issuer"])
    return found


def test_the_manager_keeps_the_profile(factory: SiteProjectFactory, enter: Enter) -> None:
    answer = enter("issuer").post("/organisation", data=PROFILE)
    assert answer.location == "/organisation"
    row = own(factory)
    assert (row.address, row.staff, row.version) == ("新路2号", 210, 2)
    assert (row.revenue, row.profit_tax) == (Decimal("12345000"), Decimal("-125000"))
    event = factory.session.scalars(select(Event).where(Event.trigger == "edit_organisation")).one()
    assert event.data["revenue"] == "1234.5"
    factory.session.rollback()
    assert 'value="1234.5"' in enter("issuer").get("/organisation").text


def test_what_the_rules_depend_on_is_not_changed_once_confirmed(factory: SiteProjectFactory, enter: Enter) -> None:
    enter("issuer").post(
        "/organisation", data=PROFILE | {"kind": "高校", "region": "韶山市", "name": "改名", "uscc": "x"}
    )
    row = own(factory)
    assert (row.kind, row.region, row.name) == ("企业", "湘潭高新区", "湘潭电机有限公司")
    assert row.address == "新路2号"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"staff": "99999999999"}, "不得大于 9999999 人"),
        ({"staff": "约12"}, "像是约数或者一个范围，请填写一个确定的数"),
        ({"staff": "12人半"}, "须为整数"),
        ({"revenue": "123456789"}, "过大"),
        ({"revenue": "1e5"}, "须为以万元为单位的数"),
        ({"revenue": "1.200,5"}, "逗号和圆点哪一个是小数点不明确"),
        ({"rd_spend": "-1"}, "不得小于 0 万元"),
    ],
)
def test_figures_that_cannot_be_are_refused(
    factory: SiteProjectFactory, enter: Enter, change: dict[str, str], sentence: str
) -> None:
    answer = enter("issuer").post("/organisation", data=PROFILE | change)
    assert answer.status_code == 422 and sentence in answer.text
    assert f'value="{next(iter(change.values()))}"' in answer.text
    assert own(factory).version == 1


def test_figures_and_numbers_are_taken_as_people_write_them(factory: SiteProjectFactory, enter: Enter) -> None:
    typed = {"revenue": "18,650.5", "staff": "１２００人", "rd_spend": "50万元", "legal_phone": "（0731）58570302转801"}
    enter("issuer").post("/organisation", data=PROFILE | typed)
    page = enter("issuer").get("/organisation").text
    for shown in ("18650.5", "1200", "50", "0731-58570302-801"):
        assert f'value="{shown}"' in page


def test_a_stale_profile_overwrites_nothing(factory: SiteProjectFactory, enter: Enter) -> None:
    enter("issuer").post("/organisation", data=PROFILE)
    answer = enter("issuer").post("/organisation", data=PROFILE | {"address": "迟到的地址"})
    assert answer.status_code == 409
    assert "同事刚刚修改了单位资料" in answer.text
    assert "迟到的地址" in answer.text
    assert own(factory).address == "新路2号"


def test_an_unconfirmed_organisation_sends_its_profile_again(factory: SiteProjectFactory, enter: Enter) -> None:
    with factory.writing():
        row = factory.organisations["issuer"]
        row.status, row.confirmed_at, row.refusal = "refused", None, "名称与执照不符"
    assert "名称与执照不符" in enter("issuer").get("/organisation").text
    data = PROFILE | {"name": "更正后的名称", "kind": "企业", "region": "雨湖区"}
    enter("issuer").post("/organisation", data=data)
    row = own(factory)
    assert (row.status, row.refusal, row.name) == ("pending", "", "更正后的名称")
    assert "请确认单位：更正后的名称" in factory.mails("science")
    factory.session.rollback()
    officer = enter("science")
    assert "更正后的名称" in officer.get("/desk").text
    page = f"/admin/organisations/{row.id}"
    assert officer.post(f"{page}/confirm", data={"version": str(row.version)}).status_code == 302
    assert own(factory).status == "confirmed"
    factory.session.rollback()
    assert "更正后的名称" not in officer.get("/desk").text


def test_a_colleague_reads_but_does_not_write(factory: SiteProjectFactory, enter: Enter) -> None:
    browser = enter("colleague")
    text = browser.get("/organisation").text
    assert "单位资料由本单位管理员修改" in text
    assert browser.post("/organisation", data=PROFILE).status_code == 403
    assert browser.post("/colleagues", data=COLLEAGUE).status_code == 403
    assert browser.post(f"/colleagues/{factory.people['issuer'].id}/active").status_code == 403
    assert own(factory).version == 1


def test_an_officer_has_no_organisation(factory: SiteProjectFactory, enter: Enter) -> None:
    for path in ("/organisation", "/colleagues"):
        assert enter("science").get(path).status_code == 404


def test_a_colleague_gets_a_password_that_is_shown_once(factory: SiteProjectFactory, enter: Enter, app: Flask) -> None:
    browser = enter("issuer")
    assert browser.post("/colleagues", data=COLLEAGUE).location == "/colleagues"
    page = browser.get("/colleagues").text
    password = shown_password(page)
    assert password.partition("-")[0] not in browser.get("/colleagues").text
    factory.session.rollback()
    person = factory.session.scalars(select(Person).where(Person.email == "colleague@example.com")).one()
    assert (person.manager, person.role_names) == (False, {"applicant"})
    mail = factory.session.scalars(select(Mail).where(Mail.person_id == person.id)).one()
    assert password not in mail.body
    with app.app_context():
        assert verify_password(password, person.password)
    factory.session.rollback()
    again = browser.post("/colleagues", data=COLLEAGUE)
    assert again.status_code == 422
    assert "是本单位人员 同事甲 的登录账号" in again.text
    assert 'value="同事甲"' in again.text


def test_the_manager_lets_a_colleague_in_and_keeps_them_out(factory: SiteProjectFactory, enter: Enter) -> None:
    manager, colleague = enter("issuer"), enter("colleague")
    number = factory.people["colleague"].id
    assert colleague.get("/desk").status_code == 200
    manager.post(f"/colleagues/{number}/active")
    assert not fresh(factory, factory.people["colleague"]).active
    factory.session.rollback()
    assert colleague.get("/desk").status_code == 302
    manager.post(f"/colleagues/{number}/active")
    assert fresh(factory, factory.people["colleague"]).active
    factory.session.rollback()


def test_there_is_always_a_manager(factory: SiteProjectFactory, enter: Enter) -> None:
    browser, number = enter("issuer"), factory.people["colleague"].id
    me = factory.people["issuer"].id
    for deed in ("active", "manager"):
        assert browser.post(f"/colleagues/{me}/{deed}").status_code == 403
    browser.post(f"/colleagues/{number}/manager")
    assert fresh(factory, factory.people["colleague"]).manager
    factory.session.rollback()
    enter("colleague").post(f"/colleagues/{me}/manager")
    assert not fresh(factory, factory.people["issuer"]).manager
    factory.session.rollback()
    assert browser.post(f"/colleagues/{number}/manager").status_code == 403


def test_the_people_of_others_are_not_found(factory: SiteProjectFactory, enter: Enter) -> None:
    for name in ("rival", "science"):
        assert enter("issuer").post(f"/colleagues/{factory.people[name].id}/active").status_code == 404
        assert fresh(factory, factory.people[name]).active
        factory.session.rollback()


def evidence() -> Any:
    return BytesIO(pdf()), "营业执照.pdf"


def test_the_office_records_a_correction_with_its_evidence(factory: SiteProjectFactory, enter: Enter) -> None:
    row = own(factory)
    url = f"/admin/organisations/{row.id}/changes/correction"
    data = {
        "name": "新名",
        "uscc": row.uscc,
        "kind": "企业",
        "region": "雨湖区",
        "dated": "2024-09-02",
        "reason": "填错",
    }
    factory.session.rollback()
    assert enter("admin").get(url).status_code == 403
    assert "湘潭电机有限公司" in enter("science").get(url).text
    sent = data | {"version": "1"}
    assert "“证明材料”" in enter("science").post(url, data=sent).text
    assert enter("science").post(url, data=sent | {"version": "7", "file": evidence()}).status_code == 409
    assert enter("science").post(url, data=sent | {"file": evidence()}).status_code == 302
    assert (own(factory).name, own(factory).region, own(factory).version) == ("新名", "雨湖区", 2)
    shown = enter("science").get(f"/admin/organisations/{row.id}").text
    proof = re.search(r'href="(/files/\d+)"', shown)
    assert proof and "由“湘潭电机有限公司”变更为“新名”" in shown
    assert [enter(who).get(proof[1]).status_code for who in ("science", "issuer", "bidder", "finance")] == [
        200,
        200,
        404,
        404,
    ]


def test_the_office_sees_what_a_successor_takes_over_before_it_records_it(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project, new = factory.submitted(), factory.organisations["firm"]
    url = f"/admin/organisations/{own(factory).id}/changes/merger"
    factory.session.rollback()
    page = enter("science").get(url).text
    assert f"{project.number} " in page and "由承继单位承继（1 项）" in page
    sent = {
        "successor": new.uscc,
        "successor_name": "写错",
        "dated": "2024-09-02",
        "reason": "吸收合并",
        "version": "1",
    }
    factory.session.rollback()
    refused = enter("science").post(url, data=sent | {"file": evidence()})
    assert refused.status_code == 409 and "与所填名称不一致" in refused.text
    right = sent | {"successor_name": new.name}
    asked = enter("science").post(url, data=right | {"dated": "2019-01-05", "file": evidence()})
    assert asked.status_code == 200 and "请最后核对" in asked.text and "早于该单位在本系统注册的日期" in asked.text
    factory.session.rollback()
    assert own(factory).dissolved_on is None
    factory.session.rollback()
    asked = enter("science").post(url, data=right | {"file": evidence()})
    assert "请最后核对" in asked.text and "营业执照.pdf" in asked.text and "早于" not in asked.text
    answer = enter("science").post(url, data=fields_of(asked.text) | {"confirmed": "1"})
    assert answer.status_code == 302
    shown = enter("science").get(page_of_it := url.removesuffix("/changes/merger")).text
    assert "由您提出，须由另一人确认" in shown and "确认变更</button>" not in shown
    assert project.number not in enter("firm").get("/mine").text
    assert "合并" not in enter("issuer").get("/organisation").text, "what the office only considers is for itself"
    assert [f'{page_of_it}"' in enter(who).get("/desk").text for who in ("science", "science2", "industry")] == [
        False, True, True
    ], "it waits for another person"  # fmt: skip
    shown = enter("industry").get(page_of_it).text
    assert "合并：是否确认" in shown and "由承继单位承继（1 项）" in shown and f"{project.number} " in shown
    proof = re.search(r'href="(/files/\d+)"', shown)
    assert proof and enter("industry").get(proof[1]).status_code == 200
    assert enter("industry").post(f"{page_of_it}/changes/confirm", data=fields_of(shown)).status_code == 302
    assert project.number in enter("firm").get("/mine").text
    assert "已并入" in enter("science").get(url.removesuffix("/changes/merger")).text.replace("于2024年9月2日", "")
    factory.session.rollback()


def test_a_merger_by_mistake_is_taken_back_on_its_pages_by_two_offices(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project, row = factory.submitted(), own(factory)
    page, successor = f"/admin/organisations/{row.id}", factory.organisations["firm"]
    merger = {"successor": successor.uscc, "successor_name": successor.name, "dated": "2024-09-02", "reason": "核准"}
    sent = merger | {"version": "1", "file": evidence(), "confirmed": "1"}
    assert enter("science").post(f"{page}/changes/merger", data=sent).status_code == 302
    version = {"version": str(fresh(factory, row).version)}
    assert enter("industry").post(f"{page}/changes/confirm", data=version).status_code == 302
    url, why = f"{page}/changes/taking_back", {"dated": "2024-09-02", "reason": "登记在了同名单位"}
    shown = enter("science").get(url).text
    assert "转回的项目（1 项）" in shown and project.title in shown
    assert enter("industry").get(page).status_code == 403, "nothing waits for it"
    asked = why | {"version": str(fresh(factory, row).version), "file": evidence()}
    assert "请最后核对" in enter("science").post(url, data=asked).text
    asked |= {"file": evidence(), "confirmed": "1"}
    assert enter("science").post(url, data=asked).status_code == 302
    shown = enter("science").get(page).text
    assert "由您提出，须由另一人确认" in shown and "确认变更</button>" not in shown
    shown = enter("industry").get(page).text
    assert "转回的项目（1 项）" in shown and "确认变更</button>" in shown
    version = {"version": str(fresh(factory, row).version)}
    assert enter("industry").post(f"{page}/changes/confirm", data=version).headers["Location"].endswith("/desk")
    assert fresh(factory, row).dissolved_on is None
    assert "已撤销" in enter("science").get(page).text


def test_the_manager_asks_and_the_office_finds_it_on_its_desk(factory: SiteProjectFactory, enter: Enter) -> None:
    page, row = "/organisation/changes/rename", own(factory)
    factory.session.rollback()
    assert enter("colleague").get(page).status_code == 404
    data = {"name": "湘潭新电机有限公司", "dated": "2024-09-02", "reason": "改制", "version": "1", "file": evidence()}
    assert enter("issuer").post(page, data=data).location == "/organisation"
    assert "待确认" in enter("issuer").get("/organisation").text
    assert enter("issuer").get(page).status_code == 404
    assert "湘潭电机有限公司" in enter("science").get("/desk").text
    asked = f"/admin/organisations/{row.id}"
    assert "更名：是否确认" in enter("science").get(asked).text
    assert "变更待确认" in enter("science").get("/admin/organisations").text
    assert enter("science").post(f"{asked}/changes/refuse", data={"reason": "", "version": "2"}).status_code == 422
    assert enter("science").post(f"{asked}/changes/confirm", data={"version": "2"}).location == asked
    assert own(factory).name == "湘潭新电机有限公司"
    factory.session.rollback()


def test_a_password_that_was_not_read_is_not_shown_to_the_next_person(
    factory: SiteProjectFactory, app: Flask, enter: Enter
) -> None:
    with_password(factory, app, "colleague")
    browser = enter("issuer")
    assert browser.post("/colleagues", data=COLLEAGUE).location == "/colleagues"
    with browser.session_transaction() as kept:
        unread = kept["own"]
        del kept["_user_id"]  # as when the sign-in has expired
    assert sign_in(browser, factory, "colleague").status_code == 302
    assert "的初始密码是" not in browser.get("/colleagues").text
    with browser.session_transaction() as kept:
        kept["own"] = unread
    assert "的初始密码是" not in browser.get("/colleagues").text
