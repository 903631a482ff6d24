"""放假安排: entered by one officer, confirmed by another; what is counted by working days is counted anew, and never shorter."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.people.test_heard_before_restricted import told
from xtbang.domain.holidays import confirm_holidays, drop_holidays, enter_holidays, reasons_against
from xtbang.errors import Blocked, Forbidden
from xtbang.models import Event, HolidayYear, PriorNotice
from xtbang.people.restriction_notices import serve
from xtbang.queries.holidays import holidays_of
from xtbang.rules.workdays import Arrangement, is_workday, spans

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

# 2030: 春节 3 Feb. to 6 Feb. by the law, here until the 9th with Saturday the 9th; 1 Jan. is a Tuesday
SPANS = ["0101 0103", "0202 0209", "0405 0407", "0501 0505", "0605 0607", "0912 0914", "1001 1007"]
WORKED = ["2030-02-10", "2030-09-29"]


def days(text: str) -> dict[str, str]:
    first, last = (f"2030-{part[:2]}-{part[2:]}" for part in text.split())
    return {"first": first, "last": last}


def typed(**more: Any) -> dict[str, Any]:
    off, worked = [days(text) for text in SPANS], [{"day": day} for day in WORKED]
    return {"year": 2030, "number": "国办发明电〔2029〕9号", "dated": "2029-11-05", "off": off, "worked": worked} | more


def against(factory: ProjectFactory, **more: Any) -> list[str]:
    return [f"{reason.field}: {reason.text}" for reason in reasons_against(factory.caller("science"), typed(**more))]


def test_two_officers_enter_a_year_and_a_later_record_corrects_it(factory: ProjectFactory) -> None:
    factory.at("2029-11-08 09:00")
    city = factory.engine.policy.city
    with pytest.raises(Forbidden):
        enter_holidays(factory.caller("finance"), typed())
    first = enter_holidays(factory.caller("science"), typed())
    assert factory.mails("industry")[-1] == "请复核放假安排：2030年"
    assert holidays_of(factory.session, city) == city.holidays, "not confirmed yet"
    with pytest.raises(Blocked, match="不能复核自己登记的"):
        confirm_holidays(factory.caller("science"), first.id)
    with pytest.raises(Blocked, match="已经登记，等待复核"):
        enter_holidays(factory.caller("industry"), typed())
    confirm_holidays(factory.caller("industry"), first.id)
    known = holidays_of(factory.session, city)
    assert isinstance(known[0], Arrangement) and spans(known[0].off)[1][1].isoformat() == "2030-02-09"
    assert [is_workday(day, known) for day in (spans(known[0].off)[1][0], *sorted(known[0].worked))] == [
        False,
        True,
        True,
    ]
    with pytest.raises(Blocked, match="与2030年现在的放假安排相同"):
        enter_holidays(factory.caller("science"), typed())
    wrong = enter_holidays(factory.caller("science"), typed(worked=[]))
    drop_holidays(factory.caller("industry"), wrong.id, "漏了调休")
    assert factory.mails("science")[-1] == "放假安排未通过复核：2030年"
    second = enter_holidays(factory.caller("science"), typed(worked=[{"day": "2030-02-10"}]))
    confirm_holidays(factory.caller("industry"), second.id)
    assert [row.status for row in factory.session.scalars(select(HolidayYear).order_by(HolidayYear.id))] == [
        "superseded", "refused", "confirmed",
    ]  # fmt: skip
    events = select(Event.trigger).where(Event.stream == "holidays:2030").order_by(Event.id)
    assert factory.session.scalars(events).all() == [
        "enter_holidays", "confirm_holidays", "enter_holidays", "refuse_holidays", "enter_holidays", "confirm_holidays",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"dated": "2029-11-09"}, ["dated: 发文日期不能晚于今天。"]),
        ({"off": [days(text) for text in SPANS if text[:2] != "06"]}, ["off: 没有包括法定节日2030年6月5日，请核对通知。"]),
        ({"worked": [{"day": "2030-02-11"}]}, ["worked.0.day: 2030年2月11日应是2030年的周六或者周日，且不在放假的日期以内。"]),
        ({"worked": [{"day": "2030-02-09"}]}, ["worked.0.day: 2030年2月9日应是2030年的周六或者周日，且不在放假的日期以内。"]),
        ({"off": [*map(days, SPANS), {"first": "2030-07-02", "last": "2030-07-01"}]}, ["off.7.last: 最后一天早于第一天。"]),
        ({"off": [*map(days, SPANS), days("0701 0716")]}, []),
        ({"off": [*map(days, SPANS), days("0701 0717")]}, ["off.7.last: 一次放假超过 16 天，请核对日期。"]),
        ({"off": [*map(days, SPANS), {"first": "2030-12-30", "last": "2031-01-01"}]}, [
            "off.7.first: 日期应在2030年以内；跨年的，另一年的部分登记在那一年。"
        ]),
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_refused(factory: ProjectFactory, more: dict[str, Any], said: list[str]) -> None:
    factory.at("2029-11-08 09:00")
    assert against(factory, **more) == said


def test_a_notice_and_the_days_to_answer_are_counted_anew(factory: ProjectFactory) -> None:
    """2030 is not announced: 公示 and answers over the new year are counted by what the law fixes, then by what was entered."""
    project = factory.recommended()
    factory.at("2029-12-25 09:00")
    factory.perform(project, "publish_notice", "science", {"title": "拟立项公示", "body": "现予公示。"})
    notice = told(factory, ends_on="2032-09-01")
    row = factory.session.get_one(PriorNotice, notice).addressees[0]
    factory.at("2029-12-27 09:00")
    serve(factory.caller("science"), notice, {"manner": "in_person", "dated": "2029-12-27"})
    assert row.answer_until and row.answer_until.isoformat() == "2030-01-04"
    entered = enter_holidays(factory.caller("science"), typed())
    confirm_holidays(factory.caller("industry"), entered.id)
    assert row.answer_until.isoformat() == "2030-01-08", "2 and 3 January are off"
    assert factory.mails("bidder")[-1] == "陈述、申辩的期限顺延"
    factory.at("2030-01-02 09:00")
    assert "2030年1月4日24时" in str(factory.why_not(project, "confirm", "science"))
    later_year = enter_holidays(factory.caller("science"), typed(off=[days("0101 0101"), *map(days, SPANS[1:])]))
    confirm_holidays(factory.caller("industry"), later_year.id)
    assert row.answer_until.isoformat() == "2030-01-08", "never earlier than it was told"
