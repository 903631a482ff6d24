"""公示: its days, its last second, objections that stand in the way."""

import re
from datetime import date
from functools import partial
from inspect import getsource
from typing import Any

from sqlalchemy import select

from tests.factories.later import contracting, notice_of, object_to, paper, published
from tests.factories.projects import ProjectFactory
from tests.factories.values import OBJECTION
from xtbang.actions.registry import EFFECTS, RESULTS
from xtbang.domain.notices import how_to_object
from xtbang.errors import Blocked
from xtbang.models import Event, Notice, Objection
from xtbang.rules.actor import PUBLIC, Actor
from xtbang.rules.site import Site

OFFICE = "湘潭市科学技术局"


def test_days_are_working_days_after_the_day_of_publication(factory: ProjectFactory) -> None:
    project = published(factory)
    notice = notice_of(factory, project, "publicity")
    assert (notice.first_day.isoformat(), notice.last_day.isoformat()) == ("2024-11-12", "2024-11-18")
    assert not notice.provisional
    data = paper(factory, project, "notice").data
    assert data["paragraphs"] == ["经审议，", "现予公示。"]
    assert data["items"][0]["subsidy_city"] == "40"
    assert "2024年11月18日24时" in data["contact"]
    assert "提出。提出异议" in data["contact"] and "电话" not in data["contact"]
    assert "已公示：高温合金涂层关键技术" in factory.mails("issuer")


def test_who_is_to_be_told_has_a_telephone_and_an_address() -> None:
    text = how_to_object(
        Site(b"", "https://bang.test", "0731-58570302", "湘潭市雨湖区某路1号"), OFFICE, "2024年11月18日"
    )
    assert "书面形式向湘潭市科学技术局（电话：0731-58570302；地址：湘潭市雨湖区某路1号）提出" in text
    assert "湘潭市科学技术局（电话：0731-58570302）提出" in how_to_object(Site(b"", "", "0731-58570302"), OFFICE, "")


def test_call_may_set_its_own_days(factory: ProjectFactory) -> None:
    project = factory.recommended()
    with factory.writing():
        project.call.notice_days = 7
    factory.perform(project, "publish_notice", "science", {"title": "公示", "body": "公示"})
    assert notice_of(factory, project, "publicity").last_day.isoformat() == "2024-11-20"


def test_published_once(factory: ProjectFactory) -> None:
    project = published(factory)
    against = factory.blocked(project, "publish_notice", "science", {"title": "再次", "body": "公示"})
    assert against == {"A9.notice": "公示已发布，至2024年11月18日止，一经发布不能修改（《办法》第九条）。"}


def test_one_notice_covers_every_project_and_each_has_its_event(factory: ProjectFactory) -> None:
    first = factory.recommended()
    factory.at("2024-09-02 10:00")
    second = factory.recommended()
    assert notice_of(factory, first, "publicity").id == notice_of(factory, second, "publicity").id
    factory.perform(second, "publish_notice", "science", {"title": "公示", "body": "公示"})
    for project in (first, second):
        query = select(Event).where(Event.project_id == project.id, Event.trigger == "publish_notice")
        event = factory.session.scalars(query).one()
        assert (event.from_state, event.to_state, event.actor_name) == ("publicity", "publicity", "science")
        assert notice_of(factory, project, "publicity").status == "published"
    assert len(paper(factory, second, "notice").data["items"]) == 2
    assert factory.mails("issuer").count("已公示：高温合金涂层关键技术") == 2
    assert factory.blocked(first, "publish_notice", "science", {"title": "公示", "body": "公示"})


def test_runs_to_the_last_second(factory: ProjectFactory) -> None:
    project = published(factory)
    factory.at("2024-11-18 23:59:59")
    assert "code" in object_to(factory, project).result
    assert factory.why_not(project, "confirm", "science")["A9.notice"].startswith(
        "公示至2024年11月18日24时止，尚未结束"
    )
    factory.at("2024-11-19 00:00")
    try:
        object_to(factory, project)
    except Blocked as blocked:
        assert str(blocked.reasons[0]) == "公示已于2024年11月18日24时结束，不再受理异议（《办法》第九条）。"
    else:
        raise AssertionError("an objection after the end")
    factory.at("2024-11-19 00:09:59")
    assert "此前已开始提交的异议在其后 10 分钟内收齐" in factory.why_not(project, "confirm", "science")["A9.notice"]
    factory.at("2024-11-19 00:10")
    assert set(factory.why_not(project, "confirm", "science")) == {"A9.objection_open"}


def test_nothing_before_publication(factory: ProjectFactory) -> None:
    project = factory.recommended()
    assert factory.why_not(project, "confirm", "science") == {"A9.notice": "公示尚未发布（《办法》第九条）。"}


