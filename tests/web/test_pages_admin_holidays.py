"""放假安排 on its pages: one officer enters a year, another one confirms it; whoever may not is told nothing."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.domain.test_holidays import SPANS, WORKED, days
from tests.factories.records import RecordFactory
from xtbang.models import HolidayYear, Person

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

LogIn = Callable[[Person], FlaskClient]


def sent() -> dict[str, str]:
    form = {"year": "2030", "number": "国办发明电〔2029〕9号", "dated": "2020-11-05"}
    for place, text in enumerate(SPANS):
        form |= {f"off-{place}-{key}": day for key, day in days(text).items()}
    return form | {f"worked-{place}-day": day for place, day in enumerate(WORKED)}


def test_two_officers_enter_a_year_of_holidays(records: RecordFactory, login: LogIn) -> None:
    science, industry = login(records.people["science"]), login(records.people["industry"])
    wrong = science.post("/admin/holidays/new", data=sent() | {"off-4-first": "2030-06-06"})
    assert wrong.status_code == 409 and "没有包括法定节日2030年6月5日" in wrong.text and "2030-10-07" in wrong.text
    assert science.post("/admin/holidays/new", data=sent()).status_code == 302
    page = science.get("/admin/holidays").text
    assert "待复核" in page and "2030年2月2日至2030年2月9日" in page and "确认<" not in page
    assert "只能由另一人" not in page and "1 项待复核" in science.get("/admin").text
    number = records.session.query(HolidayYear.id).scalar()
    records.session.rollback()
    assert "不能复核自己登记的" in science.post(f"/admin/holidays/{number}/confirm", follow_redirects=True).text
    assert industry.post(f"/admin/holidays/{number}/drop", data={"reason": ""}).status_code == 422
    assert "放假安排生效" in industry.post(f"/admin/holidays/{number}/confirm", follow_redirects=True).text
    assert "已经办理" in industry.post(f"/admin/holidays/{number}/confirm", follow_redirects=True).text
    assert login(records.people["finance"]).get("/admin/holidays").status_code == 403
