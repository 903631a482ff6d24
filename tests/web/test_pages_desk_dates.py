"""Dates: reminders by mail, each once, and the calendar file."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.web.office import NOW, TODAY, Office
from xtbang.domain.reminders import write_reminders
from xtbang.models import Mail, Person
from xtbang.queries.desk.due_dates import dues

LogIn = Callable[[Person], FlaskClient]


@pytest.fixture
def office(app: Flask, session: Session) -> Office:
    app.extensions["engine"].clock = lambda: NOW
    return Office(session, app.extensions["engine"])


def test_the_calendar_file(office: Office, login: LogIn) -> None:
    with office.writing():
        work = office.project("execution", ends_on=date(2027, 1, 31), title="题目，带逗号; 分号" + "长" * 60)
        office.report(work, date(2026, 12, 1))
        office.roadshow([office.project("roadshow")])
    file = login(office.people["bidder"]).get("/desk/calendar.ics")
    assert file.mimetype == "text/calendar"
    lines = file.get_data().split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    text = file.get_data(as_text=True).replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20261201" in text
    assert "DTSTART:20261126T020000Z" in text
    assert "题目，带逗号\\; 分号" in text
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == 3


def test_reminders_are_mailed_once(office: Office, app: Flask, session: Session) -> None:
    with office.writing():
        work = office.project("execution", ends_on=date(2026, 12, 31))
        office.report(work, TODAY + timedelta(days=14))
        office.report(work, TODAY + timedelta(days=15))
        office.entry(work, "instalment", "city", 150_000, TODAY - timedelta(days=30), 1)
        office.project("draft", number="N-1", submitted_at=NOW, correct_by=TODAY + timedelta(days=1))
    assert write_reminders(office.caller()) == 5
    mails = session.scalars(select(Mail).order_by(Mail.id)).all()
    told = {(mail.person_id, mail.subject.split("（")[0]) for mail in mails}
    people = office.people
    assert told == {
        (people["bidder"].id, "请提交执行情况报告"),
        (people["county"].id, "请拨付并登记县市区"),
        (people["issuer"].id, "请在期限内修改并重新提交"),
        (people["issuer"].id, "实施期将满，请申请验收"),
        (people["bidder"].id, "实施期将满，请申请验收"),
    }
    assert all(mail.link.startswith(f"{app.config['SITE_URL']}/projects/") for mail in mails)
    assert write_reminders(office.caller("", NOW + timedelta(hours=3))) == 0
    assert write_reminders(office.caller("", NOW + timedelta(days=1))) == 1
    assert session.scalar(select(func.count(Mail.id))) == 6


def test_dates_concern_only_their_people(office: Office) -> None:
    with office.writing():
        office.project("listing")
        work = office.project("execution", region="韶山市")
        office.entry(work, "instalment", "city", 150_000, TODAY - timedelta(days=35), 1)
        office.notice([office.project("publicity")], "published", TODAY)

    def kinds(name: str) -> list[str]:
        caller = office.caller(name)
        found = dues(caller, TODAY - timedelta(days=30), TODAY + timedelta(days=30))
        return [due.about.key for due in found]

    assert kinds("science") == ["notice_ends"]
    assert kinds("county") == []
    assert kinds("far county") == ["county_instalment"]
    assert kinds("agency") == kinds("expert") == []
