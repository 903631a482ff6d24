"""The pages of the bureaus: notices and meetings."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.records import NOW, TODAY, RecordFactory
from tests.web.counting import counted
from xtbang.models import Event, Mail, Meeting, Notice, Paper, Person

LogIn = Callable[[Person], FlaskClient]


@pytest.fixture
def science(records: RecordFactory, login: LogIn) -> FlaskClient:
    return login(records.people["science"])


# ---------------------------------------------------------------- notices


def test_a_draft_is_shown_as_it_would_be_published(records: RecordFactory, science: FlaskClient) -> None:
    with records.writing():
        projects = [records.project("publicity") for _ in range(3)]
        notice = records.notice(projects)
    assert f"/notices-admin/{notice.id}" in science.get("/notices-admin").text
    page = science.get(f"/notices-admin/{notice.id}").text
    for project in projects:
        assert project.title in page
    assert "30.00 万元" in page
    assert "2026年11月24日至2026年11月30日" in page
    assert f"/projects/{projects[0].id}/actions/publish_notice" in page
    assert "更正" not in page
    assert "受理异议的电话和地址，本站尚未全部设置" in page


def test_a_notice_asks_as_often_for_many_projects(records: RecordFactory, app: Flask, science: FlaskClient) -> None:
    with records.writing():
        small = records.notice([records.project("publicity") for _ in range(3)])
        large = records.notice([records.project("publicity") for _ in range(30)])
    science.get(f"/notices-admin/{small.id}")
    with counted(app) as few:
        science.get(f"/notices-admin/{small.id}")
    with counted(app) as many:
        science.get(f"/notices-admin/{large.id}")
    assert len(many) == len(few)


def test_a_published_notice_is_superseded(records: RecordFactory, science: FlaskClient, session: Session) -> None:
    with records.writing():
        project = records.project("publicity")
        old = records.notice([project], "published", TODAY + timedelta(days=1))
    address = f"/notices-admin/{old.id}/supersede"
    assert "重新计算：2026年11月24日至2026年11月30日" in science.get(address).text
    values = {"title": "拟立项名单公示（更正）", "number": "", "body": "现予更正。", "reason": "金额有误"}
    assert science.post(address, data=values | {"reason": ""}).status_code == 422
    assert "确认发布更正" in science.post(address, data=values).text
    answer = science.post(address, data=values | {"confirmed": "1"})
    assert answer.status_code == 302
    session.rollback()
    session.expire_all()
    new = session.scalars(select(Notice).where(Notice.title == values["title"])).one()
    old = session.get_one(Notice, old.id)
    assert (old.status, old.superseded_by_id, new.status) == ("superseded", new.id, "published")
    assert (new.first_day, new.last_day) == (TODAY + timedelta(days=1), TODAY + timedelta(days=7))
    assert [item.project_id for item in new.items] == [project.id]
    assert new.items[0].figures["subsidy_city"] == "30"
    events = session.scalars(select(Event).where(Event.trigger == "supersede_notice")).all()
    assert {event.stream for event in events} == {f"notice:{old.id}", f"project:{project.id}"}
    assert {event.reason for event in events} == {"金额有误"}
    told = session.scalars(select(Mail.person_id)).all()
    assert set(told) == {records.people["issuer"].id, records.people["bidder"].id}
    assert "本公告已被更正" in science.get(f"/notices-admin/{old.id}").text
    assert science.post(address, data=values | {"confirmed": "1"}).status_code == 409


def test_a_document_number_is_typed_shown_and_never_given_twice(records: RecordFactory, science: FlaskClient) -> None:
    with records.writing():
        first, second = (records.notice([records.project("publicity")], "published", TODAY) for _ in range(2))
        project = records.project("publicity")
        records.notice([project])
    assert f"GG-2026-{second.id:04d}" in science.get("/notices-admin").text
    assert f"GG-2026-{second.id:04d}" in science.get(f"/notices/{second.id}").text
    values = {"title": "更正后的公示", "number": "潭科发[2026]7号", "body": "正文", "reason": "有误"}
    asked = science.post(f"/notices-admin/{first.id}/supersede", data=values).text
    assert 'name="number" value="潭科发〔2026〕7号"' in asked
    new = science.post(f"/notices-admin/{first.id}/supersede", data=values | {"confirmed": "1"}).location
    for page in (new, new.replace("notices-admin", "notices"), "/notices-admin", "/notices"):
        assert "潭科发〔2026〕7号" in science.get(page).text, page
    wrong = science.post(f"/notices-admin/{second.id}/supersede", data=values | {"number": "潭科发2026-7"})
    assert wrong.status_code == 422
    assert 'value="潭科发2026-7"' in wrong.text
    taken = science.post(f"/notices-admin/{second.id}/supersede", data=values | {"confirmed": "1"})
    assert taken.status_code == 409
    assert "文号 潭科发〔2026〕7号 已用于公告“更正后的公示”" in taken.text
    address = f"/projects/{project.id}/actions/publish_notice"
    assert "公告文号" in science.get(address).text
    typed = {"title": "公示", "body": "正文", "notice_number": "潭科发（2026）7号"}
    assert "潭科发〔2026〕7号" in science.post(address, data=typed).text
    told = science.post(address, data=typed | {"confirmed": "1", "seen_version": project.version})
    assert told.status_code == 422
    assert "文号 潭科发〔2026〕7号 已用于公告“更正后的公示”" in told.text
    typed = science.post(address, data={"title": "公示", "body": "正文", "notice_number": "第7号"})
    assert 'value="第7号"' in typed.text
    assert "六角括号" in typed.text


def test_a_draft_is_not_superseded_and_only_science_does_it(
    records: RecordFactory, science: FlaskClient, login: LogIn
) -> None:
    with records.writing():
        draft = records.notice([records.project("publicity")])
        published = records.notice([records.project("publicity")], "published", TODAY)
        records.person("insider", "science", organisation=records.organisations["issuer"])
    values = {"title": "更正", "body": "正文", "reason": "原因", "confirmed": "1"}
    assert science.post(f"/notices-admin/{draft.id}/supersede", data=values).status_code == 409
    for name in ("industry", "leader", "auditor", "issuer"):
        browser = login(records.people[name])
        assert browser.post(f"/notices-admin/{published.id}/supersede", data=values).status_code == 403, name
    assert (
        login(records.people["insider"]).post(f"/notices-admin/{published.id}/supersede", data=values).status_code
        == 403
    )
    assert login(records.people["industry"]).get(f"/notices-admin/{published.id}").status_code == 200


# ---------------------------------------------------------------- roadshows


def test_the_agenda_has_the_time_of_every_turn(records: RecordFactory, science: FlaskClient) -> None:
    with records.writing():
        show = records.roadshow([records.project("roadshow") for _ in range(3)])
    page = science.get(f"/meetings/{show.id}").text
    for clock in ("10:00", "10:20", "10:40", "11:00"):
        assert clock in page
    assert "上移" in page
    assert show.title in science.get("/meetings").text


def order_of(session: Session, show: Meeting) -> list[int]:
    session.rollback()
    session.expire_all()
    return [item.project_id for item in session.get_one(Meeting, show.id).items]


def test_the_order_is_changed(records: RecordFactory, science: FlaskClient, session: Session) -> None:
    with records.writing():
        first, second, third = (records.project("roadshow") for _ in range(3))
        show = records.roadshow([first, second, third])
    address, seen = f"/meetings/{show.id}/order", [first.id, second.id, third.id]
    assert science.post(address, data={"seen": seen, "move": f"down-{first.id}"}).status_code == 302
    assert order_of(session, show) == [second.id, first.id, third.id]
    agenda = session.scalars(select(Paper).where(Paper.name == "agenda", Paper.state == "current")).one()
    assert [item["position"] for item in agenda.data["items"]] == [1, 2, 3]
    told = session.scalars(select(Mail.subject).where(Mail.person_id == records.people["issuer"].id)).all()
    assert sorted(told) == sorted(f"路演时间有调整：{project.title}" for project in (first, second))
    stale = science.post(address, data={"seen": seen, "move": f"down-{first.id}"}, follow_redirects=True)
    assert "其他人员刚刚调整了顺序" in stale.text
    assert order_of(session, show) == [second.id, first.id, third.id]
    for move in (f"up-{second.id}", "up-0", "left-1", ""):
        answer = science.post(address, data={"seen": [second.id, first.id, third.id], "move": move})
        assert answer.status_code == 400, move


def test_the_order_stands_once_the_day_has_begun(
    records: RecordFactory, science: FlaskClient, login: LogIn, session: Session
) -> None:
    with records.writing():
        projects = [records.project("roadshow") for _ in range(2)]
        show = records.roadshow(projects, NOW - timedelta(hours=1))
    seen = [project.id for project in projects]
    data = {"seen": seen, "move": f"down-{seen[0]}"}
    assert "上移" not in science.get(f"/meetings/{show.id}").text
    assert "路演已经开始" in science.post(f"/meetings/{show.id}/order", data=data, follow_redirects=True).text
    assert order_of(session, show) == seen
    assert login(records.people["industry"]).post(f"/meetings/{show.id}/order", data=data).status_code == 403


def test_notices_and_roadshows_by_their_date(records: RecordFactory, science: FlaskClient) -> None:
    with records.writing():
        project = records.project("publicity")
        late, early = (records.notice([project], "published", TODAY) for _ in range(2))
        for number in range(20):
            records.notice([project], "published", TODAY).published_at = NOW - timedelta(days=20 + number)
        early.published_at = NOW - timedelta(days=99)
        soon, past = (records.roadshow([records.project("roadshow")], NOW + timedelta(days=days)) for days in (1, -1))
        soon.title, past.title = "将来的一场", "过去的一场"
    first = science.get("/notices-admin").text
    assert f"/notices-admin/{late.id}" in first
    assert f'/notices-admin/{early.id}"' not in first
    number = first.partition("before=")[2].partition('"')[0]
    rest = science.get(f"/notices-admin?before={number}").text
    assert f'/notices-admin/{early.id}"' in rest
    assert f'/notices-admin/{late.id}"' not in rest
    page = science.get("/meetings").text
    assert page.index("将来的一场") < page.index("过去的一场")


def test_a_meeting_asks_the_same_number_of_queries_for_three_and_for_thirty_projects(
    records: RecordFactory, science: FlaskClient, app: Flask
) -> None:
    def judged(number: int) -> int:
        with records.writing():
            projects = [records.project("roadshow") for _ in range(number)]
            show = records.roadshow(projects)
            for project in projects:
                panel = records.panel(project, "roadshow", "locked", "recused", "invited")
                panel.meeting_id = show.id
        return show.id

    few, many = judged(3), judged(30)
    science.get(f"/meetings/{few}")
    with counted(app) as of_few:
        assert science.get(f"/meetings/{few}").status_code == 200
    with counted(app) as of_many:
        assert "评分排名" in science.get(f"/meetings/{many}").text
    assert len(of_many) == len(of_few)
