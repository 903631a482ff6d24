"""A meeting that cannot be cancelled, because one of its projects is scored already, says so and nothing else."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.site_projects import SiteProjectFactory
from xtbang.domain.meeting_plans import plan_meeting
from xtbang.models import Meeting, MeetingItem, Panel, Person
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
