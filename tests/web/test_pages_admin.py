"""管理: who sees which page, what waits, mails sent again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.records import NOW, RecordFactory
from tests.web.administration import add_pending, events, fresh
from tests.web.counting import counted
from xtbang.jobs.outbox import DELAYS, waiting
from xtbang.models import BidMember, Mail, Person, Project

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
    "/admin/backup": {"admin"},
    "/admin/editions": {"science", "auditor", "admin"},
    "/admin/editions/2024": {"science", "auditor", "admin"},
    "/admin/editions/2024/forms/bid": {"science", "auditor", "admin"},
    "/admin/editions-guide": {"science", "auditor", "admin"},
    "/admin/audit": {"auditor", "admin"},
}


@pytest.fixture
def admin(records: RecordFactory, login: LogIn) -> FlaskClient:
    return login(records.people["admin"])


@pytest.fixture
def science(records: RecordFactory, login: LogIn) -> FlaskClient:
    return login(records.people["science"])


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_for_its_roles(records: RecordFactory, login: LogIn, page: str) -> None:
    answers = {name: login(records.people[name]).get(page).status_code for name in EVERYONE}
    assert answers == {name: 200 if name in PAGES[page] else 403 for name in EVERYONE}


def test_home_counts_what_waits(records: RecordFactory, admin: FlaskClient, science: FlaskClient) -> None:
    add_pending(records)
    page = admin.get("/admin").get_data(as_text=True)
    assert "1 家待确认" in page and "人员与角色" in page and "征集批次" not in page
    assert "征集批次" in science.get("/admin").get_data(as_text=True)


def add_mails(records: RecordFactory, count: int) -> None:
    with records.writing() as session:
        known = {
            "person_id": records.people["issuer"].id,
            "address": "old@example.com",
            "body": "不公开的内容",
            "created_at": NOW,
        }
        for number in range(count):
            session.add(Mail(subject=f"失败{number:02}", tries=len(DELAYS) + 1, error="550 无此用户", **known))
        session.add(Mail(subject="送达的", sent_at=NOW, tries=1, error="", **known))
        session.add(Mail(subject="等待的", tries=0, error="", **known))


def test_failed_mails_are_sent_again(records: RecordFactory, admin: FlaskClient) -> None:
    add_mails(records, 3)
    page = admin.get("/admin/mails?state=failed").get_data(as_text=True)
    assert "550 无此用户" in page and "失败00" in page and "送达的" not in page and "不公开的内容" not in page
    first = records.session.scalars(select(Mail).where(Mail.subject == "失败00")).one()
    assert admin.post("/admin/mails/retry", data={"mail": first.id, "state": "failed"}).status_code == 302
    first = fresh(records, first)
    assert (first.tries, first.error, first.address) == (0, "", records.people["issuer"].email)
    assert {mail.subject for mail in records.session.scalars(waiting(NOW))} == {"失败00", "等待的"}
    assert admin.post("/admin/mails/retry").status_code == 302
    records.session.rollback()
    assert {mail.subject for mail in records.session.scalars(waiting(NOW))} == {"失败00", "失败01", "失败02", "等待的"}
    assert [event.trigger for event in events(records, f"mail:{first.id}")] == ["retry_mail"]
    answer = admin.post("/admin/mails/retry", follow_redirects=True).get_data(as_text=True)
    assert "没有需要重发的邮件" in answer


def test_the_administrator_does_not_learn_who_bids(records: RecordFactory, admin: FlaskClient) -> None:
    """Neither from the list of mails nor by searching it, before the bids of a project are opened."""
    with records.writing() as session:
        project, opened = (records.project("listing", bids_until=NOW + timedelta(days=days)) for days in (2, -2))
        records.person("member", "applicant", organisation=records.organisation("member", "示例研究院"))
        session.flush()
        for row in (project, opened):
            bid = records.bid(row, "submitted")
            session.add(BidMember(bid_id=bid.id, organisation_id=records.organisations["member"].id))
            for name in ("bidder", "member", "issuer", "science"):
                person = records.people[name]
                link = f"http://x.test/projects/{row.id}" + ("/bid" if name == "member" else "")
                subject = f"关于{row.title}致{name}"
                session.add(
                    Mail(
                        person_id=person.id,
                        address=person.email,
                        subject=subject,
                        body="",
                        link=link,
                        project_id=row.id,
                        created_at=NOW,
                        tries=0,
                    )
                )
    for query in ({}, {"q": project.title}, {"q": records.people["bidder"].email}, {"q": "致member"}):
        page = admin.get("/admin/mails", query_string=query).text
        for name in ("bidder", "member"):
            assert f"关于{project.title}致{name}" not in page, query
    page = admin.get("/admin/mails").text
    for name in ("issuer", "science"):
        assert f"关于{project.title}致{name}" in page
    for name in ("bidder", "member", "issuer", "science"):
        assert f"关于{opened.title}致{name}" in page
    with records.writing() as session:
        session.get_one(Project, project.id).bids_until = NOW - timedelta(days=1)
    assert f"关于{project.title}致bidder" in admin.get("/admin/mails").text


def test_sending_mails_again_does_not_tell_who_bids(records: RecordFactory, admin: FlaskClient) -> None:
    with records.writing() as session:
        project = records.project("listing", bids_until=NOW + timedelta(days=2))
        for name in ("bidder", "issuer"):
            known = {"person_id": records.people[name].id, "address": "old@example.com", "body": "", "created_at": NOW}
            failed = {"tries": len(DELAYS) + 1, "error": "550 无此用户", "relation": name, "project_id": project.id}
            session.add(Mail(subject=f"致{name}", **known, **failed))
    admin.post("/admin/mails/retry")
    page = admin.get("/admin/audit?trigger=retry_mail").text
    assert "致issuer" in page
    assert "致bidder" not in page
    assert records.people["bidder"].email not in page


def test_the_administrator_does_not_learn_who_no_longer_bids(records: RecordFactory, admin: FlaskClient) -> None:
    """A draft of a bid leaves no row when it is taken back; its mail still says what its reader was to the project."""
    with records.writing() as session:
        project = records.project("listing", bids_until=NOW + timedelta(days=2))
        for name, relation in (("bidder", "bidder"), ("issuer", "issuer"), ("science", "science")):
            person = records.people[name]
            known = {"person_id": person.id, "address": person.email, "body": "", "created_at": NOW}
            known |= {"error": "451 忙", "tries": 1}
            mail = Mail(subject=f"致{name}", project_id=project.id, relation=relation, link="/desk", **known)
            session.add(mail)
    for path in ("/admin/mails", "/desk"):
        page = admin.get(path).text
        assert "致bidder" not in page, path
        assert "致issuer" in page and "致science" in page, path


def test_looking_writes_nothing(records: RecordFactory, login: LogIn, app: Flask) -> None:
    row = add_pending(records)
    add_mails(records, 1)
    clients = [login(records.people[name]) for name in ("admin", "science", "auditor")]
    with counted(app) as statements:
        for page in (*PAGES, f"/admin/organisations/{row.id}", "/admin/audit?verify=1"):
            for client in clients:
                client.get(page)
    assert not [statement for statement in statements if statement.split()[0] in ("INSERT", "UPDATE", "DELETE")]
