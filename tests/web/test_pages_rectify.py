"""限期整改: every page and list tells the two firms one deadline until they have handed in again."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from xtbang.domain.reminders import write_reminders
from xtbang.models import Acceptance, Mail, Person, Project
from xtbang.queries.caller import Caller
from xtbang.rules.actor import SYSTEM
from xtbang.rules.term import in_chinese

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

LogIn = Callable[[Person], FlaskClient]
PARTIES = ("issuer", "bidder")
FIRST, EARLIER, LATER = date(2025, 6, 30), date(2025, 6, 10), date(2025, 7, 15)
PAGES = ("project", "mine", "desk", "calendar")
DUE = re.compile(r'<span class="due[^"]*">(?:<svg.*?</svg>)?(.*?)</span>', re.DOTALL)
STEP = "填写验收申请书"


def told(factory: SiteProjectFactory, project: Project, until: date) -> None:
    """Both bureaus say until when."""
    factory.both(project, "rectify", {"reason": "寿命未达标", "rectify_by": until.isoformat()})


def rectifying(factory: SiteProjectFactory, *deadlines: date) -> Project:
    """In the middle of its term, told to rectify once or several times, handed in again in between."""
    project = later.executing(factory)
    later.requested(factory, project)
    told(factory, project, deadlines[0])
    for deadline in deadlines[1:]:
        later.request(factory, project)
        told(factory, project, deadline)
    return project


def shown(browser: FlaskClient, project: Project, where: str) -> list[date]:
    """Which of the deadlines is given there as what is due."""
    address = {"project": f"/projects/{project.id}", "calendar": "/desk/calendar.ics"}.get(where, f"/{where}")
    text = browser.get(address).text
    if where == "calendar":
        events = [event for event in text.split("BEGIN:VEVENT") if "整改期限" in event]
        return [day for day in (FIRST, EARLIER, LATER) if any(f"DATE:{day:%Y%m%d}" in event for event in events)]
    dues = DUE.findall(text)
    return [day for day in (FIRST, EARLIER, LATER) if any(in_chinese(day) in due for due in dues)]


@pytest.mark.parametrize("name", PARTIES)
@pytest.mark.parametrize("deadlines", [[FIRST], [FIRST, EARLIER], [FIRST, EARLIER, LATER]], ids=len)
def test_one_deadline_everywhere_until_it_is_handed_in_again(
    factory: SiteProjectFactory, login: LogIn, name: str, deadlines: list[date]
) -> None:
    project = rectifying(factory, *deadlines)
    browser = login(factory.people[name])
    assert {where: shown(browser, project, where) for where in PAGES} == {where: [deadlines[-1]] for where in PAGES}
    later.request(factory, project)
    assert {where: shown(browser, project, where) for where in PAGES} == {where: [] for where in PAGES}


@pytest.mark.parametrize("name", PARTIES)
def test_the_deadline_runs_on_while_an_extension_is_asked_for(
    factory: SiteProjectFactory, login: LogIn, name: str
) -> None:
    project = rectifying(factory, FIRST)
    data = {"reason": "上游停产", "new_end": "2027-05-19", "audit_file": factory.file("审计.pdf")}
    factory.perform(project, "request_extension", "issuer", data)
    browser = login(factory.people[name])
    assert {where: shown(browser, project, where) for where in PAGES} == {where: [FIRST] for where in PAGES}


def test_the_next_step_of_the_bidder_is_the_request_once_more(factory: SiteProjectFactory, login: LogIn) -> None:
    project = rectifying(factory, FIRST)  # a report is due on 19 May, nine days from now
    factory.session.rollback()
    draft = factory.session.scalars(select(Acceptance).where(Acceptance.status == "draft")).one()
    browser = login(factory.people["bidder"])
    page = browser.get("/mine").text
    address = re.search(rf'href="([^"]+)"[^>]*>\s*{STEP}', page)
    assert address and address[1] == f"/projects/{project.id}/documents/{draft.document_id}"
    assert browser.get(address[1]).status_code == 200
    factory.at("2025-05-19 09:00")  # a report that is due stands against handing in again
    page = browser.get("/mine").text
    assert "填写执行情况报告" in page
    assert STEP not in login(factory.people["issuer"]).get("/mine").text  # 第八条: it evaluates itself


def test_the_mails_name_the_last_deadline(factory: SiteProjectFactory) -> None:
    rectifying(factory, FIRST, EARLIER)
    factory.session.rollback()

    def mailed(day: date) -> list[str]:
        now = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
        write_reminders(Caller(factory.session, SYSTEM, now, factory.engine.site, factory.engine.policy))
        subjects = factory.session.scalars(select(Mail.subject).where(Mail.subject.contains("完成整改"))).all()
        factory.session.rollback()
        return list(subjects)

    assert mailed(EARLIER - timedelta(days=8)) == []
    assert len(mailed(EARLIER - timedelta(days=7))) == len(PARTIES)
    again = mailed(FIRST - timedelta(days=7))  # the first deadline is past: it is only asked for again
    assert again and all(in_chinese(EARLIER) in subject for subject in again)
