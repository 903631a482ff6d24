"""The desk: what waits for whom, the late first, by a number of queries that does not grow."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.web.counting import counted
from tests.web.office import NOW, REGION, TODAY, Office
from xtbang.models import Acceptance, Countersignature, Mail, Objection, Person, Project, Waiver
from xtbang.queries.desk.tasks import Waiting, waiting

LogIn = Callable[[Person], FlaskClient]


def desk_of(office: Office, name: str) -> dict[str, Waiting]:
    found = waiting(office.caller(name))
    return {group.key: group for group in found}


def test_every_role_has_a_desk(office: Office, login: LogIn) -> None:
    with office.writing():
        for state in ("solicitation", "appraisal", "roadshow", "contracting", "execution", "termination"):
            office.project(state)
    for name, person in office.people.items():
        page = login(person).get("/desk")
        assert page.status_code == 200, name
        assert "待办" in page.text


def test_what_waits_for_the_science_bureau(office: Office) -> None:
    with office.writing() as session:
        office.project("solicitation")
        office.project("appraisal")
        judged = office.project("appraisal")
        office.panel(judged, "appraisal", "locked", "locked", "locked", "accepted")
        awaited = office.project("appraisal")
        office.panel(awaited, "appraisal", "locked", "accepted")
        office.project("bidding", track="market")
        office.project("roadshow")
        office.notice([office.project("publicity")])
        over = office.project("publicity")
        office.notice([over], "published", TODAY - timedelta(days=1))
        objected = office.project("publicity")
        notice = office.notice([objected], "published", TODAY - timedelta(days=1))
        session.add(
            Objection(
                code="X",
                notice_id=notice.id,
                project_id=objected.id,
                name="甲",
                contact="1",
                facts="事实",
                received_at=NOW,
            )
        )
        office.project("contracting")
        issued = office.project("contracting")
        office.freeze(issued.contract)
        office.voucher(office.project("first_payment"), "open")
        office.project("extension")
        office.organisation("new", "待确认单位", status="pending", confirmed_at=None)
    desk = desk_of(office, "science")
    assert {key: group.count for key, group in desk.items()} == {
        "accept": 1,
        "appraise": 1,
        "panels": 1,
        "deals": 1,
        "roadshow": 1,
        "publish": 1,
        "confirm": 1,
        "objections": 1,
        "contract": 1,
        "sign_office": 1,
        "vouchers_open": 1,
        "extension": 1,
        "organisations": 1,
    }
    assert desk["panels"].tasks[0].row.id == judged.id
    assert desk["confirm"].tasks[0].row.id == over.id
    assert desk["roadshow"].tasks[0].note == "尚待：安排路演、组建专家组、登记考察、登记本局意见。"


def test_a_countersignature_waits_for_the_other_bureau_only(office: Office) -> None:
    with office.writing() as session:
        project = office.project("extension")
        session.add(
            Countersignature(
                project_id=project.id,
                trigger="grant_extension",
                role="industry",
                person_id=office.people["industry"].id,
                at=NOW - timedelta(days=2),
                data={},
            )
        )
    desk = desk_of(office, "science")
    assert desk["countersign"].tasks[0].trigger == "grant_extension"
    assert desk["countersign"].tasks[0].waited == 2
    assert "extension" not in desk
    assert desk_of(office, "industry") == {}


def test_a_term_that_is_over_waits_for_the_last_deadline_only(office: Office) -> None:
    """Of two rounds of 限期整改 the first had given more time than the second."""
    with office.writing() as session:
        late, told = (office.project("execution", ends_on=TODAY - timedelta(days=9)) for _ in range(2))
        for project, days in ((late, 30), (late, -1), (told, -1), (told, 30)):
            document = office.document(project, "acceptance", frozen=True)
            until = TODAY + timedelta(days=days)
            session.add(Acceptance(project_id=project.id, document_id=document.id, status="rectify", rectify_by=until))
            session.flush()
    assert [task.row.id for task in desk_of(office, "science")["terms"].tasks] == [late.id]


def test_the_leader_is_asked_when_everything_is_there(office: Office) -> None:
    with office.writing():
        project = office.project("roadshow")
        panel = office.panel(project, "roadshow", "locked")
        panel.status, panel.concluded_at = "concluded", NOW
        office.finding(project, "inspection")
        office.finding(project, "opinion", "science", True)
    assert desk_of(office, "leader") == {}
    with office.writing():
        office.finding(project, "opinion", "industry", True)
    assert desk_of(office, "leader")["resolve"].count == 1


def test_finance_sees_what_can_be_paid(office: Office) -> None:
    with office.writing():
        ready = office.payable()
        short = office.project("first_payment")
        office.voucher(short, amount=799_999)
        office.match(short, 1)
        lacking = office.project("first_payment")
        office.voucher(lacking)
    desk = desk_of(office, "finance")
    assert {task.row.id for task in desk["first"].tasks} == {ready.id}
    with office.writing() as session:
        for role in ("science", "industry"):
            person = office.people[role].id
            rule = {"rule": "A7.issuer_payment", "role": role, "person_id": person, "reason": "例外", "at": NOW}
            session.add(Waiver(project_id=short.id, **rule))
    assert {task.row.id for task in desk_of(office, "finance")["first"].tasks} == {ready.id, short.id}


def test_a_county_sees_its_own_region(office: Office) -> None:
    with office.writing():
        office.project("first_payment")
        paid = office.project("execution")
        office.entry(paid, "instalment", "city", 150_000, TODAY - timedelta(days=40), 1)
    desk = desk_of(office, "county")
    assert {key: group.count for key, group in desk.items()} == {"match": 1, "county": 1}
    assert desk_of(office, "far county") == {}
    with office.writing():
        office.entry(paid, "instalment", "county", 150_000, TODAY, 1)
    assert "county" not in desk_of(office, "county")


def test_the_parties_see_their_part(office: Office) -> None:
    with office.writing():
        office.project("draft")
        office.project("draft", number="N-1", submitted_at=NOW, correct_by=TODAY - timedelta(days=1))
        office.project("bidding")
        listed = office.project("listing", bids_until=NOW - timedelta(days=1))
        office.bid(listed, "submitted")
        office.bid(office.project("listing"), "draft")
        work = office.project("execution")
        office.report(work, TODAY + timedelta(days=5))
    issuer, bidder = desk_of(office, "issuer"), desk_of(office, "bidder")
    assert {key: group.count for key, group in issuer.items()} == {"correct": 1, "drafts": 1, "choose": 1, "apply": 1}
    assert next(iter(issuer)) == "correct"
    assert issuer["correct"].late == 1
    assert {key: group.count for key, group in bidder.items()} == {"bids": 1, "own_reports": 1}


def test_an_expert_reads_nothing_before_accepting(office: Office, login: LogIn) -> None:
    with office.writing():
        project = office.project("appraisal")
        office.panel(project, "appraisal", "invited")
    page = login(office.people["expert"]).get("/desk").text
    assert project.title in page
    assert project.issuer.name not in page
    assert f"/projects/{project.id}" not in page


def test_nobody_is_asked_to_decide_on_their_own(office: Office) -> None:
    with office.writing():
        office.project("solicitation")
        office.person("insider", "science", organisation=office.organisations["issuer"])
    assert "accept" in desk_of(office, "science")
    assert "accept" not in desk_of(office, "insider")


def test_the_late_come_first(office: Office) -> None:
    with office.writing():
        office.project("solicitation")
        work = office.project("execution")
        office.report(work, TODAY - timedelta(days=2))
        office.report(work, TODAY - timedelta(days=9))
    desk = desk_of(office, "science")
    assert list(desk) == ["reports", "accept"]
    assert [task.days for task in desk["reports"].tasks] == [-9, -2]


def test_twenty_queries_are_enough_for_everyone_however_much_waits(office: Office, app: Flask, login: LogIn) -> None:
    def rows(number: int) -> None:
        with office.writing():
            for _ in range(number):
                for state in ("solicitation", "roadshow", "draft", "contracting", "termination"):
                    office.project(state)
                office.panel(office.project("appraisal"), "appraisal", "invited")
                office.payable()
                office.report(office.project("execution", agency_id=agency), TODAY - timedelta(days=1))

    def asked(name: str) -> int:
        browser = login(office.people[name])
        browser.get("/desk")
        with counted(app) as statements:
            assert browser.get("/desk").status_code == 200
        return len(statements)

    agency = office.organisations["agency"].id
    rows(3)
    few = {name: asked(name) for name in office.people}
    rows(57)
    assert {name: asked(name) for name in office.people} == few
    assert all(3 < number <= 20 for number in few.values()), few


def test_an_unconfirmed_organisation_is_told_to_wait(office: Office, login: LogIn) -> None:
    with office.writing():
        waits = office.organisation("new", "待确认单位", status="pending", confirmed_at=None)
        office.person("newcomer", "applicant", organisation=waits)
    page = login(office.people["newcomer"]).get("/desk").text
    assert "等待市科技局确认" in page


def test_reading_the_desk_changes_nothing(office: Office, login: LogIn, session: Session) -> None:
    with office.writing():
        project = office.project("solicitation")
    before = (project.version, session.scalar(select(func.count(Mail.id))))
    for path in ("/desk", "/desk/calendar.ics"):
        assert login(office.people["science"]).get(path).status_code == 200
    session.rollback()
    fresh = session.get_one(Project, project.id)
    assert (fresh.version, session.scalar(select(func.count(Mail.id)))) == before
    assert fresh.region == REGION


def test_a_long_group_has_a_page_of_its_own(office: Office, login: LogIn) -> None:
    with office.writing():
        projects = [office.project("solicitation", title=f"第{number:03}项") for number in range(105)]
        office.project("appraisal", title="另一类")
    browser = login(office.people["science"])
    page = browser.get("/desk").text
    assert "100+" in page
    assert "/desk?group=accept" in page
    assert projects[20].title not in page
    whole = browser.get("/desk?group=accept").text
    assert projects[99].title in whole
    assert projects[100].title not in whole
    assert "前 100 项" in whole
    assert "另一类" not in whole
    assert "另一类" in browser.get("/desk?group=nothing").text
