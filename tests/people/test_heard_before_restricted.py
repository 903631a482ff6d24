"""限制申报 outside a project: told in a 告知书, served, heard for its days, decided by another person; longer days as well."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.factories.restricting import act_on
from xtbang.actions.context import Upload
from xtbang.errors import Blocked, Forbidden
from xtbang.models import Event, Paper, PartyStatement, Restriction, StoredFile
from xtbang.people.restriction_acts import CORRECT, LIFT, RESTORE, ask_act
from xtbang.people.restriction_notices import serve, tell, withdraw_notice
from xtbang.people.restriction_statements import enter, state, take_back
from xtbang.people.restrictions import decide
from xtbang.queries.organisations import open_restriction_notice
from xtbang.queries.rights.files import may_open_file, may_open_paper

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

UNTIL = "2027-09-01"
FOUND = {"reason": "虚报发票，骗取补助资金。", "evidence": "发票查验结果、银行流水。"}
BY_HAND = {"manner": "in_person", "dated": "2024-09-09"}
SAYS = "该单位可以陈述、申辩至2024年9月14日24时，期满前不作出限制申报的决定（《办法》第十三条）。"  # a Saturday that is worked (调休)
HEARD = "已收到陈述、申辩，请写明复核情况：哪些采纳、哪些不采纳和理由（《办法》第十三条）。"


def told(factory: ProjectFactory, restriction: int | str = "", ends_on: str = UNTIL, key: str = "first") -> int:
    values = {"uscc": factory.organisations["bidder"].uscc, "starts_on": "2024-09-09", "ends_on": ends_on}
    return tell(factory.caller("science"), values | FOUND | {"restriction": str(restriction)}, key)


def against(factory: ProjectFactory, act: Any, *values: Any, who: str = "science2") -> dict[str, str]:
    with pytest.raises(Blocked) as caught:
        act(factory.caller(who), *values)
    return {reason.rule: str(reason) for reason in caught.value.reasons}


def decided(factory: ProjectFactory, notice: int, who: str = "science2", **more: str) -> Restriction:
    decide(factory.caller(who), notice, {"ends_on": UNTIL, "considered": ""} | more, f"key-{notice}")
    return factory.session.scalars(select(Restriction).order_by(Restriction.id.desc())).first() or Restriction()


@pytest.mark.parametrize(
    ("now", "served", "said", "more", "stands_against"),
    [
        ("2024-09-14 23:59", BY_HAND, "", {}, {"A13.days": SAYS}),
        ("2024-09-15 00:11", BY_HAND, "", {}, {}),  # ten minutes after the last day: whatever began to arrive has arrived
        ("2024-09-20 09:00", None, "", {}, {"A13.served": "告知书尚未登记送达（《办法》第十三条）。"}),
        ("2024-09-10 09:00", BY_HAND, "waived", {}, {}),
        ("2024-09-19 09:00", BY_HAND, "stated", {}, {"A13.considered": HEARD}),
        ("2024-09-19 09:00", BY_HAND, "stated", {"considered": "不予采纳"}, {}),
        ("2024-09-19 09:00", BY_HAND, "", {"ends_on": "2027-09-02"}, {
            "A13.told": "告知的是限制至2027年9月1日；要限制更久的，须重新出具告知书（《办法》第十三条）。"
        }),
        ("2024-10-15 09:00", BY_HAND | {"manner": "announced"}, "", {}, {
            "A13.days": "该单位可以陈述、申辩至2024年10月15日24时，期满前不作出限制申报的决定（《办法》第十三条）。"
        }),
    ],
)  # fmt: skip
def test_nothing_is_decided_before_the_organisation_was_heard(
    factory: ProjectFactory,
    now: str,
    served: dict[str, str] | None,
    said: str,
    more: dict[str, str],
    stands_against: dict[str, str],
) -> None:
    factory.at("2024-09-09 09:00")
    notice = told(factory)
    if served:
        serve(factory.caller("science"), notice, served)
    if said:
        state(factory.caller("bidder"), notice, {"kind": said, "text": "发票属实。" if said == "stated" else ""})
    factory.at(now)
    if stands_against:
        values = {"ends_on": UNTIL, "considered": ""} | more
        assert against(factory, decide, notice, values, "k") == stands_against
        assert not factory.session.scalars(select(Restriction)).all()
    else:
        assert decided(factory, notice, **more).ends_on == date(2027, 9, 1)


def test_the_road_from_the_notice_to_the_decision_and_back(factory: ProjectFactory) -> None:
    """Papers and mails on the way; who issued the notice does not decide; a decision that is lifted voids its paper."""
    factory.at("2024-09-09 09:00")
    first, again = told(factory), told(factory)
    assert first == again, "the same page sent twice"
    notice = told(factory, key="second")
    serve(factory.caller("science"), notice, BY_HAND)
    assert "A13.other" in against(factory, serve, notice, {"manner": "post", "dated": "2024-09-09"}, who="science")
    serve(factory.caller("science2"), notice, {"manner": "post", "dated": "2024-09-09"})
    with pytest.raises(Forbidden):
        state(factory.caller("rival"), notice, {"kind": "stated", "text": "与我无关。"})
    by_letter = {"kind": "stated", "text": "发票属实。", "channel": "letter"}
    assert "A13.days" not in against(factory, enter, notice, by_letter | {"received_on": "2024-09-10"})
    factory.at("2024-09-18 09:00")
    assert "A13.days" in against(factory, enter, notice, by_letter | {"received_on": "2024-09-18"})
    enter(factory.caller("science"), notice, by_letter | {"received_on": "2024-09-12"})
    assert "A13.days" in against(factory, state, notice, {"kind": "stated", "text": "补充。"}, who="bidder")
    considered = {"ends_on": "2026-09-01", "considered": "部分采纳，限制期缩短一年。"}
    assert "A13.other" in against(factory, decide, notice, considered, "k", who="science")
    row = decided(factory, notice, **considered)
    assert (row.starts_on, row.ends_on) == (date(2024, 9, 18), date(2026, 9, 1)), (
        "from the decision on, and less than told"
    )
    papers = factory.session.scalars(select(Paper).where(Paper.project_id.is_(None)).order_by(Paper.id)).all()
    assert [(paper.title, paper.state) for paper in papers] == [
        ("限制申报告知书", "superseded"), ("限制申报告知书", "current"), ("限制申报决定书", "current"),
    ]  # fmt: skip
    assert papers[2].data["heard"]["parties"][0]["statements"][0]["text"] == "发票属实。"
    readers = {who: may_open_paper(factory.caller(who), papers[2]) for who in ("bidder", "science", "rival", "finance")}
    assert readers == {"bidder": True, "science": True, "rival": False, "finance": False}
    assert factory.mails("bidder")[-5:] == [
        "限制申报告知书：湘潭大学", "限制申报告知书已送达：湘潭大学", "限制申报告知书已送达：湘潭大学", "陈述申辩已登记",
        "单位被限制申报、揭榜和拨款，请知悉",
    ]  # fmt: skip
    act_on(factory, LIFT, {"reason": "复核后撤销"}, row)
    factory.session.refresh(papers[2])
    assert papers[2].state == "cancelled" and factory.mails("bidder")[-1] == "单位的限制已解除，可以申报和揭榜"
    triggers = select(Event.trigger).where(Event.stream == f"organisation:{row.organisation_id}").order_by(Event.id)
    assert "serve_restriction_notice" in factory.session.scalars(triggers).all()


def test_a_statement_entered_wrongly_is_taken_back_by_another_person_and_stays_readable(
    factory: ProjectFactory,
) -> None:
    """What counts is what was entered anew; a file of the organisation's own statement is open to it and the office alone."""
    factory.at("2024-09-09 09:00")
    notice = told(factory)
    serve(factory.caller("science"), notice, BY_HAND)
    waived = {"kind": "waived", "text": "", "channel": "oral", "received_on": "2024-09-09"}
    enter(factory.caller("science"), notice, waived)
    assert "A13.days" not in against(factory, decide, notice, {"ends_on": "2020-01-01"}, "k"), "it has waived its days"
    (said,) = factory.session.scalars(select(PartyStatement)).all()
    wrong = {"statement": str(said.id), "reason": "是另一单位的意见"}
    assert "A13.other" in against(factory, take_back, notice, wrong, who="science")
    take_back(factory.caller("science2"), notice, wrong)
    assert factory.mails("bidder")[-1] == "陈述申辩的登记已收回"
    assert "A13.gone" in against(factory, take_back, notice, wrong)
    assert against(factory, decide, notice, {"ends_on": UNTIL}, "k") == {"A13.days": SAYS}
    upload = Upload("0" * 64, "陈述.pdf", "application/pdf", 9)
    state(factory.caller("bidder"), notice, {"kind": "stated", "text": ""}, upload)
    own = factory.session.scalars(select(PartyStatement).order_by(PartyStatement.id.desc())).first()
    assert own and own.file_id and "A13.gone" in against(factory, take_back, notice, wrong | {"statement": str(own.id)})
    file = factory.session.get_one(StoredFile, own.file_id)
    readers = {who: may_open_file(factory.caller(who), file) for who in ("bidder", "science2", "rival", "finance")}
    assert readers == {"bidder": True, "science2": True, "rival": False, "finance": False}


