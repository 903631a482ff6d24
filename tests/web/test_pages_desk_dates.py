"""Dates: reminders by mail, each once, and the calendar file."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Component
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories.records import NOW, TODAY, RecordFactory
from xtbang.actions.notify import mail_to, put_into_outbox
from xtbang.domain.reminders import write_reminders
from xtbang.models import BidMember, Mail, MeetingSeat, Objection, Person, Project
from xtbang.queries.desk.due_dates import dues
from xtbang.queries.desk.tasks import waiting
from xtbang.rules.dates import SHANGHAI

LogIn = Callable[[Person], FlaskClient]


def _calendar(answer: TestResponse) -> dict[str, Component]:
    """Return the entries of a calendar by what they are called."""
    assert answer.mimetype == "text/calendar"
    assert all(len(line) <= 75 for line in answer.get_data().split(b"\r\n"))
    assert b"TZID" not in answer.get_data(), "times in UTC need no description of a time zone"
    return {str(entry["SUMMARY"]): entry for entry in Calendar.from_ical(answer.get_data()).walk("VEVENT")}


def test_the_calendar_file(records: RecordFactory, login: LogIn) -> None:
    title = "题目，带逗号, 分号; " + "长" * 60
    with records.writing():
        work = records.project("execution", ends_on=date(2027, 1, 31), title=title)
        records.report(work, date(2026, 12, 1))
        records.roadshow([records.project("roadshow", title="阀门")])
    entries = _calendar(login(records.people["bidder"]).get("/desk/calendar.ics"))
    assert set(entries) == {f"执行情况报告到期：{title}", f"实施期满：{title}", "路演：阀门"}
    assert entries[f"执行情况报告到期：{title}"].start == date(2026, 12, 1)
    assert entries["路演：阀门"].start == datetime(2026, 11, 26, 10, 0, tzinfo=SHANGHAI)
    assert entries["路演：阀门"]["LOCATION"] == "市科技局三楼会议室"


def test_officers_and_experts_have_a_meeting_once_for_all_its_projects(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        projects = [records.project("roadshow") for _number in range(3)]
        day = records.roadshow(projects)
        day.seats.append(MeetingSeat(expert_id=records.people["expert"].id, kind="技术", invited_at=NOW))
    for name in ("science", "industry", "expert"):
        entries = _calendar(login(records.people[name]).get("/desk/calendar.ics"))
        assert list(entries) == ["路演：第一场路演"], name
        assert entries["路演：第一场路演"].end - entries["路演：第一场路演"].start == timedelta(hours=1)
    assert not _calendar(login(records.people["finance"]).get("/desk/calendar.ics"))


def test_the_calendar_keeps_a_missed_date_as_long_as_the_desk_shows_it(records: RecordFactory, login: LogIn) -> None:
    """Ninety days of what is late; of what is over with its day, a meeting or the end of a notice, that day."""
    ago = {"昨天": 1, "九十天前": 90, "九十一天前": 91}
    with records.writing():
        for title, days in ago.items():
            work = records.project("execution", title=title, ends_on=date(2028, 1, 1))
            records.report(work, TODAY - timedelta(days=days))
            day = records.roadshow([records.project("roadshow", title=title)])
            day.title, day.starts_at = title, NOW - timedelta(days=days)
            records.notice([records.project("publicity", title=title)], "published", TODAY - timedelta(days=days))
        records.notice([records.project("publicity", title="今天")], "published", TODAY)
    for name in ("science", "bidder"):
        client = login(records.people[name])
        entries, desk = _calendar(client.get("/desk/calendar.ics")), client.get("/desk").text
        late = [title for title in ago if f"执行情况报告到期：{title}" in entries]
        assert late == (["昨天", "九十天前"] if name == "bidder" else [])
        assert all(f">{title}</a>" in desk for title in late)
        over = [summary for summary in entries if summary not in {f"执行情况报告到期：{title}" for title in late}]
        assert len(over) == (1 if name == "science" else 0), (name, over)


def test_a_private_address_shows_the_calendar_until_it_is_replaced_or_closed(
    records: RecordFactory, app: Flask, login: LogIn
) -> None:
    with records.writing():
        records.roadshow([records.project("roadshow", title="阀门")])
    owner, program = login(records.people["bidder"]), app.test_client()

    def address() -> str:
        found = re.search(r'value="[^"]*(/calendar/[^"]+/dates\.ics)"', owner.get("/calendar").text)
        return found[1] if found else ""

    assert address() == ""
    owner.post("/calendar/open")
    first = address()
    assert list(_calendar(program.get(first))) == ["路演：阀门"]
    assert program.get(first.replace("/dates", "x/dates")).status_code == 404
    owner.post("/calendar/open")
    second = address()
    assert (program.get(first).status_code, program.get(second).status_code) == (404, 200)
    owner.post("/calendar/close")
    assert (program.get(second).status_code, address()) == (404, "")


def test_the_private_address_ends_with_the_account(records: RecordFactory, app: Flask, login: LogIn) -> None:
    owner = login(records.people["bidder"])
    owner.post("/calendar/open")
    found = re.search(r"/calendar/[^\"]+/dates\.ics", owner.get("/calendar").text)
    assert found and app.test_client().get(found[0]).status_code == 200
    with records.writing():
        records.people["bidder"].active = False
    assert app.test_client().get(found[0]).status_code == 404


def test_reminders_are_mailed_once(records: RecordFactory, app: Flask, session: Session) -> None:
    with records.writing():
        work = records.project("execution", ends_on=date(2026, 12, 31))
        records.report(work, TODAY + timedelta(days=14))
        records.report(work, TODAY + timedelta(days=15))
        records.entry(work, "instalment", "city", 150_000, TODAY - timedelta(days=30), 1)
        records.project("draft", number="N-1", submitted_at=NOW, correct_by=TODAY + timedelta(days=1))
    assert write_reminders(records.caller()) == 5
    mails = session.scalars(select(Mail).order_by(Mail.id)).all()
    told = {(mail.person_id, mail.subject.split("（")[0]) for mail in mails}
    people = records.people
    assert told == {
        (people["bidder"].id, "请提交执行情况报告"),
        (people["county"].id, "请拨付并登记县市区"),
        (people["issuer"].id, "请在期限内修改并重新提交"),
        (people["issuer"].id, "实施期将满，由揭榜方申请验收"),
        (people["bidder"].id, "实施期将满，请申请验收"),
    }
    assert all(mail.link.startswith(f"{app.config['SITE_URL']}/projects/") for mail in mails)
    assert write_reminders(records.caller("", NOW + timedelta(hours=3))) == 0
    assert write_reminders(records.caller("", NOW + timedelta(days=1))) == 1
    assert session.scalar(select(func.count(Mail.id))) == 6


def test_each_reader_of_a_reminder_is_told_what_is_theirs(
    records: RecordFactory, session: Session, login: LogIn
) -> None:
    """By mail and in the calendar: whoever does not do it is told who does, and members are told as well."""
    words = {"bidder": "请申请验收", "issuer": "由揭榜方申请验收", "partner": "由揭榜方申请验收"}
    with records.writing():
        joint = records.organisation("partner", "湘潭成员有限公司")
        records.person("partner", "applicant", organisation=joint)
        work = records.project("execution", ends_on=TODAY + timedelta(days=30))
        assert work.agreed_bid is not None
        work.agreed_bid.members.append(BidMember(organisation_id=joint.id))
    write_reminders(records.caller())
    mails = {mail.person_id: mail for mail in session.scalars(select(Mail))}
    for name, said in words.items():
        assert f"实施期将满，{said}" in mails[records.people[name].id].subject, name
        (entry,) = _calendar(login(records.people[name]).get("/desk/calendar.ics")).values()
        assert f"实施期将满，{said}" in str(entry["DESCRIPTION"]), name
    assert mails[records.people["partner"].id].relation == "member"


def test_who_does_not_answer_an_invitation_is_reminded_after_three_days(
    records: RecordFactory, session: Session
) -> None:
    with records.writing():
        records.panel(records.project("appraisal"), "appraisal", "invited", "accepted")
    assert write_reminders(records.caller("", NOW + timedelta(days=2))) == 0
    assert write_reminders(records.caller("", NOW + timedelta(days=3))) == 1
    mail = session.scalars(select(Mail)).one()
    assert mail.person_id == records.people["expert"].id
    assert mail.subject.startswith("请答复评审邀请")


def test_a_reminder_is_the_same_under_another_title(records: RecordFactory, session: Session) -> None:
    """What is due is recognised, not how its subject reads; another day is another reminder."""
    with records.writing():
        draft = records.project("draft", number="N-1", submitted_at=NOW, correct_by=TODAY + timedelta(days=1))
    assert write_reminders(records.caller("admin")) == 1
    with records.writing():
        session.get_one(Project, draft.id).title = "改了的题目"
    assert write_reminders(records.caller("admin")) == 0
    with records.writing():
        session.get_one(Project, draft.id).correct_by = TODAY + timedelta(days=2)
    assert write_reminders(records.caller("admin")) == 1
    keys = session.scalars(select(Mail.key).order_by(Mail.id)).all()
    assert keys == [f"correction:project:{draft.id}:{TODAY + timedelta(days=days)}" for days in (1, 2)]
    told = session.execute(select(Mail.kind, Mail.project_id, Mail.relation).distinct()).all()
    assert [tuple(row) for row in told] == [("reminder", draft.id, "issuer")]


def test_an_untitled_draft_is_named_in_its_reminder(records: RecordFactory, session: Session) -> None:
    with records.writing():
        records.project("draft", number="N-1", submitted_at=NOW, correct_by=TODAY, title="")
    write_reminders(records.caller("admin"))
    assert session.scalars(select(Mail.subject)).one().endswith("日）：（未命名的草稿）")


def test_two_processes_remind_once(records: RecordFactory, session: Session) -> None:
    """The second one finds nothing in the outbox while the first has not committed; the database knows better."""
    row = {"key": "report:project:7:2026-11-30", "subject": "请提交", "body": "请提交。", "kind": "reminder"}
    person = records.people["issuer"]
    with records.writing():
        assert put_into_outbox(session, [mail_to(records.caller("admin"), person, "/desk", **row)] * 2) == 1
    with records.writing():
        assert put_into_outbox(session, [mail_to(records.caller("admin"), person, "/desk", **row)]) == 0
        assert (
            put_into_outbox(session, [mail_to(records.caller("admin"), records.people["bidder"], "/desk", **row)]) == 1
        )


def test_dates_concern_only_their_people(records: RecordFactory) -> None:
    with records.writing():
        records.project("listing")
        work = records.project("execution", region="韶山市")
        records.entry(work, "instalment", "city", 150_000, TODAY - timedelta(days=35), 1)
        records.notice([records.project("publicity")], "published", TODAY)

    def kinds(name: str) -> list[str]:
        caller = records.caller(name)
        found = dues(caller, TODAY - timedelta(days=30), TODAY + timedelta(days=30))
        return [due.about.key for due in found]

    assert kinds("science") == ["notice_ends"]
    assert kinds("county") == []
    assert kinds("far county") == ["county_instalment"]
    assert kinds("agency") == kinds("expert") == []


def test_several_things_of_one_project_are_told_apart_on_the_desk(records: RecordFactory, session: Session) -> None:
    with records.writing():
        work = records.project("execution")
        for days in (40, 10):
            records.report(work, TODAY - timedelta(days=days))
        records.report(records.project("execution"), TODAY - timedelta(days=3))
        objected = records.project("publicity")
        notice = records.notice([objected], "published", TODAY)
        for days in (2, 1):
            told = {"code": f"X{days}", "name": "甲", "contact": "1", "facts": "事实"}
            at = NOW - timedelta(days=days)
            session.add(Objection(notice_id=notice.id, project_id=objected.id, received_at=at, **told))
    desk = {group.key: group.tasks for group in waiting(records.caller("science"))}
    assert [item.note for item in desk["reports"]] == ["期限为2026年10月14日。", "期限为2026年11月13日。", ""]
    received = "公示期内收到，须核查并答复。"
    assert [item.note for item in desk["objections"]] == [
        f"{received}自2026年11月21日起。",
        f"{received}自2026年11月22日起。",
    ]
