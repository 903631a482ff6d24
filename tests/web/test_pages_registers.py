"""Several rows of a register at once: organisations, accounts, mails, meetings, restrictions; each as it is done singly."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.records import NOW, RecordFactory
from tests.support.databases import SqliteFile
from tests.web.administration import add_pending, events, fresh, mails_to
from xtbang.background import work_off
from xtbang.extensions import db
from xtbang.jobs.outbox import DELAYS
from xtbang.models import Batch, Event, Mail, Meeting, Organisation, Person
from xtbang.queries.caller import actor_of
from xtbang.web.office.takeaways import FORMS
from xtbang.workflow.batch import AT_ONCE, WantedRow, perform_many, start
from xtbang.workflow.register_actions import EVERY

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def sent(page: str, **more: Any) -> dict[str, Any]:
    """What the form of the page sends as it stands."""
    pairs = re.findall(r'name="((?:seen-\d+)|request_key)" value="([^"]*)"', page)
    ticked = re.findall(r'name="take" value="(\d+)" checked', page)
    return dict(pairs) | {"take": ticked, "of": re.findall(r'name="of" value="(\d+)"', page)} | more


@pytest.fixture
def rows(records: RecordFactory) -> dict[str, list[Any]]:
    """Two rows of each register for which a deed can be done, and one for which it cannot, by the trigger of the deed."""
    first = add_pending(records)
    with records.writing() as session:
        other = records.organisation("new 2", "湘潭又来公司", status="pending", confirmed_at=None)
        refusable = [
            records.organisation(f"new {n}", f"湘潭旧来 {n} 公司", status="pending", confirmed_at=None) for n in (3, 4)
        ]
        mails = [
            Mail(
                created_at=NOW, kind="x", address=f"{n}@example.com", subject=f"第 {n} 封", body="", tries=tries,
                sent_at=NOW if n == 2 else None, next_try_at=None, error="",
            )
            for n, tries in enumerate((len(DELAYS) + 1, len(DELAYS) + 1, 1))
        ]  # fmt: skip
        meetings = [
            Meeting(
                kind="roadshow",
                title=f"第 {n} 次路演",
                created_at=NOW,
                status="planned",
                created_by_id=records.people["science"].id,
            )
            for n in range(4)
        ]
        over = Meeting(kind="roadshow", title="已结束的路演", created_at=NOW, status="closed", ended_at=NOW)
        session.add_all([*mails, *meetings, over])
        on, off = ([records.person(f"{state} {n}", "expert") for n in range(2)] for state in ("on", "off"))
        for person in off:
            person.active = False
        panel = records.panel(records.project("roadshow"), "roadshow", "invited", "declined", "accepted")
        session.flush()
    known = records.organisations["bidder"]
    return {
        "confirm_organisation": [first, other, known],
        "refuse_organisation": [*refusable, known],
        "switch_on": [*off, on[0]],
        "switch_off": [*on, records.people["admin"]],
        "retry_mail": mails,
        "close_meeting": [*meetings[:2], over],
        "cancel_meeting": [*meetings[2:], over],
        "invite_again": panel.meeting.seats,
    }


AFTER: dict[str, Callable[[Any], bool]] = {
    "confirm_organisation": lambda row: row.status == "confirmed",
    "refuse_organisation": lambda row: row.status == "refused" and row.refusal == "材料不全",
    "switch_on": lambda row: row.active,
    "switch_off": lambda row: not row.active,
    "retry_mail": lambda row: row.tries == 0,
    "close_meeting": lambda row: row.status == "closed",
    "cancel_meeting": lambda row: row.status == "cancelled" and row.reason == "材料不全",
    "invite_again": lambda row: row.status == "invited" and row.answered_at is None,
}


@pytest.mark.parametrize("trigger", AFTER)
def test_each_deed_is_done_for_those_that_can_and_the_result_says_why_the_others_cannot(
    trigger: str, records: RecordFactory, login: LogIn, rows: dict[str, list[Any]]
) -> None:
    assert set(AFTER) == {deed.trigger for deed in EVERY}
    deed = next(deed for deed in EVERY if deed.trigger == trigger)
    client, chosen = login(records.people[deed.roles[0]]), rows[trigger]
    address = f"/batches/registers/{trigger}?" + "&".join(f"id={row.id}" for row in chosen)
    page = client.get(address).text
    blocked = 0 if trigger == "switch_off" else 1  # that it is the last administrator is told when it is done
    assert f"可以办理的 {3 - blocked} 项" in page
    assert blocked == ("不能办理的 1 项" in page)
    form = sent(page, reason="材料不全")
    if deed.fields:
        assert client.post(address, data=form | {"reason": ""}).status_code == 422
    answer = client.post(address, data=form)
    assert client.post(address, data=form).location == answer.location  # the same form sent twice is one batch
    result = client.get(answer.location).text
    assert "已办理（2 项）" in result
    assert ("没有办成（1 项）" in result) == (trigger == "switch_off")
    assert all(AFTER[trigger](fresh(records, row)) for row in chosen[:2])
    assert records.session.scalars(select(Batch.trigger)).all() == [trigger]
    assert deed.name in client.get("/batches").text
    assert login(records.people["finance"]).get(answer.location).status_code == 404
    assert login(records.people["finance"]).get(address).status_code == 403


def test_what_changed_since_it_was_seen_is_to_be_repeated(records: RecordFactory, login: LogIn) -> None:
    row = add_pending(records)
    science, address = login(records.people["science"]), f"/batches/registers/confirm_organisation?id={row.id}"
    form = sent(science.get(address).text)
    with records.writing() as session:
        session.get_one(Organisation, row.id).version += 1
    result = science.get(science.post(address, data=form).location).text
    assert "须再办一次（1 项）" in result and "以后又有变化" in result
    again = re.search(r'href="(/batches/registers/[^"]*again=[^"]*)"', result)
    assert again
    form = sent(science.get(again[1]).text)
    assert "已办理（1 项）" in science.get(science.post(again[1], data=form).location).text
    [event] = events(records, f"organisation:{row.id}")
    assert (event.trigger, len(mails_to(records, "newcomer"))) == ("confirm_organisation", 1)


def test_all_that_match_are_done_by_the_worker_where_they_are_many(
    app: Flask, records: RecordFactory, login: LogIn
) -> None:
    with records.writing():
        for number in range(AT_ONCE + 3):
            records.organisation(f"many {number}", f"湘乡第 {number} 公司", status="pending", confirmed_at=None)
        records.organisation("else", "韶山公司", status="pending", confirmed_at=None)
    science = login(records.people["science"])
    listed = science.get("/admin/organisations?status=pending&q=湘乡").text
    assert 'form="ticked"' in listed and 'name="q" value="湘乡"' in listed
    address = "/batches/registers/confirm_organisation?status=pending&q=湘乡&all=1"
    answer = science.post(address, data=sent(science.get(address).text))
    running = science.get(answer.location).text
    assert "正在办理" in running and "停止" in running
    while work_off(app):
        pass
    assert f"已办理（{AT_ONCE + 3} 项）" in science.get(answer.location).text
    left = select(Organisation.name).where(Organisation.status == "pending")
    assert records.session.scalars(left).all() == ["韶山公司"]
    started = records.session.scalars(select(Event).where(Event.trigger == "start_batch")).one()
    assert len(started.data["subjects"]) == AT_ONCE + 3
    assert urlsplit(answer.location).path == f"/batches/{started.stream.partition(':')[2]}"


def test_experts_of_a_meeting_are_chosen_one_by_one_and_a_wrong_number_leads_to_the_projects(
    records: RecordFactory, login: LogIn
) -> None:
    with records.writing():
        panel = records.panel(records.project("roadshow"), "roadshow", "invited", "declined")
    science = login(records.people["science"])
    page = science.get(f"/meetings/{panel.meeting_id}").text
    assert page.count('form="ticked"') == 2 and 'form="picked"' in page
    for wrong in (f"all=1&meeting_id={panel.meeting_id}", "meeting_id=x", ""):
        answer = science.get(f"/batches/registers/invite_again?{wrong}")
        assert answer.status_code == 302 and "/batches/" not in answer.location
    assert science.get("/batches/new?list=meeting&meeting_id=x&trigger=accept").status_code == 302


def test_no_more_papers_are_joined_than_one_pdf_is_made_of(records: RecordFactory, login: LogIn) -> None:
    with records.writing() as session:
        meeting = Meeting(kind="roadshow", title="长会", created_at=NOW, status="planned")
        session.add(meeting)
        session.flush()
        for number in range(FORMS + 1):
            records.paper(records.project("roadshow"), f"sheet {number}").subject = meeting.subjects[0]
    page = login(records.people["science"]).get(
        f"/batches/papers/meetings.index?id={meeting.id}", follow_redirects=True
    )
    assert f"共有 {FORMS + 1} 份文书，一次至多合并 {FORMS} 份" in page.text and "长会" in page.text


@pytest.mark.parametrize("trigger", AFTER)
def test_a_batch_of_rows_writes_what_single_deeds_write(
    app: Flask, trigger: str, records: RecordFactory, rows: dict[str, list[Any]]
) -> None:
    deed = next(deed for deed in EVERY if deed.trigger == trigger)
    engine, session, values = app.extensions["engine"], records.session, {"reason": "材料不全"}
    actor, ids = actor_of(records.people[deed.roles[0]]), [row.id for row in rows[trigger][:2]]
    caller = engine.caller(session, actor)
    seen = {row.id: row.seen for row in deed.subjects(caller, ids)}
    session.rollback()
    with app.app_context():
        database = SqliteFile(db.engine)
    begun, answers = database.keep(), []
    for together in (True, False):
        session.rollback()
        session.expire_all()
        database.put_back(begun)
        if together:
            wanted = [WantedRow(number, seen[number]) for number in ids]
            perform_many(engine, session, start(engine, session, actor, trigger, wanted, request_key="x", data=values))
        else:
            for number in ids:
                deed.do(engine.caller(session, actor), number, seen[number], values)
        session.rollback()
        events = session.scalars(select(Event).where(Event.stream.not_like("batch:%")).order_by(Event.id))
        mails = session.scalars(select(Mail).order_by(Mail.id))
        answers.append(
            (
                [(event.stream, event.trigger, event.role, event.actor_name, event.data) for event in events],
                [(mail.person_id, mail.subject, mail.body, mail.tries) for mail in mails],
            )
        )
    assert answers[0] == answers[1]
    assert len(answers[0][0]) >= len(ids)
