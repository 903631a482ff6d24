"""The desk: what waits for whom, the late first, by a number of queries that does not grow."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.records import NOW, REGION, TODAY, RecordFactory
from tests.web.counting import counted
from xtbang.models import Acceptance, Countersignature, Mail, Objection, Person, Project, Waiver
from xtbang.queries.desk.tasks import Waiting, waiting

LogIn = Callable[[Person], FlaskClient]


def desk_of(records: RecordFactory, name: str) -> dict[str, Waiting]:
    found = waiting(records.caller(name))
    return {group.key: group for group in found}


def test_every_role_has_a_desk(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        for state in ("solicitation", "appraisal", "roadshow", "contracting", "execution", "termination"):
            records.project(state)
    for name, person in records.people.items():
        page = login(person).get("/desk")
        assert page.status_code == 200, name
        assert "待办" in page.text


def test_what_waits_for_the_science_bureau(records: RecordFactory) -> None:
    with records.writing() as session:
        records.project("solicitation")
        records.project("appraisal")
        judged = records.project("appraisal")
        records.panel(judged, "appraisal", "locked", "locked", "locked", "accepted")
        records.panel(records.project("appraisal"), "appraisal", "locked", "accepted", "invited")
        short = records.project("appraisal")
        records.panel(short, "appraisal", "locked", "accepted")
        records.project("bidding", track="market")
        records.project("roadshow")
        records.notice([records.project("publicity")])
        over = records.project("publicity")
        records.notice([over], "published", TODAY - timedelta(days=1))
        objected = records.project("publicity")
        notice = records.notice([objected], "published", TODAY - timedelta(days=1))
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
        records.project("contracting")
        issued = records.project("contracting")
        records.freeze(issued.contract)
        records.paper(issued, "contract")
        records.voucher(records.project("first_payment"), "open")
        records.project("extension")
        records.organisation("new", "待确认单位", status="pending", confirmed_at=None)
    desk = desk_of(records, "science")
    assert {key: group.count for key, group in desk.items()} == {
        "accept": 1,
        "appraise": 1,
        "panels": 1,
        "panels_short": 1,
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
    assert desk["panels_short"].tasks[0].row.id == short.id
    assert desk["confirm"].tasks[0].row.id == over.id
    assert desk["roadshow"].tasks[0].note == "尚待：安排路演、组建专家组、登记考察、登记本局意见。"


def test_a_countersignature_waits_for_the_other_bureau_only(records: RecordFactory) -> None:
    with records.writing() as session:
        project = records.project("extension")
        session.add(
            Countersignature(
                project_id=project.id,
                trigger="grant_extension",
                role="industry",
                person_id=records.people["industry"].id,
                at=NOW - timedelta(days=2),
                data={},
            )
        )
    desk = desk_of(records, "science")
    assert desk["countersign"].tasks[0].trigger == "grant_extension"
    assert desk["countersign"].tasks[0].waited == 2
    assert "extension" not in desk
    assert desk_of(records, "industry") == {}


def test_a_term_that_is_over_waits_for_the_last_deadline_only(records: RecordFactory) -> None:
    """Of two rounds of 限期整改 the first had given more time than the second. It waits since the end of the term."""
    with records.writing() as session:
        late, told = (records.project("execution", ends_on=TODAY - timedelta(days=9)) for _ in range(2))
        for project, days in ((late, 30), (late, -1), (told, -1), (told, 30)):
            document = records.document(project, "acceptance", frozen=True)
            until = TODAY + timedelta(days=days)
            session.add(Acceptance(project_id=project.id, document_id=document.id, status="rectify", rectify_by=until))
            session.flush()
    assert [(task.row.id, task.waited) for task in desk_of(records, "science")["terms"].tasks] == [(late.id, 9)]


def test_the_leader_is_asked_when_everything_is_there(records: RecordFactory) -> None:
    with records.writing():
        project = records.project("roadshow")
        panel = records.panel(project, "roadshow", "locked")
        panel.status, panel.concluded_at = "concluded", NOW
        records.finding(project, "inspection")
        records.finding(project, "opinion", "science", True)
    assert desk_of(records, "leader") == {}
    with records.writing():
        records.finding(project, "opinion", "industry", True)
    assert desk_of(records, "leader")["resolve"].count == 1


def test_finance_sees_what_can_be_paid(records: RecordFactory) -> None:
    with records.writing():
        ready = records.payable()
        short = records.project("first_payment")
        records.voucher(short, amount=799_999)
        records.match(short, 1)
        lacking = records.project("first_payment")
        records.voucher(lacking)
        signed = records.project("first_payment")
        records.voucher(signed)
        records.match(signed, 1)
    desk = desk_of(records, "finance")
    assert {task.row.id for task in desk["first"].tasks} == {ready.id}
    assert {task.row.id for task in desk["approve"].tasks} == {signed.id}
    with records.writing() as session:
        session.add(Countersignature(project_id=signed.id, trigger="approve_payment", role="industry",
                                     person_id=records.people["industry"].id, at=NOW, data={}))  # fmt: skip
    for name, awaited in (("finance", True), ("science", True), ("industry", False)):
        assert "approve" not in desk_of(records, name)
        assert ("countersign" in desk_of(records, name)) == awaited
    with records.writing() as session:
        for role in ("science", "industry"):
            person = records.people[role].id
            rule = {"rule": "A7.issuer_payment", "role": role, "person_id": person, "reason": "例外", "at": NOW}
            session.add(Waiver(project_id=short.id, **rule))
    assert {task.row.id for task in desk_of(records, "finance")["approve"].tasks} == {short.id}


def test_a_county_sees_its_own_region(records: RecordFactory) -> None:
    with records.writing():
        records.project("first_payment")
        paid = records.project("execution")
        records.entry(paid, "instalment", "city", 150_000, TODAY - timedelta(days=40), 1)
    desk = desk_of(records, "county")
    assert {key: group.count for key, group in desk.items()} == {"match": 1, "county": 1}
    assert desk_of(records, "far county") == {}
    with records.writing():
        records.entry(paid, "instalment", "county", 150_000, TODAY, 1)
    assert "county" not in desk_of(records, "county")


def test_the_parties_see_their_part(records: RecordFactory) -> None:
    with records.writing():
        records.project("draft")
        records.project("draft", number="N-1", submitted_at=NOW, correct_by=TODAY - timedelta(days=1))
        records.project("bidding")
        listed = records.project("listing", bids_until=NOW - timedelta(days=1))
        records.bid(listed, "submitted")
        records.bid(records.project("listing"), "draft")
        work = records.project("execution")
        records.report(work, TODAY + timedelta(days=5))
    issuer, bidder = desk_of(records, "issuer"), desk_of(records, "bidder")
    assert {key: group.count for key, group in issuer.items()} == {"correct": 1, "drafts": 1, "choose": 1, "apply": 1}
    assert next(iter(issuer)) == "correct"
    assert issuer["correct"].late == 1
    assert {key: group.count for key, group in bidder.items()} == {"bids": 1, "own_reports": 1}


def test_an_expert_reads_nothing_before_accepting(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        project = records.project("appraisal")
        records.panel(project, "appraisal", "invited")
    page = login(records.people["expert"]).get("/desk").text
    assert project.title in page
    assert project.issuer.name not in page
    assert f"/projects/{project.id}" not in page


def test_nobody_is_asked_to_decide_on_their_own(records: RecordFactory) -> None:
    with records.writing():
        records.project("solicitation")
        records.person("insider", "science", organisation=records.organisations["issuer"])
    assert "accept" in desk_of(records, "science")
    assert "accept" not in desk_of(records, "insider")


def test_the_late_come_first(records: RecordFactory) -> None:
    with records.writing():
        records.project("solicitation")
        work = records.project("execution")
        records.report(work, TODAY - timedelta(days=2))
        records.report(work, TODAY - timedelta(days=9))
    desk = desk_of(records, "science")
    assert list(desk) == ["reports", "accept"]
    assert [task.days for task in desk["reports"].tasks] == [-9, -2]


def test_twenty_queries_are_enough_for_everyone_however_much_waits(
    records: RecordFactory, app: Flask, login: LogIn
) -> None:
    def rows(number: int) -> None:
        with records.writing():
            for _ in range(number):
                for state in ("solicitation", "roadshow", "draft", "contracting", "termination"):
                    records.project(state)
                records.panel(records.project("appraisal"), "appraisal", "invited")
                records.payable()
                records.report(records.project("execution", agency_id=agency), TODAY - timedelta(days=1))

    def asked(name: str) -> int:
        browser = login(records.people[name])
        browser.get("/desk")
        with counted(app) as statements:
            assert browser.get("/desk").status_code == 200
        return len(statements)

    agency = records.organisations["agency"].id
    rows(3)
    few = {name: asked(name) for name in records.people}
    rows(57)
    assert {name: asked(name) for name in records.people} == few
    assert all(1 < number <= 20 for number in few.values()), few


def test_an_unconfirmed_organisation_is_told_to_wait(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        waits = records.organisation("new", "待确认单位", status="pending", confirmed_at=None)
        records.person("newcomer", "applicant", organisation=waits)
    page = login(records.people["newcomer"]).get("/desk").text
    assert "市科技局正在核对待确认单位的名称" in page and "请致电市科技局（" in page


def test_reading_the_desk_changes_nothing(records: RecordFactory, login: LogIn, session: Session) -> None:
    with records.writing():
        project = records.project("solicitation")
    before = (project.version, session.scalar(select(func.count(Mail.id))))
    for path in ("/desk", "/desk/calendar.ics"):
        assert login(records.people["science"]).get(path).status_code == 200
    session.rollback()
    fresh = session.get_one(Project, project.id)
    assert (fresh.version, session.scalar(select(func.count(Mail.id)))) == before
    assert fresh.region == REGION


def test_a_long_group_has_a_page_of_its_own(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        projects = [records.project("solicitation", title=f"第{number:03}项") for number in range(105)]
        records.project("appraisal", title="另一类")
    browser = login(records.people["science"])
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


def test_what_waits_longer_than_planned_is_late_and_comes_first(records: RecordFactory, login: LogIn) -> None:
    plan = records.engine.policy.days_in("2021", "solicitation")
    with records.writing():
        records.project("solicitation", title="刚提交的项目", state_since=NOW - timedelta(days=1))
        records.project("solicitation", title="超期的项目", state_since=NOW - timedelta(days=plan + 1))
    page = login(records.people["science"]).get("/desk?group=accept").text
    assert page.index("超期的项目") < page.index("刚提交的项目")
    assert page.count(">逾期<") == 1
    assert f"{plan + 1} 天" in page
    newest = login(records.people["science"]).get("/desk?group=accept&sort=waited").text
    assert newest.index("刚提交的项目") < newest.index("超期的项目")


def test_a_longer_list_asks_no_more_of_the_database(records: RecordFactory, app: Flask, login: LogIn) -> None:
    science, asked = login(records.people["science"]), []
    for more in (3, 297):
        with records.writing():
            for _number in range(more):
                records.project("solicitation")
        for address in ("/desk?group=accept", "/desk", "/projects", "/projects?sort=-amount"):
            science.get(address)
            with counted(app) as seen:
                assert science.get(address).status_code == 200
            asked.append(len(seen))
    assert asked[:4] == asked[4:]
