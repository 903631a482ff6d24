"""The page of a meeting: a cancellation that a scored project stands against, a sign-in with a fee that cannot be."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.site_projects import SiteProjectFactory
from xtbang.domain.meeting_plans import plan_meeting
from xtbang.models import Meeting, MeetingItem, MeetingSeat, Panel, Person
from xtbang.workflow import meetings

LogIn = Callable[[Person], FlaskClient]
PLAN = {"kind": "roadshow", "title": "第一场路演", "starts_at": "2024-11-20T09:00", "place": "三楼", "minutes": 20}
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def test_a_meeting_with_scores_is_not_said_to_be_cancelled(factory: SiteProjectFactory, login: LogIn) -> None:
    free = factory.applied()
    factory.at("2024-09-03 10:00")
    scored = factory.applied()
    factory.at("2024-11-10 09:00")
    number = plan_meeting(factory.caller("science"), PLAN)
    by = factory.engine, factory.session, factory.actor("science"), number
    meetings.join(*by, [free.id, scored.id])
    meetings.convene(*by, {"technical": 3, "financial": 1, "legal": 0})
    panel = factory.session.scalars(select(Panel).where(Panel.project_id == scored.id, Panel.status == "open")).one()
    factory.score(scored, panel, factory.seats(panel)[0])
    factory.session.rollback()
    answer = login(factory.people["science"]).post(
        f"/meetings/{number}/cancel", data={"reason": "会场冲突"}, follow_redirects=True
    )
    assert "1 个项目已退出，各方和专家已通知。" in answer.text
    assert "不能退出，会次没有取消：已有 1 名专家对本项目提交评分" in answer.text
    assert "会次已取消" not in answer.text
    factory.session.rollback()
    factory.session.expire_all()
    here = select(MeetingItem.project_id).where(MeetingItem.meeting_id == number, MeetingItem.left_at.is_(None))
    assert factory.session.scalars(here).all() == [scored.id]
    assert factory.session.get_one(Meeting, number).status == "planned"


def test_a_fee_that_cannot_be_is_told_in_its_row_and_what_was_ticked_and_typed_stays(
    factory: SiteProjectFactory, login: LogIn
) -> None:
    project = factory.applied()
    factory.at("2024-11-10 09:00")
    number = plan_meeting(factory.caller("science"), PLAN)
    by = factory.engine, factory.session, factory.actor("science"), number
    meetings.join(*by, [project.id])
    meetings.convene(*by, {"technical": 2, "financial": 1, "legal": 0})
    query = select(MeetingSeat).where(MeetingSeat.meeting_id == number).order_by(MeetingSeat.id)
    first, second, third = (seat.id for seat in factory.session.scalars(query))
    factory.session.rollback()
    science, address = login(factory.people["science"]), f"/meetings/{number}/sign-in"
    sent = {"present": [first, second], f"fee-{first}": "1，000.50", f"fee-{second}": "-5", f"fee-{third}": "800"}
    refused = science.post(address, data=sent)
    told = refused.text
    assert refused.status_code == 422 and "评审费须为 0 至 10 万元之间" in told and "没有登记签到" in told
    assert re.findall(r'name="present" value="(\d+)" checked', told) == [str(first), str(second)]
    assert re.findall(r'name="fee-\d+"[^>]*value="([^"]*)"', told) == ["1，000.50", "-5", "800"]
    assert science.post(address, data=sent | {f"fee-{second}": "", f"fee-{third}": ""}).status_code == 302
    factory.session.rollback()
    factory.session.expire_all()
    saved = [(seat.signed_in_at is not None, seat.fee) for seat in factory.session.scalars(query)]
    assert saved == [(True, Decimal("1000.5")), (True, None), (False, None)]