def test_another_person_of_either_bureau_serves_takes_back_and_decides(factory: ProjectFactory) -> None:
    factory.at("2024-09-09 09:00")
    notice = told(factory)
    assert factory.mails("industry")[-1] == "限制申报告知书已出具：湘潭大学"
    serve(factory.caller("science"), notice, BY_HAND)
    serve(factory.caller("industry"), notice, {"manner": "post", "dated": "2024-09-09"})
    enter(
        factory.caller("science"),
        notice,
        {"kind": "stated", "text": "误记。", "channel": "oral", "received_on": "2024-09-09"},
    )
    said = factory.session.scalars(select(PartyStatement.id)).one()
    take_back(factory.caller("industry"), notice, {"statement": str(said), "reason": "是另一单位的意见"})
    upload = Upload("0" * 64, "陈述.pdf", "application/pdf", 9)
    state(factory.caller("bidder"), notice, {"kind": "stated", "text": ""}, upload)
    file = factory.session.scalars(select(StoredFile)).one()
    paper = factory.session.scalars(select(Paper).where(Paper.name == "restriction_notice")).one()
    assert may_open_file(factory.caller("industry"), file) and may_open_paper(factory.caller("industry"), paper)
    assert factory.mails("industry")[-1] == "收到陈述申辩：湘潭大学"
    factory.at("2024-09-19 09:00")
    row = decided(factory, notice, "industry", considered="不予采纳")
    event = factory.session.scalars(select(Event).where(Event.trigger == "restrict")).one()
    assert (row.created_by_id, event.role) == (factory.people["industry"].id, "industry")


