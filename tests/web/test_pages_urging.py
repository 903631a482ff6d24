"""What is late is asked for again by rule, and for the second time by a letter (催办函, 催交函)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.later import executing
from tests.factories.records import NOW, TODAY, RecordFactory
from tests.factories.site_projects import SiteProjectFactory
from tests.web.test_pages_next_step import ended, rectifying
from xtbang.domain.reminders import write_reminders
from xtbang.models import Event, Mail, Paper, Person, Project
from xtbang.papers.facts.older import facts_of

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
BIDDER, ISSUER, FINANCE, LEAD = "示例大学", "湘潭示例电机有限公司", "湘潭市财政局", "湘潭市科学技术局"


def reporting(records: RecordFactory) -> Project:
    project = records.project("execution")
    records.report(project, TODAY + timedelta(days=7))
    return project


def paying(records: RecordFactory) -> Project:
    return records.project("first_payment", state_since=NOW - timedelta(days=7), ends_on=None)


def letters(session: Session, project: Project) -> list[tuple[str, list[str], list[str], list[str]]]:
    """Title, office, addressees and the days on which it was asked for, of every letter."""
    rows = session.scalars(select(Paper).where(Paper.name == "urging_letter", Paper.project_id == project.id))
    return [
        (
            row.title,
            facts_of(row)["offices"],
            [one["name"] for one in facts_of(row)["addressees"]],
            facts_of(row)["asked_on"],
        )
        for row in rows
    ]


@pytest.mark.parametrize(
    ("made", "todo", "again", "title", "office", "asked"),
    [
        (reporting, "请提交执行情况报告", 14, "催办函", LEAD, [BIDDER]),
        (rectifying, "请在期限内完成整改", 7, "催办函", LEAD, [BIDDER]),
        (ended, "请按期退回财政资金", 14, "催交函", FINANCE, [ISSUER, BIDDER]),
    ],
)
def test_it_is_asked_for_again_after_its_day_and_the_second_time_by_a_letter(
    records: RecordFactory,
    session: Session,
    made: Callable[[RecordFactory], Project],
    todo: str,
    again: int,
    title: str,
    office: str,
    asked: list[str],
) -> None:
    with records.writing():
        project = made(records)
    last = NOW + timedelta(days=7)  # the day itself
    write_reminders(records.caller("", last))

    def after(days: int) -> list[str]:
        known = set(session.scalars(select(Mail.id)))
        write_reminders(records.caller("", last + timedelta(days=days)))
        return [
            mail.subject
            for mail in session.scalars(select(Mail))
            if mail.id not in known and f"次催办：{todo}" in mail.subject
        ]

    assert after(again - 1) == []
    assert all(subject.startswith("第 1 次催办") for subject in after(again)) and letters(session, project) == []
    assert after(again) == []  # once a day, however often the worker asks
    assert after(2 * again - 1) == []
    assert letters(session, project) == []
    second = after(2 * again)
    assert second and all(subject.startswith("第 2 次催办") for subject in second)
    first_day = (last + timedelta(days=again)).date().isoformat()
    assert letters(session, project) == [(title, [office], asked, [first_day])]
    event = session.scalars(select(Event).where(Event.trigger == "remind")).one()
    assert (event.role, event.project_id) == ("system", project.id) and title in event.data["text"]
    assert all(subject.startswith("第 3 次催办") for subject in after(3 * again))
    assert len(letters(session, project)) == 1


def test_a_letter_names_only_days_on_which_somebody_was_reminded(records: RecordFactory, session: Session) -> None:
    """A site that begins to remind when a report has long been late writes the letter with its own second reminder."""
    with records.writing():
        project = records.project("execution")
        records.report(project, TODAY - timedelta(days=200))
    write_reminders(records.caller("", NOW))
    assert letters(session, project) == []
    write_reminders(records.caller("", NOW + timedelta(days=14)))
    assert [asked_on for _title, _offices, _asked, asked_on in letters(session, project)] == [[TODAY.isoformat()]]


def test_a_voucher_is_asked_for_every_fortnight_until_there_is_one(records: RecordFactory, session: Session) -> None:
    with records.writing():
        project = paying(records)
    for days, number in ((6, 0), (7, 0), (20, 0), (21, 1), (35, 1)):
        write_reminders(records.caller("", NOW + timedelta(days=days)))
        assert len(letters(session, project)) == number, days
    subjects = session.scalars(select(Mail.subject).where(Mail.project_id == project.id)).all()
    assert [subject.split("（")[0] for subject in subjects if "凭证" in subject] == ["请按合同付款并提交付款凭证"] * 3


def test_who_has_not_handed_in_scores_is_asked_after_the_meeting(records: RecordFactory, session: Session) -> None:
    with records.writing():
        panel = records.panel(records.project("roadshow"), "roadshow", "accepted", "locked")
        panel.meeting.starts_at = NOW
    expert = records.people["expert"].id
    for days, number in ((2, 0), (3, 1), (4, 1), (6, 2), (9, 3)):
        write_reminders(records.caller("", NOW + timedelta(days=days)))
        mails = session.scalars(select(Mail).where(Mail.subject.startswith("请提交评分"))).all()
        assert [mail.person_id for mail in mails] == [expert] * number, days


def test_an_office_that_asks_twice_prints_a_letter_too(factory: SiteProjectFactory) -> None:
    project = executing(factory)
    said = {"whom": ["bidder"], "text": "请提交执行情况报告。"}
    factory.perform(project, "remind", "science", said)
    factory.perform(project, "remind", "science", said)
    assert letters(factory.session, project) == [], "nobody has had a day to do it"
    factory.at("2024-11-22 09:00")
    factory.perform(project, "remind", "science", said)
    [(title, offices, asked, days)] = letters(factory.session, project)
    assert (title, offices) == ("催办函", [LEAD])
    assert len(asked) == len(days) == 1


def test_nothing_is_called_next_that_is_past(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        late = records.project("execution")
        records.report(late, TODAY - timedelta(days=90))
    for name in ("bidder", "science"):
        text = login(records.people[name]).get(f"/projects/{late.id}").text
        assert "报告期限" in text and "下次报告" not in text
