"""回避申请: whom a party names, with leave of the office, is not drawn; the event of the draw says why."""

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from xtbang.models import Event, Paper, Project, Recusal
from xtbang.queries.draws import repeat

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WHY = "曾与本单位发生诉讼"
ALL = {"technical": 8, "financial": 0, "legal": 0}


def name(factory: ProjectFactory, project: Project, who: str = "issuer", **named: str) -> str:
    """Name somebody; return the key of the request."""
    factory.perform(project, "name_recusal", who, {"person": "", "employer": "", "reason": WHY} | named)
    return str(factory.session.scalars(select(Recusal.id).order_by(Recusal.id.desc()).limit(1)).one())


def decide(factory: ProjectFactory, project: Project, key: str, answer: str) -> None:
    data = {"recusal": key, "answer": answer, "finding": "情况属实"}
    factory.perform(project, "decide_recusal", "science", data)


def excluded(factory: ProjectFactory, project: Project) -> dict[str, str]:
    """Draw one expert; the names of all who were excluded, with the reason in the event."""
    factory.panel(project, "appraisal", (1, 0, 0))
    event = factory.session.scalars(select(Event).where(Event.trigger == "draw_experts")).one()
    (draw,) = repeat(event)
    assert draw.agrees
    called = {person.id: person.name for person in factory.people.values()}
    return {called[person]: why for person, why in draw.excluded}


def test_who_was_named_with_leave_is_not_drawn_and_the_event_says_why(factory: ProjectFactory) -> None:
    project = factory.accepted()
    with factory.writing():
        for number in (1, 2):
            factory.people[f"技术{number}"].employer = "湘中演示大学"
        factory.people["技术3"].employer_uscc = factory.organisations["rival"].uscc
    person = name(factory, project, person="技术0")
    unit = name(factory, project, employer="湘中演示大学")
    by_name = name(factory, project, employer=factory.organisations["rival"].name)
    refused = name(factory, project, person="技术4")
    assert "有 4 项回避申请尚未处理" in factory.blocked(project, "convene_appraisal", "science", ALL)["A9.recusals"]
    for key in (person, unit, by_name):
        decide(factory, project, key, "granted")
    decide(factory, project, refused, "refused")
    assert [mail.partition("：")[0] for mail in factory.mails("issuer")[-4:]] == ["准许回避申请"] * 3 + [
        "未准许回避申请"
    ]
    found = excluded(factory, project)
    assert set(found) == {"技术0", "技术1", "技术2", "技术3"}
    assert f"（{WHY}），已准许：情况属实" in found["技术0"]


def test_somebody_of_that_name_who_works_elsewhere_is_drawn(factory: ProjectFactory) -> None:
    project = factory.accepted()
    decide(factory, project, name(factory, project, person="技术0", employer="别的大学"), "granted")
    assert "技术0" not in excluded(factory, project)


def test_a_request_names_somebody_once_and_not_everybody(factory: ProjectFactory) -> None:
    project = factory.accepted()
    data = {"person": "", "employer": "", "reason": WHY}
    assert "至少填一项" in factory.blocked(project, "name_recusal", "issuer", data)["A9.named"]
    name(factory, project, person="技术0")
    again = factory.blocked(project, "name_recusal", "issuer", data | {"person": "技术0"})
    assert "已经对同一对象" in again["A9.named"]
    for number in range(19):
        name(factory, project, person=f"某人{number}")
    more = factory.blocked(project, "name_recusal", "issuer", data | {"person": "又一人"})
    assert "已有 20 项，最多 20 项" in more["A9.named_often"]


def test_a_request_is_withdrawn_by_its_party_and_a_decision_is_taken_back_by_two(factory: ProjectFactory) -> None:
    project = factory.accepted()
    withdrawn = name(factory, project, person="技术0")
    factory.perform(project, "withdraw_recusal", "issuer", {"recusal": withdrawn})
    key = name(factory, project, person="技术1")
    decide(factory, project, key, "granted")
    back = {"record": f"recusal:{key}", "reason": "未查明即准许"}
    factory.perform(project, "take_back", "science", back)
    factory.perform(project, "take_back", "industry", {})
    paper = factory.session.scalars(select(Paper).where(Paper.name == "correction")).one()
    assert paper.subject.startswith("offices:"), "the other party must not read whom this one has named"
    assert "尚未处理" in factory.blocked(project, "convene_appraisal", "science", ALL)["A9.recusals"]
    decide(factory, project, key, "refused")
    assert excluded(factory, project) == {}


def test_who_is_named_while_the_panel_sits_leaves_before_its_conclusion(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    for who in factory.seats(panel):
        factory.score(project, panel, who)
    first = factory.seats(panel)[0]
    decide(factory, project, name(factory, project, person=first), "granted")
    conclude = {"favourable": "passed", "opinion": "同意"}
    against = factory.blocked(project, "conclude_panel", "science", conclude)
    assert against["A9.recusal"] == f"项目一方申请专家{first}回避，已准许，请先将其评分作废（《办法》第九条）。"