def test_a_restriction_is_not_made_longer_unheard(factory: ProjectFactory) -> None:
    """Up to what was told another person corrects it; beyond that there is a notice, its days, and a decision."""
    factory.at("2024-09-09 09:00")
    notice = told(factory)
    serve(factory.caller("science"), notice, BY_HAND)
    factory.at("2024-09-18 09:00")
    row = decided(factory, notice, ends_on="2026-09-01")
    longer = {"starts_on": "2024-09-18", "reason": "原日期录错"}
    act_on(factory, CORRECT, longer | {"ends_on": UNTIL}, row)
    told_words = (
        "这个单位被告知限制至2027年9月1日；要延长限制期的，须先出具告知书，听取陈述、申辩（《办法》第十三条）。"
    )
    one_day_more = longer | {"ends_on": "2027-09-02"}
    assert against(factory, ask_act, CORRECT, one_day_more, row.id) == {"A13.told": told_words}
    earlier = longer | {"starts_on": "2024-09-17", "ends_on": UNTIL}
    assert "A13.told" in against(factory, ask_act, CORRECT, earlier, row.id)
    with pytest.raises(Blocked, match="限制期没有延长"):
        told(factory, row.id, key="same")
    second = told(factory, row.id, ends_on="2028-09-01", key="longer")
    serve(factory.caller("science"), second, {"manner": "in_person", "dated": "2024-09-18"})
    assert "A13.days" in against(factory, decide, second, {"ends_on": "2028-09-01"}, "k")
    state(factory.caller("bidder"), second, {"kind": "waived", "text": ""})
    same = decided(factory, second, ends_on="2028-09-01")
    assert (same.id, same.ends_on, same.starts_on) == (row.id, date(2028, 9, 1), date(2024, 9, 18))
    papers = select(Paper).where(Paper.name == "restriction").order_by(Paper.id)
    states = [(paper.state, paper.data["before"]) for paper in factory.session.scalars(papers)]
    assert states == [("superseded", None), ("current", {"starts_on": "2024-09-18", "ends_on": UNTIL})]


def test_a_restriction_lifted_by_mistake_is_restored(factory: ProjectFactory) -> None:
    factory.at("2024-09-09 09:00")
    notice = told(factory)
    serve(factory.caller("science"), notice, BY_HAND)
    factory.at("2024-09-18 09:00")
    row, why = decided(factory, notice), {"reason": "误解除"}
    assert "A13.over" in against(factory, ask_act, RESTORE, why, row.id), "it was not lifted"
    act_on(factory, LIFT, {"reason": "误认单位"}, row)
    act_on(factory, RESTORE, why, row)
    assert row.lifted_at is None and factory.mails("bidder")[-1] == "单位的限制继续有效，请知悉"
    paper = factory.session.scalars(select(Paper).where(Paper.name == "restriction")).one()
    factory.session.refresh(paper)
    assert paper.state == "current"
    act_on(factory, LIFT, {"reason": "复核后解除"}, row)
    factory.at("2027-09-02 09:00")
    assert "A13.over" in against(factory, ask_act, RESTORE, why, row.id), "its day is over"


def test_a_notice_that_is_withdrawn_decides_nothing(factory: ProjectFactory) -> None:
    factory.at("2024-09-09 09:00")
    notice = told(factory)
    withdraw_notice(factory.caller("science"), notice, {"reason": "事实有待核实"})
    assert factory.mails("bidder")[-1] == "限制申报告知书已撤回：湘潭大学"
    assert open_restriction_notice(factory.session, factory.organisations["bidder"].id) is None
    for act, values in ((serve, (BY_HAND,)), (decide, ({"ends_on": UNTIL}, "k"))):
        assert "A13.told" in against(factory, act, notice, *values)
    assert factory.session.scalars(select(Paper.state).where(Paper.name == "restriction_notice")).all() == ["cancelled"]
