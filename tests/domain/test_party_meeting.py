"""A 党组会 of many projects: one table of amounts against the budget, one resolution for all, and n deeds as if done singly."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.stages.test_batch import from_one_beginning, in_one_go, one_by_one, written
from tests.stages.test_budget import budget
from tests.stages.test_revocation import revocable
from xtbang.domain.meeting_lists import print_list
from xtbang.domain.meeting_plans import against_closing, plan_meeting
from xtbang.models import Finding, Meeting, Paper, Project
from xtbang.queries.meeting_scores import judged_panels, ranking
from xtbang.workflow import meetings

PLAN = {"kind": "resolution", "title": "第9次党组会", "starts_at": "2024-11-11T09:00", "place": "一楼", "minutes": ""}
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
GRANTED = {"resolution_date": "2024-11-11", "resolution_number": "潭科党〔2024〕9号", "reason": ""}


def two(factory: ProjectFactory) -> list[Project]:
    """Two that everything is ready for, on one party meeting that has begun (2024-11-11)."""
    found = [factory.judged()]
    factory.at("2024-09-03 10:00")
    found.append(factory.judged())
    number = plan_meeting(factory.caller("science"), PLAN)
    ids = [project.id for project in found]
    assert meetings.join(factory.engine, factory.session, factory.actor("science"), number, ids).refused == {}
    factory.at("2024-11-11 15:00")
    return found


def prefilled(factory: ProjectFactory, project: Project, trigger: str = "recommend") -> dict[str, Any]:
    """What stands in the form already."""
    action = factory.engine.policy.actions[trigger]
    context = factory.engine.context(factory.session, project, factory.actor("leader"), "leader", action)
    return factory.engine.prefilled(context, action)


def test_the_form_holds_what_meeting_and_application_say(factory: ProjectFactory) -> None:
    first, second = two(factory)
    known = prefilled(factory, first)
    assert known == {"resolution_date": "2024-11-11", "resolution_number": "", "subsidy_city": "40"}
    factory.perform(first, "recommend", "leader", GRANTED | {"minutes": factory.file("纪要.pdf"), "subsidy_city": "40"})
    assert prefilled(factory, second, "decline")["resolution_number"] == "潭科党〔2024〕9号"


@pytest.mark.parametrize("planned", ["79.999999", "80"])
def test_what_it_fixes_is_what_single_deeds_fix(factory: ProjectFactory, planned: str) -> None:
    ids = [project.id for project in two(factory)]
    budget(factory, amount=planned)
    minutes, answers = factory.file("纪要.pdf"), []
    for together, projects in from_one_beginning(factory, ids):
        shared = GRANTED | {"minutes": minutes}
        if together:
            items = in_one_go(factory, "recommend", "leader", projects, shared, lambda _: {"subsidy_city": "40"})
            reasons = [item.reasons for item in items]
        else:
            deeds = [(project, shared | {"subsidy_city": "40"}) for project in projects]
            reasons = one_by_one(factory, "recommend", deeds, "leader")
        answers.append((reasons, written(factory)))
    assert answers[0] == answers[1]
    assert [len(against) for against in answers[1][0]] == ([0, 0] if planned == "80" else [0, 1])
    found = factory.session.scalars(select(Finding).where(Finding.kind == "resolution")).all()
    assert {(row.number, row.file_id is not None) for row in found} == {("潭科党〔2024〕9号", True)}


def test_it_takes_the_ranking_of_the_roadshow(factory: ProjectFactory) -> None:
    projects = two(factory)
    panels = judged_panels(factory.session, [project.id for project in projects])
    ranked = ranking(factory.session, factory.engine.policy, "roadshow", projects, panels)
    assert [(item.row.id, item.rank, item.passes, len(item.totals)) for item in ranked] == [
        (projects[0].id, 1, True, 5),
        (projects[1].id, 1, True, 5),
    ]


def test_a_resolution_that_is_taken_back_is_not_in_its_minutes_and_keeps_the_meeting_open(
    factory: ProjectFactory,
) -> None:
    first, _second = two(factory)
    meeting = factory.session.scalars(select(Meeting).where(Meeting.kind == "resolution")).one()
    factory.perform(first, "recommend", "leader", GRANTED | {"minutes": factory.file("纪要.pdf"), "subsidy_city": "40"})
    caller = factory.caller("science")

    def said() -> list[str]:
        paper = factory.session.get_one(Paper, print_list(caller, meeting.id, "meeting_minutes"))
        return [row["conclusion"] for row in paper.data["items"]]

    assert said() == ["拟立项，市级补助资金40.00万元", ""]
    decision = next(iter(revocable(factory, first, "leader")))
    for who in ("leader", "industry"):
        factory.perform(first, "revoke", who, {"decision": decision, "reason": "议题有误"})
    assert said() == ["", ""]
    assert first.title in str(next(against_closing(caller, meeting)))
