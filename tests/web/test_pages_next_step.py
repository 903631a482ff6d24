"""What is due next and the next step: said once, so that page, 我的事项, desk and calendar agree."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.records import NOW, TODAY, RecordFactory
from tests.web.counting import counted
from xtbang.models import Acceptance, Person, Project, Termination
from xtbang.queries.desk.tasks import waiting
from xtbang.queries.next_step import due_next, next_steps, turn
from xtbang.rules.term import in_chinese

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

LogIn = Callable[[Person], FlaskClient]
DUE = re.compile(r'<span class="due[^"]*">(?:<svg.*?</svg>)?(.*?)</span>', re.DOTALL)
IN_A_WEEK = TODAY + timedelta(days=7)


def request_for_acceptance(records: RecordFactory, project: Project, status: str, until: date | None = None) -> None:
    document = records.document(project, "acceptance")
    records.session.add(
        Acceptance(project_id=project.id, document_id=document.id, status=status, rectify_by=until, findings="整改")
    )
    records.session.flush()


def sent_back(records: RecordFactory) -> Project:
    return records.project("draft", number="N-1", submitted_at=NOW, correct_by=IN_A_WEEK)


def in_publicity(records: RecordFactory) -> Project:
    project = records.project("publicity")
    records.notice([project], "published", IN_A_WEEK)
    return project


def reporting(records: RecordFactory) -> Project:
    project = records.project("execution")
    for days in (60, 7, 30):
        records.report(project, TODAY + timedelta(days=days))
    return project


def rectifying(records: RecordFactory) -> Project:
    project = reporting(records)
    request_for_acceptance(records, project, "rectify", TODAY + timedelta(days=3))
    request_for_acceptance(records, project, "rectify", IN_A_WEEK)
    request_for_acceptance(records, project, "draft")
    return project


def ending(records: RecordFactory) -> Project:
    return records.project("extension", ends_on=IN_A_WEEK)


def ended(records: RecordFactory) -> Project:
    project = records.project("termination")
    records.session.add(
        Termination(
            project_id=project.id,
            cause="objective",
            reason="洪灾",
            recover_by=IN_A_WEEK,
            decided_at=NOW,
            from_state="execution",
        )
    )
    records.session.flush()
    return project


WAYS = {
    "修改截止": sent_back,
    "公示截止": in_publicity,
    "报告期限": reporting,
    "整改期限": rectifying,
    "实施期满": ending,
    "退回期限": ended,
}


@pytest.mark.parametrize("label", WAYS)
def test_page_and_list_say_the_same_date(records: RecordFactory, login: LogIn, label: str) -> None:
    with records.writing():
        project = WAYS[label](records)
    browser = login(records.people["issuer"])
    for address in (f"/projects/{project.id}", "/mine"):
        shown = [text for text in DUE.findall(browser.get(address).text) if label in text]
        assert [in_chinese(IN_A_WEEK) in text for text in shown] == [True], address
    assert f"DATE:{IN_A_WEEK:%Y%m%d}" in browser.get("/desk/calendar.ics").text or label in ("公示截止", "报告期限")


def test_who_was_not_chosen_is_told_no_deadline_of_the_parties(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        project = rectifying(records)
        records.person("other", "applicant", organisation=records.organisation("other", "示例落选公司"))
        records.session.flush()
        records.bid(project, "not_chosen", "other")
    text = login(records.people["other"]).get(f"/projects/{project.id}").text
    assert "整改期限" not in text
    assert "报告期限" not in text
    assert in_chinese(project.ends_on) in text


@pytest.mark.parametrize("name", ["issuer", "bidder", "science", "finance", "county"])
def test_the_next_step_is_the_first_task_of_the_desk(records: RecordFactory, name: str) -> None:
    with records.writing():
        for way in WAYS.values():
            way(records)
        for state in ("solicitation", "appraisal", "bidding", "contracting", "first_payment", "final_payment"):
            records.project(state)
    caller = records.caller(name)
    on_the_desk = {item.row.id for group in waiting(caller) for item in group.tasks if group.task.opens != "notice"}
    order = [task.key for task in caller.policy.tasks]
    first: dict[int, str] = {}
    for group in sorted(waiting(caller), key=lambda group: order.index(group.key)):
        for item in group.tasks:
            if item.trigger or not group.task.document or item.row.document_id:
                first.setdefault(item.row.id, group.key)
    steps = next_steps(caller, on_the_desk)
    assert {project_id: step.task.key for project_id, step in steps.items()} == first
    assert first
    assert all(step.words and "{" not in step.words for step in steps.values())


def test_the_end_of_the_term_is_on_the_desk_of_whoever_asks_for_acceptance(
    records: RecordFactory, login: LogIn
) -> None:
    with records.writing():
        project = records.project("execution", ends_on=IN_A_WEEK)
        request_for_acceptance(records, project, "draft")
    for name, theirs in (("bidder", True), ("issuer", False)):
        browser = login(records.people[name])
        assert ("实施期将满" in browser.get("/desk").text) == theirs, name
        assert ("现由 本单位" in browser.get(f"/projects/{project.id}").text) == theirs, name


def test_a_report_that_is_due_comes_before_the_request_once_more(records: RecordFactory) -> None:
    with records.writing():
        project = rectifying(records)
    step = next_steps(records.caller("bidder"), [project.id])[project.id]
    assert (step.task.key, step.words) == ("rectify", "填写验收申请书")
    later = records.caller("bidder", now=NOW + timedelta(days=7))
    step = next_steps(later, [project.id])[project.id]
    assert (step.task.key, step.words) == ("reports_due", "填写执行情况报告")


def test_an_issuer_chooses_among_as_many_bids_as_were_handed_in(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        project = records.project("listing", bids_until=NOW - timedelta(days=1))
        records.bid(project, "submitted")
        sealed = records.project("listing")
        records.bid(sealed, "submitted")
    steps = next_steps(records.caller("issuer"), [project.id, sealed.id])
    assert {number: step.words for number, step in steps.items()} == {project.id: "选定揭榜方（1 份申请）"}
    assert "选定揭榜方（1 份申请）" in login(records.people["issuer"]).get("/mine").text


def test_whose_turn_it_is_follows_the_bids(records: RecordFactory) -> None:
    with records.writing():
        sealed = records.project("listing")
    policy = records.engine.policy
    assert turn(sealed, NOW, policy) == ("bidder",)
    assert turn(sealed, NOW + timedelta(days=3), policy) == ("issuer",)


def test_a_day_of_shanghai_is_told_not_one_of_greenwich(records: RecordFactory) -> None:
    closes = datetime(2026, 11, 25, 0, 30, tzinfo=NOW.tzinfo)  # still the 24th in UTC
    with records.writing():
        project = records.project("listing", bids_until=closes)
    due = due_next(records.caller("bidder"), [project.id])[project.id]
    assert (due.on, due.at) == (closes.date(), closes)


def test_it_takes_three_statements_for_any_number_of_projects(records: RecordFactory, app: Flask) -> None:
    with records.writing():
        ids = [way(records).id for way in (rectifying, reporting, in_publicity, ended) for _ in range(10)]
        ids.append(records.project("draft").id)
        records.call.closes_at = NOW + timedelta(days=1)
    caller = records.caller("issuer")
    for some in (ids[-1:], ids):
        with counted(app) as statements:
            assert set(due_next(caller, some)) == set(some)
            next_steps(caller, some)
        assert len(statements) <= 3


def test_every_task_says_what_is_done(records: RecordFactory) -> None:
    """By its own words, its action, its document or its button: a step is never only “办理”."""
    tasks = records.caller("science").policy.tasks
    said = [task for task in tasks if task.step or task.trigger or task.document or task.button]
    assert [task.key for task in tasks if task not in said] == ["organisations", "mails"]  # of no project