def test_whoever_asks_once_more_is_answered_the_same(factory: ProjectFactory) -> None:
    """The first answer may be lost on its way: two clicks without script, a connection that breaks."""

    def twice(trigger: str, actor: Actor, data: dict[str, Any]) -> Any:
        send = partial(factory.engine.perform, factory.session, project.id, trigger, actor, data)
        first, again = send(request_key=trigger), send(request_key=trigger)
        assert again.kind == "repeated" and again.result == first.result
        return again.result

    project = factory.listed()
    assert twice("open_bid", factory.actor("bidder"), {})["document"]
    factory.at("2024-09-02 10:00")
    project = published(factory)
    assert twice("file_objection", PUBLIC, OBJECTION)["code"]
    sent = OBJECTION | {"channel": "letter", "received_on": "2024-11-12"}
    factory.at("2024-11-12 10:00")
    assert twice("enter_objection", factory.actor("science"), sent)["code"]
    answering = {name for name, effect in EFFECTS.items() if "context.result" in getsource(effect)}
    assert {"open_bid", "file_objection"} < answering <= set(RESULTS)


def test_receipt_code_cannot_be_guessed_and_officers_are_told(factory: ProjectFactory) -> None:
    project = published(factory)
    codes = {object_to(factory, project).result["code"] for _ in range(3)}
    assert len(codes) == 3
    assert all(re.fullmatch(r"([0-9A-Z]{4}-){6}[0-9A-Z]{4}", code) for code in codes)
    for who in ("science", "science2"):
        assert factory.mails(who).count("请处理异议：高温合金涂层关键技术") == 3
    stored = factory.session.scalars(select(Objection)).first()
    assert (stored.contact, stored.status) == ("13900000000", "open")


def test_overlong_name_is_refused_not_cut(factory: ProjectFactory) -> None:
    project = published(factory)
    try:
        object_to(factory, project, name="a" * 61)
    except Blocked as blocked:
        assert [(r.field, r.text) for r in blocked.reasons] == [("name", "共 61 个字符，最多 60 个。")]
    else:
        raise AssertionError("61 characters were taken")


def decide(factory: ProjectFactory, outcome: str) -> None:
    item = factory.session.scalars(select(Objection).where(Objection.status == "open")).first()
    project = factory.session.get_one(Notice, item.notice_id).items[0].project_id
    data = {"objection": str(item.id), "outcome": outcome, "finding": "经核查"}
    factory.engine.perform(factory.session, project, "decide_objection", factory.actor("science"), data)


def test_open_objection_blocks_and_a_dismissed_one_does_not(factory: ProjectFactory) -> None:
    project = published(factory)
    object_to(factory, project)
    object_to(factory, project)
    factory.at("2024-11-19 09:00")
    sentence = "有 2 件异议尚未处理，处理完毕前不能签约（《办法》第九条）。"
    assert factory.why_not(project, "confirm", "science") == {"A9.objection_open": sentence}
    decide(factory, "dismissed")
    decide(factory, "dismissed")
    assert factory.why_not(project, "confirm", "science") == {}
    assert "A9.objection" in factory.why_not(project, "decide_objection", "science")
    assert "A9.objection" in factory.why_not(project, "uphold", "science")
    factory.perform(project, "confirm", "science")
    assert project.state == "contracting"


def test_upheld_objection_blocks_and_ends_the_project(factory: ProjectFactory) -> None:
    project = published(factory)
    object_to(factory, project)
    decide(factory, "upheld")
    factory.at("2024-11-19 09:00")
    assert set(factory.why_not(project, "confirm", "science")) == {"A9.objection_upheld"}
    assert any(subject.startswith("请会签不予立项") for subject in factory.mails("industry"))
    factory.both(project, "uphold", {"reason": "异议成立"})
    assert project.state == "rejected"
    assert project.closed_at is not None


def test_confirm_opens_the_contract_with_what_is_known(factory: ProjectFactory) -> None:
    project = contracting(factory)
    draft = project.contract.draft
    assert draft["number"] == f"HT-{project.number}"
    assert (draft["bidder_contact"], draft["bidder_phone"]) == ("周明", "13800000009")
    assert draft["issuer_phone"] == "13800000000"
    assert draft["payee_name"] == "湘潭电机有限公司"  # the issuer applies and is the implementing unit
    assert draft["copies"] == 8
    assert project.contract.organisation_id is None
    assert any(subject.startswith("请出具合同书") for subject in factory.mails("science"))


def test_a_provisional_notice_is_counted_anew_before_it_is_over(factory: ProjectFactory) -> None:
    project = published(factory)
    with factory.writing():
        notice = notice_of(factory, project, "publicity")
        notice.provisional, notice.last_day = True, date(2024, 11, 15)
    factory.at("2024-11-18 23:59")
    sentence = "按已公布的放假安排重新计算，公示至2024年11月18日24时止，尚未结束（《办法》第九条）。"
    assert factory.why_not(project, "confirm", "science") == {"A9.notice": sentence}
    object_to(factory, project)
    decide(factory, "dismissed")
    factory.at("2024-11-19 00:10")
    factory.perform(project, "confirm", "science")
    data = {"number": "潭财教〔2024〕88号", "dated": "2024-11-18", "file": factory.file("资金文件.pdf")}
    assert (
        "公示至2024年11月18日24时止" in factory.blocked(project, "record_funding_document", "finance", data)["N5.order"]
    )
