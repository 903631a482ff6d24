"""The pages of the bureaus: the list of projects, calls."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.records import NOW, RecordFactory
from tests.web.counting import counted
from xtbang.models import Call, Event, Notice, Paper, Person
from xtbang.rules.dates import SHANGHAI

LogIn = Callable[[Person], FlaskClient]
CALL = {
    "code": "2027-01",
    "title": "2027年度“揭榜挂帅”项目",
    "edition": "2024",
    "kinds": ["tech_demand"],
    "opens_at": "2027-01-04T09:00",
    "closes_at": "2027-02-01T23:59",
    "papers_due_on": "",
    "bid_days": "30",
    "notice_days": "",
    "roadshow_scores": "",
    "guide": "重点方向：先进装备制造。",
}


@pytest.fixture
def science(records: RecordFactory, login: LogIn) -> FlaskClient:
    return login(records.people["science"])


# ---------------------------------------------------------------- the list of projects


def test_the_list_filters(records: RecordFactory, science: FlaskClient) -> None:
    with records.writing():
        records.project("solicitation", title="永磁电机", region="韶山市")
        records.project("appraisal", title="轴承钢")
        records.project("draft", title="没有提交过")
    whole = science.get("/projects").text
    assert "永磁电机" in whole
    assert "轴承钢" in whole
    assert "没有提交过" not in whole
    for query in ("q=永磁", "q=2026-01-0001", "state=solicitation", "region=韶山市", f"call={records.call.id}&q=永磁"):
        page = science.get(f"/projects?{query}").text
        assert "永磁电机" in page, query
        assert "轴承钢" not in page, query
    assert "没有符合条件的项目" in science.get("/projects?q=%25").text


def test_everyone_lists_what_they_may_see(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        records.project("solicitation", title="征集中的")
        records.project("execution", title="实施中的", agency_id=records.organisations["agency"].id)

    def titles(name: str) -> tuple[bool, bool]:
        page = login(records.people[name]).get("/projects").text
        return "征集中的" in page, "实施中的" in page

    assert titles("industry") == titles("auditor") == titles("county") == (True, True)
    assert titles("finance") == titles("agency") == (False, True)
    assert titles("far county") == (False, False)
    assert login(records.people["issuer"]).get("/projects").status_code == 403


def test_pages_follow_one_another(records: RecordFactory, science: FlaskClient) -> None:
    with records.writing():
        ids = [records.project("solicitation").id for _ in range(45)]
    first = science.get("/projects").text
    assert f"before={ids[25]}" in first
    assert "符合条件的共 45 项" in first
    second = science.get(f"/projects?before={ids[25]}").text
    assert f"after={ids[24]}" in second
    assert f"before={ids[5]}" in second
    last = science.get(f"/projects?before={ids[5]}").text
    assert "before=" not in last
    back = science.get(f"/projects?after={ids[4]}").text
    assert f"/projects/{ids[5]}" in back
    assert f"/projects/{ids[25]}" not in back


def test_the_list_asks_as_often_for_many(records: RecordFactory, app: Flask, science: FlaskClient) -> None:
    def rows(number: int) -> None:
        with records.writing():
            for _ in range(number):
                records.project("execution")

    rows(3)
    science.get("/projects")
    with counted(app) as few:
        science.get("/projects")
    rows(27)
    with counted(app) as many:
        science.get("/projects")
    assert len(many) == len(few) > 2


# ---------------------------------------------------------------- calls


def saved(session: Session, code: str = "2027-01") -> Call:
    session.rollback()
    return session.scalars(select(Call).where(Call.code == code)).one()


def test_a_call_is_written(records: RecordFactory, science: FlaskClient, session: Session) -> None:
    assert science.post("/calls-admin/new", data=CALL).status_code == 302
    call = saved(session)
    assert call.opens_at == datetime(2027, 1, 4, 9, tzinfo=SHANGHAI)
    assert call.closes_at == datetime(2027, 2, 1, 23, 59, 59, 999_999, tzinfo=SHANGHAI)
    assert (call.edition, call.kinds, call.bid_days, call.notice_days) == ("2024", ["tech_demand"], 30, None)
    assert call.published_at is None
    event = session.scalars(select(Event).where(Event.stream == f"call:{call.id}")).one()
    assert (event.trigger, event.actor_name) == ("create_call", "science")
    page = science.get(f"/calls-admin/{call.id}").text
    assert 'value="2027-02-01T23:59"' in page


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "“批次名称”尚未填写"),
        ({"code": "2027 01"}, "批次编号只能用字母、数字和短横线"),
        ({"code": "2026-01"}, "已被使用"),
        ({"edition": "1999"}, "没有“1999”这一选项"),
        ({"kinds": ["tech_supply"]}, "不在所选版本的征集范围内"),
        ({"kinds": []}, "“征集类别”尚未选择"),
        ({"closes_at": "2027-01-04T08:59"}, "征集截止时间须晚于开始时间"),
        ({"closes_at": "明年"}, "须为日期和时间"),
        ({"papers_due_on": "2027-02-02"}, "纸质材料截止日期须在征集时间之内"),
        ({"bid_days": "0"}, "不得小于 1"),
        ({"notice_days": "几"}, "须为整数"),
        ({"notice_days": "3"}, "公示期 3 个工作日，少于所选版本规定的 5 个工作日（《办法》第九条）"),
        ({"roadshow_scores": "4"}, "路演评分人数下限 4 人，少于所选版本规定的 5 人（《办法》第九条）"),
        ({"opens_at": "2024-08-25T09:00"}, "早于所选版本的施行日期2024年8月26日（《2024年征集通知》第一部分）"),
    ],
)
def test_a_wrong_call_is_refused(
    records: RecordFactory, science: FlaskClient, session: Session, change: dict[str, Any], sentence: str
) -> None:
    answer = science.post("/calls-admin/new", data=CALL | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    session.rollback()
    assert session.scalars(select(Call).where(Call.code == CALL["code"])).first() is None


def test_two_officers_in_one_call(records: RecordFactory, science: FlaskClient, session: Session) -> None:
    science.post("/calls-admin/new", data=CALL)
    call = saved(session)
    change = CALL | {"version": call.version, "title": "第一个人改的"}
    assert science.post(f"/calls-admin/{call.id}", data=change).status_code == 302
    answer = science.post(f"/calls-admin/{call.id}", data=change | {"title": "第二个人改的"})
    assert answer.status_code == 409
    assert "第二个人改的" in answer.text
    assert saved(session).title == "第一个人改的"


def test_a_call_is_published_once_and_then_stays(
    records: RecordFactory, science: FlaskClient, session: Session
) -> None:
    science.post("/calls-admin/new", data=CALL)
    call = saved(session)
    address = f"/calls-admin/{call.id}/publish"
    page = science.get(address).text
    assert "2027年1月4日 09:00至2027年2月1日24:00" in page
    notice = {"title": "征集通知", "number": "潭科〔2027〕1号", "body": "第一段\n第二段", "version": call.version}
    asked = science.post(address, data=notice)
    assert asked.status_code == 200
    assert 'name="confirmed"' in asked.text
    assert saved(session).published_at is None
    assert science.post(address, data=notice | {"confirmed": "1"}).status_code == 302
    call = saved(session)
    assert call.published_at == NOW
    row = session.scalars(select(Notice).where(Notice.call_id == call.id)).one()
    assert (row.kind, row.status, row.number) == ("call", "published", "潭科〔2027〕1号")
    paper = session.scalars(select(Paper).where(Paper.notice_id == row.id)).one()
    assert paper.data["paragraphs"] == ["第一段", "第二段"]
    again = science.post(address, data=notice | {"confirmed": "1", "version": call.version})
    assert again.status_code == 409
    assert "本批次已发布" in again.text


def test_what_was_announced_stays(records: RecordFactory, science: FlaskClient, session: Session) -> None:
    science.post("/calls-admin/new", data=CALL)
    call = saved(session)
    notice = {"title": "征集通知", "body": "正文", "version": call.version, "confirmed": "1"}
    science.post(f"/calls-admin/{call.id}/publish", data=notice)
    known = CALL | {"version": saved(session).version}
    change = {"edition": "2021", "opens_at": "2027-01-05T09:00", "closes_at": "2027-01-31T23:59"}
    answer = science.post(f"/calls-admin/{call.id}", data=known | change)
    assert answer.status_code == 422
    for sentence in ("适用版本发布后不能修改", "征集开始时间发布后不能修改", "征集截止时间发布后不能直接修改"):
        assert sentence in answer.text
    longer = {"closes_at": "2027-02-10T23:59", "reason": "疫情", "title": "关于延长的公告", "body": "延长至2月10日。"}
    address = f"/calls-admin/{call.id}/prolong"
    assert "2027年2月1日 23:59" in science.get(address).text
    asked = science.post(address, data=longer | {"version": saved(session).version})
    assert "征集截止时间由" in asked.text
    again = longer | {"version": saved(session).version, "confirmed": "1"}
    assert science.post(address, data=again).status_code == 302
    assert saved(session).closes_at.astimezone(SHANGHAI).day == 10
    assert "2027年2月10日" in science.get(f"/calls/{call.id}").text


def test_a_cancelled_call_is_told_and_takes_nothing_more(
    records: RecordFactory, science: FlaskClient, session: Session
) -> None:
    science.post("/calls-admin/new", data=CALL)
    call = saved(session)
    notice = {"title": "征集通知", "body": "正文", "version": call.version, "confirmed": "1"}
    science.post(f"/calls-admin/{call.id}/publish", data=notice)
    address = f"/calls-admin/{call.id}/cancel"
    ended = {"reason": "专项资金调整", "title": "关于取消的公告", "body": "取消。", "version": saved(session).version}
    assert "批次取消后不能恢复" in science.post(address, data=ended).text
    assert science.post(address, data=ended | {"confirmed": "1"}).status_code == 302
    assert saved(session).cancelled_at == NOW
    assert "已取消" in science.get("/calls-admin").text
    assert "已取消" in science.get(f"/calls/{call.id}").text
    assert science.get(address).status_code == 404


@pytest.mark.parametrize("name", ["industry", "finance", "issuer", "admin", "auditor"])
def test_calls_are_the_science_bureaus(records: RecordFactory, login: LogIn, name: str) -> None:
    browser = login(records.people[name])
    assert browser.get("/calls-admin").status_code == 403
    assert browser.post("/calls-admin/new", data=CALL).status_code == 403
    assert browser.post(f"/calls-admin/{records.call.id}/publish", data={}).status_code == 403


@pytest.mark.parametrize("path", ["/calls-admin/99", "/calls-admin/99/publish", "/notices-admin/99", "/meetings/99"])
def test_what_is_not_there_is_not_found(records: RecordFactory, science: FlaskClient, path: str) -> None:
    assert science.get(path).status_code == 404
